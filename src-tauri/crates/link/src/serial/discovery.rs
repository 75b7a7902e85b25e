//! Which serial ports there are, in a person's words.
//!
//! Opens none of them: a byte or a control line that moves can disturb an instrument.

use tokio_serial::{SerialPortInfo, SerialPortType, UsbPortInfo};

use crate::{Access, Channel, DEFAULT_BAUD, LinkAddress, Reader};

/// The ports that can be seen now; none when the system does not tell.
pub(super) fn list() -> Vec<Reader> {
    let ports = tokio_serial::available_ports().unwrap_or_default();
    ports
        .iter()
        .map(|port| reader(port, access(port)))
        .collect()
}

fn reader(port: &SerialPortInfo, access: Access) -> Reader {
    let path = port.port_name.clone();
    let usb = match &port.port_type {
        SerialPortType::UsbPort(usb) => Some(usb),
        _ => None,
    };
    let serial = usb.and_then(|usb| usb.serial_number.clone());
    let id = match (&serial, usb) {
        (Some(serial), Some(usb)) => {
            format!("serial:{path}#{:04x}:{:04x}:{serial}", usb.vid, usb.pid)
        }
        _ => format!("serial:{path}"),
    };
    Reader {
        id,
        name: usb.map_or_else(|| other_name(port), usb_name),
        serial,
        place: path.clone(),
        channel: Channel::Serial,
        address: LinkAddress::Serial {
            port: path,
            baud: DEFAULT_BAUD,
        },
        access,
        simulated: false,
    }
}

fn usb_name(usb: &UsbPortInfo) -> String {
    let named = usb.product.as_deref().or(usb.manufacturer.as_deref());
    format!(
        "{} ({:04X}:{:04X})",
        named.unwrap_or("USB serial port"),
        usb.vid,
        usb.pid
    )
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
        Err(refusal) => Access::Denied {
            why: denied(&port.port_name, &refusal.to_string()),
        },
    }
}

#[cfg(not(unix))]
fn access(_: &SerialPortInfo) -> Access {
    Access::Ready
}

#[cfg_attr(
    not(unix),
    allow(dead_code, reason = "other systems tell only when the port is opened")
)]
fn denied(port: &str, system: &str) -> String {
    format!(
        "{system}. Add this account to the group that owns {port} (often dialout), then sign in again."
    )
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
        let reader = reader(&usb, Access::Ready);
        assert_eq!(reader.name, "SMP sample (2FE3:0004)");
        assert_eq!(reader.serial.as_deref(), Some("A1"));
        assert_eq!(reader.id, "serial:/dev/ttyACM0#2fe3:0004:A1");
        assert_eq!(reader.address.to_string(), "serial:/dev/ttyACM0");
        assert!(!reader.simulated);
    }

    #[test]
    fn a_port_without_a_chip_is_known_by_its_place() {
        let reader = reader(&port(SerialPortType::Unknown), Access::Ready);
        assert_eq!(reader.id, "serial:/dev/ttyACM0");
        assert_eq!(reader.name, "Serial port");
    }

    #[test]
    fn a_refusal_names_the_way_out() {
        assert!(denied("/dev/ttyUSB0", "Permission denied").contains("dialout"));
    }

    #[cfg(unix)]
    #[test]
    fn a_port_that_left_after_it_was_listed_is_gone() {
        let mut left = port(SerialPortType::Unknown);
        left.port_name = "/dev/there-is-no-such-port".into();
        assert_eq!(access(&left), Access::Gone);
    }
}
