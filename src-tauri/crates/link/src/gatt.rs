//! A link to a Bluetooth Low Energy device: services, characteristics, notifications.
//!
//! Names of the *Bluetooth Core Specification 5.4*, volume 3, part G. The driver is in `ble`; protocols over
//! BLE are written against this trait.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;

use crate::LinkError;

/// Bytes of an ATT packet that are no value of a write or a notification: opcode and handle.
pub const ATT_HEADER_BYTES: usize = 3;

/// ATT MTU before anything was negotiated, bytes.
pub const LEAST_MTU_BYTES: usize = 23;

/// A UUID of a service or a characteristic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GattUuid(pub u128);

/// `00000000-0000-1000-8000-00805F9B34FB`, on which short UUIDs stand.
const BLUETOOTH_BASE: u128 = 0x0000_0000_0000_1000_8000_0080_5F9B_34FB;

impl GattUuid {
    /// The UUID behind a 16-bit number of the Bluetooth SIG.
    pub const fn short(number: u16) -> Self {
        Self(BLUETOOTH_BASE | ((number as u128) << 96))
    }
}

impl fmt::Display for GattUuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = |shift: u32, mask: u128| self.0 >> shift & mask;
        write!(
            f,
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            part(96, 0xFFFF_FFFF),
            part(80, 0xFFFF),
            part(64, 0xFFFF),
            part(48, 0xFFFF),
            part(0, 0xFFFF_FFFF_FFFF)
        )
    }
}

/// A characteristic of a connected device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Characteristic {
    /// UUID of its service.
    pub service: GattUuid,
    /// Its own UUID. Not unique in a service: the handle is.
    pub uuid: GattUuid,
    /// Handle of its value as the device numbers it, or its place among all where the driver hides handles.
    pub handle: u16,
    /// What can be done with it.
    pub properties: Properties,
}

/// What can be done with a characteristic: the bits of volume 3, part G, section 3.3.1.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Properties(pub u8);

impl Properties {
    /// It can be read.
    pub const READ: Self = Self(0x02);
    /// It can be written without an answer.
    pub const WRITE_WITHOUT_RESPONSE: Self = Self(0x04);
    /// It can be written with an answer.
    pub const WRITE: Self = Self(0x08);
    /// It sends notifications.
    pub const NOTIFY: Self = Self(0x10);
    /// It sends indications, which are acknowledged.
    pub const INDICATE: Self = Self(0x20);

    /// Whether all of these are among them.
    pub const fn has(self, wanted: Self) -> bool {
        self.0 & wanted.0 == wanted.0
    }

    /// These and those.
    #[must_use]
    pub const fn and(self, more: Self) -> Self {
        Self(self.0 | more.0)
    }
}

/// Whether a write is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WriteKind {
    /// The device acknowledges it. Slower, and its end means that it arrived.
    WithResponse,
    /// Nothing comes back. Its end means that the radio took it, not that it arrived.
    WithoutResponse,
}

/// Values a characteristic sends by itself, in their order.
#[async_trait]
pub trait Notifications: Send + fmt::Debug {
    /// Waits for the next value. Cancelling loses none.
    ///
    /// # Errors
    /// [`LinkError::Lost`] when the device disconnected; [`LinkError::Overrun`] when values came faster
    /// than they were taken, so that some are missing.
    async fn next(&mut self) -> Result<Vec<u8>, LinkError>;
}

/// A connected device.
///
/// Each call ends within its deadline with [`LinkError::Timeout`] at the latest. A device that
/// disconnected is [`LinkError::Lost`], a refusal of the device [`LinkError::Stalled`]. Dropping the
/// link disconnects.
#[async_trait]
pub trait Gatt: Send + Sync + fmt::Debug {
    /// The name it advertised, made fit to be shown.
    fn name(&self) -> Option<&str>;

    /// Every characteristic of every service, read when it was connected.
    fn characteristics(&self) -> &[Characteristic];

    /// ATT MTU in use now, bytes. A write without an answer and a notification carry
    /// [`ATT_HEADER_BYTES`] less.
    fn mtu_bytes(&self) -> usize;

    /// Reads a value.
    async fn read(
        &self,
        characteristic: &Characteristic,
        deadline: Duration,
    ) -> Result<Vec<u8>, LinkError>;

    /// Writes a value whole. Without response at most [`Self::largest_write_bytes`]; longer ones are
    /// refused with [`LinkError::NotSupported`] and not sent.
    async fn write(
        &self,
        characteristic: &Characteristic,
        value: &[u8],
        kind: WriteKind,
        deadline: Duration,
    ) -> Result<(), LinkError>;

    /// Switches notifications (or indications) on. They end when the result is dropped.
    async fn subscribe(
        &self,
        characteristic: &Characteristic,
        deadline: Duration,
    ) -> Result<Box<dyn Notifications>, LinkError>;

    /// Largest value of one write without an answer, bytes.
    fn largest_write_bytes(&self) -> usize {
        self.mtu_bytes()
            .max(LEAST_MTU_BYTES)
            .saturating_sub(ATT_HEADER_BYTES)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties_are_the_bits_of_the_specification() {
        let smp = Properties(0x14);
        assert!(smp.has(Properties::NOTIFY.and(Properties::WRITE_WITHOUT_RESPONSE)));
        assert!(!smp.has(Properties::WRITE));
    }

    #[test]
    fn short_and_long_uuids_are_written_alike() {
        let battery = GattUuid::short(0x180F);
        assert_eq!(battery.to_string(), "0000180f-0000-1000-8000-00805f9b34fb");
        let smp = GattUuid(0x8D53_DC1D_1DB7_4CD3_868B_8A52_7460_AA84);
        assert_eq!(smp.to_string(), "8d53dc1d-1db7-4cd3-868b-8a527460aa84");
    }
}
