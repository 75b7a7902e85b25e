//! One lane and what is happening there.

use firmdrop_core::{Diagnosis, Moment};
use firmdrop_engine::JobSummary;
use tokio::time::Instant;

use super::lot::Begun;
use super::seen::Seen;
use super::{BenchLane, UnitResult};

/// What is happening at a lane.
#[derive(Debug, Clone)]
pub(crate) enum Stage {
    /// Nothing is plugged in.
    Empty,
    /// A reader is there and waits for its turn, or for the bench to be armed.
    Ready,
    /// The reader is identified and planned for.
    Identifying { since: Moment },
    /// Its job is carried out.
    Running {
        begun: Box<Begun>,
        job: Option<Box<JobSummary>>,
    },
    /// Its job was left by an earlier process, or paused, and is resumed with the next reader that may be it.
    Unfinished { begun: Box<Begun>, why: String },
    /// The unit ended.
    Ended {
        begun: Box<Begun>,
        result: UnitResult,
        at: Moment,
        reason: Reason,
        /// A user has seen the failure.
        acknowledged: bool,
    },
    /// Nothing is to be done: it was done before, or has the version already.
    Skipped { why: String },
    /// Nothing was written, and a user has to decide.
    Held { why: String },
}

/// Why a unit ended as it did.
#[derive(Debug, Clone)]
pub(crate) enum Reason {
    /// The sentence of the proof, or why there is none.
    Says(String),
    /// A failure.
    Failure(Box<Diagnosis>),
}

/// A reader that was plugged in.
#[derive(Debug, Clone)]
pub(crate) struct Insertion {
    /// Differs for each time that something is plugged in anywhere.
    pub(crate) number: u64,
    pub(crate) seen: Seen,
    /// What it is known by wherever it is; absent when it says nothing, or another one says the same.
    pub(crate) chip: Option<String>,
}

/// One lane.
#[derive(Debug)]
pub(crate) struct Slot {
    pub(crate) lane: BenchLane,
    pub(crate) stage: Stage,
    pub(crate) here: Option<Insertion>,
    /// Since when the place is empty although the reader counts as there.
    pub(crate) absent_since: Option<Instant>,
    /// The unit that is tried again here, and how often it was.
    pub(crate) again: Option<(u32, u32)>,
    /// The lane carried out a unit.
    pub(crate) has_run: bool,
    /// Names of the lanes whose reader has the same serial number.
    pub(crate) same_serial_as: Vec<String>,
}

impl Slot {
    pub(crate) fn new(lane: BenchLane) -> Self {
        Self {
            lane,
            stage: Stage::Empty,
            here: None,
            absent_since: None,
            again: None,
            has_run: false,
            same_serial_as: Vec::new(),
        }
    }

    /// Whether something is under way that a glance at the place must not disturb.
    pub(crate) fn is_busy(&self) -> bool {
        matches!(
            self.stage,
            Stage::Identifying { .. } | Stage::Running { .. }
        )
    }

    /// A failed unit that waits for a user.
    pub(crate) fn is_unacknowledged_fail(&self) -> bool {
        matches!(
            self.stage,
            Stage::Ended {
                result: UnitResult::Fail,
                acknowledged: false,
                ..
            }
        )
    }

    /// The lane has no more to do of itself: its unit ended, or waits for a user.
    pub(crate) fn is_settled(&self) -> bool {
        matches!(
            self.stage,
            Stage::Ended { .. } | Stage::Skipped { .. } | Stage::Held { .. }
        )
    }

    /// A reader came.
    pub(crate) fn insert(&mut self, insertion: Insertion, holds_fails: bool) {
        self.here = Some(insertion);
        match &self.stage {
            Stage::Unfinished { .. } => {}
            _ if holds_fails && self.is_unacknowledged_fail() => {}
            _ => self.stage = Stage::Ready,
        }
    }

    /// The place was empty long enough: whatever comes next is another reader.
    pub(crate) fn remove(&mut self) {
        self.here = None;
        self.absent_since = None;
        match &self.stage {
            // What failed stays to be seen until the next one comes.
            Stage::Ended {
                result: UnitResult::Fail,
                acknowledged: false,
                ..
            }
            | Stage::Unfinished { .. } => {}
            _ => self.stage = Stage::Empty,
        }
    }
}
