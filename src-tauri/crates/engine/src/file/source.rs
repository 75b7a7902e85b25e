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
        if FileIdentity::of(&self.file.metadata()?) != self.identity {
            return Err(change());
        }
        let mut filled = 0;
        while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            match read_once(&self.file, offset + filled as u64, rest) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        let expected = self
            .identity
            .size_bytes
            .saturating_sub(offset)
            .min(buffer.len() as u64);
        if filled as u64 == expected {
            Ok(filled)
        } else {
            Err(change())
        }
    }
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
}
