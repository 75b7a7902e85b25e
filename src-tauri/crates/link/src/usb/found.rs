//! The USB devices of this computer, and which of them are listed as readers.
//!
//! Opens none of them where the system knows their texts; elsewhere each that is listed once, when it comes.

use std::time::Duration;

use rusb::{Context, Device, DeviceDescriptor};

use super::address::{UsbAddress, port_chain};
use super::device::UsbDevice;
use super::system::{System, Texts};
use super::texts::{Appearance, TextCache};
use crate::{Access, Channel, Place, Reader};

/// Devices that are looked at: a bus has 127 (USB 2.0, 4.1.1), and a computer some of them.
const MOST_DEVICES: usize = 1024;
/// Class of hubs, which are none of a user's devices.
const HUB: u8 = 9;
/// Class and subclass of interfaces for firmware (DFU 1.1, table 4.1). Devices without one are opened when
/// they are named, and not listed: a mouse is no reader.
const FIRMWARE_INTERFACE: (u8, u8) = (0xFE, 1);

/// How long a text may take.
const TEXT_DEADLINE: Duration = Duration::from_millis(500);

/// A device on the bus.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) device: Device<Context>,
    pub(super) says: UsbDevice,
    /// Bus and address, as its node is called.
    pub(super) node: (u8, u8),
    /// The number of its interface for firmware.
    firmware_interface: Option<u8>,
}

/// Every device but hubs. `asked` has what devices said of themselves, where they have to be opened for it.
pub(super) fn all(devices: Vec<Device<Context>>, system: &System, asked: &TextCache) -> Vec<Found> {
    let all: Vec<_> = devices
        .into_iter()
        .take(MOST_DEVICES)
        .filter_map(|device| found(device, system, asked))
        .collect();
    asked.forget_others(all.iter().map(|found| found.says.port_chain.as_str()));
    all
}

fn found(device: Device<Context>, system: &System, asked: &TextCache) -> Option<Found> {
    let descriptor = device.device_descriptor().ok()?;
    let ports = device
        .port_numbers()
        .ok()
        .filter(|ports| !ports.is_empty())?;
    if descriptor.class_code() == HUB {
        return None;
    }
    let place = port_chain(device.bus_number(), &ports);
    let version = descriptor.device_version();
    let release = bcd(version.major(), version.minor(), version.sub_minor());
    let appearance = Appearance {
        address: device.address(),
        vendor: descriptor.vendor_id(),
        product: descriptor.product_id(),
        release,
    };
    let firmware_interface = firmware_interface(&device);
    let texts = if cfg!(target_os = "linux") {
        system.texts(&place)
    } else if firmware_interface.is_some() {
        asked.of(&place, appearance, || read_texts(&device, &descriptor))
    } else {
        // It is not listed, and not worth being disturbed.
        Texts::default()
    };
    let says = UsbDevice {
        vendor: descriptor.vendor_id(),
        product: descriptor.product_id(),
        release,
        port_chain: place,
        manufacturer: texts.manufacturer,
        product_name: texts.product,
        serial: texts.serial,
    };
    Some(Found {
        firmware_interface,
        node: (device.bus_number(), device.address()),
        says,
        device,
    })
}

/// `bcdDevice` from the parts that rusb makes of it.
fn bcd(major: u8, minor: u8, sub_minor: u8) -> u16 {
    let major = u16::from(major / 10) << 12 | u16::from(major % 10) << 8;
    major | u16::from(minor & 0xF) << 4 | u16::from(sub_minor & 0xF)
}

/// Asks a device for its texts; it has to be opened for that.
fn read_texts(device: &Device<Context>, descriptor: &DeviceDescriptor) -> Texts {
    let handle = device.open().ok();
    let language = handle
        .as_ref()
        .and_then(|handle| handle.read_languages(TEXT_DEADLINE).ok()?.first().copied());
    let text = |index: Option<u8>| {
        let read = handle
            .as_ref()?
            .read_string_descriptor(language?, index?, TEXT_DEADLINE);
        super::system::shown(&read.ok()?)
    };
    Texts {
        manufacturer: text(descriptor.manufacturer_string_index()),
        product: text(descriptor.product_string_index()),
        serial: text(descriptor.serial_number_string_index()),
    }
}

fn firmware_interface(device: &Device<Context>) -> Option<u8> {
    let configuration = device
        .active_config_descriptor()
        .or_else(|_| device.config_descriptor(0))
        .ok()?;
    let mut settings = configuration
        .interfaces()
        .flat_map(|interface| interface.descriptors());
    let found =
        settings.find(|one| (one.class_code(), one.sub_class_code()) == FIRMWARE_INTERFACE)?;
    Some(found.interface_number())
}

impl Found {
    /// As a reader of the list; `None` when it is none.
    pub(super) fn reader(&self, system: &System) -> Option<Reader> {
        let interface = self.firmware_interface?;
        let says = &self.says;
        let address = UsbAddress::at(&says.port_chain).to_link();
        let ids = format!("{:04X}:{:04X}", says.vendor, says.product);
        let name = says
            .product_name
            .as_deref()
            .or(says.manufacturer.as_deref());
        let chip = says.serial.as_deref().unwrap_or("-");
        Some(Reader {
            id: format!(
                "{address}#{}:{}",
                ids.to_lowercase(),
                chip.replace(' ', "_")
            ),
            name: format!("{} ({ids})", name.unwrap_or("USB device")),
            serial: says.serial.clone(),
            place: format!("USB port {}", says.port_chain),
            channel: Channel::Usb,
            access: match system.access(says, self.node) {
                Access::Ready => match system.holder(&says.port_chain, interface, self.node) {
                    Some(by) => Access::InUse { by: Some(by) },
                    None => Access::Ready,
                },
                refused => refused,
            },
            address,
            simulated: false,
        })
    }

    /// Where it is. A serial port of the same device is the same place.
    pub(super) fn place(&self, system: &System) -> Place {
        let chain = &self.says.port_chain;
        let interfaces = system.interfaces(chain);
        let keys = interfaces
            .iter()
            .map(|interface| format!("usb:{interface}"));
        keys.fold(Place::new(format!("usb:{chain}")), Place::and)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_is_put_together_again() {
        assert_eq!(bcd(22, 0, 0), 0x2200);
        assert_eq!(bcd(1, 2, 3), 0x0123);
    }
}
