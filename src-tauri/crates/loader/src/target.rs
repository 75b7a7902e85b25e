//! A reader as it describes itself to a protocol.

use firmdrop_core::Sha256;
use serde::{Deserialize, Serialize};

/// What a probe learned. The probe changed nothing on the reader.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Target {
    /// Product or board name it tells.
    pub product: Option<String>,
    /// Version of the image it runs.
    pub version: Option<String>,
    /// "application", "bootloader", "recovery".
    pub mode: Option<String>,
    /// Whether its bootloader goes back to the old image when the new one is not confirmed; `None`
    /// when the reader does not tell.
    pub goes_back: Option<bool>,
    /// Its bootloader takes no version that is older than the one it runs.
    pub refuses_older: bool,
    /// Its image slots.
    pub slots: Vec<Slot>,
    /// Size of one request it can take, bytes, and how many it can hold; what a window is made of.
    pub buffers: Option<(u32, u32)>,
}

/// One image slot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[expect(
    clippy::struct_excessive_bools,
    reason = "readers tell these flags side by side, and no two exclude each other"
)]
pub struct Slot {
    /// Image number; 0 on readers with one.
    pub image: u32,
    /// Slot number.
    pub slot: u32,
    /// Version of what it holds.
    pub version: Option<String>,
    /// The image hash of what it holds (`MCUboot`'s hash TLV).
    pub hash: Option<Sha256>,
    /// It runs now.
    pub active: bool,
    /// It stays after the next restart.
    pub confirmed: bool,
    /// It is tried at the next restart.
    pub pending: bool,
    /// The bootloader would start it.
    pub bootable: bool,
    /// It is tried at the next restart and stays.
    pub permanent: bool,
}
