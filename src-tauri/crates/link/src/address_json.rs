//! Reading an address from JSON: in today's form, and in the one that journals of version 0.1 hold.
//!
//! The older form had one variant for each channel. It is read, never written.

use serde::{Deserialize, Deserializer};

use crate::channels::grammar;
use crate::{AddressError, LinkAddress};

impl<'de> Deserialize<'de> for LinkAddress {
    /// Reads what it writes, and the older form with one field for each part.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = Written::deserialize(deserializer)?;
        written.address().map_err(serde::de::Error::custom)
    }
}

/// Every field that either form has.
#[derive(Debug, Deserialize)]
struct Written {
    channel: String,
    address: Option<String>,
    port: Option<Port>,
    baud: Option<u32>,
    host: Option<String>,
    id: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Port {
    Number(u16),
    Name(String),
}

impl Written {
    /// The address. A channel that this crate does not know is left as it was written: its provider
    /// may be registered, or the program that wrote it was newer.
    fn address(self) -> Result<LinkAddress, AddressError> {
        if let Some(address) = self.address {
            let text = format!("{}:{address}", self.channel);
            return if grammar(&self.channel).is_some() {
                text.parse()
            } else {
                LinkAddress::parse_with(&text, &[], |_, rest| Some(Ok(rest.to_owned())))
            };
        }
        let text = match (self.channel.as_str(), self.port, self.host, self.id) {
            ("serial", Some(Port::Name(port)), ..) => match self.baud {
                Some(baud) => format!("serial:{port}?baud={baud}"),
                None => format!("serial:{port}"),
            },
            ("udp", Some(Port::Number(port)), Some(host), _) if host.contains(':') => {
                format!("udp:[{host}]:{port}")
            }
            ("udp", Some(Port::Number(port)), Some(host), _) => format!("udp:{host}:{port}"),
            ("simulated", _, _, Some(id)) => format!("sim:{id}"),
            (channel, ..) => {
                return Err(AddressError {
                    text: channel.chars().take(120).collect(),
                    why: "parts of the address are missing".to_owned(),
                });
            }
        };
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back_as_the_same_address() {
        for text in [
            "serial:COM7?baud=921600",
            "udp:[fe80::1%eth0]:1337",
            "sim:reader-1",
        ] {
            let address: LinkAddress = text.parse().unwrap();
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
}
