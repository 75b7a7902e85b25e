//! Where an image can go, and how a person writes it on a command line.

use firmdrop_link::{AddressError, LinkAddress};
use firmdrop_loader::{Protocol, SMP_UDP_PORT};
use serde::{Deserialize, Serialize};

/// A place an image is delivered to.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub enum Destination {
    /// A Pelion account: `pelion:ACCOUNT`.
    Pelion {
        /// The account's name in Firmdrop.
        account: String,
    },
    /// A reader at an address: `smp+serial:/dev/ttyACM0`, `smp+udp:127.0.0.1:1337`, `sim:reader-1`.
    Reader {
        /// The protocol it is loaded with.
        protocol: Protocol,
        /// The way to it.
        link: LinkAddress,
    },
}

/// A text that names no destination.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{text}\" names no destination: {why}")]
pub struct DestinationError {
    /// What was written.
    pub text: String,
    /// What is wrong with it.
    pub why: String,
}

impl std::fmt::Display for Destination {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Pelion { account } => write!(f, "pelion:{account}"),
            Self::Reader { link, .. } if link.is_simulated() => write!(f, "{link}"),
            Self::Reader {
                protocol: Protocol::Smp,
                link,
            } => write!(f, "smp+{link}"),
        }
    }
}

impl std::str::FromStr for Destination {
    type Err = DestinationError;

    /// Reads what [`Destination`] prints. `device:ID` is not known here: whoever sees the readers
    /// resolves it first.
    fn from_str(text: &str) -> Result<Self, DestinationError> {
        let wrong = |why: String| DestinationError {
            text: text.to_owned(),
            why,
        };
        if let Some(account) = text.strip_prefix("pelion:") {
            return match account {
                "" => Err(wrong("the account's name is missing".into())),
                account => Ok(Self::Pelion {
                    account: account.to_owned(),
                }),
            };
        }
        let link = text
            .strip_prefix("smp+")
            .or_else(|| text.starts_with("sim:").then_some(text));
        match link {
            Some(link) => {
                let link: LinkAddress = link
                    .parse()
                    .map_err(|error: AddressError| wrong(error.why))?;
                Ok(Self::Reader {
                    protocol: Protocol::Smp,
                    link: link.with_default_port(SMP_UDP_PORT),
                })
            }
            None => Err(wrong(
                "it begins with none of pelion:, smp+serial:, smp+udp:, sim: and device:".into(),
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_destination_prints_reads_back() {
        for text in [
            "pelion:demo",
            "smp+serial:/dev/ttyACM0",
            "smp+serial:/dev/ttyACM0?baud=921600",
            "smp+udp:127.0.0.1:1337",
            "smp+udp:[::1]:1337",
            "sim:reader-1",
        ] {
            assert_eq!(text.parse::<Destination>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn a_network_reader_without_a_port_has_that_of_its_protocol() {
        let destination: Destination = "smp+udp:192.0.2.7".parse().unwrap();
        assert_eq!(destination.to_string(), "smp+udp:192.0.2.7:1337");
    }

    #[test]
    fn what_is_no_destination_says_why() {
        for text in [
            "",
            "pelion:",
            "demo",
            "ftp://x",
            "smp+usb:1",
            "smp+udp:host:port",
        ] {
            let error = text.parse::<Destination>().unwrap_err();
            assert!(!error.why.is_empty(), "{text}");
        }
    }
}
