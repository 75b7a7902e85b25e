//! What is written down about a job, in the order in which it happened.

use firmdrop_core::Note;
use serde::Serialize;
use serde_json::Value;

use crate::{JobState, PhaseResult, PieceRecord};

/// One line of a job's history. New kinds may be added; a known one never changes its meaning.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(crate) enum Event {
    /// Its state changed.
    State {
        /// To this.
        state: JobState,
    },
    /// It continues after an interruption or a pause.
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
    /// Something the backend of this scheme knows from now on, in its own form.
    Fact {
        /// Whose fact it is.
        scheme: String,
        /// What it says.
        body: Value,
    },
    /// A piece is about to be sent, or was confirmed by the other side.
    Piece {
        /// Which, and how far it is.
        #[serde(flatten)]
        piece: PieceRecord,
    },
    /// The other side holds none of the pieces that were confirmed before.
    PiecesGone,
    /// A line that this program cannot read: of a newer one, or damaged. It stays in the journal as
    /// it is, and is never written by this program.
    Unreadable {
        /// The line.
        body: String,
    },
}

impl Event {
    /// Reads a line. What cannot be read is carried along.
    pub(super) fn read(body: &str) -> Self {
        serde_json::from_str(body).unwrap_or_else(|_| Self::Unreadable {
            body: body.to_owned(),
        })
    }
}
