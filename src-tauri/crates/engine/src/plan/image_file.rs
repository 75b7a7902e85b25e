//! A file on disk, inspected and hashed: what a plan is made from.

use std::ops::ControlFlow;
use std::path::Path;

use firmdrop_core::{Code, Diagnose as _, Diagnosis, ExpectedFile, Remedy, Sha256};
use firmdrop_image::{FileDigests, ImageError, Inspection, Source as _};

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
        let sha256 =
            sha256(source).map_err(|diagnosis| diagnosis.state(Diagnosis::NOTHING_SENT))?;
        Ok(Self::new(source, inspection, sha256))
    }

    /// The image of an inspected source with this SHA-256.
    pub fn new(source: &FileSource, inspection: Inspection, sha256: Sha256) -> Self {
        let path = source.path();
        let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        Self {
            file_name: file_name(path),
            path: absolute,
            expected: ExpectedFile {
                size_bytes: source.len(),
                sha256,
            },
            identity: source.identity(),
            inspection,
        }
    }
}

/// Opens a file and says what it is, without hashing all of it. Blocks for as long as its format
/// needs.
pub fn inspect(path: &Path) -> Result<(FileSource, Inspection), Diagnosis> {
    let source = FileSource::open(path)?;
    let inspection = firmdrop_image::inspect(&source).map_err(|error| match &error {
        // What the file system said is explained by the one who opened the file.
        ImageError::Unreadable { source: read, .. } => {
            source.read_failure(read).state(Diagnosis::NOTHING_SENT)
        }
        _ => error.diagnose(),
    })?;
    Ok((source, inspection))
}

/// The SHA-256 of an open file. Blocks.
pub fn sha256(source: &FileSource) -> Result<Sha256, Diagnosis> {
    sha256_while(source, &mut |_| ControlFlow::Continue(()))
}

/// As [`sha256`], reporting how many bytes were read. Ends with [`Code::ReadFailed`] when `on_bytes` returns
/// `Break`.
pub fn sha256_while(
    source: &FileSource,
    on_bytes: &mut dyn FnMut(u64) -> ControlFlow<()>,
) -> Result<Sha256, Diagnosis> {
    match firmdrop_image::sha256_only(source, on_bytes) {
        Ok(Some(sha256)) => Ok(sha256),
        Ok(None) => Err(stopped()),
        Err(error) => Err(source.read_failure(&error)),
    }
}

/// Hashes an open file, reporting how many bytes were read. Blocks.
///
/// Ends with [`Code::ReadFailed`] when `on_bytes` returns `Break`.
pub fn digest(
    source: &FileSource,
    on_bytes: &mut dyn FnMut(u64) -> ControlFlow<()>,
) -> Result<FileDigests, Diagnosis> {
    match firmdrop_image::digest(source, on_bytes) {
        Ok(Some(digests)) => Ok(digests),
        Ok(None) => Err(stopped()),
        Err(error) => Err(source.read_failure(&error)),
    }
}

fn stopped() -> Diagnosis {
    Diagnosis::new(
        Code::ReadFailed,
        "The file was not hashed.",
        "It was stopped.",
    )
    .remedy(Remedy::InspectAgain)
}

/// A path's last part, as text.
pub(crate) fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(
        || path.display().to_string(),
        |name| name.to_string_lossy().into_owned(),
    )
}
