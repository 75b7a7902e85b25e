//! The root folder of a drive, by the system's own files.
//!
//! A drive may be hostile, and may be pulled out at any moment: links and devices are not followed, and
//! nothing here waits for ever.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{ErrorKind, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use super::port;
use crate::blocking::within;
use crate::{Access, Drive, DriveFile, LinkError};

/// Names of a root folder that are looked at. FAT16 has at most 512.
const MOST_NAMES: usize = 1024;
/// Longest time one access may take. Linux gives a command of a disk 30 s (`SD_TIMEOUT`) and repeats it.
const ACCESS_DEADLINE: Duration = Duration::from_secs(90);

/// A folder as a drive.
#[derive(Debug, Clone)]
pub(super) struct Folder {
    root: PathBuf,
    /// The address, for messages.
    place: String,
    appearance: String,
    port: Option<String>,
}

impl Folder {
    /// The folder, if it is there and the device below it as well.
    pub(super) fn open(root: &Path, place: String) -> Result<Self, LinkError> {
        match identity(root) {
            Some(appearance) => Ok(Self {
                root: root.to_owned(),
                place,
                appearance,
                port: device(root)
                    .and_then(|device| port::of(&device))
                    .map(|interface| port::chain(&interface).to_owned()),
            }),
            None => Err(LinkError::NotFound { place }),
        }
    }

    /// The first bytes of a file; `None` without such a file.
    pub(super) fn read_start(
        &self,
        name: &str,
        most_bytes: usize,
    ) -> Result<Option<Vec<u8>>, LinkError> {
        self.read_part(name, 0, most_bytes)
    }

    fn read_part(
        &self,
        name: &str,
        offset: u64,
        most_bytes: usize,
    ) -> Result<Option<Vec<u8>>, LinkError> {
        let Some((path, _)) = self.find(name)? else {
            return Ok(None);
        };
        let reading = || {
            let mut file = without_links(OpenOptions::new().read(true)).open(path)?;
            forget_cached(&file);
            file.seek(SeekFrom::Start(offset))?;
            let mut bytes = Vec::new();
            file.take(most_bytes as u64).read_to_end(&mut bytes)?;
            Ok(bytes)
        };
        reading().map(Some).map_err(|error| self.failed(error))
    }

    /// The plain file of this name in the root, in any case.
    fn find(&self, name: &str) -> Result<Option<(PathBuf, Metadata)>, LinkError> {
        let entries = std::fs::read_dir(&self.root).map_err(|error| self.failed(error))?;
        for entry in entries.take(MOST_NAMES) {
            let entry = entry.map_err(|error| self.failed(error))?;
            if entry.file_name().eq_ignore_ascii_case(name) {
                let metadata = entry.metadata().map_err(|error| self.failed(error))?;
                return Ok(metadata.is_file().then(|| (entry.path(), metadata)));
            }
        }
        Ok(None)
    }

    fn failed(&self, error: std::io::Error) -> LinkError {
        LinkError::from_io(&self.place, error)
    }

    /// Runs what may block on a thread for that.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, LinkError> + Send + 'static,
    ) -> Result<T, LinkError> {
        let own = self.clone();
        within(ACCESS_DEADLINE, || self.place.clone(), move || work(&own)).await
    }
}

#[async_trait]
impl Drive for Folder {
    fn appearance(&self) -> &str {
        &self.appearance
    }

    fn port(&self) -> Option<&str> {
        self.port.as_deref()
    }

    async fn read(
        &self,
        name: &str,
        offset: u64,
        buffer: &mut [u8],
    ) -> Result<Option<usize>, LinkError> {
        let (name, most_bytes) = (name.to_owned(), buffer.len());
        let read = self
            .run(move |folder| folder.read_part(&name, offset, most_bytes))
            .await?;
        Ok(read.map(|bytes| {
            let count = bytes.len().min(buffer.len());
            for (to, from) in buffer.iter_mut().zip(&bytes) {
                *to = *from;
            }
            count
        }))
    }

    async fn size(&self, name: &str) -> Result<Option<u64>, LinkError> {
        let name = name.to_owned();
        self.run(move |folder| Ok(folder.find(&name)?.map(|(_, metadata)| metadata.len())))
            .await
    }

    async fn create(&self, name: &str) -> Result<Box<dyn DriveFile>, LinkError> {
        self.remove(name).await?;
        let name = name.to_owned();
        let file = self
            .run(move |folder| {
                // No extended attributes: a bootloader's file system has no place for them.
                without_links(OpenOptions::new().write(true).create_new(true))
                    .open(folder.root.join(name))
                    .map_err(|error| folder.failed(error))
            })
            .await?;
        Ok(Box::new(Written {
            folder: self.clone(),
            file: Arc::new(file),
        }))
    }

    async fn remove(&self, name: &str) -> Result<(), LinkError> {
        let name = name.to_owned();
        self.run(move |folder| match folder.find(&name)? {
            None => Ok(()),
            Some((path, _)) => match std::fs::remove_file(path) {
                Err(error) if error.kind() != ErrorKind::NotFound => Err(folder.failed(error)),
                _ => Ok(()),
            },
        })
        .await
    }

    async fn flush(&self) -> Result<(), LinkError> {
        self.run(|folder| flush(&folder.root).map_err(|error| folder.failed(error)))
            .await
    }
}

#[derive(Debug)]
struct Written {
    folder: Folder,
    file: Arc<File>,
}

#[async_trait]
impl DriveFile for Written {
    async fn append(&mut self, bytes: &[u8]) -> Result<(), LinkError> {
        let (file, bytes) = (Arc::clone(&self.file), bytes.to_vec());
        let writing = move |folder: &Folder| {
            let written = (&*file).write_all(&bytes).and_then(|()| file.sync_data());
            written.map_err(|error| folder.failed(error))
        };
        self.folder.run(writing).await
    }
}

/// The numbers of the device that a folder is on: `8:16`.
#[cfg(unix)]
pub(super) fn device(root: &Path) -> Option<String> {
    use std::os::unix::fs::MetadataExt as _;
    let device = std::fs::metadata(root).ok()?.dev();
    let (major, minor) = (rustix::fs::major(device), rustix::fs::minor(device));
    Some(format!("{major}:{minor}"))
}

#[cfg(not(unix))]
pub(super) fn device(_: &Path) -> Option<String> {
    None
}

/// What the folder is on: the device's numbers and the folder's own. `None` when there is no such folder,
/// or the device below it was pulled out and the system still shows what it remembers.
#[cfg(unix)]
pub(super) fn identity(root: &Path) -> Option<String> {
    use std::os::unix::fs::MetadataExt as _;
    let metadata = std::fs::metadata(root).ok().filter(Metadata::is_dir)?;
    let device = metadata.dev();
    let (major, minor) = (rustix::fs::major(device), rustix::fs::minor(device));
    let devices = Path::new("/sys/dev/block");
    // Number 0 is that of file systems without a device.
    if major != 0 && devices.is_dir() && !devices.join(format!("{major}:{minor}")).exists() {
        return None;
    }
    Some(format!("{major}:{minor}:{}", metadata.ino()))
}

#[cfg(not(unix))]
pub(super) fn identity(root: &Path) -> Option<String> {
    std::fs::metadata(root).ok().filter(Metadata::is_dir)?;
    Some(root.display().to_string())
}

/// Whether the root can be written, without writing.
#[cfg(unix)]
pub(super) fn access(root: &Path) -> Access {
    use rustix::fs::{Access as Wanted, AtFlags, CWD, accessat};
    match accessat(CWD, root, Wanted::WRITE_OK, AtFlags::EACCESS) {
        Ok(()) => Access::Ready,
        Err(rustix::io::Errno::NOENT) => Access::Gone,
        Err(refusal) => Access::Denied {
            why: format!("{refusal}. Mount the drive so that this account can write to it."),
            rule: None,
        },
    }
}

#[cfg(not(unix))]
pub(super) fn access(_: &Path) -> Access {
    Access::Ready
}

/// Neither a link is followed nor a pipe waited for.
#[cfg(unix)]
fn without_links(options: &mut OpenOptions) -> &mut OpenOptions {
    use std::os::unix::fs::OpenOptionsExt as _;
    let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
    options.custom_flags(flags.bits().cast_signed())
}

#[cfg(not(unix))]
fn without_links(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

/// What this computer remembers of the file is read from the drive again.
#[cfg(target_os = "linux")]
fn forget_cached(file: &File) {
    // A file system without a device has nothing to read again.
    let _ = rustix::fs::fadvise(file, 0, None, rustix::fs::Advice::DontNeed);
}

#[cfg(not(target_os = "linux"))]
fn forget_cached(_: &File) {}

/// Writes everything that the system still holds for this file system.
#[cfg(target_os = "linux")]
fn flush(root: &Path) -> std::io::Result<()> {
    rustix::fs::syncfs(File::open(root)?).map_err(Into::into)
}

#[cfg(not(target_os = "linux"))]
fn flush(_: &Path) -> std::io::Result<()> {
    // Each piece of the file was flushed when it was written.
    Ok(())
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    fn drive() -> (tempfile::TempDir, Folder) {
        let root = tempfile::tempdir().unwrap();
        let folder = Folder::open(root.path(), "volume:/x".into()).unwrap();
        (root, folder)
    }

    #[tokio::test]
    async fn a_file_is_found_in_either_case_and_read_by_parts() {
        let (root, folder) = drive();
        std::fs::write(root.path().join("info_uf2.txt"), b"0123456789").unwrap();
        let mut buffer = [0; 4];
        let read = folder.read("INFO_UF2.TXT", 8, &mut buffer).await.unwrap();
        assert_eq!((read, &buffer[..2]), (Some(2), b"89".as_slice()));
        assert_eq!(folder.size("INFO_UF2.TXT").await.unwrap(), Some(10));
        assert_eq!(folder.read("FAIL.TXT", 0, &mut buffer).await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_link_or_a_folder_instead_of_a_file_is_not_followed() {
        let (root, folder) = drive();
        std::os::unix::fs::symlink("/etc/passwd", root.path().join("INFO_UF2.TXT")).unwrap();
        std::fs::create_dir(root.path().join("FAIL.TXT")).unwrap();
        let mut buffer = [0; 4];
        for name in ["INFO_UF2.TXT", "FAIL.TXT"] {
            assert_eq!(folder.read(name, 0, &mut buffer).await.unwrap(), None);
        }
    }

    #[tokio::test]
    async fn what_is_appended_is_there_and_replaces_a_file_of_the_same_name() {
        let (root, folder) = drive();
        std::fs::write(root.path().join("firmdrop.uf2"), b"old").unwrap();
        let mut file = folder.create("FIRMDROP.UF2").await.unwrap();
        file.append(b"new ").await.unwrap();
        file.append(b"bytes").await.unwrap();
        folder.flush().await.unwrap();
        let written = std::fs::read(root.path().join("FIRMDROP.UF2")).unwrap();
        assert_eq!(written, b"new bytes");
        folder.remove("FIRMDROP.UF2").await.unwrap();
        folder.remove("FIRMDROP.UF2").await.unwrap();
        assert_eq!(std::fs::read_dir(root.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_folder_that_is_not_there_is_no_drive() {
        let (root, _) = drive();
        let gone = Folder::open(&root.path().join("gone"), "volume:/gone".into());
        assert!(matches!(gone, Err(LinkError::NotFound { .. })));
    }
}
