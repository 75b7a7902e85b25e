//! What is known beside a manifest when it is checked.

use super::files_given::FilesGiven;
use super::model::ApiProfile;
use super::service::{KnownUpdate, Tier};

/// What is known beside the manifest itself.
#[derive(Debug, Clone, Default)]
pub struct CheckContext<'a> {
    /// Name of the manifest's file.
    pub file_name: Option<&'a str>,
    /// The files that belong to it, when they were looked at.
    pub files: Option<FilesGiven<'a>>,
    /// The generation of the API it is for, when that is known.
    pub profile: Option<ApiProfile>,
    /// Limits that support can raise.
    pub limits: Limits,
    /// Updates that the service holds, when it was asked.
    pub known_updates: Option<&'a [KnownUpdate]>,
    /// What the instance is paid for: its quotas.
    pub tier: Tier,
}

/// Limits that support can raise. Source: article "limits": 2 GB for a file, and for all files of
/// one import.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of all files of an update together.
    pub files_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            files_bytes: 2 << 30,
        }
    }
}
