//! What is written down about a job, in the order in which it happened.

use firmdrop_cloud::pelion::rollout::RolloutFact;
use firmdrop_core::Note;
use serde::{Deserialize, Serialize};

use crate::{JobState, PhaseResult};

/// One line of a job's history. New kinds may be added; a known one never changes its meaning.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(crate) enum Event {
    /// It stands differently now.
    State {
        /// How.
        state: JobState,
    },
    /// It goes on after an interruption or a pause.
    Resumed,
    /// A phase begins.
    PhaseBegan {
        /// Which.
        key: String,
    },
    /// A phase ended.
    PhaseEnded {
        /// Which.
        key: String,
        /// How.
        result: PhaseResult,
    },
    /// Something worth reading later.
    Note {
        /// What.
        note: Note,
    },
    /// What the other side calls something.
    Remote {
        /// What.
        fact: RemoteFact,
    },
    /// How far a rollout is.
    Rollout {
        /// What is known now.
        fact: RolloutFact,
    },
    /// A piece is about to be sent.
    PieceSending {
        /// Its number.
        number: u32,
        /// Where it begins.
        offset_bytes: u64,
        /// Its length.
        length_bytes: u64,
    },
    /// A piece was confirmed by the other side.
    PieceConfirmed {
        /// Its number.
        number: u32,
        /// Where it begins.
        offset_bytes: u64,
        /// Its length.
        length_bytes: u64,
        /// Its MD5.
        md5: firmdrop_core::Md5,
        /// Whether it was sent more than once.
        sent_again: bool,
    },
}

/// What the other side calls something, and how far an act on it is known to have come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "snake_case")]
pub(crate) enum RemoteFact {
    /// The upload job is about to be created, or the image itself by a file in one request.
    CreatingUploadJob,
    /// The file in one request was refused as too large and is not with the service: it goes in
    /// chunks from here on.
    WholeFileRefused,
    /// The last bytes of a chunk, or of the file in one request, go out now: from here on the
    /// service can store it.
    HandingOver {
        /// Length of the request's body.
        length_bytes: u64,
    },
    /// The upload job has this id.
    UploadJob {
        /// Its id.
        id: String,
    },
    /// The upload job is about to be finished.
    Finishing,
    /// The firmware image has this id.
    FirmwareImage {
        /// Its id.
        id: String,
    },
}
