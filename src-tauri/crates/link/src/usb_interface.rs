//! The USB interface that a device of this computer stands for, as Linux' `sysfs` writes it.
//!
//! `1-2.3:1.0` is interface 0 of what is plugged into port 3 of the hub in port 2 of bus 1. It stays the same when the
//! device is unplugged and plugged in again, and differs between the ports of an adapter that has several.

use std::path::Path;

/// Longest part of a path that is believed: seven tiers (USB 2.0, 4.1.1) and an interface.
const LONGEST_CHAIN_CHARACTERS: usize = 48;

/// The interface in the last `most` parts of a path below `/sys/devices`.
pub(crate) fn of_path(path: &Path, most: usize) -> Option<String> {
    let mut parts = path.components().rev().take(most);
    parts.find_map(|part| {
        let part = part.as_os_str().to_str()?;
        is_interface(part).then(|| part.to_owned())
    })
}

/// `BUS-PORT(.PORT)*:CONFIGURATION.INTERFACE`.
fn is_interface(part: &str) -> bool {
    let numbers = |text: &str, separator: char| {
        text.split(separator)
            .all(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let Some((chain, interface)) = part.split_once(':') else {
        return false;
    };
    let Some((bus, ports)) = chain.split_once('-') else {
        return false;
    };
    part.len() <= LONGEST_CHAIN_CHARACTERS
        && numbers(bus, '.')
        && numbers(ports, '.')
        && interface.contains('.')
        && numbers(interface, '.')
}
