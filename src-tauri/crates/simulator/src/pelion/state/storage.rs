//! Where the bytes of firmware images go: nowhere, or into a directory, all of them or the small ones. Never into
//! memory.

use std::{
    fs,
    io::{self, Seek as _, SeekFrom},
    path::{Path, PathBuf},
};

use tokio::io::AsyncWriteExt as _;

/// Where the bytes of firmware images go.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Storage {
    /// Nowhere: only sizes and hashes are stored, so any size needs the same memory and no disk.
    /// Images cannot be downloaded.
    #[default]
    Discard,
    /// Into this directory, one file `ID.bin` per image. It is made when it is not there.
    Directory(PathBuf),
    /// The same for images up to so many bytes; of larger ones only sizes and hashes are stored.
    Small {
        /// The directory.
        directory: PathBuf,
        /// Size of the largest image whose bytes are stored.
        most_bytes: u64,
    },
}

/// One body on its way in. Dropped before it is stored, it leaves nothing behind.
#[derive(Debug, Default)]
pub(crate) struct Sink {
    open: Option<(tokio::fs::File, Part)>,
    /// Bytes that may still come until they are too many to be stored.
    left: u64,
}

/// A whole body that is not yet part of anything; its file goes when it is dropped.
#[derive(Debug)]
pub(crate) struct Part(PathBuf);

impl Drop for Part {
    fn drop(&mut self) {
        // It was moved to its place, or nobody wants it: nothing is lost when this fails.
        let _ = fs::remove_file(&self.0);
    }
}

impl Sink {
    pub(crate) async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self.left.checked_sub(bytes.len() as u64) {
            Some(left) => self.left = left,
            None => self.open = None,
        }
        match &mut self.open {
            Some((file, _)) => file.write_all(bytes).await,
            None => Ok(()),
        }
    }

    pub(crate) async fn close(self) -> io::Result<Option<Part>> {
        let Some((mut file, part)) = self.open else {
            return Ok(None);
        };
        file.flush().await?;
        Ok(Some(part))
    }
}

impl Storage {
    /// The directory, and the size of the largest image whose bytes go there.
    fn directory(&self) -> Option<(&Path, u64)> {
        match self {
            Self::Discard => None,
            Self::Directory(directory) => Some((directory, u64::MAX)),
            Self::Small {
                directory,
                most_bytes,
            } => Some((directory, *most_bytes)),
        }
    }

    /// Whether bytes of an image may be missing although it is there.
    pub(crate) fn may_discard(&self) -> bool {
        !matches!(self, Self::Directory(_))
    }

    pub(crate) fn prepare(&self) -> io::Result<()> {
        match self.directory() {
            None => Ok(()),
            Some((directory, _)) => fs::create_dir_all(directory),
        }
    }

    /// Opens a place for one body that begins at `offset` of its image; `name` is not used by any other.
    pub(crate) async fn sink(&self, name: &str, offset: u64) -> io::Result<Sink> {
        let Some((directory, most_bytes)) = self.directory().filter(|(_, most)| offset < *most)
        else {
            return Ok(Sink::default());
        };
        let left = most_bytes - offset;
        let path = directory.join(format!("{name}.part"));
        let file = tokio::fs::File::create(&path).await?;
        Ok(Sink {
            open: Some((file, Part(path))),
            left,
        })
    }

    /// Adds a whole body behind the first `offset` bytes of an upload job. What is there beyond
    /// them belongs to an append that failed.
    pub(crate) fn append(&self, job: &str, offset: u64, part: Option<&Part>) -> io::Result<()> {
        let Some((directory, most_bytes)) = self.directory() else {
            return Ok(());
        };
        let path = job_path(directory, job);
        let Some(part) = part else {
            return remove(&path);
        };
        if offset == 0 {
            return fs::rename(&part.0, path);
        }
        let mut from = fs::File::open(&part.0)?;
        if self.may_discard() && !path.exists() {
            return Ok(());
        }
        if offset.saturating_add(from.metadata()?.len()) > most_bytes {
            return remove(&path);
        }
        let mut to = fs::OpenOptions::new().write(true).open(path)?;
        to.set_len(offset)?;
        to.seek(SeekFrom::Start(offset))?;
        io::copy(&mut from, &mut to).map(drop)
    }

    /// Makes an upload job's bytes an image. They stay the job's too until that is saved.
    pub(crate) fn finish(&self, job: &str, image: &str) -> io::Result<()> {
        let Some((directory, _)) = self.directory() else {
            return Ok(());
        };
        let (from, to) = (job_path(directory, job), image_path(directory, image));
        if self.may_discard() && !from.exists() {
            return Ok(());
        }
        // Not every file system has links.
        fs::hard_link(&from, &to).or_else(|_| fs::copy(&from, &to).map(drop))
    }

    /// Makes a whole body an image.
    pub(crate) fn add(&self, part: Option<&Part>, image: &str) -> io::Result<()> {
        match (self.directory(), part) {
            (Some((directory, _)), Some(part)) => fs::rename(&part.0, image_path(directory, image)),
            _ => Ok(()),
        }
    }

    /// The file of an upload job's bytes.
    pub(crate) fn job_file(&self, job: &str) -> Option<PathBuf> {
        let (directory, _) = self.directory()?;
        Some(job_path(directory, job))
    }

    /// The file of an image's bytes.
    pub(crate) fn image_file(&self, image: &str) -> Option<PathBuf> {
        let (directory, _) = self.directory()?;
        Some(image_path(directory, image))
    }

    /// Opens an image for reading, or nothing when its bytes were not stored.
    pub(crate) async fn open(&self, image: &str) -> io::Result<Option<tokio::fs::File>> {
        let Some((directory, _)) = self.directory() else {
            return Ok(None);
        };
        match tokio::fs::File::open(image_path(directory, image)).await {
            Err(error) if self.may_discard() && error.kind() == io::ErrorKind::NotFound => Ok(None),
            opened => opened.map(Some),
        }
    }

    /// Removes what a process that was killed has left here and no state names.
    pub(crate) fn tidy(&self, is_named: impl Fn(&Path) -> bool) -> io::Result<()> {
        let Some((directory, _)) = self.directory() else {
            return Ok(());
        };
        for entry in fs::read_dir(directory)? {
            let path = entry?.path();
            let extension = path.extension().and_then(|extension| extension.to_str());
            if matches!(extension, Some("part" | "job" | "bin")) && !is_named(&path) {
                fs::remove_file(&path)?;
            }
        }
        Ok(())
    }
}

/// Removes a file that may not be there.
fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn job_path(directory: &Path, job: &str) -> PathBuf {
    directory.join(format!("{job}.job"))
}

fn image_path(directory: &Path, image: &str) -> PathBuf {
    directory.join(format!("{image}.bin"))
}
