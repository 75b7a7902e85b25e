//! The address of a link: a channel, and where on it.
//!
//! What stands behind the channel's name is understood by the provider of that channel alone.

use firmdrop_core::{Code, Diagnose, Diagnosis, Remedy};
use serde::Serialize;

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
    fn options_are_read_by_their_name() {
        let address = LinkAddress::new("serial", "/dev/ttyACM0?baud=921600");
        assert_eq!(address.option("baud"), Some("921600"));
        assert_eq!(address.option("parity"), None);
        assert_eq!(address.without_options(), "/dev/ttyACM0");
    }
}
