//! The USB port that a drive is plugged into, as Linux' `sysfs` reports it. Reads no drive.

#[cfg(unix)]
use std::path::Path;

/// Parts of the path of a drive that are looked through, from its end: a disk, or a partition of it, stands nine parts
/// below its interface at most.
#[cfg(unix)]
const MOST_PARTS: usize = 12;

/// The interface of the USB device with these numbers: `8:16` is that of `1-2.3:1.0`. `None` where the drive is on no USB
/// device, or the system does not say.
#[cfg(unix)]
pub(super) fn of(device: &str) -> Option<String> {
    below(Path::new("/sys/dev/block"), device)
}

#[cfg(not(unix))]
pub(super) fn of(_: &str) -> Option<String> {
    None
}

#[cfg(unix)]
fn below(devices: &Path, device: &str) -> Option<String> {
    let real = std::fs::canonicalize(devices.join(device)).ok()?;
    crate::usb_interface::of_path(&real, MOST_PARTS)
}

/// What an interface is plugged into: `1-2.3` of `1-2.3:1.0`.
pub(super) fn chain(interface: &str) -> &str {
    interface
        .split_once(':')
        .map_or(interface, |(chain, _)| chain)
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_disk_and_its_partition_are_at_the_port_of_their_probe() {
        let folder = tempfile::tempdir().unwrap();
        let usb = folder
            .path()
            .join("devices/pci0000:00/0000:00:14.0/usb1/1-2/1-2.3/1-2.3:1.2");
        let disk = usb.join("host6/target6:0:0/6:0:0:0/block/sdb");
        std::fs::create_dir_all(disk.join("sdb1")).unwrap();
        let fixed = folder.path().join("devices/pci0000:00/ata1/block/sda");
        std::fs::create_dir_all(&fixed).unwrap();
        for (device, path) in [
            ("8:16", &disk),
            ("8:17", &disk.join("sdb1")),
            ("8:0", &fixed),
        ] {
            symlink(path, folder.path().join(device)).unwrap();
        }
        for (device, port) in [
            ("8:16", Some("1-2.3:1.2")),
            ("8:17", Some("1-2.3:1.2")),
            ("8:0", None),
            ("8:32", None),
        ] {
            assert_eq!(below(folder.path(), device).as_deref(), port, "{device}");
        }
        assert_eq!(chain("1-2.3:1.2"), "1-2.3");
    }
}
