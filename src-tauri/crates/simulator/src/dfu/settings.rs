//! What a pretend device is, before anything happens to it.

use std::time::Duration;

/// Ids and texts of one appearance on the bus.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// `idVendor`.
    pub vendor: u16,
    /// `idProduct`.
    pub product: u16,
    /// `bcdDevice`.
    pub release: u16,
    /// The product's name.
    pub name: String,
    /// The serial number; an empty one has no descriptor.
    pub serial: String,
}

/// Which of the two protocols it speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// DFU 1.0 or 1.1: one image, without addresses.
    Plain,
    /// ST's extensions: memory by addresses.
    St,
}

/// Where a device has the descriptor that says what it can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FunctionalDescriptor {
    /// Behind its interface.
    #[default]
    InItsPlace,
    /// In front of every interface.
    InFront,
    /// Nowhere.
    Missing,
}

/// How long what takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pace {
    /// One control transfer.
    pub transfer: Duration,
    /// Writing one block.
    pub block: Duration,
    /// Erasing one sector.
    pub sector: Duration,
    /// Manifestation.
    pub manifest: Duration,
}

/// A pretend device.
#[derive(Debug, Clone)]
pub struct DfuSettings {
    /// Protocol.
    pub dialect: Dialect,
    /// Where it is plugged in: `1-2`.
    pub port_chain: String,
    /// Its application, whose run-time interface detaches; `None` when only its bootloader is there.
    pub application: Option<Identity>,
    /// Its bootloader.
    pub bootloader: Identity,
    /// `bmAttributes`.
    pub attributes: u8,
    /// `wTransferSize`.
    pub transfer_bytes: u16,
    /// `bcdDFUVersion`.
    pub dfu_version: u16,
    /// Where its bootloader has its functional descriptor.
    pub functional_descriptor: FunctionalDescriptor,
    /// Names of the alternate settings; for [`Dialect::St`] the memory map.
    pub alternates: Vec<String>,
    /// Alternate settings in front of those, which are none of firmware.
    pub other_alternates: u8,
    /// `bInterfaceProtocol` of the bootloader: 2 by DFU 1.1, table 4.4.
    pub bootloader_protocol: u8,
    /// Largest image of [`Dialect::Plain`].
    pub capacity_bytes: usize,
    /// Times.
    pub pace: Pace,
}

/// `bmAttributes` of DFU 1.1, 4.1.3.
pub(super) const CAN_DOWNLOAD: u8 = 1;
pub(super) const CAN_UPLOAD: u8 = 2;
pub(super) const TOLERANT: u8 = 4;
pub(super) const WILL_DETACH: u8 = 8;

impl DfuSettings {
    /// A bootloader of DFU 1.1 alone on its port, that lets its image be read and stays after manifestation.
    pub fn plain() -> Self {
        Self {
            dialect: Dialect::Plain,
            port_chain: "1-2".into(),
            application: None,
            bootloader: Identity {
                vendor: 0x1209,
                product: 0xDF11,
                release: 0x0100,
                name: "Bootloader".into(),
                serial: "0001".into(),
            },
            attributes: CAN_DOWNLOAD | CAN_UPLOAD | TOLERANT,
            transfer_bytes: 1024,
            dfu_version: 0x0110,
            functional_descriptor: FunctionalDescriptor::InItsPlace,
            alternates: vec!["Firmware".into()],
            other_alternates: 0,
            bootloader_protocol: 2,
            capacity_bytes: 512 * 1024,
            pace: Pace::default(),
        }
    }

    /// An application with a run-time interface and its bootloader.
    pub fn with_application() -> Self {
        Self {
            application: Some(Identity {
                vendor: 0x1209,
                product: 0x0001,
                release: 0x0203,
                name: "Reader".into(),
                serial: "READER-7".into(),
            }),
            attributes: CAN_DOWNLOAD | CAN_UPLOAD | TOLERANT | WILL_DETACH,
            ..Self::plain()
        }
    }

    /// The bootloader in the ROM of an STM32F4 with 512 KiB, and its option bytes.
    pub fn st() -> Self {
        Self {
            dialect: Dialect::St,
            bootloader: Identity {
                vendor: 0x0483,
                product: 0xDF11,
                release: 0x2200,
                name: "STM32  BOOTLOADER".into(),
                serial: "356D38743439".into(),
            },
            attributes: CAN_DOWNLOAD | CAN_UPLOAD | WILL_DETACH,
            transfer_bytes: 2048,
            dfu_version: 0x011A,
            alternates: vec![
                "@Internal Flash  /0x08000000/04*016Kg,01*064Kg,03*128Kg".into(),
                "@Option Bytes  /0x1FFFC000/01*016 e".into(),
                "@OTP Memory /0x1FFF7800/01*512 e,01*016 e".into(),
            ],
            ..Self::plain()
        }
    }

    pub(super) fn has(&self, attribute: u8) -> bool {
        self.attributes & attribute != 0
    }
}
