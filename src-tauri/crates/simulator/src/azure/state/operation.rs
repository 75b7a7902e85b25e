//! Jobs that take their time: imports and deletes of updates, imports of devices.

use firmdrop_core::Moment;
use serde::{Deserialize, Serialize};

use super::{Problem, UpdateId};

/// What a job is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Kind {
    Import,
    Delete,
    Devices,
}

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Status {
    NotStarted,
    Running,
    Succeeded,
    Failed,
}

impl Status {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::NotStarted => "NotStarted",
            Self::Running => "Running",
            Self::Succeeded => "Succeeded",
            Self::Failed => "Failed",
        }
    }

    pub(crate) const fn is_open(self) -> bool {
        matches!(self, Self::NotStarted | Self::Running)
    }
}

/// A file to be imported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ImportFile {
    pub(crate) name: String,
    pub(crate) url: String,
}

/// A manifest with its files to be imported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ImportItem {
    pub(crate) manifest_url: String,
    pub(crate) manifest_bytes: u64,
    /// Base64.
    pub(crate) manifest_sha256: String,
    pub(crate) friendly_name: Option<String>,
    pub(crate) files: Vec<ImportFile>,
}

/// What a fault makes of a job.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct JobFaults {
    /// It fails with this code.
    pub(crate) fails: Option<String>,
    /// It takes so much longer.
    pub(crate) slower_seconds: u64,
    /// It never ends.
    pub(crate) never_ends: bool,
    /// What it made cannot be found.
    pub(crate) loses_update: bool,
}

/// A job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Operation {
    pub(crate) id: String,
    pub(crate) kind: Kind,
    pub(crate) status: Status,
    pub(crate) items: Vec<ImportItem>,
    /// Known once the manifest was processed, or from the beginning for a delete.
    pub(crate) update: Option<UpdateId>,
    pub(crate) friendly_name: Option<String>,
    pub(crate) error: Option<Problem>,
    pub(crate) trace_id: String,
    pub(crate) created: Moment,
    pub(crate) last_action: Moment,
    pub(crate) etag: String,
    pub(crate) trouble: JobFaults,
}
