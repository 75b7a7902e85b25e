//! What tells two states of a file apart without reading it.

use std::fs::Metadata;

use serde::{Deserialize, Serialize};

/// Size, time of the last change and number of a file. Two equal identities at the same path are
/// taken for the same bytes; the hash decides where it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct FileIdentity {
    /// Size, bytes.
    #[cfg_attr(feature = "specta", specta(type = u32))]
    pub size_bytes: u64,
    /// Last change, nanoseconds since 1970, as far as the file system tells.
    #[cfg_attr(feature = "specta", specta(type = u32))]
    pub modified_ns: u64,
    /// Number of the file on its file system; zero where there is none.
    #[cfg_attr(feature = "specta", specta(type = u32))]
    pub file_number: u64,
}

impl FileIdentity {
    /// The identity that this metadata describes.
    pub fn of(metadata: &Metadata) -> Self {
        let modified = metadata
            .modified()
            .ok()
            .and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok())
            .and_then(|since| u64::try_from(since.as_nanos()).ok());
        Self {
            size_bytes: metadata.len(),
            modified_ns: modified.unwrap_or(0),
            file_number: file_number(metadata),
        }
    }
}

#[cfg(unix)]
fn file_number(metadata: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

#[cfg(not(unix))]
fn file_number(_metadata: &Metadata) -> u64 {
    0
}
