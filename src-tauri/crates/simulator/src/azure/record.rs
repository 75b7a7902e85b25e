//! What happened: every request to the service and to the sign-in.

use std::collections::VecDeque;

use serde::Serialize;

use crate::http::{RequestEntry, Requests};

/// What happened since the server started.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Record {
    /// The requests in the order they came, without those to `/simulator`.
    pub requests: VecDeque<RequestEntry>,
    /// Requests older than the first one stored.
    pub forgotten_requests: u64,
}

impl From<Requests> for Record {
    fn from(requests: Requests) -> Self {
        Self {
            requests: requests.entries,
            forgotten_requests: requests.forgotten,
        }
    }
}
