//! Files that a user names: read whole when small, digested when large, written.

use std::fs;
use std::io::{self, Read as _};
use std::path::Path;

use firmdrop_api::{Code, Diagnosis, Remedy};
use firmdrop_core::{
    Diagnose as _, FileError, FileFault, Sha256, Sha256Hasher, open_file, read_file,
};
use firmdrop_manifest::HEAD_BYTES;

use crate::same_file::is_same;

/// Largest file that is read whole, bytes. Manifests, keys and signatures are far smaller.
const SMALL_FILE_BYTES: u64 = 1024 * 1024;

/// Bytes of an image read at once.
const BUFFER_BYTES: usize = 256 * 1024;

/// A file that was digested.
pub(super) struct Digested {
    pub(super) sha256: Sha256,
    pub(super) size_bytes: u64,
    /// Its first bytes, as many as show what kind of payload it is.
    pub(super) head: Vec<u8>,
}

/// The bytes of a small file.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, Diagnosis> {
    let bytes = read_file(path, SMALL_FILE_BYTES);
    bytes.map_err(|error| error.diagnose().state("Nothing was changed."))
}

/// SHA-256, size and beginning of a file of any size.
pub(super) fn digest(path: &Path) -> Result<Digested, Diagnosis> {
    let mut file = open_file(path)?;
    let mut run = || -> io::Result<Digested> {
        let mut hasher = Sha256Hasher::default();
        let mut head = Vec::new();
        let mut buffer = vec![0; BUFFER_BYTES];
        let mut size_bytes = 0;
        loop {
            let count = file.read(&mut buffer)?;
            let block = buffer.get(..count).unwrap_or_default();
            if block.is_empty() {
                break;
            }
            let wanted = HEAD_BYTES.saturating_sub(head.len()).min(count);
            head.extend_from_slice(block.get(..wanted).unwrap_or_default());
            hasher.update(block);
            size_bytes += count as u64;
        }
        Ok(Digested {
            sha256: hasher.finish(),
            size_bytes,
            head,
        })
    };
    let digested = run().map_err(|error| FileError {
        path: path.to_owned(),
        why: FileFault::from(error),
    })?;
    if digested.size_bytes == 0 {
        let why = format!("The file {} has no bytes.", path.display());
        return Err(
            Diagnosis::new(Code::EmptyFile, "No manifest was made.", why)
                .state("Nothing was changed.")
                .remedy(Remedy::ChooseAnotherFile),
        );
    }
    Ok(digested)
}

/// Refuses to write over a file that is read for what is written. Nothing is opened.
pub(super) fn ensure_apart(written: Option<&Path>, sources: &[&Path]) -> Result<(), Diagnosis> {
    let Some(path) = written.filter(|path| sources.iter().any(|one| is_same(path, one))) else {
        return Ok(());
    };
    let what = format!("It would be written over {}.", path.display());
    let why = "That is one of the files that it is made from.";
    Err(Diagnosis::new(Code::ArgumentInvalid, what, why)
        .titled("The file cannot be written there")
        .state("Nothing was written.")
        .remedy(Remedy::advice("Name another file.")))
}

/// Writes a file; one that is there is replaced.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), Diagnosis> {
    fs::write(path, bytes).map_err(|error| {
        let what = format!("The file {} was not written.", path.display());
        Diagnosis::new(
            Code::HomeNotWritable,
            what,
            format!("The system says: {error}."),
        )
        .titled("The file cannot be written")
        .state("Nothing was sent.")
        .remedy(Remedy::Advice {
            text: "Name a folder that can be written.".to_owned(),
        })
    })
}
