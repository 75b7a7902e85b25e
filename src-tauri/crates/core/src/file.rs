//! The one way to open a file that a user or a service named: a regular file, never waited for, read up
//! to a limit.
//!
//! A pipe would wait for a writer, a device may have no end, and a folder has no bytes.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use crate::{Code, Diagnose, Diagnosis, Remedy, grouped};

/// Files up to this long are read into memory that is never moved: no copy of a secret is left behind.
const UNMOVED_BYTES: u64 = 64 * 1024;

/// Why a file was not read.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {why}")]
pub struct FileError {
    /// Which.
    pub path: PathBuf,
    /// Why.
    pub why: FileFault,
}

/// What keeps a file from being read.
#[derive(Debug, thiserror::Error)]
pub enum FileFault {
    /// It is not there.
    #[error("there is no such file")]
    NotThere,
    /// This user may not read it.
    #[error("this user may not read it")]
    Denied,
    /// It is a folder.
    #[error("it is a folder")]
    Folder,
    /// It is a device, a pipe or a socket.
    #[error("it is a device or a pipe")]
    Device,
    /// It is a pipe, and nobody writes to it.
    #[error("it is a pipe that nobody writes to")]
    NoWriter,
    /// It is longer than what is read.
    #[error("it has more than {0} bytes")]
    TooLarge(u64),
    /// The system failed.
    #[error(transparent)]
    System(io::Error),
}

impl From<io::Error> for FileFault {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            // No file has a name that the file system does not allow.
            io::ErrorKind::NotFound
            | io::ErrorKind::NotADirectory
            | io::ErrorKind::InvalidFilename => Self::NotThere,
            io::ErrorKind::PermissionDenied => Self::Denied,
            io::ErrorKind::IsADirectory => Self::Folder,
            _ => Self::System(error),
        }
    }
}

/// Opens a regular file for reading, and nothing else.
pub fn open_file(path: &Path) -> Result<File, FileError> {
    open(path).map_err(|why| FileError {
        path: path.to_owned(),
        why,
    })
}

fn open(path: &Path) -> Result<File, FileFault> {
    // Some devices act when they are opened, so the kind is asked for first; what was opened in its
    // place is asked again.
    regular(&std::fs::metadata(path)?)?;
    let file = open_now(path)?;
    regular(&file.metadata()?)?;
    Ok(file)
}

/// Opens without waiting for anybody.
fn open_now(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, NONBLOCK);
    options.open(path)
}

/// A file whose bytes are read once, from their first to their last.
#[derive(Debug)]
pub enum OneReading {
    /// A regular file.
    File(File),
    /// A pipe that somebody writes to, and what was read of it already. Where its writer has no more yet,
    /// reading says [`io::ErrorKind::WouldBlock`].
    #[cfg(unix)]
    Pipe(File, Vec<u8>),
}

/// Opens a regular file or a pipe for one reading, and nothing else. A pipe that nobody writes to is no file.
pub fn open_for_one_reading(path: &Path) -> Result<OneReading, FileError> {
    let open = || -> Result<OneReading, FileFault> {
        #[cfg(unix)]
        if is_pipe(&std::fs::metadata(path)?) {
            let mut pipe = open_now(path)?;
            if !is_pipe(&pipe.metadata()?) {
                return Err(FileFault::Device);
            }
            let mut first = vec![0; 4096];
            return match pipe.read(&mut first) {
                Ok(0) => Err(FileFault::NoWriter),
                Ok(read) => {
                    first.truncate(read);
                    Ok(OneReading::Pipe(pipe, first))
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    Ok(OneReading::Pipe(pipe, Vec::new()))
                }
                Err(error) => Err(error.into()),
            };
        }
        open(path).map(OneReading::File)
    };
    open().map_err(|why| FileError {
        path: path.to_owned(),
        why,
    })
}

#[cfg(unix)]
fn is_pipe(metadata: &std::fs::Metadata) -> bool {
    std::os::unix::fs::FileTypeExt::is_fifo(&metadata.file_type())
}

/// `O_NONBLOCK`, which changes nothing for a regular file. Sources: `asm-generic/fcntl.h` of Linux,
/// `sys/fcntl.h` of macOS and the BSDs.
#[cfg(unix)]
const NONBLOCK: i32 = if cfg!(target_os = "linux") {
    0o4000
} else {
    0x4
};

fn regular(metadata: &std::fs::Metadata) -> Result<(), FileFault> {
    if metadata.is_file() {
        Ok(())
    } else if metadata.is_dir() {
        Err(FileFault::Folder)
    } else {
        Err(FileFault::Device)
    }
}

/// The bytes of a regular file of at most this many; no more are read.
pub fn read_file(path: &Path, most_bytes: u64) -> Result<Vec<u8>, FileError> {
    let read = || -> Result<Vec<u8>, FileFault> {
        let file = open(path)?;
        let capacity = most_bytes.min(UNMOVED_BYTES) + 2;
        let mut bytes = Vec::with_capacity(usize::try_from(capacity).unwrap_or_default());
        file.take(most_bytes.saturating_add(1))
            .read_to_end(&mut bytes)?;
        if bytes.len() as u64 > most_bytes {
            return Err(FileFault::TooLarge(most_bytes));
        }
        Ok(bytes)
    };
    read().map_err(|why| FileError {
        path: path.to_owned(),
        why,
    })
}

impl Diagnose for FileError {
    fn diagnose(&self) -> Diagnosis {
        let name = self.path.display();
        let (code, what, why) = match &self.why {
            FileFault::NotThere => (
                Code::FileNotFound,
                format!("There is no file {name}."),
                "Nothing has this name.".to_owned(),
            ),
            FileFault::Denied => (
                Code::FileNotReadable,
                format!("The file {name} may not be read by this user."),
                "Its permissions, or those of its folder, do not allow it.".to_owned(),
            ),
            FileFault::Folder => (
                Code::NotAFile,
                format!("There is a folder at {name}."),
                "One regular file is needed.".to_owned(),
            ),
            FileFault::Device => (
                Code::NotAFile,
                format!("There is a device or a pipe at {name}."),
                "One regular file is needed, so that it has an end and can be read again."
                    .to_owned(),
            ),
            FileFault::NoWriter => (
                Code::NotAFile,
                format!("There is a pipe without bytes at {name}."),
                "No program writes to it, or the one that did wrote nothing.".to_owned(),
            ),
            FileFault::TooLarge(most) => (
                Code::TooLarge,
                format!("The file {name} was not read."),
                format!("It has more than {} bytes.", grouped(*most)),
            ),
            FileFault::System(error) => (
                Code::ReadFailed,
                format!("The file {name} could not be read."),
                error.to_string(),
            ),
        };
        Diagnosis::new(code, what, why)
            .state("Nothing was sent.")
            .remedy(Remedy::ChooseAnotherFile)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(path: &Path) -> Code {
        read_file(path, 10).unwrap_err().diagnose().code
    }

    #[test]
    fn what_is_no_regular_file_is_neither_waited_for_nor_read() {
        let folder = std::env::temp_dir();
        assert_eq!(code(&folder), Code::NotAFile);
        assert_eq!(
            code(&folder.join("firmdrop-no-such-file")),
            Code::FileNotFound
        );
        #[cfg(unix)]
        for device in ["/dev/zero", "/dev/tty", "/dev/null"] {
            assert_eq!(code(Path::new(device)), Code::NotAFile, "{device}");
        }
    }

    #[test]
    fn a_name_that_is_too_long_is_that_of_no_file() {
        let long = std::env::temp_dir().join("n".repeat(5_000));
        assert_eq!(code(&long), Code::FileNotFound);
    }

    #[test]
    fn no_more_is_read_than_the_limit() {
        let path = std::env::temp_dir().join(format!("firmdrop-limit-{}", std::process::id()));
        std::fs::write(&path, b"0123456789").unwrap();
        assert_eq!(read_file(&path, 10).unwrap(), b"0123456789");
        let error = read_file(&path, 9).unwrap_err();
        std::fs::remove_file(&path).unwrap();
        assert_eq!(error.diagnose().code, Code::TooLarge);
        assert!(error.to_string().contains("more than 9 bytes"), "{error}");
    }
}
