//! How a serial port is written: `serial:/dev/ttyACM0?baud=921600`.

use crate::channel::Known;
use crate::{Channel, LinkAddress};

/// Id of the channel.
pub(super) const CHANNEL: &str = "serial";

/// Rate a serial port is opened with when the address names none. Zephyr's and `MCUboot`'s default.
pub const DEFAULT_BAUD: u32 = 115_200;

/// This channel.
pub(crate) const KNOWN: Known = Known {
    id: CHANNEL,
    grammar: canonical,
    kind: Channel::Serial,
};

fn canonical(rest: &str) -> Result<String, String> {
    let (port, options) = rest.split_once('?').unwrap_or((rest, ""));
    if port.is_empty() {
        return Err("the port is missing, as in /dev/ttyACM0".to_owned());
    }
    let mut baud = None;
    for option in options.split('&').filter(|option| !option.is_empty()) {
        let value = option
            .strip_prefix("baud=")
            .ok_or("the only option is baud=RATE")?;
        let rate: u32 = value
            .parse()
            .ok()
            .filter(|rate| *rate > 0)
            .ok_or("the rate after baud= is not a positive whole number")?;
        if baud.replace(rate).is_some() {
            return Err("baud= is there twice".to_owned());
        }
    }
    Ok(written(port, baud.unwrap_or(DEFAULT_BAUD)))
}

fn written(port: &str, baud: u32) -> String {
    match baud {
        DEFAULT_BAUD => port.to_owned(),
        baud => format!("{port}?baud={baud}"),
    }
}

impl LinkAddress {
    /// A serial port at a rate.
    pub fn serial(port: &str, baud: u32) -> Self {
        Self::new(CHANNEL, written(port, baud))
    }

    /// The rate of a serial port, bits per second; `None` for other channels.
    pub fn baud(&self) -> Option<u32> {
        if self.channel() != CHANNEL {
            return None;
        }
        let named = self.option("baud").and_then(|rate| rate.parse().ok());
        Some(named.unwrap_or(DEFAULT_BAUD))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_that_of_the_address_or_the_default() {
        let baud = |text: &str| text.parse::<LinkAddress>().unwrap().baud();
        assert_eq!(baud("serial:/dev/ttyACM0"), Some(115_200));
        assert_eq!(baud("serial:COM7?baud=9600"), Some(9600));
        assert_eq!(baud("udp:host:1"), None);
        let explicit: LinkAddress = "serial:COM7?baud=115200".parse().unwrap();
        assert_eq!(explicit, LinkAddress::serial("COM7", 115_200));
    }
}
