//! A bench as every face shows it.

use firmdrop_core::{Diagnosis, Moment, Progress};
use firmdrop_engine::{JobId, JobState, Pace};
use serde::{Deserialize, Serialize};

use super::slot::{Reason, Slot, Stage};
use super::{BenchSetup, LotCounts, UnitResult};

/// What a lane shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub enum LaneState {
    /// It has no place.
    NotTaught,
    /// Nothing is plugged in.
    Empty,
    /// A reader is there and waits.
    Waiting,
    /// The reader is identified.
    Identifying,
    /// Its job is carried out.
    Running,
    /// The unit passed.
    Pass,
    /// It failed.
    Fail,
    /// It was sent, and nothing proves it.
    Unverified,
    /// A user stopped it.
    Stopped,
    /// There was nothing to do.
    Skip,
    /// A user has to decide.
    Hold,
}

impl LaneState {
    /// Its word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::NotTaught => "Not taught",
            Self::Empty => "EMPTY",
            Self::Waiting => "WAIT",
            Self::Identifying => "ID",
            Self::Running => "BUSY",
            Self::Pass => UnitResult::Pass.word(),
            Self::Fail => UnitResult::Fail.word(),
            Self::Unverified => UnitResult::Unverified.word(),
            Self::Stopped => UnitResult::Stopped.word(),
            Self::Skip => "SKIP",
            Self::Hold => "HOLD",
        }
    }

    const fn of(result: UnitResult) -> Self {
        match result {
            UnitResult::Pass => Self::Pass,
            UnitResult::Fail => Self::Fail,
            UnitResult::Unverified => Self::Unverified,
            UnitResult::Stopped => Self::Stopped,
        }
    }
}

/// One lane.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct LaneView {
    /// Its name.
    pub name: String,
    /// Its place in words; empty when it is not taught.
    pub place: String,
    /// What it shows.
    pub state: LaneState,
    /// A reader is plugged in.
    pub present: bool,
    /// What the reader is called.
    pub reader: Option<String>,
    /// Serial number it reports.
    pub serial: Option<String>,
    /// Lanes whose reader reports the same serial number.
    pub same_serial_as: Vec<String>,
    /// Version it ran before.
    pub from_version: Option<String>,
    /// Number of the unit in its lot.
    pub unit: Option<u32>,
    /// Which try of it.
    pub attempt: u32,
    /// Its label.
    pub label: Option<String>,
    /// The step it is in: "Upload", "Restart".
    pub phase: Option<String>,
    /// How far that step is.
    pub progress: Progress,
    /// Whole job, 0 to 100; 100 only of a unit that ended well.
    pub percent: u8,
    /// How fast.
    pub pace: Pace,
    /// When the unit began.
    pub began: Option<Moment>,
    /// How long it took, seconds, once it ended.
    pub seconds: Option<f32>,
    /// Why: the heading of a failure, the reason of SKIP and HOLD, the proof of PASS.
    pub why: Option<String>,
    /// A failure in full.
    pub diagnosis: Option<Box<Diagnosis>>,
    /// The job of the unit.
    pub job: Option<JobId>,
    /// A failure that a user has seen.
    pub acknowledged: bool,
    /// The reader is a pretend one.
    pub simulated: bool,
}

/// The image of a bench.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct BenchImage {
    /// Its name.
    pub name: String,
    /// Its version, when it has one.
    pub version: Option<String>,
    /// Its SHA-256, hexadecimal.
    pub sha256: String,
    /// Its size.
    #[cfg_attr(feature = "specta", specta(type = u32))]
    pub size_bytes: u64,
}

/// A bench.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct BenchView {
    /// How it was set up; its lanes have what they learned since.
    pub setup: BenchSetup,
    /// The image.
    pub image: BenchImage,
    /// Readers are written as they are plugged in.
    pub armed: bool,
    /// Why it was disarmed by itself.
    pub stopped: Option<Diagnosis>,
    /// Name of the lane that is taught next; `None` while nothing is taught.
    pub teaching: Option<String>,
    /// Failed units since it was armed.
    pub fails: u32,
    /// The counters of the lot.
    pub counts: LotCounts,
    /// Its lanes.
    pub lanes: Vec<LaneView>,
    /// Each lane carried its unit out, or waits for a user.
    pub done: bool,
    /// Nothing is under way.
    pub idle: bool,
}

/// A lane as it is now. `label`: of the unit that is under way or ended.
pub(crate) fn lane(slot: &Slot, label: Option<String>) -> LaneView {
    let mut view = plugged_in(slot, label);
    if let Stage::Running { begun, .. }
    | Stage::Ended { begun, .. }
    | Stage::Unfinished { begun, .. } = &slot.stage
    {
        view.reader = Some(begun.reader.clone());
        view.serial.clone_from(&begun.serial);
        view.from_version.clone_from(&begun.from_version);
        view.unit = Some(begun.unit);
        view.attempt = begun.attempt;
        view.began = Some(begun.at);
        view.job.clone_from(&begun.job);
        view.simulated = begun.simulated;
    }
    show_stage(&mut view, slot);
    view
}

/// What is plugged in, whatever is being done with it.
fn plugged_in(slot: &Slot, label: Option<String>) -> LaneView {
    let here = slot.here.as_ref();
    LaneView {
        name: slot.lane.name.clone(),
        place: slot.lane.place_name.clone(),
        state: LaneState::Empty,
        present: here.is_some() && slot.absent_since.is_none(),
        reader: here.map(|here| here.seen.name.clone()),
        serial: here.and_then(|here| here.seen.serial.clone()),
        same_serial_as: slot.same_serial_as.clone(),
        from_version: None,
        unit: None,
        attempt: 0,
        label,
        phase: None,
        progress: Progress::default(),
        percent: 0,
        pace: Pace::default(),
        began: None,
        seconds: None,
        why: None,
        diagnosis: None,
        job: None,
        acknowledged: false,
        simulated: here.is_some_and(|here| here.seen.simulated),
    }
}

/// What is being done, and how it ended.
fn show_stage(view: &mut LaneView, slot: &Slot) {
    match &slot.stage {
        Stage::Empty if slot.lane.place.is_none() => view.state = LaneState::NotTaught,
        Stage::Empty => view.state = LaneState::Empty,
        Stage::Ready => view.state = LaneState::Waiting,
        Stage::Identifying { since } => {
            view.state = LaneState::Identifying;
            view.began = Some(*since);
        }
        Stage::Running { job, .. } => {
            view.state = LaneState::Running;
            if let Some(job) = job {
                if job.state == JobState::Queued {
                    view.state = LaneState::Waiting;
                }
                view.phase.clone_from(&job.phase_title);
                view.progress = job.progress;
                view.percent = job.percent;
                view.pace = job.pace;
            }
        }
        Stage::Unfinished { why, .. } | Stage::Held { why } => {
            view.state = LaneState::Hold;
            view.why = Some(why.clone());
        }
        Stage::Skipped { why } => {
            view.state = LaneState::Skip;
            view.why = Some(why.clone());
        }
        Stage::Ended {
            begun,
            result,
            at,
            reason,
            acknowledged,
        } => {
            view.state = LaneState::of(*result);
            #[expect(clippy::cast_possible_truncation, reason = "seconds of one load")]
            let seconds = at.seconds_since(begun.at) as f32;
            view.seconds = Some(seconds);
            view.acknowledged = *acknowledged;
            if *result == UnitResult::Pass {
                view.percent = 100;
            }
            match reason {
                Reason::Says(why) => view.why = Some(why.clone()),
                Reason::Failure(diagnosis) => {
                    view.why = Some(diagnosis.title.clone());
                    view.diagnosis = Some(diagnosis.clone());
                }
            }
        }
    }
}
