//! A reader as it describes itself to a protocol.

use firmdrop_core::ImageHash;
use serde::{Deserialize, Serialize};

/// What a probe learned. The probe changed nothing on the reader.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Target {
    /// Product or board name it reports.
    pub product: Option<String>,
    /// Version of the image it runs, or would start.
    pub version: Option<String>,
    /// The serial number that it, or its port, is listed with. Two readers may share one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "specta", specta(skip))]
    pub serial: Option<String>,
    /// "application", "bootloader", "recovery"; `None` when it does not say.
    pub mode: Option<String>,
    /// Whether its bootloader reverts to the old image when the new one is not confirmed; `None`
    /// when the reader does not say.
    pub reverts: Option<bool>,
    /// Its bootloader takes no version that is older than the one it runs.
    pub refuses_older: bool,
    /// Its image slots.
    pub slots: Vec<Slot>,
    /// Size of one request it can take, bytes, and how many it can hold; what a window is made of.
    pub buffers: Option<(u32, u32)>,
    /// Its ids on the USB, of a reader that is known by them.
    pub usb: Option<UsbIds>,
    /// The memory that it lists, of a reader that is written by addresses.
    pub memory: Vec<MemoryArea>,
    /// Whether it lets its image be read back; `None` when it does not say.
    pub shows_memory: Option<bool>,
}

/// The ids of a USB device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct UsbIds {
    /// `idVendor`.
    pub vendor: u16,
    /// `idProduct`.
    pub product: u16,
    /// `bcdDevice`.
    pub release: u16,
}

/// A run of equal sectors.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct MemoryArea {
    /// What the reader calls it.
    pub name: String,
    /// Its first address.
    #[cfg_attr(feature = "specta", specta(type = u32))]
    pub address: u64,
    /// Its length.
    #[cfg_attr(feature = "specta", specta(type = u32))]
    pub length_bytes: u64,
    /// Length of one sector.
    #[cfg_attr(feature = "specta", specta(type = u32))]
    pub sector_bytes: u64,
    /// It can be read.
    pub readable: bool,
    /// It can be erased.
    pub erasable: bool,
    /// It can be written.
    pub writable: bool,
}

/// One image slot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[expect(
    clippy::struct_excessive_bools,
    reason = "readers list these flags side by side, and no two exclude each other"
)]
pub struct Slot {
    /// Image number; 0 on readers with one.
    pub image: u32,
    /// Slot number.
    pub slot: u32,
    /// Version of what it holds.
    pub version: Option<String>,
    /// The hash by which the reader knows what it holds.
    pub hash: Option<ImageHash>,
    /// The reader calls it active: an application runs it, a bootloader would start it.
    pub active: bool,
    /// It stays after the next restart.
    pub confirmed: bool,
    /// It is started at the next restart.
    pub pending: bool,
    /// The bootloader would start it.
    pub bootable: bool,
    /// It is started at the next restart and stays.
    pub permanent: bool,
}
