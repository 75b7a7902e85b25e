//! How a Bluetooth device is written: by its address, by the system's id of it, or by its name.
//!
//! `C0:FF:EE:00:00:01`; where the system hides addresses (macOS), `1b9dc4f5-…`; a name only as long as one
//! device has it.

use std::fmt;

use crate::channel::Known;
use crate::{Channel, LinkAddress, LinkError};

/// This channel.
pub(crate) const KNOWN: Known = Known {
    id: BleAddress::CHANNEL,
    grammar: canonical,
    kind: Channel::Ble,
};

/// Letters of a name: a complete local name has 248 bytes (Core Specification, volume 4, part E, 6.23).
const MOST_NAME_LETTERS: usize = 248;

/// Which Bluetooth device is meant.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum BleAddress {
    /// Its address.
    Address([u8; 6]),
    /// The id under which the system knows it, in small letters.
    Id(String),
    /// Whatever advertises this name.
    Name(String),
}

impl BleAddress {
    /// Id of the channel.
    pub const CHANNEL: &'static str = "ble";

    /// Reads what follows `ble:`, or says what is wrong with it.
    ///
    /// # Errors
    /// One clause for the user.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Err("the device is missing, as in C0:FF:EE:00:00:01".into());
        }
        if let Some(address) = address(text) {
            return Ok(Self::Address(address));
        }
        if is_id(text) {
            return Ok(Self::Id(text.to_ascii_lowercase()));
        }
        if text.contains([':', '?']) {
            return Err(format!(
                "\"{text}\" is no address of a Bluetooth device, which has six pairs of digits, as C0:FF:EE:00:00:01"
            ));
        }
        if text.chars().count() > MOST_NAME_LETTERS {
            return Err(format!("a name has at most {MOST_NAME_LETTERS} letters"));
        }
        Ok(Self::Name(text.to_owned()))
    }

    /// Reads the address of a link.
    ///
    /// # Errors
    /// [`LinkError::NotFound`] when it is none of this channel.
    pub fn of(address: &LinkAddress) -> Result<Self, LinkError> {
        Self::parse(address.on_channel()).map_err(|_| LinkError::NotFound {
            place: address.to_string(),
        })
    }

    /// As the address of a link.
    pub fn to_link(&self) -> LinkAddress {
        LinkAddress::new(Self::CHANNEL, self.to_string())
    }

    /// Whether a device is meant that is known by `identity` and advertises `name`.
    pub(super) fn means(&self, identity: &Self, name: Option<&str>) -> bool {
        match self {
            Self::Name(wanted) => name == Some(wanted),
            named => named == identity,
        }
    }
}

impl fmt::Display for BleAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => {
                let pairs: Vec<_> = address.iter().map(|byte| format!("{byte:02X}")).collect();
                f.write_str(&pairs.join(":"))
            }
            Self::Id(text) | Self::Name(text) => f.write_str(text),
        }
    }
}

/// The one form of what follows `ble:`.
fn canonical(text: &str) -> Result<String, String> {
    Ok(BleAddress::parse(text)?.to_string())
}

fn address(text: &str) -> Option<[u8; 6]> {
    let mut address = [0; 6];
    let mut pairs = text.split([':', '-']);
    for byte in &mut address {
        let pair = pairs.next().filter(|pair| pair.len() == 2)?;
        let digits = pair.bytes().all(|digit| digit.is_ascii_hexdigit());
        *byte = u8::from_str_radix(pair, 16).ok().filter(|_| digits)?;
    }
    pairs.next().is_none().then_some(address)
}

/// A UUID as it is usually written.
fn is_id(text: &str) -> bool {
    let lengths = [8, 4, 4, 4, 12];
    let mut parts = text.split('-');
    let fit = lengths.iter().all(|length| {
        let part = parts.next().unwrap_or_default();
        part.len() == *length && part.bytes().all(|digit| digit.is_ascii_hexdigit())
    });
    fit && parts.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_one_form_and_ids_and_names_are_told_from_it() {
        let canonical = |text: &str| canonical(text).unwrap();
        assert_eq!(canonical("c0:ff:ee:00:00:01"), "C0:FF:EE:00:00:01");
        assert_eq!(canonical("c0-ff-ee-00-00-01"), "C0:FF:EE:00:00:01");
        let id = "1B9DC4F5-0A1F-4DE1-9C3B-4B7C8BC51D2A";
        assert_eq!(BleAddress::parse(id), Ok(BleAddress::Id(id.to_lowercase())));
        let name = BleAddress::Name("Reader 7".into());
        assert_eq!(BleAddress::parse("Reader 7"), Ok(name.clone()));
        let identity = BleAddress::Address([1; 6]);
        assert!(name.means(&identity, Some("Reader 7")));
        assert!(!name.means(&identity, Some("Reader 8")) && !name.means(&identity, None));
        assert!(identity.means(&identity, None));
    }

    #[test]
    fn an_address_that_is_cut_off_is_no_name() {
        for wrong in [
            "",
            "C0:FF:EE:00:00",
            "C0:FF:EE:00:00:0G",
            "C0:FF:EE:00:00:01:02",
            "a?b=c",
        ] {
            assert!(BleAddress::parse(wrong).is_err(), "{wrong}");
        }
        assert!(BleAddress::parse(&"x".repeat(249)).is_err());
    }
}
