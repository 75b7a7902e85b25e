//! The USB devices that matter to readers: serial ports, and devices with an interface for firmware.
//!
//! Read from `sysfs`; opens none of them.

use std::path::{Path, PathBuf};

use crate::root::{names_in, text_of};
use crate::{Root, System};

/// Class and subclass of interfaces for firmware (the USB device class for firmware, 1.1, table 4.1).
const FIRMWARE_INTERFACE: (&str, &str) = ("fe", "01");
/// Folders between a port and its device: `ttyUSB0`, the interface, the device.
const MOST_STEPS: usize = 4;
/// Letters of a device's own name that are shown.
const SHOWN_CHARACTERS: usize = 80;

/// Vendor and product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Ids {
    pub(crate) vendor: u16,
    pub(crate) product: u16,
}

impl std::fmt::Display for Ids {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04x}:{:04x}", self.vendor, self.product)
    }
}

impl Ids {
    /// As part of a name: `10c4-ea60`.
    pub(crate) fn dashed(self) -> String {
        format!("{:04x}-{:04x}", self.vendor, self.product)
    }
}

/// A USB device that is plugged in.
#[derive(Debug, Clone)]
pub(crate) struct UsbDevice {
    pub(crate) ids: Ids,
    /// What it calls itself.
    pub(crate) name: String,
    /// Its folder in `sysfs`.
    pub(crate) folder: PathBuf,
    /// Its node, `/dev/bus/usb/001/007`.
    pub(crate) node: String,
    /// Whether it has an interface for firmware.
    pub(crate) takes_firmware: bool,
    /// Its serial ports.
    pub(crate) ports: Vec<Port>,
}

/// A serial port of a USB device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Port {
    /// `/dev/ttyUSB0`.
    pub(crate) node: String,
    /// Major and minor number, as `sysfs` writes them: `188:0`.
    pub(crate) number: String,
}

/// Every USB device that is plugged in, but hubs.
pub(crate) fn usb_devices(system: &System) -> Vec<UsbDevice> {
    let root = &system.root;
    let names = root.names("/sys/bus/usb/devices");
    let mut devices: Vec<UsbDevice> = names
        .iter()
        .filter(|name| !name.contains(':'))
        .filter_map(|name| device(&root.real(&format!("/sys/bus/usb/devices/{name}"))?))
        .collect();
    for name in root.names("/sys/class/tty") {
        let Some(folder) = root.real(&format!("/sys/class/tty/{name}/device")) else {
            continue;
        };
        let mut above = folder.ancestors().take(MOST_STEPS);
        let Some(of) =
            above.find_map(|above| devices.iter().position(|device| device.folder == above))
        else {
            continue;
        };
        let number = root.text(&format!("/sys/class/tty/{name}/dev"));
        devices[of].ports.push(Port {
            node: format!("/dev/{name}"),
            number: number.unwrap_or_default().trim().to_owned(),
        });
    }
    devices
}

fn device(folder: &Path) -> Option<UsbDevice> {
    let text = |name: &str| Some(text_of(&folder.join(name))?.trim().to_owned());
    let hex = |name: &str| u16::from_str_radix(&text(name)?, 16).ok();
    let ids = Ids {
        vendor: hex("idVendor")?,
        product: hex("idProduct")?,
    };
    if text("bDeviceClass").as_deref() == Some("09") {
        return None; // a hub
    }
    let number = |name: &str| text(name)?.parse::<u16>().ok();
    let node = format!(
        "/dev/bus/usb/{:03}/{:03}",
        number("busnum")?,
        number("devnum")?
    );
    let own = folder.file_name()?.to_str()?;
    let takes_firmware = names_in(folder).iter().any(|name| {
        let is_interface = name.starts_with(own) && name.contains(':');
        let says = |file: &str| text_of(&folder.join(name).join(file)).unwrap_or_default();
        is_interface
            && (
                says("bInterfaceClass").trim(),
                says("bInterfaceSubClass").trim(),
            ) == FIRMWARE_INTERFACE
    });
    let said = text("product").or_else(|| text("manufacturer"));
    Some(UsbDevice {
        ids,
        name: shown(&said.unwrap_or_default()),
        folder: folder.to_owned(),
        node,
        takes_firmware,
        ports: Vec::new(),
    })
}

impl UsbDevice {
    /// How it is called in a sentence.
    pub(crate) fn shown(&self) -> String {
        if self.name.is_empty() {
            format!("USB device {}", self.ids)
        } else {
            format!("{} ({})", self.name, self.ids)
        }
    }

    /// An attribute of it, as rules for devices see it.
    pub(crate) fn attribute(&self, name: &str) -> Option<String> {
        let plain = name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let text = plain.then(|| text_of(&self.folder.join(name))).flatten()?;
        Some(text.trim_end_matches('\n').to_owned())
    }
}

/// Foreign text made fit to be shown.
pub(crate) fn shown(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control() || turns(c));
    let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
    words.join(" ").chars().take(SHOWN_CHARACTERS).collect()
}

/// UAX #9: what turns the text behind it around.
fn turns(letter: char) -> bool {
    matches!(letter, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// What the device manager stored of a device: the properties of `/run/udev/data/NAME`.
pub(crate) fn properties(root: &Root, name: &str) -> Option<Vec<String>> {
    let text = root.text(&format!("/run/udev/data/{name}"))?;
    let lines = text.lines().filter_map(|line| line.strip_prefix("E:"));
    Some(lines.map(str::to_owned).collect())
}

/// Programs that run, by number and name.
pub(crate) fn programs(root: &Root) -> Vec<(u32, String)> {
    let numbers = root.names("/proc").into_iter();
    numbers
        .filter_map(|name| name.parse::<u32>().ok())
        .filter_map(|number| {
            let name = root.text(&format!("/proc/{number}/comm"))?;
            Some((number, shown(&name)))
        })
        .collect()
}

/// The programs that have a node open, as far as this process may see.
pub(crate) fn holders(root: &Root, node: &str) -> Vec<(u32, String)> {
    let own = std::process::id();
    let has_it = |number: u32| {
        let folder = format!("/proc/{number}/fd");
        root.names(&folder).iter().any(|file| {
            let to = std::fs::read_link(root.path(&format!("{folder}/{file}")));
            to.is_ok_and(|to| to == Path::new(node))
        })
    };
    let mut all = programs(root);
    all.retain(|(number, _)| *number != own && has_it(*number));
    all
}
