//! Bytes of blobs and blocks: in memory, or each in a file of its own in a folder.
//!
//! A blob is the list of its parts; making blocks a blob copies no byte.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use bytes::{Bytes, BytesMut};
use serde::{Deserialize, Serialize};
use tokio::io::AsyncWriteExt as _;

/// How the files of parts end.
const EXTENSION: &str = "part";

/// Where the bytes of blobs go.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Storage {
    /// Into memory; they end with the server.
    #[default]
    Memory,
    /// Into this folder, with the list of blobs, so that the next server on it holds them. Blobs of
    /// any size need little memory. At most one server may use a folder at a time.
    Directory(PathBuf),
    /// Nowhere: sums are taken and sizes are stored. Blobs of any size need neither memory nor disk,
    /// and a download of one breaks off.
    Discard,
}

/// Bytes that were stored whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Part {
    pub(crate) size_bytes: u64,
    /// The name of its file, when it has one.
    file: Option<String>,
    /// Its bytes, when they are in memory.
    #[serde(skip)]
    memory: Option<Bytes>,
}

/// One body on its way in. Dropped before it is stored, it leaves nothing behind.
#[derive(Debug)]
pub(crate) struct Sink {
    size_bytes: u64,
    place: Place,
}

#[derive(Debug)]
enum Place {
    Memory(BytesMut),
    File(tokio::fs::File, Unfinished),
    Nowhere,
}

/// A file that is removed unless it becomes a part.
#[derive(Debug)]
struct Unfinished {
    path: PathBuf,
    name: String,
    is_whole: bool,
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if !self.is_whole {
            // Nobody names it: what stays is removed when the folder is opened again.
            let _ = fs::remove_file(&self.path);
        }
    }
}

impl Sink {
    pub(crate) async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.size_bytes += bytes.len() as u64;
        match &mut self.place {
            Place::Memory(memory) => {
                memory.extend_from_slice(bytes);
                Ok(())
            }
            Place::File(file, _) => file.write_all(bytes).await,
            Place::Nowhere => Ok(()),
        }
    }

    pub(crate) const fn size_bytes(&self) -> u64 {
        self.size_bytes
    }

    pub(crate) async fn finish(self) -> io::Result<Part> {
        let size_bytes = self.size_bytes;
        Ok(match self.place {
            Place::Memory(memory) => Part {
                size_bytes,
                file: None,
                memory: Some(memory.freeze()),
            },
            Place::Nowhere => Part {
                size_bytes,
                file: None,
                memory: None,
            },
            Place::File(mut file, mut unfinished) => {
                file.flush().await?;
                unfinished.is_whole = true;
                Part {
                    size_bytes,
                    file: Some(unfinished.name.clone()),
                    memory: None,
                }
            }
        })
    }
}

impl Part {
    /// Its bytes, when they are in memory.
    pub(crate) fn in_memory(&self) -> Option<&Bytes> {
        self.memory.as_ref()
    }
}

impl Storage {
    pub(crate) fn prepare(&self) -> io::Result<()> {
        match self {
            Self::Memory | Self::Discard => Ok(()),
            Self::Directory(folder) => fs::create_dir_all(folder),
        }
    }

    /// Opens a place for one body; `number` is not used by any other.
    pub(crate) async fn sink(&self, number: u64) -> io::Result<Sink> {
        let place = match self {
            Self::Memory => Place::Memory(BytesMut::new()),
            Self::Discard => Place::Nowhere,
            Self::Directory(folder) => {
                let name = format!("{number:016}.{EXTENSION}");
                let path = folder.join(&name);
                let file = tokio::fs::File::create(&path).await?;
                let unfinished = Unfinished {
                    path,
                    name,
                    is_whole: false,
                };
                Place::File(file, unfinished)
            }
        };
        Ok(Sink {
            size_bytes: 0,
            place,
        })
    }

    /// Where a part's bytes are, when they have a file.
    pub(crate) fn path(&self, part: &Part) -> Option<PathBuf> {
        match (self, &part.file) {
            (Self::Directory(folder), Some(name)) => Some(folder.join(name)),
            _ => None,
        }
    }

    /// Removes what a server that was killed has left here and no blob names.
    pub(super) fn tidy(&self, is_named: impl Fn(&Path) -> bool) -> io::Result<()> {
        let Self::Directory(folder) = self else {
            return Ok(());
        };
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            let is_part = path.extension().is_some_and(|end| end == EXTENSION);
            if is_part && !is_named(&path) {
                fs::remove_file(&path)?;
            }
        }
        Ok(())
    }
}
