//! Where the bytes of firmware images go: nowhere, or into a directory. Never into memory.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use tokio::io::AsyncWriteExt as _;

/// Where the bytes of firmware images go.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Storage {
    /// Nowhere: only sizes and hashes are kept, so any size needs the same memory and no disk.
    /// Images cannot be downloaded.
    #[default]
    Discard,
    /// Into this directory, one file `ID.bin` per image. It is made when it is not there.
    Directory(PathBuf),
}

/// One body on its way in. Dropped before it is kept, it leaves nothing behind.
#[derive(Debug, Default)]
pub(super) struct Sink {
    open: Option<(tokio::fs::File, Part)>,
}

/// A whole body that is not yet part of anything; its file goes when it is dropped.
#[derive(Debug)]
pub(super) struct Part(PathBuf);

impl Drop for Part {
    fn drop(&mut self) {
        // It was moved to its place, or nobody wants it: nothing is lost when this fails.
        let _ = fs::remove_file(&self.0);
    }
}

impl Sink {
    pub(super) async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match &mut self.open {
            Some((file, _)) => file.write_all(bytes).await,
            None => Ok(()),
        }
    }

    pub(super) async fn close(self) -> io::Result<Option<Part>> {
        let Some((mut file, part)) = self.open else {
            return Ok(None);
        };
        file.flush().await?;
        Ok(Some(part))
    }
}

impl Storage {
    pub(super) fn prepare(&self) -> io::Result<()> {
        match self {
            Self::Discard => Ok(()),
            Self::Directory(directory) => fs::create_dir_all(directory),
        }
    }

    /// Opens a place for one body; `name` is not used by any other.
    pub(super) async fn sink(&self, name: &str) -> io::Result<Sink> {
        let Self::Directory(directory) = self else {
            return Ok(Sink::default());
        };
        let path = directory.join(format!("{name}.part"));
        let file = tokio::fs::File::create(&path).await?;
        Ok(Sink {
            open: Some((file, Part(path))),
        })
    }

    /// Adds a whole body to the end of an upload job's bytes.
    pub(super) fn append(&self, job: &str, part: Option<&Part>) -> io::Result<()> {
        let (Self::Directory(directory), Some(part)) = (self, part) else {
            return Ok(());
        };
        let path = job_path(directory, job);
        if !path.exists() {
            return fs::rename(&part.0, path);
        }
        let mut from = fs::File::open(&part.0)?;
        let mut to = fs::OpenOptions::new().append(true).open(path)?;
        io::copy(&mut from, &mut to).map(drop)
    }

    /// Makes an upload job's bytes an image.
    pub(super) fn finish(&self, job: &str, image: &str) -> io::Result<()> {
        match self {
            Self::Discard => Ok(()),
            Self::Directory(directory) => {
                fs::rename(job_path(directory, job), image_path(directory, image))
            }
        }
    }

    /// Makes a whole body an image.
    pub(super) fn keep(&self, part: Option<&Part>, image: &str) -> io::Result<()> {
        match (self, part) {
            (Self::Directory(directory), Some(part)) => {
                fs::rename(&part.0, image_path(directory, image))
            }
            _ => Ok(()),
        }
    }

    /// Forgets an upload job's bytes.
    pub(super) fn remove_job(&self, job: &str) {
        if let Self::Directory(directory) = self {
            // A job without chunks has no file.
            let _ = fs::remove_file(job_path(directory, job));
        }
    }

    /// Forgets an image's bytes.
    pub(super) fn remove_image(&self, image: &str) {
        if let Self::Directory(directory) = self {
            // A person may have removed it already.
            let _ = fs::remove_file(image_path(directory, image));
        }
    }

    /// Opens an image for reading, or nothing when its bytes were not kept.
    pub(super) async fn open(&self, image: &str) -> io::Result<Option<tokio::fs::File>> {
        match self {
            Self::Discard => Ok(None),
            Self::Directory(directory) => tokio::fs::File::open(image_path(directory, image))
                .await
                .map(Some),
        }
    }
}

fn job_path(directory: &Path, job: &str) -> PathBuf {
    directory.join(format!("{job}.job"))
}

fn image_path(directory: &Path, image: &str) -> PathBuf {
    directory.join(format!("{image}.bin"))
}
