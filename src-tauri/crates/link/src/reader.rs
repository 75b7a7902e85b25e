//! A reader as discovery sees it, before anybody talked to it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::LinkAddress;

/// A reader that can be seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Reader {
    /// Unique, and stable while it stays at its place: the place, and the chip's own id where it is
    /// known.
    pub id: String,
    /// What a user calls it.
    pub name: String,
    /// Serial number it reports. Never an identity by itself.
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
    /// It can be opened; what it is was not asked yet.
    NotIdentified,
    /// It can be opened.
    Ready,
    /// It was asked and did not answer.
    NoAnswer,
    /// The system refuses.
    Denied {
        /// The system's reason and the way out.
        why: String,
        /// The rule that would permit it, when it is known: a group, a file of rules.
        rule: Option<String>,
    },
    /// Somebody else has it.
    InUse {
        /// Who, when it is known.
        by: Option<String>,
    },
    /// It was there and is gone.
    Gone,
}

impl Reader {
    /// The place by which it is known again: its id without what the reader says of itself, which two readers
    /// may share.
    pub fn place_key(&self) -> &str {
        // Only an id of the USB has a second part; the name of a port may have any character.
        match self.id.split_once('#') {
            Some((place, _)) if place.starts_with("usb:") => place,
            _ => &self.id,
        }
    }
}

impl Access {
    /// Its short label: *Ready*, *In use*.
    pub const fn label(&self) -> &'static str {
        match self {
            Self::NotIdentified => "Not identified",
            Self::Ready => "Ready",
            Self::NoAnswer => "No answer",
            Self::Denied { .. } => "No permission",
            Self::InUse { .. } => "In use",
            Self::Gone => "Gone",
        }
    }
}

/// The readers with an id of its own each: those that share one get their address added.
pub(crate) fn with_unique_ids(mut readers: Vec<Reader>) -> Vec<Reader> {
    let mut counts = BTreeMap::<String, usize>::new();
    for reader in &readers {
        *counts.entry(reader.id.clone()).or_default() += 1;
    }
    for reader in &mut readers {
        if counts.get(&reader.id).is_some_and(|count| *count > 1) {
            reader.id = format!("{}@{}", reader.id, reader.address);
        }
    }
    readers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_known_by_its_port_whatever_the_reader_says_of_itself() {
        let reader = |id: &str| Reader {
            id: id.into(),
            name: String::new(),
            serial: None,
            place: String::new(),
            channel: Channel::Serial,
            address: LinkAddress::simulated("x"),
            access: Access::Ready,
            simulated: false,
        };
        let keys = [
            ("usb:1-2.3:1.0#2fe3:0100:4E1A", "usb:1-2.3:1.0"),
            (
                "usb:1-2.3:1.0#2fe3:0100:4E1A@serial:/dev/ttyACM0",
                "usb:1-2.3:1.0",
            ),
            ("serial:/dev/gate#1", "serial:/dev/gate#1"),
            ("sim:reader-1", "sim:reader-1"),
        ];
        for (id, key) in keys {
            assert_eq!(reader(id).place_key(), key);
        }
    }
}
