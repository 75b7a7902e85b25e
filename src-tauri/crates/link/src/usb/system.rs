//! What Linux says of a USB device without opening it: its texts, who may use it, who does.
//!
//! `sysfs` and `/proc`; on other systems nothing is known.

use std::collections::BTreeSet;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::claims::Claims;
use super::device::UsbDevice;
use crate::Access;

/// A text descriptor has 255 bytes; as UTF-8 it has at most half as many again.
const MOST_TEXT_BYTES: u64 = 1024;
/// Letters of a text that are shown.
const SHOWN_CHARACTERS: usize = 120;
/// Devices and their interfaces that are looked at.
const MOST_ENTRIES: usize = 8192;
/// Programs, and open files of each, that are looked at for who uses a device.
const MOST_PROGRAMS: usize = 8192;
const MOST_FILES: usize = 1024;
/// The driver by which a program has an interface.
const PROGRAM_DRIVER: &str = "usbfs";
/// Who has an interface that this program has itself.
const THIS_PROGRAM: &str = "this program, for another load";

/// The manufacturer, product and serial number of a device.
#[derive(Debug, Clone, Default)]
pub(super) struct Texts {
    pub(super) manufacturer: Option<String>,
    pub(super) product: Option<String>,
    pub(super) serial: Option<String>,
}

/// The system's folders.
#[derive(Debug, Clone)]
pub(super) struct System {
    devices: PathBuf,
    nodes: PathBuf,
    programs: PathBuf,
    pub(super) claims: Claims,
}

impl Default for System {
    fn default() -> Self {
        Self {
            devices: "/sys/bus/usb/devices".into(),
            nodes: "/dev/bus/usb".into(),
            programs: "/proc".into(),
            claims: Claims::default(),
        }
    }
}

impl System {
    /// The texts, as the system read them when the device was plugged in.
    pub(super) fn texts(&self, place: &str) -> Texts {
        let text = |name: &str| {
            let file = fs::File::open(self.devices.join(place).join(name)).ok()?;
            let mut bytes = Vec::new();
            file.take(MOST_TEXT_BYTES).read_to_end(&mut bytes).ok()?;
            shown(&String::from_utf8_lossy(&bytes))
        };
        Texts {
            manufacturer: text("manufacturer"),
            product: text("product"),
            serial: text("serial"),
        }
    }

    /// The interfaces of a device: `1-2.3:1.0`. They name the place of a serial port as well.
    pub(super) fn interfaces(&self, place: &str) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.devices.join(place)) else {
            return Vec::new();
        };
        let names = entries
            .flatten()
            .filter_map(|entry| entry.file_name().into_string().ok());
        let of_device = |name: &String| {
            let rest = name
                .strip_prefix(place)
                .and_then(|rest| rest.strip_prefix(':'));
            rest.is_some_and(|rest| {
                rest.bytes()
                    .all(|byte| byte.is_ascii_digit() || byte == b'.')
            })
        };
        let mut names: Vec<_> = names.filter(of_device).take(256).collect();
        names.sort();
        names
    }

    /// Who has an interface: a driver of the system, or a program. May wait: it looks through the open files of all
    /// programs.
    pub(super) fn holder(&self, place: &str, interface: u8, node: (u8, u8)) -> Option<String> {
        if self.claims.has(node, interface) {
            return Some(THIS_PROGRAM.into());
        }
        let ends = format!(".{interface}");
        let interfaces = self.interfaces(place);
        let name = interfaces.iter().find(|name| name.ends_with(&ends))?;
        let driver = fs::read_link(self.devices.join(name).join("driver")).ok()?;
        let driver = driver.file_name()?.to_str()?.to_owned();
        if driver != PROGRAM_DRIVER {
            return Some(format!("the driver {driver}"));
        }
        Some(
            self.program(node)
                .unwrap_or_else(|| "another program".into()),
        )
    }

    /// Another program that has a device open, as far as this account may see.
    fn program(&self, node: (u8, u8)) -> Option<String> {
        let node = self.node(node);
        let own = std::process::id().to_string();
        let programs = fs::read_dir(&self.programs)
            .ok()?
            .flatten()
            .take(MOST_PROGRAMS);
        for program in programs {
            let name = program.file_name();
            let is_number = name
                .to_str()
                .is_some_and(|name| name.bytes().all(|b| b.is_ascii_digit()));
            if !is_number || name.to_str() == Some(own.as_str()) {
                continue;
            }
            let Ok(files) = fs::read_dir(program.path().join("fd")) else {
                continue;
            };
            let has_it = |file: fs::DirEntry| fs::read_link(file.path()).is_ok_and(|to| to == node);
            if files.flatten().take(MOST_FILES).any(has_it) {
                let said = fs::read_to_string(program.path().join("comm")).unwrap_or_default();
                return shown(&said);
            }
        }
        None
    }

    fn node(&self, (bus, address): (u8, u8)) -> PathBuf {
        self.nodes
            .join(format!("{bus:03}"))
            .join(format!("{address:03}"))
    }

    /// Why a device that is on the bus is kept from this program; `None` when its node does not say so.
    pub(super) fn withheld(&self, place: &str, node: (u8, u8)) -> Option<String> {
        let path = self.node(node);
        let refusal = fs::File::options().read(true).write(true).open(&path);
        let refusal = refusal.err()?;
        let is_missing = refusal.kind() == std::io::ErrorKind::NotFound;
        let is_listed = is_missing && self.devices.join(place).exists();
        let is_forbidden = refusal.raw_os_error() == Some(NOT_PERMITTED);
        (is_listed || is_forbidden).then(|| format!("{}: {refusal}", path.display()))
    }

    /// Bus and address of every device that the system lists; `None` where it has no list.
    pub(super) fn on_bus(&self) -> Option<BTreeSet<(u8, u8)>> {
        let entries = fs::read_dir(&self.devices).ok()?;
        let number = |folder: &Path, name: &str| {
            let mut text = String::new();
            let file = fs::File::open(folder.join(name)).ok()?;
            file.take(MOST_TEXT_BYTES).read_to_string(&mut text).ok()?;
            text.trim().parse().ok()
        };
        let nodes = entries.flatten().take(MOST_ENTRIES).filter_map(|entry| {
            let folder = entry.path();
            Some((number(&folder, "busnum")?, number(&folder, "devnum")?))
        });
        Some(nodes.collect())
    }

    /// Whether this account may use a device.
    pub(super) fn access(&self, device: &UsbDevice, node: (u8, u8)) -> Access {
        match refusal(&self.node(node)) {
            None => Access::Ready,
            Some(why) => Access::Denied {
                why,
                rule: Some(rule(device)),
            },
        }
    }
}

/// Linux `errno-base.h`: what a container's rules for devices say, where permissions say `EACCES`.
const NOT_PERMITTED: i32 = 1;

/// Why the system would refuse to open a node; `None` when it would not, or does not know the node.
#[cfg(unix)]
fn refusal(node: &Path) -> Option<String> {
    use rustix::fs::{Access as Wanted, AtFlags, CWD, accessat};
    let wanted = Wanted::READ_OK | Wanted::WRITE_OK;
    match accessat(CWD, node, wanted, AtFlags::EACCESS) {
        Ok(()) | Err(rustix::io::Errno::NOENT) => None,
        Err(refusal) => Some(format!(
            "{refusal}. No rule lets this account use {}",
            node.display()
        )),
    }
}

#[cfg(not(unix))]
fn refusal(_: &Path) -> Option<String> {
    None
}

/// The udev rule that lets whoever sits at the computer use this kind of device: udev(7), the tag of logind.
pub(super) fn rule(device: &UsbDevice) -> String {
    format!(
        "SUBSYSTEM==\"usb\", ATTR{{idVendor}}==\"{:04x}\", ATTR{{idProduct}}==\"{:04x}\", MODE=\"0660\", TAG+=\"uaccess\"",
        device.vendor, device.product
    )
}

/// Whether a letter of a foreign text can be shown: it moves nothing, and does not turn what stands behind it around
/// (UAX #9, the explicit formatting characters).
pub fn can_be_shown(letter: char) -> bool {
    let turns = matches!(letter, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    !letter.is_control() && !turns
}

/// Foreign text made fit to be shown; `None` when nothing is left of it.
pub(super) fn shown(text: &str) -> Option<String> {
    let words = text.split(|c: char| c.is_whitespace() || !can_be_shown(c));
    let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
    let text: String = words.join(" ").chars().take(SHOWN_CHARACTERS).collect();
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn system(folder: &Path) -> System {
        System {
            devices: folder.join("devices"),
            nodes: folder.join("nodes"),
            programs: folder.join("proc"),
            claims: Claims::default(),
        }
    }

    #[test]
    fn texts_that_are_missing_are_none_and_strange_ones_are_one_short_line() {
        let folder = tempfile::tempdir().unwrap();
        let device = folder.path().join("devices/1-2");
        fs::create_dir_all(&device).unwrap();
        fs::write(
            device.join("product"),
            format!("Lés\u{202e}{}\u{1b}[2J\n", "e".repeat(900)),
        )
        .unwrap();
        fs::write(device.join("serial"), b"\xFF\xFE\n").unwrap();
        let texts = system(folder.path()).texts("1-2");
        assert_eq!(texts.manufacturer, None);
        let product = texts.product.unwrap();
        assert!(product.starts_with("Lés eee") && !product.contains('\u{1b}'));
        assert_eq!(product.chars().count(), SHOWN_CHARACTERS);
        assert!(texts.serial.is_some());
    }

    #[test]
    fn who_has_an_interface_is_a_driver_or_a_program_by_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let system = system(folder.path());
        for (name, driver) in [("1-2:1.0", "cdc_acm"), ("1-2:1.1", "usbfs")] {
            fs::create_dir_all(system.devices.join("1-2").join(name)).unwrap();
            fs::create_dir_all(system.devices.join(name)).unwrap();
            symlink(
                format!("../drivers/{driver}"),
                system.devices.join(name).join("driver"),
            )
            .unwrap();
        }
        assert_eq!(system.interfaces("1-2"), ["1-2:1.0", "1-2:1.1"]);
        assert_eq!(
            system.holder("1-2", 0, (1, 7)).as_deref(),
            Some("the driver cdc_acm")
        );
        assert_eq!(
            system.holder("1-2", 1, (1, 7)).as_deref(),
            Some("another program")
        );
        let program = system.programs.join("99999999");
        fs::create_dir_all(program.join("fd")).unwrap();
        fs::write(program.join("comm"), "dfu-util\n").unwrap();
        symlink(system.node((1, 7)), program.join("fd/5")).unwrap();
        assert_eq!(system.holder("1-2", 1, (1, 7)).as_deref(), Some("dfu-util"));
        assert_eq!(system.holder("1-2", 2, (1, 7)), None);
        let own = system.claims.claim((1, 7), 1);
        assert_eq!(
            system.holder("1-2", 1, (1, 7)).as_deref(),
            Some(THIS_PROGRAM)
        );
        drop(own);
        assert_eq!(system.holder("1-2", 1, (1, 7)).as_deref(), Some("dfu-util"));
    }

    #[test]
    fn only_a_device_that_is_listed_is_kept_from_a_program_by_a_node_that_is_not_there() {
        let folder = tempfile::tempdir().unwrap();
        let system = system(folder.path());
        assert_eq!(system.withheld("1-2", (1, 7)), None);
        fs::create_dir_all(system.devices.join("1-2")).unwrap();
        let why = system.withheld("1-2", (1, 7)).unwrap();
        assert!(why.contains("nodes/001/007"), "{why}");
        fs::create_dir_all(system.nodes.join("001")).unwrap();
        fs::write(system.nodes.join("001/007"), []).unwrap();
        assert_eq!(system.withheld("1-2", (1, 7)), None);
    }

    #[test]
    fn devices_are_known_by_bus_and_address_and_interfaces_are_none() {
        let folder = tempfile::tempdir().unwrap();
        let system = system(folder.path());
        assert_eq!(system.on_bus(), None);
        for (name, bus, address) in [
            ("usb1", "1\n", "1\n"),
            ("1-2", "1\n", "7\n"),
            ("1-3", "x", "8"),
        ] {
            let device = system.devices.join(name);
            fs::create_dir_all(&device).unwrap();
            fs::write(device.join("busnum"), bus).unwrap();
            fs::write(device.join("devnum"), address).unwrap();
        }
        fs::create_dir_all(system.devices.join("1-2:1.0")).unwrap();
        assert_eq!(system.on_bus(), Some(BTreeSet::from([(1, 1), (1, 7)])));
    }

    #[test]
    fn a_refusal_names_the_rule_for_just_this_device() {
        let device = UsbDevice {
            vendor: 0x0483,
            product: 0xDF11,
            release: 0,
            port_chain: "1-2".into(),
            manufacturer: None,
            product_name: None,
            serial: None,
        };
        let rule = rule(&device);
        assert!(
            rule.contains("ATTR{idVendor}==\"0483\"") && rule.contains("ATTR{idProduct}==\"df11\"")
        );
        // A node that is not there says nothing about permissions.
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(system(folder.path()).access(&device, (1, 7)), Access::Ready);
    }
}
