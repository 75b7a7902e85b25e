//! Which serial ports there are, in a user's words.
//!
//! Opens none of them: a byte or a control line that moves can disturb an instrument.

use std::path::Path;

use tokio_serial::{SerialPortInfo, SerialPortType, UsbPortInfo};

use super::place;
use crate::{Access, Channel, DEFAULT_BAUD, LinkAddress, LinkError, Reader};

/// Characters of a text of a USB device that are shown.
const SHOWN_CHARACTERS: usize = 120;

/// Where Linux lists them. A container may have none, which is no reason to panic, as the library does.
const LISTED_IN: &str = "/sys/class/tty";

/// The ports that can be seen now.
pub(super) fn list() -> Result<Vec<Reader>, LinkError> {
    if cfg!(target_os = "linux") && !Path::new(LISTED_IN).exists() {
        return Ok(Vec::new());
    }
    let ports = tokio_serial::available_ports().map_err(|error| LinkError::Io {
        place: "serial ports".to_owned(),
        source: std::io::Error::other(error.description),
    })?;
    Ok(ports
        .iter()
        .map(|port| reader(port, access(port), plugged_into(port).as_deref()))
        .collect())
}

/// The USB interface a port stands for, where the system says so.
#[cfg(unix)]
fn plugged_into(port: &SerialPortInfo) -> Option<String> {
    place::usb_interface(Path::new(&port.port_name))
}

#[cfg(not(unix))]
fn plugged_into(_: &SerialPortInfo) -> Option<String> {
    None
}

/// `plugged_into` is the place by which the reader is known: it stays when the port gets another name.
fn reader(port: &SerialPortInfo, access: Access, plugged_into: Option<&str>) -> Reader {
    let path = port.port_name.clone();
    let usb = match &port.port_type {
        SerialPortType::UsbPort(usb) => Some(usb),
        _ => None,
    };
    let serial = usb.and_then(|usb| usb.serial_number.as_deref()).map(shown);
    let place = plugged_into.map_or_else(|| format!("serial:{path}"), |usb| format!("usb:{usb}"));
    let id = match usb {
        Some(usb) => {
            let chip = serial.as_deref().unwrap_or("-");
            format!("{place}#{:04x}:{:04x}:{chip}", usb.vid, usb.pid)
        }
        None => place,
    };
    Reader {
        id,
        name: usb.map_or_else(|| other_name(port), usb_name),
        serial,
        place: path.clone(),
        channel: Channel::Serial,
        address: LinkAddress::serial(&path, DEFAULT_BAUD),
        access,
        simulated: false,
    }
}

/// Foreign text made fit to be shown and to be part of an id: short, one word, no control characters.
fn shown(text: &str) -> String {
    text.trim()
        .chars()
        .take(SHOWN_CHARACTERS)
        .map(|c| {
            if c.is_control() || c.is_whitespace() {
                '_'
            } else {
                c
            }
        })
        .collect()
}

fn usb_name(usb: &UsbPortInfo) -> String {
    let named = usb.product.as_deref().or(usb.manufacturer.as_deref());
    let named: String = named
        .unwrap_or("USB serial port")
        .chars()
        .filter(|c| !c.is_control())
        .take(SHOWN_CHARACTERS)
        .collect();
    format!("{named} ({:04X}:{:04X})", usb.vid, usb.pid)
}

fn other_name(port: &SerialPortInfo) -> String {
    match port.port_type {
        SerialPortType::BluetoothPort => "Bluetooth serial port",
        SerialPortType::PciPort => "Built-in serial port",
        _ => "Serial port",
    }
    .to_owned()
}

/// What the system's permissions say, without opening the port.
#[cfg(unix)]
fn access(port: &SerialPortInfo) -> Access {
    use rustix::fs::{Access as Wanted, AtFlags, CWD, accessat};
    let wanted = Wanted::READ_OK | Wanted::WRITE_OK;
    match accessat(CWD, port.port_name.as_str(), wanted, AtFlags::EACCESS) {
        Ok(()) => Access::Ready,
        Err(rustix::io::Errno::NOENT) => Access::Gone,
        Err(refusal) => {
            let group = owning_group(&port.port_name);
            Access::Denied {
                why: denied(&port.port_name, &refusal.to_string(), group.as_deref()),
                rule: group.map(|group| format!("group {group}")),
            }
        }
    }
}

#[cfg(not(unix))]
fn access(_: &SerialPortInfo) -> Access {
    Access::Ready
}

/// The name of the group that owns a port, from the system's list of groups.
#[cfg(unix)]
fn owning_group(port: &str) -> Option<String> {
    use std::os::unix::fs::MetadataExt as _;
    const LARGEST_LIST_BYTES: u64 = 1024 * 1024;
    let owner = std::fs::metadata(port).ok()?.gid().to_string();
    let mut list = String::new();
    let file = std::fs::File::open("/etc/group").ok()?;
    std::io::Read::read_to_string(
        &mut std::io::Read::take(file, LARGEST_LIST_BYTES),
        &mut list,
    )
    .ok()?;
    // NAME:PASSWORD:GID:MEMBERS, group(5).
    let mut lines = list.lines().map(|line| line.split(':'));
    lines.find_map(|mut fields| {
        let name = fields.next()?;
        (fields.nth(1)? == owner).then(|| name.to_owned())
    })
}

#[cfg(unix)]
fn denied(port: &str, system: &str, group: Option<&str>) -> String {
    let group = group.map_or_else(
        || format!("the group that owns {port} (often dialout)"),
        |group| format!("the group {group}"),
    );
    format!("{system}. Add this account to {group}, then sign in again.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn port(port_type: SerialPortType) -> SerialPortInfo {
        SerialPortInfo {
            port_name: "/dev/ttyACM0".into(),
            port_type,
        }
    }

    #[test]
    fn a_usb_port_is_named_by_its_product_and_ids_and_keeps_its_serial_number() {
        let usb = port(SerialPortType::UsbPort(UsbPortInfo {
            vid: 0x2fe3,
            pid: 0x0004,
            serial_number: Some("A1".into()),
            manufacturer: Some("Zephyr".into()),
            product: Some("SMP sample".into()),
        }));
        let reader = reader(&usb, Access::Ready, None);
        assert_eq!(reader.name, "SMP sample (2FE3:0004)");
        assert_eq!(reader.serial.as_deref(), Some("A1"));
        assert_eq!(reader.id, "serial:/dev/ttyACM0#2fe3:0004:A1");
        assert_eq!(reader.address.to_string(), "serial:/dev/ttyACM0");
        assert!(!reader.simulated);
    }

    #[test]
    fn a_port_without_a_chip_is_known_by_its_place() {
        let reader = reader(&port(SerialPortType::Unknown), Access::Ready, None);
        assert_eq!(reader.id, "serial:/dev/ttyACM0");
        assert_eq!(reader.name, "Serial port");
    }

    #[test]
    fn the_id_is_the_place_on_the_bus_and_the_chip_so_that_twins_differ() {
        let usb = port(SerialPortType::UsbPort(UsbPortInfo {
            vid: 0x2fe3,
            pid: 0x0004,
            serial_number: Some("0000\n1 ".into()),
            manufacturer: None,
            product: None,
        }));
        let at = |place| reader(&usb, Access::Ready, Some(place)).id;
        assert_eq!(at("1-2.3:1.0"), "usb:1-2.3:1.0#2fe3:0004:0000_1");
        assert_ne!(at("1-2.3:1.0"), at("1-2.4:1.0"));
    }

    #[cfg(unix)]
    #[test]
    fn a_refusal_names_the_way_out() {
        let unknown = denied("/dev/ttyUSB0", "Permission denied", None);
        assert!(unknown.contains("dialout"));
        let known = denied("/dev/ttyUSB0", "Permission denied", Some("uucp"));
        assert!(known.contains("the group uucp,"), "{known}");
    }

    #[cfg(unix)]
    #[test]
    fn a_port_that_left_after_it_was_listed_is_gone() {
        let mut left = port(SerialPortType::Unknown);
        left.port_name = "/dev/there-is-no-such-port".into();
        assert_eq!(access(&left), Access::Gone);
    }
}
