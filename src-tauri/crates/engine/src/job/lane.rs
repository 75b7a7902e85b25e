//! The place of a job in a batch.

use serde::{Deserialize, Serialize};

/// Jobs that were begun together are one batch; each has a lane of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Lane {
    /// Names the batch.
    pub batch: String,
    /// Which lane of it, from 1.
    pub number: u32,
}
