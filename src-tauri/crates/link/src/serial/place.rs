//! Where a serial port is: its device number, and the USB port chain that Linux' `sysfs` reports.
//!
//! Opens no port.

use std::path::Path;

use crate::Place;

/// The place of a port. One that is not there now has that of its name.
#[cfg(unix)]
pub(super) fn of(port: &str) -> Place {
    let name = Place::new(format!("serial:{port}"));
    let Some(device) = std::fs::canonicalize(port).ok() else {
        return name;
    };
    let name = name.and(format!("serial:{}", device.display()));
    let place = match device_number(&device) {
        Some((major, minor)) => name.and(format!("tty:{major}:{minor}")),
        None => name,
    };
    match usb_interface(&device) {
        Some(chain) => place.and(format!("usb:{chain}")),
        None => place,
    }
}

/// The place of a port. Windows knows it as `COM7` and as `\\.\COM7`, in either case.
#[cfg(not(unix))]
pub(super) fn of(port: &str) -> Place {
    let name = port.trim_start_matches(r"\\.\").to_uppercase();
    Place::new(format!("serial:{name}"))
}

#[cfg(unix)]
fn device_number(device: &Path) -> Option<(u32, u32)> {
    use std::os::unix::fs::{FileTypeExt, MetadataExt};
    let metadata = std::fs::metadata(device).ok()?;
    let number = metadata.rdev();
    metadata
        .file_type()
        .is_char_device()
        .then(|| (rustix::fs::major(number), rustix::fs::minor(number)))
}

/// The interface of a USB device behind a port.
#[cfg(unix)]
pub(super) fn usb_interface(device: &Path) -> Option<String> {
    usb_interface_below(Path::new("/sys/class/tty"), device)
}

#[cfg(unix)]
fn usb_interface_below(terminals: &Path, device: &Path) -> Option<String> {
    let real = std::fs::canonicalize(terminals.join(device.file_name()?).join("device")).ok()?;
    // ttyUSB0 stands below its interface, ttyACM0's device is the interface.
    crate::usb_interface::of_path(&real, 2)
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn two_paths_of_one_terminal_are_one_place() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("my-reader");
        // Every Linux and macOS has it; it is a terminal and is not opened.
        symlink("/dev/tty", &link).unwrap();
        let (one, other) = (of("/dev/tty"), of(link.to_str().unwrap()));
        assert!(one.overlaps(&other), "{one} | {other}");
        assert!(one.keys().any(|key| key.starts_with("tty:")), "{one}");
        assert!(!one.overlaps(&of("/dev/null")));
    }

    #[test]
    fn a_port_that_is_not_there_is_the_place_of_its_name() {
        let gone = of("/dev/there-is-no-such-port");
        assert_eq!(gone.to_string(), "serial:/dev/there-is-no-such-port");
    }

    #[test]
    fn the_usb_port_chain_is_read_from_sysfs_for_both_kinds_of_driver() {
        let folder = tempfile::tempdir().unwrap();
        let devices = folder.path().join("devices/usb1/1-2/1-2.3");
        let terminals = folder.path().join("tty");
        for (name, device) in [
            ("ttyUSB0", "1-2.3:1.1/ttyUSB0"),
            ("ttyACM0", "1-2.3:1.0"),
            ("ttyS0", "pnp"),
        ] {
            std::fs::create_dir_all(devices.join(device)).unwrap();
            std::fs::create_dir_all(terminals.join(name)).unwrap();
            symlink(devices.join(device), terminals.join(name).join("device")).unwrap();
        }
        let of = |name: &str| usb_interface_below(&terminals, &Path::new("/dev").join(name));
        assert_eq!(of("ttyUSB0").as_deref(), Some("1-2.3:1.1"));
        assert_eq!(of("ttyACM0").as_deref(), Some("1-2.3:1.0"));
        assert_eq!(of("ttyS0"), None);
        assert_eq!(of("ttyS1"), None);
    }
}
