//! The file of an import manifest: read whole, written whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use firmdrop_cloud::azure::import_manifest::{MOST_BYTES, ReadError};
use firmdrop_core::{Code, Diagnosis, FileFault, Remedy, read_file};

/// The bytes of a manifest. One that is too large is no failure to read, but a finding.
pub(super) fn read(path: &Path) -> Result<Result<Vec<u8>, ReadError>, Diagnosis> {
    match read_file(path, MOST_BYTES as u64) {
        Ok(bytes) => Ok(Ok(bytes)),
        Err(error) if matches!(error.why, FileFault::TooLarge(_)) => Ok(Err(ReadError::TooLarge)),
        Err(error) => Err(error.into()),
    }
}

/// Writes a manifest. A file that is there is refused, unless it may be replaced; then it holds the
/// old or the new bytes, never a part of either.
pub(super) fn write(path: &Path, bytes: &[u8], may_replace: bool) -> Result<(), Diagnosis> {
    let written = if may_replace {
        replace(path, bytes)
    } else {
        create(path, bytes)
    };
    written.map_err(|error| not_written(path, &error))
}

/// Refuses a name under which a manifest could not be written. Writes nothing.
pub(super) fn ensure_may_be_written(path: &Path, may_replace: bool) -> Result<(), Diagnosis> {
    let is_there = path.symlink_metadata().is_ok();
    if path.is_dir() || (is_there && !may_replace) {
        return Err(not_written(path, &io::ErrorKind::AlreadyExists.into()));
    }
    if is_there {
        ensure_is_file(path).map_err(|error| not_written(path, &error))?;
    }
    Ok(())
}

/// Refuses to put a file in the place of a device, a pipe, or a link that leads nowhere.
fn ensure_is_file(path: &Path) -> io::Result<()> {
    if fs::metadata(path)?.is_file() {
        return Ok(());
    }
    let why = "A device or a pipe has this name, and a file would take its place.";
    Err(io::Error::new(io::ErrorKind::InvalidInput, why))
}

fn create(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    let file = options.write(true).create_new(true).open(path)?;
    fill(file, bytes)
}

fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if path.symlink_metadata().is_ok() {
        ensure_is_file(path)?;
    }
    // A link stays a link: the file that it leads to is replaced.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let permissions = fs::metadata(&path)
        .ok()
        .map(|metadata| metadata.permissions());
    let beside = beside(&path);
    let written = File::create_new(&beside).and_then(|file| {
        if let Some(permissions) = permissions {
            file.set_permissions(permissions)?;
        }
        fill(file, bytes)?;
        fs::rename(&beside, &path)
    });
    if written.is_err() {
        // What is left of it is of no use; a failure to remove it changes nothing.
        let _ = fs::remove_file(&beside);
    }
    written
}

fn beside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.new", std::process::id()));
    path.with_file_name(name)
}

fn fill(mut file: File, bytes: &[u8]) -> io::Result<()> {
    file.write_all(bytes)?;
    file.sync_data()
}

fn not_written(path: &Path, error: &io::Error) -> Diagnosis {
    let what = format!("The file {} was not written.", path.display());
    if path.is_dir() {
        return Diagnosis::new(Code::FileNotWritten, what, "A folder has this name.")
            .state("Nothing was changed.")
            .remedy(Remedy::advice("Choose another name."));
    }
    if error.kind() == io::ErrorKind::InvalidInput {
        return Diagnosis::new(Code::FileNotWritten, what, error.to_string())
            .state("Nothing was changed.")
            .remedy(Remedy::advice("Choose another name."));
    }
    if error.kind() == io::ErrorKind::AlreadyExists {
        let remedy = "Choose another name, or allow that it is replaced.";
        return Diagnosis::new(Code::FileNotWritten, what, "A file of this name exists.")
            .state("Nothing was changed.")
            .remedy(Remedy::Advice {
                text: remedy.to_owned(),
            });
    }
    Diagnosis::new(Code::FileNotWritten, what, error.to_string())
        .state("Nothing was changed.")
        .remedy(Remedy::Advice {
            text: "Name a folder that can be written.".to_owned(),
        })
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::{FileTypeExt as _, symlink};
    use std::os::unix::net::UnixListener;

    use super::*;

    #[test]
    fn only_a_file_is_replaced_and_never_a_pipe_a_device_or_a_link_that_leads_nowhere() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        // Like a pipe and a device, it is there and is no file.
        let _socket = UnixListener::bind(at("socket")).unwrap();
        symlink(at("socket"), at("to-socket")).unwrap();
        symlink(at("loop"), at("loop")).unwrap();
        symlink(at("nothing"), at("dangling")).unwrap();
        for name in ["socket", "to-socket", "loop", "dangling"] {
            let path = at(name);
            for refused in [
                ensure_may_be_written(&path, true),
                write(&path, b"{}", true),
            ] {
                let diagnosis = refused.unwrap_err();
                assert_eq!(diagnosis.code, Code::FileNotWritten, "{name}");
                assert_eq!(diagnosis.state_now, "Nothing was changed.");
            }
        }
        assert!(
            fs::metadata(at("to-socket"))
                .unwrap()
                .file_type()
                .is_socket()
        );
        assert!(!at("nothing").exists());
        fs::write(at("file"), b"old").unwrap();
        symlink(at("file"), at("link")).unwrap();
        write(&at("link"), b"new", true).unwrap();
        assert_eq!(fs::read(at("file")).unwrap(), b"new");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 6);
    }
}
