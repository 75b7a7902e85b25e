//! A file in the place of another, whole or not at all, and what its failure means.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

use crate::DoctorFault;

/// The failure to write a file of the system.
pub(super) fn failed(path: &str, error: &io::Error, as_root: &str) -> DoctorFault {
    let (path, why) = (path.to_owned(), error.to_string());
    match error.kind() {
        io::ErrorKind::PermissionDenied if !as_root.is_empty() => DoctorFault::Denied {
            path,
            why,
            as_root: as_root.to_owned(),
        },
        _ => DoctorFault::Failed {
            path,
            why,
            is_full: is_full(error),
            written: Vec::new(),
        },
    }
}

/// Whether room on the disk is what is missing.
pub(super) fn is_full(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
    )
}

/// Puts a file of this text in the place of another, whole or not at all.
pub(super) fn replace(path: &Path, text: &[u8], mode: u32) -> std::io::Result<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let beside = path.with_file_name(format!(".{name}.firmdrop"));
    // One that an earlier process left is nobody's; a link is not followed.
    match fs::remove_file(&beside) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let written = (|| {
        let mut file = File::options().write(true).create_new(true).open(&beside)?;
        set_mode(&file, mode)?;
        file.write_all(text)?;
        file.sync_all()?;
        fs::rename(&beside, path)?;
        File::open(path.parent().unwrap_or(Path::new("/")))?.sync_all()
    })();
    if written.is_err() {
        // It is only a leftover.
        let _ = fs::remove_file(&beside);
    }
    written
}

#[cfg(unix)]
fn set_mode(file: &File, mode: u32) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn set_mode(_: &File, _: u32) -> std::io::Result<()> {
    Ok(())
}
