//! The address of a link: a channel, and where on it.
//!
//! What stands behind the channel's name is understood by the provider of that channel alone.

use std::str::FromStr;

use firmdrop_core::{Code, Diagnose, Diagnosis, Remedy};
use serde::{Deserialize, Deserializer, Serialize};

use crate::channels;
use crate::old_address::Written;

/// Characters of an address that are read. A path of Linux has at most 4096; no port has.
const LONGEST_CHARACTERS: usize = 1024;

/// Where a link leads: `serial:/dev/ttyACM0?baud=921600`, `udp:192.0.2.7:1337`, `sim:reader-1`. Two
/// that mean the same are equal; whether two lead to one device is a question of their places.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct LinkAddress {
    /// Id of the channel: `serial`, `udp`, `sim`.
    channel: String,
    /// Where on it, in the channel's own form.
    address: String,
}

/// A text that is no address of a link.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{text}\" is not the address of a reader: {why}")]
pub struct AddressError {
    /// What was written.
    pub text: String,
    /// What is wrong with it.
    pub why: String,
}

impl LinkAddress {
    /// An address in the canonical form of its channel. For the providers; a text of a user is
    /// parsed.
    pub fn new(channel: impl Into<String>, address: impl Into<String>) -> Self {
        Self {
            channel: channel.into(),
            address: address.into(),
        }
    }

    /// The id of the channel.
    pub fn channel(&self) -> &str {
        &self.channel
    }

    /// Where on the channel, in its canonical form.
    pub fn on_channel(&self) -> &str {
        &self.address
    }

    /// The address without its options: `/dev/ttyACM0` of `serial:/dev/ttyACM0?baud=921600`.
    pub fn without_options(&self) -> &str {
        self.address
            .split_once('?')
            .map_or(self.address.as_str(), |(address, _)| address)
    }

    /// The value of an option: `921600` of `baud` in `serial:/dev/ttyACM0?baud=921600`.
    pub fn option(&self, name: &str) -> Option<&str> {
        let (_, options) = self.address.split_once('?')?;
        options
            .split('&')
            .filter_map(|option| option.split_once('='))
            .find_map(|(key, value)| (key == name).then_some(value))
    }

    /// Splits a text at its channel and has the rest put into canonical form by `canonical`, which
    /// answers `None` for a channel it does not know.
    pub(crate) fn parse_with(
        text: &str,
        known: &[&str],
        canonical: impl FnOnce(&str, &str) -> Option<Result<String, String>>,
    ) -> Result<Self, AddressError> {
        let wrong = |why: String| AddressError {
            text: text.chars().take(120).collect(),
            why,
        };
        if text.chars().count() > LONGEST_CHARACTERS {
            return Err(wrong(format!(
                "it has more than {LONGEST_CHARACTERS} characters"
            )));
        }
        if text.chars().any(char::is_control) {
            return Err(wrong("it has control characters".to_owned()));
        }
        let unknown = || {
            let channels: Vec<_> = known.iter().map(|channel| format!("{channel}:")).collect();
            wrong(format!("it begins with none of {}", channels.join(", ")))
        };
        let (channel, rest) = text.split_once(':').ok_or_else(unknown)?;
        match canonical(channel, rest) {
            Some(Ok(address)) => Ok(Self::new(channel, address)),
            Some(Err(why)) => Err(wrong(why)),
            None => Err(unknown()),
        }
    }
}

impl std::fmt::Display for LinkAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.channel, self.address)
    }
}

impl FromStr for LinkAddress {
    type Err = AddressError;

    /// Reads an address of one of this crate's channels. With providers of other channels use
    /// [`crate::Providers::parse`].
    fn from_str(text: &str) -> Result<Self, AddressError> {
        let known: Vec<_> = channels::CHANNELS.iter().map(|known| known.id).collect();
        Self::parse_with(text, &known, |channel, rest| {
            channels::grammar(channel).map(|grammar| grammar(rest))
        })
    }
}

impl<'de> Deserialize<'de> for LinkAddress {
    /// Reads what it writes, and the older form with one field for each part.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = Written::deserialize(deserializer)?;
        written.address().map_err(serde::de::Error::custom)
    }
}

impl Diagnose for AddressError {
    fn diagnose(&self) -> Diagnosis {
        Diagnosis::new(
            Code::UnknownDestination,
            self.to_string(),
            self.why.clone(),
        )
        .state("Nothing was opened.")
        .remedy(Remedy::Advice {
            text: "Write the address like serial:/dev/ttyACM0?baud=115200, udp:192.0.2.7:1337 or sim:reader-1.".into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_reads_back_as_it_was_written() {
        for text in [
            "serial:/dev/ttyACM0",
            "serial:COM7?baud=921600",
            "udp:127.0.0.1:1337",
            "udp:[::1]:1400",
            "udp:[fe80::1%eth0]:1337",
            "udp:reader.example:1337",
            "udp:192.0.2.7",
            "sim:reader-1",
        ] {
            let address: LinkAddress = text.parse().unwrap();
            assert_eq!(address.to_string(), text);
            let json = serde_json::to_string(&address).unwrap();
            assert_eq!(serde_json::from_str::<LinkAddress>(&json).unwrap(), address);
        }
    }

    #[test]
    fn the_older_json_form_reads_as_the_same_address() {
        for (json, text) in [
            (
                r#"{"channel":"serial","port":"/dev/ttyACM0","baud":115200}"#,
                "serial:/dev/ttyACM0",
            ),
            (
                r#"{"channel":"serial","port":"COM7","baud":921600}"#,
                "serial:COM7?baud=921600",
            ),
            (
                r#"{"channel":"udp","host":"::1","port":1400}"#,
                "udp:[::1]:1400",
            ),
            (
                r#"{"channel":"udp","host":"reader.example","port":1337}"#,
                "udp:reader.example:1337",
            ),
            (r#"{"channel":"simulated","id":"reader-1"}"#, "sim:reader-1"),
        ] {
            let address: LinkAddress = serde_json::from_str(json).unwrap();
            assert_eq!(address, text.parse().unwrap(), "{json}");
        }
        for json in [
            r#"{"channel":"serial"}"#,
            r#"{"channel":"udp","host":"a","port":70000}"#,
            r#"{"channel":"udp","host":"a b","port":1}"#,
            r#"{"channel":"pigeon","id":"1"}"#,
        ] {
            assert!(serde_json::from_str::<LinkAddress>(json).is_err(), "{json}");
        }
    }

    #[test]
    fn options_are_read_by_their_name() {
        let address: LinkAddress = "serial:/dev/ttyACM0?baud=921600".parse().unwrap();
        assert_eq!(address.option("baud"), Some("921600"));
        assert_eq!(address.option("parity"), None);
        assert_eq!(address.without_options(), "/dev/ttyACM0");
    }

    #[test]
    fn a_wrong_address_says_what_is_wrong() {
        for (text, why) in [
            ("ttyACM0", "begins with none of serial:, udp:, sim:"),
            ("usb:1234", "begins with none"),
            ("serial:", "port is missing"),
            (
                "serial:/dev/ttyACM0?baud=fast",
                "not a positive whole number",
            ),
            ("serial:/dev/ttyACM0?baud=0", "not a positive whole number"),
            ("serial:/dev/ttyACM0?parity=e", "only option is baud"),
            ("serial:/dev/tty\nACM0", "control characters"),
            ("udp:::1:1337", "needs brackets"),
            ("udp:[::1", "not closed"),
            ("udp:[zz]:1", "no IPv6 address"),
            ("udp:[fe80::1%]:1", "zone"),
            ("udp:[::1]x", "only :PORT"),
            ("udp::1337", "host is missing"),
            ("udp:host:0", "not a number from 1"),
            ("udp:host:70000", "not a number from 1"),
            ("udp:ho st:1", "cannot be part of a host name"),
            ("sim:", "name of the simulated reader"),
        ] {
            let error = text.parse::<LinkAddress>().unwrap_err();
            assert!(error.why.contains(why), "{text}: {}", error.why);
            assert!(!error.diagnose().remedies.is_empty());
        }
        let long = format!("serial:{}", "x".repeat(5000));
        assert!(long.parse::<LinkAddress>().is_err());
    }
}
