//! A file that was brought into the home, whole or not at all, and is removed unless somebody needs it.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use firmdrop_core::{Code, Diagnosis, Remedy, grouped};

use crate::Home;
use crate::home::{make_private_folder, private_file, rename_durably};

/// Bytes of the disk that are left free: journal and other programs need them.
const LEFT_FREE_BYTES: u64 = 256 * firmdrop_core::MIB;

/// Name of a file that is not whole yet.
pub(crate) const PART: &str = "part";

/// A whole file in a folder of its own. Dropping it removes both.
#[derive(Debug)]
pub struct Received {
    path: PathBuf,
    folder: NewFolder,
}

impl Received {
    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// It stays: a job, or a user, needs it.
    pub fn into_path(mut self) -> PathBuf {
        self.folder.0 = None;
        std::mem::take(&mut self.path)
    }
}

/// Writes bytes into the home as a file of this name. Blocks.
///
/// Fails with [`Code::DiskFull`] when the disk would be left with less than 256 MiB.
pub fn receive(home: &Home, name: &str, bytes: &[u8]) -> Result<Received, Diagnosis> {
    let not_writable = |error: io::Error| home.not_writable(&error);
    let folder = NewFolder::make(home).map_err(not_writable)?;
    if room_bytes(folder.path()).is_some_and(|room| room < bytes.len() as u64) {
        let what = format!("{} bytes were not stored.", grouped(bytes.len() as u64));
        return Err(no_room(what).state(Diagnosis::NOTHING_SENT));
    }
    let written = folder.file().and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    written.map_err(not_writable)?;
    folder.finish(Some(name)).map_err(not_writable)
}

/// The disk has no room for what was to be stored.
pub(crate) fn no_room(what_happened: String) -> Diagnosis {
    let why = format!(
        "{} bytes of the disk are left free for other programs.",
        grouped(LEFT_FREE_BYTES)
    );
    Diagnosis::new(Code::DiskFull, what_happened, why).remedy(Remedy::FreeSpace)
}

/// A folder of its own among the downloads. Dropping it removes it.
#[derive(Debug)]
pub(crate) struct NewFolder(Option<PathBuf>);

impl NewFolder {
    /// Makes one that only its owner can read.
    pub(crate) fn make(home: &Home) -> io::Result<Self> {
        let name = uuid::Uuid::new_v4().simple().to_string();
        let folder = home.downloads().join(name);
        make_private_folder(&folder)?;
        Ok(Self(Some(folder)))
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        self.0.as_deref().unwrap_or(Path::new(""))
    }

    /// The file that is being written.
    pub(crate) fn file(&self) -> io::Result<File> {
        private_file(&self.path().join(PART))
    }

    /// The file is whole, and gets its name.
    pub(crate) fn finish(self, name: Option<&str>) -> io::Result<Received> {
        let path = self.path().join(safe_name(name));
        rename_durably(&self.path().join(PART), &path)?;
        Ok(Received { path, folder: self })
    }
}

impl Drop for NewFolder {
    fn drop(&mut self) {
        if let Some(folder) = self.0.take() {
            // What cannot be removed now is only a leftover in our own folder.
            let _ = std::fs::remove_dir_all(folder);
        }
    }
}

/// Bytes that may be written where the folder lies; `None` where nobody can say.
pub(crate) fn room_bytes(folder: &Path) -> Option<u64> {
    free_bytes(folder).map(|free| free.saturating_sub(LEFT_FREE_BYTES))
}

/// Bytes that this user may still write where the folder lies; `None` where nobody can say.
#[cfg(unix)]
fn free_bytes(folder: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(folder).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

#[cfg(not(unix))]
const fn free_bytes(_: &Path) -> Option<u64> {
    None
}

/// A name from outside, made fit for any file system: it can never leave its folder.
fn safe_name(name: Option<&str>) -> String {
    let allowed: String = name
        .unwrap_or_default()
        .chars()
        .map(|c| {
            if c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ' ' | '+') {
                c
            } else {
                '_'
            }
        })
        .take(120)
        .collect();
    let allowed = allowed.trim_matches(['.', ' ']);
    if allowed.is_empty() || allowed == PART {
        "download.bin".to_owned()
    } else {
        allowed.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_from_outside_never_leaves_its_folder() {
        assert_eq!(safe_name(Some("gate-2.4.1.bin")), "gate-2.4.1.bin");
        assert_eq!(safe_name(Some("../../etc/passwd")), "_.._etc_passwd");
        assert_eq!(safe_name(Some("..")), "download.bin");
        assert_eq!(safe_name(Some("a\0b\\c")), "a_b_c");
        assert_eq!(safe_name(None), "download.bin");
    }

    #[test]
    fn what_is_left_free_has_its_unit() {
        let why = no_room(String::new()).why;
        assert!(why.starts_with("268,435,456 bytes of the disk "), "{why}");
    }

    #[test]
    fn the_room_on_the_disk_is_known() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(free_bytes(folder.path()).is_some(), cfg!(unix));
    }

    #[test]
    fn received_bytes_are_removed_unless_somebody_needs_them() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::open(folder.path()).unwrap();
        let left = || std::fs::read_dir(home.downloads()).unwrap().count();
        let received = receive(&home, "../fw.bin", b"firmware").unwrap();
        assert!(received.path().starts_with(home.downloads()));
        assert_eq!(std::fs::read(received.path()).unwrap(), b"firmware");
        drop(received);
        assert_eq!(left(), 0);
        let path = receive(&home, "fw.bin", b"firmware").unwrap().into_path();
        assert_eq!(std::fs::read(path).unwrap(), b"firmware");
        assert_eq!(left(), 1);
    }
}
