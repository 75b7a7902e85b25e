//! Jobs as the journal knows them, for comparison with the entries of a ledger.

use std::collections::HashMap;

use firmdrop_core::Sha256;

use crate::JobState;

/// Jobs by their ids; `None` of one that cannot be read.
pub(super) type KnownJobs = HashMap<String, Option<KnownJob>>;

/// What the journal says of a job.
#[derive(Debug)]
pub(super) struct KnownJob {
    pub(super) state: JobState,
    pub(super) sha256: Sha256,
    pub(super) size_bytes: u64,
    pub(super) is_demo: bool,
}
