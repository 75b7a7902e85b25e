//! What the parts of an open bench share.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use firmdrop_core::{Diagnosis, Moment};
use firmdrop_engine::{Files, JobSummary, blocking};

use crate::bench::{Begun, BenchSetup, Lot, RecordDetails, UnitRecord, UnitResult};
use crate::firmdrop::hold;

/// A unit whose job did not end before the bench was opened.
#[derive(Debug)]
pub(super) struct Unfinished {
    pub(super) begun: Begun,
    pub(super) why: String,
}

/// How a lane went on.
#[derive(Debug)]
pub(super) enum LaneEvent {
    /// The reader went away before anything was written.
    Vanished,
    /// The bench was disarmed before anything was written.
    TooLate,
    /// There is nothing to do.
    Skipped(String),
    /// A user has to decide.
    Held(String),
    /// It failed before there was a job.
    Refused(Box<Begun>, Box<Diagnosis>),
    /// Its job began.
    Running(Box<Begun>),
    /// This process no longer carries its job out.
    Settled(Box<Begun>, Box<JobSummary>),
    /// The log or the record could not be written.
    NotWritten(Box<Diagnosis>),
    /// The job that another reader left was ended.
    Abandoned(Box<Begun>, Box<Diagnosis>),
}

/// What the tasks of a bench share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) setup: BenchSetup,
    pub(super) files: Files,
    lot: Arc<Mutex<Lot>>,
    /// Names the batch of all jobs of this bench.
    pub(super) batch: String,
    armed: AtomicBool,
}

impl Shared {
    pub(super) fn new(setup: BenchSetup, files: Files, lot: Lot, now: Moment) -> Self {
        Self {
            batch: format!("lot {} of {now}", setup.lot),
            setup,
            files,
            lot: Arc::new(Mutex::new(lot)),
            armed: AtomicBool::new(false),
        }
    }

    /// Whether something may still begin.
    pub(super) fn is_armed(&self) -> bool {
        self.armed.load(Ordering::Acquire)
    }

    pub(super) fn set_armed(&self, armed: bool) {
        self.armed.store(armed, Ordering::Release);
    }

    /// Looks something up in the lot; nothing that waits for a disk.
    pub(super) fn of_lot<T>(&self, scan: impl FnOnce(&mut Lot) -> T) -> T {
        scan(&mut hold(&self.lot))
    }

    /// Writes down that a unit begins.
    pub(super) async fn begin(&self, begun: Begun) -> Result<(), Diagnosis> {
        let lot = Arc::clone(&self.lot);
        blocking(move || hold(&lot).begin(begun)).await
    }

    /// Writes down how it ended.
    pub(super) async fn end(
        &self,
        begun: Begun,
        result: UnitResult,
        why: RecordDetails,
        at: Moment,
    ) -> Result<UnitRecord, Diagnosis> {
        let lot = Arc::clone(&self.lot);
        blocking(move || hold(&lot).end(&begun, result, why, at)).await
    }
}
