//! A folder for the big files of a bench, removed when it ends.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use crate::failure::{Doing, Failure};
use crate::repository;

/// Bytes in one mebibyte.
pub(super) const MIB: u64 = 1024 * 1024;

/// The folder. It is under cargo's target folder, because the system's temporary folder may be
/// memory, too small for 10 GiB and too fast to be honest.
#[derive(Debug)]
pub(super) struct Scratch(PathBuf);

impl Scratch {
    /// An empty folder for the bench called `name`.
    pub(super) fn new(name: &str) -> Result<Self, Failure> {
        let folder = repository::target()
            .join("bench")
            .join(format!("{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).doing(format_args!("create {}", folder.display()))?;
        Ok(Self(folder))
    }

    /// A path in it.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// A file of random bytes.
    pub(super) fn random_file(&self, name: &str, bytes: u64) -> Result<PathBuf, Failure> {
        let path = self.path(name);
        let fill = || -> io::Result<()> {
            let mut random = File::open("/dev/urandom")?.take(bytes);
            io::copy(&mut random, &mut File::create(&path)?)?;
            Ok(())
        };
        fill().doing(format_args!("write {}", path.display()))?;
        Ok(path)
    }

    /// A file of zeros that takes no room on the disk.
    pub(super) fn sparse_file(&self, name: &str, bytes: u64) -> Result<PathBuf, Failure> {
        let path = self.path(name);
        File::create(&path)
            .and_then(|file| file.set_len(bytes))
            .doing(format_args!("write {}", path.display()))?;
        Ok(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            eprintln!("{} could not be removed: {error}", self.0.display());
        }
    }
}

/// The SHA-256 of a file, from a program that is not ours.
pub(super) fn sha256(path: &Path) -> Result<String, Failure> {
    let printed = crate::command::Run::new("openssl")
        .args(["dgst", "-sha256", "-r"])
        .arg(path)
        .output()?;
    printed
        .split_whitespace()
        .next()
        .map(str::to_owned)
        .ok_or_else(|| Failure::new("openssl dgst said nothing"))
}
