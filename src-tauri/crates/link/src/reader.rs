//! A reader as discovery sees it, before anybody talked to it.

use serde::{Deserialize, Serialize};

use crate::LinkAddress;

/// A reader that can be seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Reader {
    /// Stable while it stays at its place: the place, and the chip's own id where it is known.
    pub id: String,
    /// What a person calls it.
    pub name: String,
    /// Serial number it tells. Never an identity by itself.
    pub serial: Option<String>,
    /// Where it is plugged in, in words: "Hub A, port 2", "/dev/ttyACM0", "192.168.16.225".
    pub place: String,
    /// How it is reached.
    pub channel: Channel,
    /// Address a link is opened with.
    pub address: LinkAddress,
    /// Whether it can be used now.
    pub access: Access,
    /// A pretend reader; the window says so in violet.
    pub simulated: bool,
}

/// The kind of way to a reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename = "ReaderChannel", rename_all = "snake_case")] // the window's tool has a `Channel` of its own
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub enum Channel {
    /// USB.
    Usb,
    /// Bluetooth Low Energy.
    Ble,
    /// A serial port.
    Serial,
    /// The network.
    Network,
    /// The simulated world.
    Simulated,
}

/// Whether a reader can be used now, and if not, why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "access", rename_all = "snake_case")]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub enum Access {
    /// It can be opened.
    Ready,
    /// The system refuses.
    Denied {
        /// The system's reason and the way out.
        why: String,
    },
    /// Somebody else has it.
    InUse {
        /// Who, when it is known.
        by: Option<String>,
    },
    /// It was there and is gone.
    Gone,
}
