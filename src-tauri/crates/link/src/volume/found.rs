//! Mounted drives of bootloaders: which there are, and which one an id means.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::address::{CHANNEL, canonical};
use super::drive_reads::DriveReads;
use super::files::{self, Folder};
use super::ids::{FILES, Ids, LARGEST_BYTES};
use super::mounts::{self, Mount};
use super::port;
use crate::{Access, Channel, LinkAddress, LinkError, Place, Reader};

/// Drives that are looked at. A computer with more is none that readers are plugged into.
const MOST_DRIVES: usize = 64;

/// A mounted drive that has a bootloader's file in its root.
#[derive(Debug, Clone)]
pub(super) struct Found {
    path: PathBuf,
    device: String,
    /// The USB interface it is on.
    port: Option<String>,
    ids: Ids,
    access: Access,
}

/// The drives that can be seen now.
pub(super) async fn all(reads: &DriveReads) -> Vec<Found> {
    let mounts = mounts::all().into_iter().take(MOST_DRIVES);
    each_once(reads.each(mounts.collect(), at).await)
}

/// The drive of a bootloader at a mounted folder. Waits for the drive.
fn at(mount: Mount) -> Option<Found> {
    let ids = ids_of(&mount.path)?;
    // What cannot be written as an address cannot be delivered to.
    canonical(mount.path.to_str()?).ok()?;
    Some(Found {
        access: files::access(&mount.path),
        path: mount.path,
        port: port::of(&mount.device),
        device: mount.device,
        ids,
    })
}

/// One drive may be mounted at several folders: it is seen at the first one that may be written.
fn each_once(mut found: Vec<Found>) -> Vec<Found> {
    found.sort_by_key(|drive| drive.access != Access::Ready);
    let mut devices = BTreeSet::new();
    found.retain(|drive| devices.insert(drive.device.clone()));
    found
}

/// The folder of the one drive with this id.
pub(super) fn one(drives: &[Found], id: &str, place: &str) -> Result<PathBuf, LinkError> {
    let matching: Vec<_> = drives.iter().filter(|drive| drive.ids.is(id)).collect();
    match matching.as_slice() {
        [] => Err(LinkError::NotFound {
            place: place.to_owned(),
        }),
        [drive] => Ok(drive.path.clone()),
        several => {
            let paths: Vec<_> = several
                .iter()
                .map(|drive| format!("{CHANNEL}:{}", drive.path.display()))
                .collect();
            Err(LinkError::Io {
                place: place.to_owned(),
                source: std::io::Error::new(
                    std::io::ErrorKind::InvalidInput,
                    format!(
                        "{} drives have this id; name one by its folder: {}",
                        several.len(),
                        paths.join(", ")
                    ),
                ),
            })
        }
    }
}

/// The place of a folder: the device it is on, whatever it is called.
pub(super) fn place(root: &Path) -> Place {
    let by_name = Place::new(format!("{CHANNEL}:{}", root.display()));
    let by_device = match files::identity(root) {
        Some(device) => by_name.and(format!("{CHANNEL}:device:{device}")),
        None => return by_name,
    };
    match files::device(root).and_then(|device| port::of(&device)) {
        Some(interface) => by_device.and(format!("usb:{interface}")),
        None => by_device,
    }
}

/// The ids in the root of a drive; `None` when it has none of the files.
fn ids_of(root: &Path) -> Option<Ids> {
    let folder = Folder::open(root, root.display().to_string()).ok()?;
    FILES.iter().find_map(|name| {
        let text = folder.read_start(name, LARGEST_BYTES).ok()??;
        Some(Ids::read(&text))
    })
}

impl Found {
    /// It, as discovery shows it.
    pub(super) fn reader(&self) -> Reader {
        let path = self.path.display().to_string();
        let ids = &self.ids;
        let chip = ids.unique.as_ref().or(ids.board.as_ref());
        let name = ids.model.as_ref().or(ids.board.as_ref());
        Reader {
            id: {
                let place = match &self.port {
                    Some(interface) => format!("usb:{interface}"),
                    None => format!("{CHANNEL}:{}", self.device),
                };
                format!("{place}#{}", chip.map_or("-", String::as_str))
            },
            name: name.map_or_else(|| "Bootloader drive".to_owned(), Clone::clone),
            serial: ids.unique.clone(),
            place: path.clone(),
            channel: Channel::Usb,
            address: LinkAddress::new(CHANNEL, path),
            access: self.access.clone(),
            simulated: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drive(path: &str, text: &str) -> Found {
        Found {
            path: path.into(),
            device: "8:16".into(),
            port: None,
            ids: Ids::read(text.as_bytes()),
            access: Access::Ready,
        }
    }

    #[test]
    fn an_id_that_two_drives_have_means_none_of_them() {
        let two = [
            drive("/media/a", "Board-ID: RPI-RP2"),
            drive("/media/b", "Board-ID: RPI-RP2"),
            drive("/media/c", "Unique ID: 0240"),
        ];
        let refused = one(&two, "RPI-RP2", "volume:RPI-RP2").unwrap_err();
        let why = refused.to_string();
        assert!(
            why.contains("2 drives") && why.contains("volume:/media/b"),
            "{why}"
        );
        assert_eq!(one(&two, "0240", "p").unwrap(), Path::new("/media/c"));
        let none = one(&two, "0241", "p");
        assert!(matches!(none, Err(LinkError::NotFound { .. })));
    }

    #[test]
    fn a_drive_that_is_mounted_twice_is_one_and_two_of_a_kind_are_two() {
        let text = "Board-ID: RPI-RP2";
        let mut unusable = drive("/mnt/a", text);
        unusable.access = Access::Denied {
            why: String::new(),
            rule: None,
        };
        let mut other = drive("/media/b", text);
        other.device = "8:32".into();
        let paths = |drives: Vec<Found>| -> Vec<PathBuf> {
            let seen = each_once(drives);
            seen.into_iter().map(|drive| drive.path).collect()
        };
        let twice = vec![unusable.clone(), drive("/media/a", text)];
        assert_eq!(paths(twice.clone()), [Path::new("/media/a")]);
        assert_eq!(
            one(&each_once(twice), "RPI-RP2", "p").unwrap(),
            Path::new("/media/a")
        );
        let two = vec![unusable, other];
        assert_eq!(paths(two), [Path::new("/media/b"), Path::new("/mnt/a")]);
    }

    #[test]
    fn a_lane_of_a_bench_is_the_port_of_a_drive_whatever_the_system_calls_it() {
        let at = |path, device: &str, port: &str, id| {
            let mut drive = drive(path, id);
            drive.device = device.into();
            drive.port = Some(port.into());
            drive.reader().place_key().to_owned()
        };
        let first = at("/media/RPI-RP2", "8:16", "1-2.3:1.0", "Board-ID: RPI-RP2");
        let renamed = at("/media/RPI-RP21", "8:32", "1-2.3:1.0", "Board-ID: RPI-RP2");
        let other = at("/media/RPI-RP2", "8:16", "1-2.4:1.0", "Board-ID: RPI-RP2");
        assert_eq!(first, "usb:1-2.3:1.0");
        assert_eq!(first, renamed);
        assert_ne!(first, other);
    }

    #[test]
    fn a_drive_is_known_by_its_device_and_its_own_id() {
        let reader = drive("/media/a", "Model: Zero\nBoard-ID: SAMD21G18A-Zero-v0").reader();
        assert_eq!(reader.id, "volume:8:16#SAMD21G18A-Zero-v0");
        assert_eq!(
            (reader.name.as_str(), reader.place.as_str()),
            ("Zero", "/media/a")
        );
        assert_eq!(reader.address.to_string(), "volume:/media/a");
    }
}
