//! The file that names the blobs and blocks of a folder. It is written beside the old one and takes
//! its place, so a process that is killed leaves one of the two whole.

use std::{fs, io, path::Path, path::PathBuf};

use super::{Storage, contents::Contents};

fn path_in(folder: &Path) -> PathBuf {
    folder.join("blobs.json")
}

/// What the folder holds; nothing when there is none. A damaged file is moved aside.
pub(super) fn read(storage: &Storage) -> io::Result<Contents> {
    let Storage::Directory(folder) = storage else {
        return Ok(Contents::default());
    };
    let text = match fs::read(path_in(folder)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Contents::default()),
        read => read?,
    };
    if let Ok(contents) = serde_json::from_slice(&text) {
        return Ok(contents);
    }
    fs::rename(path_in(folder), folder.join("blobs.damaged"))?;
    Ok(Contents::default())
}

/// Writes what the account holds; nothing when it ends with the server.
pub(super) fn write(storage: &Storage, contents: &Contents) -> io::Result<()> {
    let Storage::Directory(folder) = storage else {
        return Ok(());
    };
    let path = path_in(folder);
    let beside = path.with_extension("new");
    fs::write(&beside, serde_json::to_vec(contents)?)?;
    fs::rename(beside, path)
}
