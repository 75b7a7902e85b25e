//! The files that belong to a manifest, as they were found.

use firmdrop_core::Sha256;

/// Files that were looked at.
#[derive(Debug, Clone, Copy)]
pub struct FilesGiven<'a> {
    /// The files that are there.
    pub files: &'a [FileFacts],
    /// Whether these are all that would be sent: one that no manifest names is then an error.
    pub is_exact: bool,
}

/// A file as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileFacts {
    /// Its name, without a folder.
    pub name: String,
    /// Its size.
    pub size_bytes: u64,
    /// Its SHA-256.
    pub sha256: Sha256,
}
