//! A file on disk, inspected and hashed: what a plan is made from.

use std::ops::ControlFlow;
use std::path::Path;

use firmdrop_core::{Code, Diagnose as _, Diagnosis, Promise, Remedy};
use firmdrop_image::{FileDigests, Inspection, Source as _};

use super::ImageFile;
use crate::FileSource;

impl ImageFile {
    /// Inspects a file and computes its SHA-256. Blocks; reads the whole file once.
    pub fn read(path: &Path) -> Result<Self, Diagnosis> {
        let (source, inspection) = inspect(path)?;
        Self::hash(&source, inspection)
    }

    /// Computes the SHA-256 of an inspected source. Blocks.
    pub fn hash(source: &FileSource, inspection: Inspection) -> Result<Self, Diagnosis> {
        let sha256 = firmdrop_image::sha256(source)
            .map_err(|error| source.read_failure(&error).state("Nothing was sent."))?;
        Ok(Self::new(source, inspection, sha256))
    }

    /// The image of an inspected source with this SHA-256.
    pub fn new(source: &FileSource, inspection: Inspection, sha256: firmdrop_core::Sha256) -> Self {
        let path = source.path();
        let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        Self {
            file_name: file_name(path),
            path: absolute,
            promise: Promise { size_bytes: source.len(), sha256 },
            identity: source.identity(),
            inspection,
        }
    }
}

/// Opens a file and says what it is, without hashing all of it. Blocks for as long as its format
/// needs.
pub fn inspect(path: &Path) -> Result<(FileSource, Inspection), Diagnosis> {
    let source = FileSource::open(path)?;
    let inspection = firmdrop_image::inspect(&source).map_err(|error| match error.read_error() {
        Some(read) => source.read_failure(read).state("Nothing was sent."),
        None => error.diagnose(),
    })?;
    Ok((source, inspection))
}

/// Hashes an open file, telling how many bytes were read. Blocks.
///
/// Ends with [`Code::ReadFailed`] when `on_bytes` asks it to stop.
pub fn digest(
    source: &FileSource,
    on_bytes: &mut dyn FnMut(u64) -> ControlFlow<()>,
) -> Result<FileDigests, Diagnosis> {
    match firmdrop_image::digest(source, on_bytes) {
        Ok(Some(digests)) => Ok(digests),
        Ok(None) => Err(Diagnosis::new(Code::ReadFailed, "The file was not hashed.", "It was stopped.")
            .remedy(Remedy::InspectAgain)),
        Err(error) => Err(source.read_failure(&error)),
    }
}

/// A path's last part, as text.
pub(crate) fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}
