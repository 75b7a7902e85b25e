//! A file of the command line that may also come through a pipe: `-`, or what a shell puts in the place of
//! `<(COMMAND)`. What comes through a pipe is stored in a file without a name, which goes with the program, so that it
//! can be read more than once.

use std::fs::File;
use std::io::{self, Read, Seek as _, Write as _};
use std::path::Path;

use firmdrop_api::{Code, Diagnosis, Remedy};
use firmdrop_core::{Diagnose as _, FileError, FileFault, OneReading, open_for_one_reading};

const NOTHING_READ: &str = "Nothing was verified.";

/// How a path is said.
pub(crate) fn name(path: &Path) -> String {
    if path == Path::new("-") {
        "Standard input".to_owned()
    } else {
        format!("The file {}", path.display())
    }
}

/// Opens a file, a pipe or standard input, of at most so many bytes. Waits for whoever writes to a pipe.
/// Within the runtime.
pub(crate) fn open(path: &Path, most_bytes: u64) -> Result<File, Diagnosis> {
    if path == Path::new("-") {
        return stored(path, io::stdin(), most_bytes);
    }
    match open_for_one_reading(path).map_err(|error| refused(&error))? {
        OneReading::File(file) => {
            let size = file.metadata().map_or(0, |metadata| metadata.len());
            if size > most_bytes {
                return Err(too_large(path, most_bytes));
            }
            Ok(file)
        }
        #[cfg(unix)]
        OneReading::Pipe(pipe, first) => {
            let waiting = waiting(pipe).map_err(|error| failed(path, &error))?;
            stored(path, first.as_slice().chain(waiting), most_bytes)
        }
    }
}

/// The pipe, reading of which waits for its writer.
#[cfg(unix)]
fn waiting(pipe: File) -> io::Result<File> {
    let receiver = tokio::net::unix::pipe::Receiver::from_file(pipe)?;
    receiver.into_blocking_fd().map(File::from)
}

fn stored(path: &Path, bytes: impl Read, most_bytes: u64) -> Result<File, Diagnosis> {
    let mut file = tempfile::tempfile().map_err(|error| not_stored(path, &error))?;
    let mut bytes = bytes.take(most_bytes.saturating_add(1));
    let mut buffer = vec![0; 1 << 16];
    loop {
        let read = match bytes.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(failed(path, &error)),
        };
        let piece = buffer.get(..read).unwrap_or_default();
        file.write_all(piece)
            .map_err(|error| not_stored(path, &error))?;
    }
    if bytes.limit() == 0 {
        return Err(too_large(path, most_bytes));
    }
    file.rewind().map_err(|error| not_stored(path, &error))?;
    Ok(file)
}

fn refused(error: &FileError) -> Diagnosis {
    error.diagnose().state(NOTHING_READ)
}

fn too_large(path: &Path, most_bytes: u64) -> Diagnosis {
    refused(&FileError {
        path: path.to_owned(),
        why: FileFault::TooLarge(most_bytes),
    })
}

fn failed(path: &Path, error: &io::Error) -> Diagnosis {
    let what = format!("{} could not be read.", name(path));
    Diagnosis::new(Code::ReadFailed, what, error.to_string()).state(NOTHING_READ)
}

fn not_stored(path: &Path, error: &io::Error) -> Diagnosis {
    let what = format!("{} could not be stored to be read.", name(path));
    let folder = std::env::temp_dir();
    Diagnosis::new(Code::FileNotWritten, what, error.to_string())
        .state(NOTHING_READ)
        .remedy(Remedy::advice(format!(
            "Make room in {}, or set TMPDIR to a folder that has it.",
            folder.display()
        )))
}
