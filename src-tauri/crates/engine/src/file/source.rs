//! A file that is read at any offset and refuses to go on when it changed.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use firmdrop_core::{Code, Diagnosis, FileError, Remedy, open_file};
use firmdrop_image::Source;

use super::FileIdentity;

/// An open file. Every read looks first whether the file is still what it was.
#[derive(Debug)]
pub struct FileSource {
    path: PathBuf,
    file: File,
    identity: FileIdentity,
}

impl FileSource {
    /// Opens a regular file for reading.
    ///
    /// Fails for a folder, a device, a missing or unreadable file, each with its own code.
    pub fn open(path: &Path) -> Result<Self, Diagnosis> {
        let file = open_file(path)?;
        let metadata = file.metadata().map_err(|error| FileError {
            path: path.to_owned(),
            why: error.into(),
        })?;
        let identity = FileIdentity::of(&metadata);
        if identity.size_bytes == 0 {
            ensure_empty(path, &file)?;
        }
        Ok(Self {
            path: path.to_owned(),
            file,
            identity,
        })
    }

    /// What the file was when it was opened.
    pub fn identity(&self) -> FileIdentity {
        self.identity
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The failure to read it, in a person's words: changed, or a fault of the disk.
    pub fn read_failure(&self, error: &io::Error) -> Diagnosis {
        let name = self.path.display();
        let diagnosis = if is_change(error) {
            Diagnosis::new(
                Code::FileChanged,
                format!("{name} is not what it was when it was opened."),
                "Another program is writing it, or replaced its content.",
            )
            .remedy(Remedy::InspectAgain)
        } else {
            Diagnosis::new(
                Code::ReadFailed,
                format!("{name} could not be read to its end."),
                error.to_string(),
            )
        };
        diagnosis.remedy(Remedy::ChooseAnotherFile)
    }
}

impl Source for FileSource {
    fn len(&self) -> u64 {
        self.identity.size_bytes
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.ensure_unchanged()?;
        let mut filled = 0;
        while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            match read_once(&self.file, offset + filled as u64, rest) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        if filled == self.length_of_read(offset, buffer.len()) {
            Ok(filled)
        } else {
            Err(change())
        }
    }

    fn read_cached_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<Option<usize>> {
        let whole = self.length_of_read(offset, buffer.len());
        if read_cached(&self.file, offset, buffer) != Some(whole) {
            return Ok(None);
        }
        self.ensure_unchanged()?;
        Ok(Some(whole))
    }
}

impl FileSource {
    fn ensure_unchanged(&self) -> io::Result<()> {
        if FileIdentity::of(&self.file.metadata()?) == self.identity {
            Ok(())
        } else {
            Err(change())
        }
    }

    /// How much a read of `buffer_bytes` gives at this place.
    fn length_of_read(&self, offset: u64, buffer_bytes: usize) -> usize {
        let rest = self.identity.size_bytes.saturating_sub(offset);
        usize::try_from(rest).map_or(buffer_bytes, |rest| rest.min(buffer_bytes))
    }
}

/// Files that the kernel makes while they are read have no size, and some of them cannot be read at all.
fn ensure_empty(path: &Path, file: &File) -> Result<(), Diagnosis> {
    match read_once(file, 0, &mut [0]) {
        Ok(0) => Ok(()),
        Ok(_) => Err(sizeless(path)),
        Err(error) => {
            let what = format!("The file {} could not be read.", path.display());
            Err(Diagnosis::new(Code::ReadFailed, what, error.to_string())
                .remedy(Remedy::ChooseAnotherFile))
        }
    }
}

/// A file that says it is empty and is not: its end is known when all of it was read, and no two reads agree.
fn sizeless(path: &Path) -> Diagnosis {
    Diagnosis::new(
        Code::ReadFailed,
        format!("{} says that it has 0 bytes, and has some.", path.display()),
        "The system makes such a file while it is read, as below /proc, or another program has just begun to write it.",
    )
    .titled("The size of the file is not known")
    .remedy(Remedy::advice("Copy it, and choose the copy."))
    .remedy(Remedy::ChooseAnotherFile)
}

/// Marks an error as "the file changed", so that it keeps its meaning on its way up.
#[derive(Debug, thiserror::Error)]
#[error("the file changed while it was being read")]
struct Changed;

fn change() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, Changed)
}

/// Whether reading failed because the file changed.
fn is_change(error: &io::Error) -> bool {
    error
        .get_ref()
        .is_some_and(<dyn std::error::Error + Send + Sync>::is::<Changed>)
}

#[cfg(unix)]
fn read_once(file: &File, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, offset)
}

/// Bytes of the file that the system's cache holds (`preadv2` with `RWF_NOWAIT`, Linux 4.14; not every file system
/// has it). `None` where it would have to read them first.
#[cfg(target_os = "linux")]
fn read_cached(file: &File, offset: u64, buffer: &mut [u8]) -> Option<usize> {
    let mut buffers = [io::IoSliceMut::new(buffer)];
    let at_once = rustix::io::ReadWriteFlags::NOWAIT;
    rustix::io::preadv2(file, &mut buffers, offset, at_once).ok()
}

/// This system does not say what its cache holds.
#[cfg(not(target_os = "linux"))]
const fn read_cached(_: &File, _: u64, _: &mut [u8]) -> Option<usize> {
    None
}

#[cfg(windows)]
fn read_once(file: &File, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file_with(content: &[u8]) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("image.bin");
        std::fs::write(&path, content).unwrap();
        (folder, path)
    }

    #[test]
    fn reads_at_any_offset_and_short_only_at_the_end() {
        let (_folder, path) = file_with(b"0123456789");
        let source = FileSource::open(&path).unwrap();
        let mut buffer = [0; 4];
        assert_eq!(source.read_at(8, &mut buffer).unwrap(), 2);
        assert_eq!(&buffer[..2], b"89");
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn what_the_system_holds_in_memory_is_read_at_once_and_whole() {
        let (_folder, path) = file_with(b"0123456789");
        let source = FileSource::open(&path).unwrap();
        let mut buffer = [0; 4];
        for (offset, expected) in [(0, &b"0123"[..]), (8, b"89"), (10, b"")] {
            // Not every file system can read at once.
            if let Some(count) = source.read_cached_at(offset, &mut buffer).unwrap() {
                assert_eq!(&buffer[..count], expected);
            }
        }
        std::fs::write(&path, b"01234567890").unwrap();
        let read = source.read_cached_at(0, &mut buffer);
        assert!(!matches!(read, Ok(Some(_))), "{read:?}");
    }

    #[test]
    fn a_file_that_grows_or_shrinks_while_it_is_read_is_reported_as_changed() {
        for content in [&b"01234567890"[..], b"0"] {
            let (_folder, path) = file_with(b"0123456789");
            let source = FileSource::open(&path).unwrap();
            std::fs::write(&path, content).unwrap();
            let error = source.read_at(0, &mut [0; 4]).unwrap_err();
            assert_eq!(source.read_failure(&error).code, Code::FileChanged);
        }
    }

    #[test]
    fn each_thing_that_is_no_readable_file_has_its_own_code() {
        let folder = tempfile::tempdir().unwrap();
        let code = |path: &Path| FileSource::open(path).unwrap_err().code;
        assert_eq!(code(folder.path()), Code::NotAFile);
        assert_eq!(code(&folder.path().join("missing")), Code::FileNotFound);
        #[cfg(unix)]
        assert_eq!(code(Path::new("/dev/zero")), Code::NotAFile);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_file_of_the_kernel_without_a_size_is_not_said_to_have_no_bytes() {
        let refused = |path: &str| FileSource::open(Path::new(path)).unwrap_err();
        for path in ["/proc/self/mem", "/proc/self/maps", "/proc/version"] {
            assert_eq!(refused(path).code, Code::ReadFailed, "{path}");
        }
        let why = refused("/proc/version").why;
        assert!(why.contains("/proc"), "{why}");
        let (_folder, path) = file_with(b"");
        assert_eq!(FileSource::open(&path).unwrap().len(), 0);
    }
}
