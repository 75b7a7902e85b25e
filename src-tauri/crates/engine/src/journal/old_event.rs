//! Lines as journals hold them, those of format 1 included.

use firmdrop_core::{Md5, Note};
use serde::Deserialize;
use serde_json::Value;

use super::Event;
use crate::{JobState, PhaseResult, PieceRecord, PieceState};

/// Every kind of line that was ever written.
#[derive(Debug, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(super) enum StoredEvent {
    State {
        state: JobState,
    },
    Resumed,
    PhaseBegan {
        key: String,
    },
    PhaseEnded {
        key: String,
        result: PhaseResult,
    },
    Note {
        note: Note,
    },
    Fact {
        scheme: String,
        body: Value,
    },
    Piece {
        #[serde(flatten)]
        piece: PieceRecord,
    },
    /// Format 1: what the other side calls something.
    Remote {
        fact: Value,
    },
    /// Format 1: how far a rollout is.
    Rollout {
        fact: Value,
    },
    /// Format 1.
    PieceSending {
        number: u32,
        offset_bytes: u64,
        length_bytes: u64,
    },
    /// Format 1.
    PieceConfirmed {
        number: u32,
        offset_bytes: u64,
        length_bytes: u64,
        md5: Md5,
        sent_again: bool,
    },
}

impl From<StoredEvent> for Event {
    fn from(stored: StoredEvent) -> Self {
        match stored {
            StoredEvent::State { state } => Self::State { state },
            StoredEvent::Resumed => Self::Resumed,
            StoredEvent::PhaseBegan { key } => Self::PhaseBegan { key },
            StoredEvent::PhaseEnded { key, result } => Self::PhaseEnded { key, result },
            StoredEvent::Note { note } => Self::Note { note },
            StoredEvent::Fact { scheme, body } => Self::Fact { scheme, body },
            StoredEvent::Piece { piece } => Self::Piece { piece },
            // A job has one destination: whose fact it is, its plan says.
            StoredEvent::Remote { fact } | StoredEvent::Rollout { fact } => Self::Fact {
                scheme: String::new(),
                body: fact,
            },
            StoredEvent::PieceSending {
                number,
                offset_bytes,
                length_bytes,
            } => Self::Piece {
                piece: PieceRecord {
                    file: 0,
                    number,
                    offset_bytes,
                    length_bytes,
                    digest: None,
                    state: PieceState::Sending,
                    sent_again: false,
                },
            },
            StoredEvent::PieceConfirmed {
                number,
                offset_bytes,
                length_bytes,
                md5,
                sent_again,
            } => Self::Piece {
                piece: PieceRecord {
                    file: 0,
                    number,
                    offset_bytes,
                    length_bytes,
                    digest: Some(format!("md5:{md5}")),
                    state: PieceState::Confirmed,
                    sent_again,
                },
            },
        }
    }
}
