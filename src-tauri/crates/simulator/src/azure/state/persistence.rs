//! The file that holds the instance between runs. It is written beside the old one and takes its
//! place, so a process that is killed leaves one of the two whole.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use firmdrop_core::Sha256;
use serde::{Deserialize, Serialize};

use super::contents::Contents;

/// The form of the file.
const FORMAT: u32 = 1;

/// The file.
#[derive(Debug, Serialize, Deserialize)]
struct File<C> {
    format: u32,
    ports: [u16; 2],
    contents: C,
}

/// The state in a folder, read before anything is served.
#[derive(Debug)]
pub(crate) struct SavedState {
    folder: PathBuf,
    file: Option<File<Contents>>,
}

/// How an instance is saved.
#[derive(Debug)]
pub(crate) struct Persistence {
    path: PathBuf,
    ports: [u16; 2],
    /// Of what was written last.
    written: Option<Sha256>,
    /// Why the last change is not saved.
    failure: Option<String>,
}

fn path_in(folder: &Path) -> PathBuf {
    folder.join("instance.json")
}

impl SavedState {
    /// Reads what is in the folder, which is made when it is not there. A damaged file is moved aside.
    pub(crate) fn read(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let folder = folder.to_owned();
        let text = match fs::read(path_in(&folder)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(Self { folder, file: None });
            }
            read => read?,
        };
        let file: Option<File<Contents>> = serde_json::from_slice(&text).ok();
        let file = file.filter(|file| file.format == FORMAT);
        if file.is_none() {
            fs::rename(path_in(&folder), folder.join("instance.damaged"))?;
        }
        Ok(Self { folder, file })
    }

    /// The folder, and what was saved in it.
    pub(super) fn into_parts(self) -> (PathBuf, Option<Contents>) {
        (self.folder, self.file.map(|file| file.contents))
    }

    /// The ports of the service and of the sign-in that were used before.
    pub(crate) fn ports(&self) -> Option<[u16; 2]> {
        self.file.as_ref().map(|file| file.ports)
    }
}

impl Persistence {
    /// Nothing is written yet.
    pub(super) fn new(folder: &Path, ports: [u16; 2]) -> Self {
        Self {
            path: path_in(folder),
            ports,
            written: None,
            failure: None,
        }
    }

    /// Writes what changed since the last time.
    pub(super) fn save(&mut self, contents: &Contents) {
        let saved = self.write(contents);
        self.failure = saved.err().map(|error| error.to_string());
    }

    /// Why the last change is not saved.
    pub(super) fn failure(&self) -> Option<&str> {
        self.failure.as_deref()
    }

    fn write(&mut self, contents: &Contents) -> io::Result<()> {
        let text = serde_json::to_vec(&File {
            format: FORMAT,
            ports: self.ports,
            contents,
        })?;
        let hash = Sha256::of(&text);
        if self.written == Some(hash) {
            return Ok(());
        }
        let beside = self.path.with_extension("new");
        fs::write(&beside, text)?;
        fs::rename(beside, &self.path)?;
        self.written = Some(hash);
        Ok(())
    }
}
