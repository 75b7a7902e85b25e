//! Mounted drives of bootloaders: which there are, and which one an id means.

use std::path::{Path, PathBuf};

use super::address::{CHANNEL, canonical};
use super::files::{self, Folder};
use super::ids::{FILES, Ids, LARGEST_BYTES};
use super::mounts;
use crate::{Access, Channel, LinkAddress, LinkError, Place, Reader};

/// Drives that are looked at. A computer with more is none that readers are plugged into.
const MOST_DRIVES: usize = 64;

/// A mounted drive that has a bootloader's file in its root.
#[derive(Debug, Clone)]
pub(super) struct Found {
    path: PathBuf,
    device: String,
    ids: Ids,
    access: Access,
}

/// The drives that can be seen now.
pub(super) fn all() -> Vec<Found> {
    let mounts = mounts::all().into_iter().take(MOST_DRIVES);
    mounts
        .filter_map(|mount| {
            let ids = ids_of(&mount.path)?;
            // What cannot be written as an address cannot be delivered to.
            canonical(mount.path.to_str()?).ok()?;
            Some(Found {
                access: files::access(&mount.path),
                path: mount.path,
                device: mount.device,
                ids,
            })
        })
        .collect()
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
    match files::identity(root) {
        Some(device) => by_name.and(format!("{CHANNEL}:device:{device}")),
        None => by_name,
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
            id: format!(
                "{CHANNEL}:{}#{}",
                self.device,
                chip.map_or("-", String::as_str)
            ),
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
