//! The address of a link, as a person writes it in a bench script.

use std::str::FromStr;

use firmdrop_core::{Code, Diagnose, Diagnosis, Remedy};
use serde::{Deserialize, Serialize};

/// Rate a serial port is opened with when the address names none. Zephyr's and `MCUboot`'s default.
pub const DEFAULT_BAUD: u32 = 115_200;
/// UDP port of SMP when the address names none. Zephyr, `CONFIG_MCUMGR_TRANSPORT_UDP_PORT`.
pub const DEFAULT_SMP_UDP_PORT: u16 = 1337;
/// Where a link leads.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "channel", rename_all = "snake_case")]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub enum LinkAddress {
    /// A serial port: `serial:/dev/ttyACM0?baud=115200`.
    Serial {
        /// The port's path or name.
        port: String,
        /// Bits per second.
        baud: u32,
    },
    /// A UDP peer: `udp:127.0.0.1:1337`, `udp:[::1]:1337`.
    Udp {
        /// Host name or address.
        host: String,
        /// Port.
        port: u16,
    },
    /// A pretend reader: `sim:reader-1`.
    Simulated {
        /// Its name in the simulated world.
        id: String,
    },
}

/// A text that is no address of a link.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{text}\" is no address of a reader: {why}")]
pub struct AddressError {
    /// What was written.
    pub text: String,
    /// What is wrong with it.
    pub why: String,
}

impl std::fmt::Display for LinkAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Serial { port, baud } if *baud == DEFAULT_BAUD => write!(f, "serial:{port}"),
            Self::Serial { port, baud } => write!(f, "serial:{port}?baud={baud}"),
            Self::Udp { host, port } if host.contains(':') => write!(f, "udp:[{host}]:{port}"),
            Self::Udp { host, port } => write!(f, "udp:{host}:{port}"),
            Self::Simulated { id } => write!(f, "sim:{id}"),
        }
    }
}

impl FromStr for LinkAddress {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let wrong = |why: &str| AddressError {
            text: text.chars().take(120).collect(),
            why: why.to_owned(),
        };
        let (channel, rest) = text
            .split_once(':')
            .ok_or_else(|| wrong("it begins with none of serial:, udp: and sim:"))?;
        match channel {
            "serial" => serial(rest).map_err(wrong),
            "udp" => udp(rest).map_err(wrong),
            "sim" if rest.is_empty() => Err(wrong("the name of the simulated reader is missing")),
            "sim" => Ok(Self::Simulated {
                id: rest.to_owned(),
            }),
            _ => Err(wrong("it begins with none of serial:, udp: and sim:")),
        }
    }
}

fn serial(rest: &str) -> Result<LinkAddress, &'static str> {
    let (port, options) = rest.split_once('?').unwrap_or((rest, ""));
    if port.is_empty() {
        return Err("the port is missing, as in serial:/dev/ttyACM0");
    }
    let mut baud = DEFAULT_BAUD;
    for option in options.split('&').filter(|option| !option.is_empty()) {
        let value = option
            .strip_prefix("baud=")
            .ok_or("the only option is baud=RATE")?;
        baud = value
            .parse()
            .ok()
            .filter(|rate| *rate > 0)
            .ok_or("the rate after baud= is no positive whole number")?;
    }
    Ok(LinkAddress::Serial {
        port: port.to_owned(),
        baud,
    })
}

fn udp(rest: &str) -> Result<LinkAddress, &'static str> {
    let (host, port) = match rest.strip_prefix('[') {
        Some(bracketed) => {
            let (host, after) = bracketed
                .split_once(']')
                .ok_or("the bracket around the IPv6 address is not closed")?;
            if host.parse::<std::net::Ipv6Addr>().is_err() {
                return Err("there is no IPv6 address in the brackets");
            }
            let port = after.strip_prefix(':');
            if port.is_none() && !after.is_empty() {
                return Err("only :PORT may follow the bracket");
            }
            (host, port)
        }
        None => match rest.split_once(':') {
            Some((_, port)) if port.contains(':') => {
                return Err("an IPv6 address needs brackets, as in udp:[::1]:1337");
            }
            Some((host, port)) => (host, Some(port)),
            None => (rest, None),
        },
    };
    if host.is_empty() {
        return Err("the host is missing, as in udp:192.0.2.7:1337");
    }
    let port = match port {
        None => DEFAULT_SMP_UDP_PORT,
        Some(text) => text
            .parse()
            .ok()
            .filter(|port| *port > 0)
            .ok_or("the port is no number from 1 to 65535")?,
    };
    Ok(LinkAddress::Udp {
        host: host.to_owned(),
        port,
    })
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
            "udp:reader.example:1337",
            "sim:reader-1",
        ] {
            assert_eq!(text.parse::<LinkAddress>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_left_out_gets_the_defaults_of_the_protocol() {
        assert_eq!(
            "udp:192.0.2.7".parse(),
            Ok(LinkAddress::Udp {
                host: "192.0.2.7".into(),
                port: 1337
            })
        );
        assert_eq!(
            "serial:/dev/ttyUSB0".parse(),
            Ok(LinkAddress::Serial {
                port: "/dev/ttyUSB0".into(),
                baud: 115_200
            })
        );
    }

    #[test]
    fn a_wrong_address_says_what_is_wrong() {
        for (text, why) in [
            ("ttyACM0", "begins with none"),
            ("usb:1234", "begins with none"),
            ("serial:", "port is missing"),
            ("serial:/dev/ttyACM0?baud=fast", "no positive whole number"),
            ("serial:/dev/ttyACM0?baud=0", "no positive whole number"),
            ("serial:/dev/ttyACM0?parity=e", "only option is baud"),
            ("udp:::1:1337", "needs brackets"),
            ("udp:[::1", "not closed"),
            ("udp:[zz]:1", "no IPv6 address"),
            ("udp:[::1]x", "only :PORT"),
            ("udp::1337", "host is missing"),
            ("udp:host:0", "no number from 1"),
            ("udp:host:70000", "no number from 1"),
            ("sim:", "name of the simulated reader"),
        ] {
            let error = text.parse::<LinkAddress>().unwrap_err();
            assert!(error.why.contains(why), "{text}: {}", error.why);
            assert!(!error.diagnose().remedies.is_empty());
        }
    }
}
