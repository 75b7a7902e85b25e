//! A device that was heard, and which of them are listed as readers.

use std::time::Instant;

use btleplug::api::{BDAddr, Peripheral as _, PeripheralProperties};
use btleplug::platform::Peripheral;

use super::address::BleAddress;
use crate::{Access, Channel, GattUuid, Place, Reader};

/// Services through which devices take firmware. Those that advertise none are opened when they are named, and
/// not listed: a headset is no reader.
const FIRMWARE_SERVICES: [GattUuid; 1] = [
    // Zephyr, device management over Bluetooth.
    GattUuid(0x8D53_DC1D_1DB7_4CD3_868B_8A52_7460_AA84),
];
/// Letters of a name that are shown.
const SHOWN_LETTERS: usize = 60;
/// Steps of a signal that is shown: it wavers, and a list that changes each second is no list.
const SIGNAL_STEP: i16 = 10;
/// What a radio says that does not know the signal (volume 4, part E, 7.7.65.2).
const NO_SIGNAL: i16 = 127;

/// A device that was heard.
#[derive(Debug, Clone)]
pub(super) struct Device {
    pub(super) peripheral: Peripheral,
    pub(super) identity: BleAddress,
    pub(super) name: Option<String>,
    signal: Option<i16>,
    takes_firmware: bool,
    /// When it was heard last; never, when the system merely remembers it.
    pub(super) heard: Option<Instant>,
}

impl Device {
    /// A device as the system describes it.
    pub(super) fn new(
        peripheral: Peripheral,
        says: &PeripheralProperties,
        heard: Option<Instant>,
    ) -> Self {
        let identity = identity(&peripheral);
        let firmware = |service: &u128| FIRMWARE_SERVICES.contains(&GattUuid(*service));
        Self {
            name: name(says, &identity),
            identity,
            signal: says.rssi.filter(|signal| *signal != NO_SIGNAL),
            takes_firmware: says
                .services
                .iter()
                .any(|service| firmware(&service.as_u128())),
            heard,
            peripheral,
        }
    }

    /// As a reader of the list; `None` when it is none.
    pub(super) fn reader(&self) -> Option<Reader> {
        if !self.takes_firmware || self.heard.is_none() {
            return None;
        }
        let address = self.identity.to_link();
        Some(Reader {
            id: address.to_string(),
            name: self
                .name
                .clone()
                .unwrap_or_else(|| "Bluetooth device".into()),
            serial: None,
            place: match self.signal {
                Some(signal) => format!("Bluetooth, signal about {} dBm", rounded(signal)),
                None => "Bluetooth".into(),
            },
            channel: Channel::Ble,
            address,
            access: Access::Ready,
            simulated: false,
        })
    }

    /// Where it is: a device that is written by its name is the one that has it.
    pub(super) fn place(&self) -> Place {
        Place::new(self.identity.to_link().to_string())
    }
}

/// What a device is known by: its address, or the system's id where addresses are hidden.
fn identity(peripheral: &Peripheral) -> BleAddress {
    let address = peripheral.address();
    if address == BDAddr::default() {
        return BleAddress::Id(peripheral.id().to_string().to_ascii_lowercase());
    }
    BleAddress::Address(address.into_inner())
}

/// The name it advertised, made fit to be shown. `BlueZ` calls one without a name by its address.
fn name(says: &PeripheralProperties, identity: &BleAddress) -> Option<String> {
    let name = says.advertisement_name.as_deref();
    let name = name.or(says.local_name.as_deref())?;
    let shown = name.chars().filter(|letter| !letter.is_control());
    let shown: String = shown.take(SHOWN_LETTERS).collect();
    let shown = shown.trim();
    let is_address = BleAddress::parse(shown).is_ok_and(|parsed| parsed == *identity);
    (!shown.is_empty() && !is_address).then(|| shown.to_owned())
}

fn rounded(signal: i16) -> i16 {
    let half = SIGNAL_STEP / 2 * signal.signum();
    (signal + half) / SIGNAL_STEP * SIGNAL_STEP
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signal_is_shown_in_steps() {
        assert_eq!([-61, -55, -54, -96].map(rounded), [-60, -60, -50, -100]);
    }

    #[test]
    fn a_name_is_fit_to_be_shown_and_an_address_is_none() {
        let identity = BleAddress::parse("C0:FF:EE:00:00:01").unwrap();
        let named = |advertised: Option<&str>, alias: &str| {
            let says = PeripheralProperties {
                advertisement_name: advertised.map(str::to_owned),
                local_name: Some(alias.to_owned()),
                ..PeripheralProperties::default()
            };
            name(&says, &identity)
        };
        assert_eq!(named(Some("Puck\n\u{7}7"), "x").as_deref(), Some("Puck7"));
        assert_eq!(named(None, "C0-FF-EE-00-00-01"), None);
        assert_eq!(named(Some(&"x".repeat(500)), "").unwrap().len(), 60);
        assert_eq!(named(Some(" \t"), ""), None);
    }
}
