//! What happened: every request and every stored chunk.

use std::collections::{BTreeMap, VecDeque};

use serde::Serialize;

use super::state::JobEntry;
use crate::http::{RequestEntry, Requests};

/// What happened since the server started.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Record {
    /// The requests in the order they came, without those to `/simulator`.
    pub requests: VecDeque<RequestEntry>,
    /// Requests older than the first one stored.
    pub forgotten_requests: u64,
    /// Each upload job by its id, also after it was deleted.
    pub jobs: BTreeMap<String, JobEntry>,
}

impl Record {
    pub(crate) fn new(requests: Requests, jobs: BTreeMap<String, JobEntry>) -> Self {
        Self {
            requests: requests.entries,
            forgotten_requests: requests.forgotten,
            jobs,
        }
    }
}
