//! The one channel to a window: a snapshot, then numbered changes.

use firmdrop_core::Progress;
use firmdrop_engine::{JobId, JobSummary, Pace};
use serde::{Deserialize, Serialize};

use crate::ReaderView;

/// One message of the channel. Numbers grow by one; a gap means that a snapshot must be asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Feed {
    /// Its number; the snapshot is 0.
    pub number: u32,
    /// What changed.
    pub change: FeedChange,
}

/// What changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub enum FeedChange {
    /// Everything: the newest jobs first, and the readers.
    Snapshot {
        /// Jobs.
        jobs: Vec<JobSummary>,
        /// Readers.
        readers: Vec<ReaderView>,
    },
    /// A job is new, or its state, notes or pieces changed: whoever shows its details asks again.
    Job {
        /// How it stands now.
        job: Box<JobSummary>,
    },
    /// A running job went on; at most ten a second for each.
    Progress {
        /// Which.
        id: JobId,
        /// How far.
        progress: Progress,
        /// Whole job, 0 to 99.
        percent: u8,
        /// How fast.
        pace: Pace,
    },
    /// The readers that can be seen changed.
    Readers {
        /// All of them.
        readers: Vec<ReaderView>,
    },
}
