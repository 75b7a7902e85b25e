//! How a UDP peer is written: `udp:192.0.2.7:1337`, `udp:[fe80::1%eth0]:1337`, `udp:reader.example`.
//!
//! The port may be left out: which one a protocol uses is known to the protocol.

use crate::channel::Known;
use crate::{Channel, LinkAddress};

/// Id of the channel.
pub(super) const CHANNEL: &str = "udp";

/// This channel.
pub(crate) const KNOWN: Known = Known {
    id: CHANNEL,
    grammar: canonical,
    kind: Channel::Network,
};

/// A host and, when it is named, a port.
#[derive(Debug, PartialEq)]
pub(super) struct Peer<'a> {
    /// Name or address, without brackets; an IPv6 address with its zone.
    pub(super) host: &'a str,
    pub(super) port: Option<u16>,
}

fn canonical(rest: &str) -> Result<String, String> {
    let peer = parse(rest)?;
    Ok(written(&lower_case(peer.host), peer.port))
}

/// The host in lower case. The zone is the name of an interface, which has both cases.
fn lower_case(host: &str) -> String {
    match host.split_once('%') {
        Some((address, zone)) => format!("{}%{zone}", address.to_ascii_lowercase()),
        None => host.to_ascii_lowercase(),
    }
}

fn written(host: &str, port: Option<u16>) -> String {
    let host = if host.contains(':') {
        format!("[{host}]")
    } else {
        host.to_owned()
    };
    match port {
        Some(port) => format!("{host}:{port}"),
        None => host,
    }
}

/// Reads what follows `udp:`.
pub(super) fn parse(rest: &str) -> Result<Peer<'_>, String> {
    let (host, port) = match rest.strip_prefix('[') {
        Some(bracketed) => {
            let (host, after) = bracketed
                .split_once(']')
                .ok_or("the bracket around the IPv6 address is not closed")?;
            check_ipv6(host)?;
            let port = after.strip_prefix(':');
            if port.is_none() && !after.is_empty() {
                return Err("only :PORT may follow the bracket".to_owned());
            }
            (host, port)
        }
        None => match rest.split_once(':') {
            Some((_, port)) if port.contains(':') => {
                return Err("an IPv6 address needs brackets, as in [::1]:1337".to_owned());
            }
            Some((host, port)) => (check_name(host)?, Some(port)),
            None => (check_name(rest)?, None),
        },
    };
    if host.is_empty() {
        return Err("the host is missing, as in 192.0.2.7:1337".to_owned());
    }
    let port = match port {
        None => None,
        Some(text) => Some(
            text.parse()
                .ok()
                .filter(|port| *port > 0)
                .ok_or("the port is not a number from 1 to 65535")?,
        ),
    };
    Ok(Peer { host, port })
}

/// An IPv6 address, with the zone of a link-local one (RFC 4007, 11): `fe80::1%eth0`.
fn check_ipv6(host: &str) -> Result<(), String> {
    let (address, zone) = match host.split_once('%') {
        Some((address, zone)) => (address, Some(zone)),
        None => (host, None),
    };
    if address.parse::<std::net::Ipv6Addr>().is_err() {
        return Err("there is no IPv6 address in the brackets".to_owned());
    }
    let named = |zone: &str| {
        !zone.is_empty()
            && zone
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "-._~".contains(c))
    };
    if zone.is_some_and(|zone| !named(zone)) {
        return Err("the zone after % is not the name or number of an interface".to_owned());
    }
    Ok(())
}

fn check_name(host: &str) -> Result<&str, String> {
    let is_odd = |c: &char| {
        c.is_whitespace()
            || c.is_control()
            || c.is_ascii_punctuation() && !matches!(c, '.' | '-' | '_')
    };
    let odd = host.chars().find(is_odd);
    match odd {
        Some(odd) => Err(format!("{odd:?} cannot be part of a host name")),
        None => Ok(host),
    }
}

impl LinkAddress {
    /// A UDP peer.
    pub fn udp(host: &str, port: u16) -> Self {
        Self::new(CHANNEL, written(&lower_case(host), Some(port)))
    }

    /// The same address; a network address that names no port gets the one of the protocol.
    #[must_use]
    pub fn with_default_port(self, port: u16) -> Self {
        if self.channel() != CHANNEL {
            return self;
        }
        match parse(self.on_channel()) {
            Ok(Peer { host, port: None }) => Self::new(CHANNEL, written(host, Some(port))),
            _ => self,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_that_is_left_out_is_that_of_the_protocol() {
        for (text, expected) in [
            ("udp:192.0.2.7", "udp:192.0.2.7:1337"),
            ("udp:[::1]", "udp:[::1]:1337"),
            ("udp:192.0.2.7:1400", "udp:192.0.2.7:1400"),
            ("serial:/dev/ttyACM0", "serial:/dev/ttyACM0"),
        ] {
            let address: LinkAddress = text.parse().unwrap();
            assert_eq!(address.with_default_port(1337).to_string(), expected);
        }
    }

    #[test]
    fn a_name_has_one_form_and_a_zone_its_own_letters() {
        let form = |text: &str| text.parse::<LinkAddress>().unwrap().to_string();
        assert_eq!(form("udp:Reader.EXAMPLE:1"), "udp:reader.example:1");
        assert_eq!(form("udp:[FE80::A%Eth0]:1"), "udp:[fe80::a%Eth0]:1");
        assert_eq!(LinkAddress::udp("::1", 7).to_string(), "udp:[::1]:7");
    }
}
