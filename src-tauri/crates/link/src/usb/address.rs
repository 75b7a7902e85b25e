//! How a USB device is written: by its place, by its ids and serial number, or by both.
//!
//! `1-2.3`, `0483:DF11`, `0483:DF11:356D3874`, `0483:DF11@1-2.3`.

use std::fmt;

use super::device::UsbDevice;
use crate::channel::Known;
use crate::{Channel, LinkAddress, LinkError};

/// This channel.
pub(crate) const KNOWN: Known = Known {
    id: UsbAddress::CHANNEL,
    grammar: canonical,
    kind: Channel::Usb,
};

/// Ports behind each other: seven tiers (USB 2.0, 4.1.1), of which the first is the bus and the last the
/// device.
const MOST_PORTS: usize = 7;
/// Letters of a serial number: its descriptor has 255 bytes, two for each letter.
const MOST_SERIAL_LETTERS: usize = 126;

/// Which USB device is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsbAddress {
    ids: Option<(u16, u16)>,
    serial: Option<String>,
    place: Option<String>,
}

impl UsbAddress {
    /// Id of the channel.
    pub const CHANNEL: &'static str = "usb";

    /// Whatever is plugged in there.
    pub fn at(port_chain: &str) -> Self {
        Self {
            ids: None,
            serial: None,
            place: Some(port_chain.to_owned()),
        }
    }

    /// Reads what follows `usb:`, or says what is wrong with it.
    ///
    /// # Errors
    /// One clause for the user.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (who, place) = match text.split_once('@') {
            Some((who, place)) => (who, Some(self::place(place)?)),
            None if !text.contains(':') => ("", Some(self::place(text)?)),
            None => (text, None),
        };
        if who.is_empty() {
            return Ok(Self {
                ids: None,
                serial: None,
                place,
            });
        }
        let mut parts = who.splitn(3, ':');
        let mut id = |what: &str| {
            let text = parts.next().unwrap_or_default();
            let digits =
                (1..=4).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_hexdigit());
            let number = u16::from_str_radix(text, 16).ok().filter(|_| digits);
            number.ok_or_else(|| {
                format!("the {what} id \"{text}\" is no hexadecimal number of up to four digits")
            })
        };
        let ids = (id("vendor")?, id("product")?);
        Ok(Self {
            ids: Some(ids),
            serial: parts.next().map(decoded).transpose()?,
            place,
        })
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

    /// The place, when one is named.
    pub fn place(&self) -> Option<&str> {
        self.place.as_deref()
    }

    /// Whether this device is meant.
    pub fn matches(&self, device: &UsbDevice) -> bool {
        self.ids
            .is_none_or(|ids| ids == (device.vendor, device.product))
            && (self.serial.is_none() || self.serial == device.serial)
            && self
                .place
                .as_ref()
                .is_none_or(|place| *place == device.port_chain)
    }

    /// Index of the one device that is meant; `place` is the address for a message.
    ///
    /// # Errors
    /// [`LinkError::NotFound`] without one, [`LinkError::Ambiguous`] when several fit: none of them is
    /// taken for the other.
    pub fn one_of(&self, devices: &[&UsbDevice], place: &str) -> Result<usize, LinkError> {
        let fitting = devices
            .iter()
            .enumerate()
            .filter(|(_, device)| self.matches(device));
        let fitting: Vec<_> = fitting.collect();
        match fitting.as_slice() {
            [] => Err(LinkError::NotFound {
                place: place.to_owned(),
            }),
            [(index, _)] => Ok(*index),
            several => Err(LinkError::Ambiguous {
                place: place.to_owned(),
                choices: several
                    .iter()
                    .map(|(_, device)| Self::at(&device.port_chain).to_link().to_string())
                    .collect(),
            }),
        }
    }
}

impl fmt::Display for UsbAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((vendor, product)) = self.ids {
            write!(f, "{vendor:04X}:{product:04X}")?;
        }
        if let Some(serial) = &self.serial {
            write!(f, ":{}", encoded(serial))?;
        }
        match &self.place {
            Some(place) if self.ids.is_none() => f.write_str(place),
            Some(place) => write!(f, "@{place}"),
            None => Ok(()),
        }
    }
}

/// The one form of what follows `usb:`.
fn canonical(text: &str) -> Result<String, String> {
    Ok(UsbAddress::parse(text)?.to_string())
}

/// `1-2.3`, without zeros in front of its numbers.
fn place(text: &str) -> Result<String, String> {
    let wrong = || {
        format!(
            "\"{text}\" is no place of a USB device, as 1-2.3 is: port 3 of the hub in port 2 of bus 1; its ids are written like 0483:DF11"
        )
    };
    let number = |digits: &str| {
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let number = digits
            .parse::<u8>()
            .ok()
            .filter(|number| is_number && *number > 0);
        number.ok_or_else(wrong)
    };
    let (bus, ports) = text.split_once('-').ok_or_else(wrong)?;
    let bus = number(bus)?;
    let ports: Vec<_> = ports.split('.').map(number).collect::<Result<_, _>>()?;
    if ports.len() > MOST_PORTS {
        return Err(wrong());
    }
    Ok(port_chain(bus, &ports))
}

/// A place from its numbers.
pub(super) fn port_chain(bus: u8, ports: &[u8]) -> String {
    let ports: Vec<_> = ports.iter().map(u8::to_string).collect();
    format!("{bus}-{}", ports.join("."))
}

const fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-')
}

/// A serial number, with everything that an address could misread as `%XX`.
fn encoded(serial: &str) -> String {
    let mut text = String::new();
    for byte in serial.bytes() {
        if is_plain(byte) {
            text.push(char::from(byte));
        } else {
            text.extend(['%', hexadecimal(byte >> 4), hexadecimal(byte & 0x0F)]);
        }
    }
    text
}

fn hexadecimal(digit: u8) -> char {
    char::from_digit(digit.into(), 16).map_or('0', |digit| digit.to_ascii_uppercase())
}

fn decoded(text: &str) -> Result<String, String> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        rest = tail;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let pair = tail
            .first_chunk::<2>()
            .and_then(|pair| std::str::from_utf8(pair).ok());
        let byte = pair.and_then(|pair| u8::from_str_radix(pair, 16).ok());
        bytes.push(byte.ok_or("after % in a serial number stand two hexadecimal digits")?);
        rest = tail.get(2..).unwrap_or_default();
    }
    let serial = String::from_utf8(bytes).map_err(|_| "the serial number is no text".to_owned())?;
    if serial.is_empty() || serial.chars().count() > MOST_SERIAL_LETTERS {
        return Err(format!(
            "a serial number has 1 to {MOST_SERIAL_LETTERS} letters"
        ));
    }
    Ok(serial)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device(place: &str, serial: Option<&str>) -> UsbDevice {
        UsbDevice {
            vendor: 0x0483,
            product: 0xDF11,
            release: 0x2200,
            port_chain: place.into(),
            manufacturer: None,
            product_name: None,
            serial: serial.map(str::to_owned),
        }
    }

    #[test]
    fn each_way_to_write_a_device_has_one_form() {
        for (text, form) in [
            ("usb:1-2.3", "usb:1-2.3"),
            ("usb:01-02.03", "usb:1-2.3"),
            ("usb:@1-2", "usb:1-2"),
            ("usb:483:df11", "usb:0483:DF11"),
            ("usb:0483:DF11:356D3874", "usb:0483:DF11:356D3874"),
            ("usb:0483:df11@2-1", "usb:0483:DF11@2-1"),
            ("usb:1:2:a:b@1-1", "usb:0001:0002:a%3Ab@1-1"),
            ("usb:1:2:%E2%82%AC", "usb:0001:0002:%E2%82%AC"),
        ] {
            let address: LinkAddress = text.parse().unwrap();
            assert_eq!(address.to_string(), form);
            let again: LinkAddress = form.parse().unwrap();
            assert_eq!(again, address);
            assert_eq!(address.kind(), crate::Channel::Usb);
        }
    }

    #[test]
    fn an_address_that_means_no_device_says_why() {
        for (text, why) in [
            ("usb:", "no place"),
            ("usb:1-", "no place"),
            ("usb:0-1", "no place"),
            ("usb:1-2.", "no place"),
            ("usb:1-1.1.1.1.1.1.1.1", "no place"),
            ("usb:1-300", "no place"),
            ("usb:0483", "written like 0483:DF11"),
            ("usb:0483:", "product id"),
            ("usb:+123:1", "vendor id"),
            ("usb:12345:1", "vendor id"),
            ("usb:0483:DF11:", "1 to 126 letters"),
            ("usb:0483:DF11:%4", "two hexadecimal digits"),
            ("usb:0483:DF11:%FF", "no text"),
            ("usb:0483:DF11@x", "no place"),
        ] {
            let error = text.parse::<LinkAddress>().unwrap_err();
            assert!(error.why.contains(why), "{text}: {}", error.why);
        }
    }

    #[test]
    fn of_two_devices_with_one_serial_number_none_is_taken_for_the_other() {
        let (one, other) = (device("1-2", Some("1")), device("1-3", Some("1")));
        let devices = [&one, &other];
        let find = |text: &str| UsbAddress::parse(text).unwrap().one_of(&devices, text);
        for text in ["0483:DF11", "0483:DF11:1"] {
            let Err(LinkError::Ambiguous { choices, .. }) = find(text) else {
                panic!("{text} was taken for one of them");
            };
            assert_eq!(choices, ["usb:1-2", "usb:1-3"]);
        }
        for text in ["1-3", "0483:DF11@1-3", "0483:DF11:1@1-3"] {
            assert_eq!(find(text).unwrap(), 1);
        }
        for text in ["1-4", "0483:DF12@1-3", "0483:DF11:2"] {
            assert!(matches!(find(text), Err(LinkError::NotFound { .. })));
        }
    }
}
