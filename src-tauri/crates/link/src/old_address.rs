//! The JSON forms of an address: today's, and the one that journals of version 0.1 hold.
//!
//! The older form had one variant for each channel. It is read, never written.

use serde::Deserialize;

use crate::channels::grammar;
use crate::{AddressError, LinkAddress};

/// Every field that either form has.
#[derive(Debug, Deserialize)]
pub(crate) struct Written {
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
    pub(crate) fn address(self) -> Result<LinkAddress, AddressError> {
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
