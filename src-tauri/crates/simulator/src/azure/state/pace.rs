//! How fast the instance moves.

use std::time::Duration;

/// How fast imports, deletes and deployments move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// How long a job waits before it begins.
    pub begin: Duration,
    /// How long a job takes beside what its downloads take.
    pub work: Duration,
    /// What `Retry-After` says on an operation that runs, seconds; no such header without it.
    pub retry_after_seconds: Option<u32>,
    /// How long the first device of a deployment takes; each further one takes a little longer.
    pub device: Duration,
}

impl Pace {
    /// For tests: as fast as it goes.
    pub const FAST: Self = Self {
        begin: Duration::ZERO,
        work: Duration::ZERO,
        retry_after_seconds: Some(1),
        device: Duration::from_millis(20),
    };
    /// For somebody who looks on.
    pub const VISIBLE: Self = Self {
        begin: Duration::from_secs(1),
        work: Duration::from_secs(3),
        retry_after_seconds: Some(1),
        device: Duration::from_secs(4),
    };
}
