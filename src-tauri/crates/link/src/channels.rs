//! The one list of channels and how their addresses are read. A new channel is a folder and a line here.
//!
//! Who finds the readers of each is listed by [`crate::all`].

use std::str::FromStr;

use crate::channel::{Grammar, Known};
use crate::{AddressError, Channel, LinkAddress, ble, serial, simulated, udp, usb, volume};

/// Every channel of this crate.
pub(crate) const CHANNELS: &[Known] = &[
    serial::KNOWN,
    udp::KNOWN,
    simulated::KNOWN,
    usb::KNOWN,
    volume::KNOWN,
    ble::KNOWN,
];

impl FromStr for LinkAddress {
    type Err = AddressError;

    /// Reads an address of one of this crate's channels. With providers of other channels use
    /// [`crate::Providers::parse`].
    fn from_str(text: &str) -> Result<Self, AddressError> {
        let known: Vec<_> = CHANNELS.iter().map(|known| known.id).collect();
        Self::parse_with(text, &known, |channel, rest| {
            grammar(channel).map(|grammar| grammar(rest))
        })
    }
}

impl LinkAddress {
    /// The kind of way it is shown as; the network for a channel that is not of this crate.
    pub fn kind(&self) -> Channel {
        known(self.channel()).map_or(Channel::Network, |channel| channel.kind)
    }
}

/// The grammar of a channel of this crate.
pub(crate) fn grammar(channel: &str) -> Option<Grammar> {
    known(channel).map(|channel| channel.grammar)
}

fn known(channel: &str) -> Option<&'static Known> {
    CHANNELS.iter().find(|known| known.id == channel)
}

#[cfg(test)]
mod tests {
    use firmdrop_core::Diagnose as _;

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
            "ble:C0:FF:EE:00:00:01",
            "ble:Reader 7",
        ] {
            let address: LinkAddress = text.parse().unwrap();
            assert_eq!(address.to_string(), text);
        }
    }

    #[test]
    fn a_wrong_address_says_what_is_wrong() {
        for (text, why) in [
            ("ttyACM0", "begins with none of serial:, udp:, sim:, usb:"),
            ("tcp:1234", "begins with none"),
            ("serial:", "port is missing"),
            (
                "serial:/dev/ttyACM0?baud=fast",
                "not a positive whole number",
            ),
            ("serial:/dev/ttyACM0?baud=0", "not a positive whole number"),
            ("serial:/dev/ttyACM0?parity=e", "only option is baud"),
            ("serial:/dev/ttyACM0?baud=9600&baud=115200", "there twice"),
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
            ("udp:foo+bar:1", "cannot be part of a host name"),
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
