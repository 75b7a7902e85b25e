//! A job: one plan being carried out, and everything that is known about it.

mod id;
mod lane;
mod piece;

pub use id::{JobId, JobIdError};
pub use lane::Lane;
pub use piece::PieceRecord;

use firmdrop_core::{Detail, Diagnosis, Moment, Note, Outcome, Progress, Remedy};
use serde::{Deserialize, Serialize};

use crate::Plan;
use crate::journal::StopRequest;

/// The state of a job. One value, never a handful of flags.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub enum JobState {
    /// Waits for its turn at the destination.
    Queued,
    /// Is being carried out.
    Running {
        /// Key of the phase.
        phase: String,
    },
    /// Stopped by a person who wants to go on later.
    Paused,
    /// A person wants it to end; the piece in flight is being ended safely.
    Cancelling,
    /// Its process died or the line was lost for too long; waits for a resume.
    Interrupted {
        /// What is known about it: "Firmdrop was closed during chunk 9".
        reason: String,
    },
    /// Ended, *Verified* or *Sent, not verified*.
    Finished {
        /// How.
        outcome: Outcome,
    },
    /// Ended in a failure.
    Failed {
        /// What, why, what to do, and the state of the other side.
        diagnosis: Box<Diagnosis>,
        /// Something is left that a resume can continue with; absent in journals of format 1, where
        /// the diagnosis offers it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        resumable: Option<bool>,
    },
    /// Ended by a person.
    Cancelled {
        /// What the other side was left with.
        state_now: String,
    },
}

impl JobState {
    /// Whether a resume has something to continue with.
    pub fn can_resume(&self) -> bool {
        match self {
            Self::Finished { .. } | Self::Cancelled { .. } => false,
            Self::Failed {
                diagnosis,
                resumable,
            } => resumable.unwrap_or_else(|| diagnosis.remedies.contains(&Remedy::Resume)),
            Self::Queued
            | Self::Running { .. }
            | Self::Paused
            | Self::Cancelling
            | Self::Interrupted { .. } => true,
        }
    }

    /// Whether it stopped before its end, for good or not: what it wrote to may be left incomplete.
    pub fn broke_off(&self) -> bool {
        match self {
            Self::Paused
            | Self::Interrupted { .. }
            | Self::Failed { .. }
            | Self::Cancelled { .. } => true,
            Self::Queued | Self::Running { .. } | Self::Cancelling | Self::Finished { .. } => false,
        }
    }

    /// Whether this request changes anything about a job that nobody carries out. One that failed
    /// but can be resumed can still be ended for good.
    pub fn can_stop(&self, request: StopRequest) -> bool {
        match request {
            StopRequest::Cancel => !self.is_ended() || self.can_resume(),
            StopRequest::Pause => !self.is_ended() && *self != Self::Paused,
        }
    }

    /// Whether nothing more will happen without the user.
    pub fn is_ended(&self) -> bool {
        matches!(
            self,
            Self::Finished { .. } | Self::Failed { .. } | Self::Cancelled { .. }
        )
    }
}

/// How fast a running job is, and how long it will take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Pace {
    /// Mean of the last five seconds.
    #[cfg_attr(feature = "specta", specta(type = Option<u32>))]
    pub bytes_per_second: Option<u64>,
    /// Time left, once it can be estimated.
    pub seconds_left: Option<u32>,
    /// Nothing was confirmed for longer than usual.
    pub stalled: bool,
    /// The wait before the next try, when something is being waited for.
    #[serde(default)]
    pub waiting: Option<Waiting>,
}

/// Something failed and is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Waiting {
    /// When the next try is made.
    pub until: Moment,
}

/// How a phase of a job went.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct PhaseRun {
    /// Key of the phase.
    pub key: String,
    /// Time spent in it so far, over all runs, seconds.
    pub seconds: f32,
    /// Its result so far.
    pub result: PhaseResult,
}

/// The result of a phase so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub enum PhaseResult {
    /// Not begun.
    Waiting,
    /// Being done.
    Running,
    /// Done.
    Done,
    /// Was not needed: the other side had it already.
    Skipped,
    /// Ended the job.
    Failed,
}

/// One piece of a job: a chunk of an upload job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Piece {
    /// Which file of the plan, from 0.
    pub file: u32,
    /// Its number in the file, from 1.
    pub number: u32,
    /// Where it begins in the file.
    #[cfg_attr(feature = "specta", specta(type = u32))]
    pub offset_bytes: u64,
    /// Its length.
    #[cfg_attr(feature = "specta", specta(type = u32))]
    pub length_bytes: u64,
    /// How far it is.
    pub state: PieceState,
    /// When sending it began, the last time; `None` when it was found at the other side.
    pub began: Option<Moment>,
    /// When the other side confirmed it.
    pub confirmed: Option<Moment>,
}

/// How far a piece is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub enum PieceState {
    /// The other side confirmed it.
    Confirmed,
    /// Is being sent.
    Sending,
}

/// A note and when it was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct TimedNote {
    /// When.
    pub at: Moment,
    /// What.
    #[serde(flatten)]
    pub note: Note,
}

/// What a list shows of a job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct JobSummary {
    /// Its id.
    pub id: JobId,
    /// Name of the image.
    pub image_name: String,
    /// Version written inside the image.
    pub image_version: Option<String>,
    /// What a person calls the destination.
    pub destination_name: String,
    /// The destination as it is written.
    pub destination: String,
    /// The destination is part of the simulated world.
    pub simulated: bool,
    /// The destination is marked as production.
    pub production: bool,
    /// When it was confirmed by a person.
    pub created: Moment,
    /// When its state last changed.
    pub changed: Moment,
    /// Its state.
    pub state: JobState,
    /// Title of the phase it is in, or was in.
    pub phase_title: Option<String>,
    /// How far the phase is.
    pub progress: Progress,
    /// Whole job, 0 to 100; 100 only when it is finished.
    pub percent: u8,
    /// How fast it is.
    pub pace: Pace,
    /// Distinct pieces the other side confirmed, when it is sent in pieces.
    pub pieces_confirmed: Option<u32>,
    /// It stopped before its end: what it wrote to may be left incomplete.
    #[serde(default)]
    pub broke_off: bool,
    /// Its place in a batch, when it was begun together with others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "specta", specta(skip))]
    pub lane: Option<Lane>,
}

/// Everything that is known about a job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Job {
    /// What a list shows.
    pub summary: JobSummary,
    /// The plan it carries out.
    pub plan: Plan,
    /// Its phases, in the order of the plan.
    pub phases: Vec<PhaseRun>,
    /// Its pieces, in order, as far as they are known.
    pub pieces: Vec<Piece>,
    /// What happened, the oldest first.
    pub notes: Vec<TimedNote>,
    /// How often it was resumed after an interruption.
    pub resumed: u32,
    /// Pieces that were sent more than once.
    pub sent_again: u32,
    /// What the other side calls things: upload job id, firmware image id, its status.
    pub remote: Vec<Detail>,
    /// Hash of its ledger entry, once it has one.
    pub ledger_entry: Option<firmdrop_core::Sha256>,
}

#[cfg(test)]
mod tests {
    use firmdrop_core::{Code, ProofMethod};

    use super::*;

    #[test]
    fn only_what_has_not_come_to_its_end_can_be_resumed() {
        let failed = |remedy: Remedy| JobState::Failed {
            diagnosis: Box::new(Diagnosis::new(Code::ServiceFailed, "", "").remedy(remedy)),
            resumable: None,
        };
        let reason = String::new();
        for state in [
            JobState::Queued,
            JobState::Running {
                phase: "send_chunks".into(),
            },
            JobState::Paused,
            JobState::Cancelling,
            JobState::Interrupted { reason },
            failed(Remedy::Resume),
        ] {
            assert!(state.can_resume(), "{state:?}");
        }
        let state_now = String::new();
        for state in [
            JobState::Finished {
                outcome: Outcome::verified(ProofMethod::ReadBack, ""),
            },
            JobState::Finished {
                outcome: Outcome::sent(""),
            },
            JobState::Cancelled { state_now },
            failed(Remedy::PlanAgain),
        ] {
            assert!(!state.can_resume(), "{state:?}");
        }
    }
}
