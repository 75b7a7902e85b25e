//! One file of a change: what it is now, writing it, restoring it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::record::{Owned, RecordedFile};
use super::whole::{failed, replace};
use super::within::within;
use crate::root::text_of;
use crate::{DoctorFault, FileChange, Root};

/// Permission bits of a file that was not there: rules are read by everybody.
const NEW_MODE: u32 = 0o644;

/// The text of a file now: `None` when it is not there, an error when it is no file of its own or no text.
fn now(root: &Root, path: &str) -> Result<Option<String>, DoctorFault> {
    let place = root.path(path);
    let differs = || DoctorFault::Differs {
        path: path.to_owned(),
        act: "change",
    };
    within(root, path)?;
    match fs::symlink_metadata(&place) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed(path, &error, "")),
        // What a link leads to is not what was shown.
        Ok(is) if is.is_file() => text_of(&place).map(Some).ok_or_else(differs),
        Ok(_) => Err(differs()),
    }
}

/// What is to be recorded of a file before it is written. Refuses when it is not as it was shown.
pub(super) fn recorded(root: &Root, file: &FileChange) -> Result<RecordedFile, DoctorFault> {
    if now(root, &file.path)? != file.before {
        return Err(DoctorFault::Differs {
            path: file.path.clone(),
            act: "change",
        });
    }
    let folders = missing_folders(root, &file.path);
    Ok(RecordedFile {
        path: file.path.clone(),
        before: file.before.clone(),
        after: file.after.clone(),
        owned: owned(&root.path(&file.path)),
        in_place: file.in_place,
        made_folders: folders,
    })
}

/// The folders above a file that are not there, the outermost first.
fn missing_folders(root: &Root, path: &str) -> Vec<String> {
    let above = Path::new(path).ancestors().skip(1);
    let mut missing: Vec<_> = above
        .filter_map(Path::to_str)
        .take_while(|folder| !root.path(folder).exists())
        .map(str::to_owned)
        .collect();
    missing.reverse();
    missing
}

/// Writes a file as the change says.
pub(super) fn write(root: &Root, file: &RecordedFile) -> io::Result<()> {
    for folder in &file.made_folders {
        fs::create_dir(root.path(folder))?;
    }
    put(root, file, &file.after)
}

/// Puts the text of a file there, with the rights and the owner that it had.
fn put(root: &Root, file: &RecordedFile, text: &str) -> io::Result<()> {
    let place = root.path(&file.path);
    if file.in_place {
        return fs::write(place, text);
    }
    replace(
        &place,
        text.as_bytes(),
        file.owned.map_or(NEW_MODE, |owned| owned.mode),
    )?;
    match file.owned {
        Some(owned) => give(&place, owned),
        None => Ok(()),
    }
}

/// What stands between a file and its undo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FileState {
    /// As the change wrote it.
    Written,
    /// As before: the change did not get to it.
    Before,
}

/// How a file stands; refuses when somebody else wrote it.
pub(super) fn state_of(root: &Root, file: &RecordedFile) -> Result<FileState, DoctorFault> {
    let differs = || DoctorFault::Differs {
        path: file.path.clone(),
        act: "restore",
    };
    let now = now(root, &file.path).map_err(|fault| match fault {
        DoctorFault::LeadsOut { .. } => fault,
        _ => differs(),
    })?;
    if now.as_deref() == Some(&file.after) {
        return Ok(FileState::Written);
    }
    (now == file.before)
        .then_some(FileState::Before)
        .ok_or_else(differs)
}

/// Restores a file that stands as the change wrote it.
pub(super) fn restore(root: &Root, file: &RecordedFile) -> io::Result<()> {
    match &file.before {
        Some(text) => put(root, file, text)?,
        None => fs::remove_file(root.path(&file.path))?,
    }
    let folders: Vec<PathBuf> = file
        .made_folders
        .iter()
        .rev()
        .map(|folder| root.path(folder))
        .collect();
    for folder in folders {
        // One that others use by now stays.
        if fs::remove_dir(folder).is_err() {
            break;
        }
    }
    Ok(())
}

#[cfg(unix)]
fn owned(place: &Path) -> Option<Owned> {
    use std::os::unix::fs::MetadataExt as _;
    let is = fs::symlink_metadata(place).ok()?;
    Some(Owned {
        mode: is.mode() & 0o7777,
        uid: is.uid(),
        gid: is.gid(),
    })
}

#[cfg(not(unix))]
fn owned(_: &Path) -> Option<Owned> {
    None
}

/// Gives a file its owner; nothing to do where it has it.
#[cfg(unix)]
fn give(place: &Path, owner: Owned) -> io::Result<()> {
    if owned(place).is_some_and(|is| (is.uid, is.gid) == (owner.uid, owner.gid)) {
        return Ok(());
    }
    std::os::unix::fs::chown(place, Some(owner.uid), Some(owner.gid))
}

#[cfg(not(unix))]
fn give(_: &Path, _: Owned) -> io::Result<()> {
    Ok(())
}
