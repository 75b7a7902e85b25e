//! One unit of a lot and how it ended: what a record has.

use firmdrop_core::{Diagnosis, Moment, Outcome};
use firmdrop_engine::{JobId, JobState};
use serde::{Deserialize, Serialize};

/// How a unit ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub enum UnitResult {
    /// The reader proved that it holds the image.
    Pass,
    /// It failed.
    Fail,
    /// The image was sent, and the reader offers no proof.
    Unverified,
    /// A user stopped it.
    Stopped,
}

impl UnitResult {
    /// The word of lanes, records and the command line.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pass => "PASS",
            Self::Fail => "FAIL",
            Self::Unverified => "SENT",
            Self::Stopped => "STOPPED",
        }
    }

    /// How the end of a job counts; `None` when it has not ended.
    pub(crate) fn of(state: &JobState, accepts_unverified: bool) -> Option<Self> {
        Some(match state {
            JobState::Finished {
                outcome: Outcome::Verified { .. },
            } => Self::Pass,
            JobState::Finished {
                outcome: Outcome::Sent { .. },
            } if accepts_unverified => Self::Pass,
            JobState::Finished {
                outcome: Outcome::Sent { .. },
            } => Self::Unverified,
            JobState::Failed { .. } => Self::Fail,
            JobState::Cancelled { .. } => Self::Stopped,
            JobState::Queued
            | JobState::Running { .. }
            | JobState::Paused
            | JobState::Cancelling
            | JobState::Interrupted { .. } => return None,
        })
    }
}

/// The record of one try of one unit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UnitRecord {
    /// Name of the lot.
    pub lot: String,
    /// Number of the unit in its lot, from 1.
    pub unit: u32,
    /// Which try of this unit, from 1. The last one counts.
    pub attempt: u32,
    /// PASS, FAIL, SENT or STOPPED.
    pub result: String,
    /// Its label.
    pub label: String,
    /// Name of the lane.
    pub lane: String,
    /// Where the reader was, in words.
    pub place: String,
    /// How the reader is written.
    pub destination: String,
    /// What the reader is called.
    pub reader: String,
    /// Serial number it reports.
    pub serial: Option<String>,
    /// Version it ran before.
    pub from_version: Option<String>,
    /// Version of the image.
    pub to_version: Option<String>,
    /// Name of the image.
    pub image: String,
    /// SHA-256 of the image.
    pub sha256: String,
    /// When it began.
    pub began: Moment,
    /// When it ended.
    pub ended: Moment,
    /// How long it took, seconds.
    pub seconds: f64,
    /// Stable code of a failure: `FD-304`.
    pub code: Option<String>,
    /// What happened and why, or why nothing is proved.
    pub cause: Option<String>,
    /// What the reader was left with after a failure.
    pub state_now: Option<String>,
    /// What proves a pass.
    pub proof: Option<String>,
    /// Its job.
    pub job: Option<JobId>,
    /// The reader is a pretend one.
    pub simulated: bool,
    /// What a user should know although it changed nothing: the serial number is that of another lane's reader too.
    #[serde(default)]
    pub warning: Option<String>,
}

/// What a record says beyond its result.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct RecordDetails {
    pub(crate) code: Option<String>,
    pub(crate) cause: Option<String>,
    pub(crate) state_now: Option<String>,
    pub(crate) proof: Option<String>,
}

/// What happened and why, each said once.
fn cause(diagnosis: &Diagnosis) -> String {
    let mut said: Vec<&str> = Vec::new();
    for text in [&diagnosis.what_happened, &diagnosis.why] {
        if !text.is_empty() && !said.contains(&text.as_str()) {
            said.push(text);
        }
    }
    said.join(" ")
}

impl RecordDetails {
    pub(crate) fn of_failure(diagnosis: &Diagnosis) -> Self {
        Self {
            code: Some(diagnosis.code.to_string()),
            cause: Some(cause(diagnosis)),
            state_now: Some(diagnosis.state_now.clone()).filter(|state| !state.is_empty()),
            proof: None,
        }
    }

    pub(crate) fn of(state: &JobState) -> Self {
        match state {
            JobState::Finished {
                outcome: Outcome::Verified { proof },
            } => Self {
                proof: Some(proof.statement.clone()),
                ..Self::default()
            },
            JobState::Finished {
                outcome: Outcome::Sent { reason },
            } => Self {
                cause: Some(reason.clone()),
                ..Self::default()
            },
            JobState::Failed { diagnosis, .. } => Self::of_failure(diagnosis),
            JobState::Cancelled { state_now } => Self {
                cause: Some("Stopped by a user".to_owned()),
                state_now: Some(state_now.clone()).filter(|state| !state.is_empty()),
                ..Self::default()
            },
            _ => Self::default(),
        }
    }
}
