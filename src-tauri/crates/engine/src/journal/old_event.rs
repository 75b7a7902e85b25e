//! Lines as journals hold them, those of format 1 included.

use firmdrop_core::{Md5, Note};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::Event;
use crate::{JobState, PhaseResult, PieceRecord, PieceState};

/// Every kind of line that was ever written.
#[derive(Debug, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum StoredEvent {
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
    PiecesGone,
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

impl<'de> Deserialize<'de> for Event {
    /// Reads a line of any format.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        StoredEvent::deserialize(deserializer).map(Self::from)
    }
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
            StoredEvent::PiecesGone => Self::PiecesGone,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_format_1_are_read_as_facts_and_pieces() {
        let read = |body: &str| Event::read(body);
        let fact = read(r#"{"event":"remote","fact":{"fact":"upload_job","id":"abc"}}"#);
        let Event::Fact { body, .. } = fact else {
            panic!("{fact:?}");
        };
        assert_eq!(body["id"], "abc");
        let fact = read(r#"{"event":"rollout","fact":{"rollout":"starting"}}"#);
        assert!(matches!(fact, Event::Fact { .. }), "{fact:?}");
        let sending =
            read(r#"{"event":"piece_sending","number":2,"offset_bytes":5,"length_bytes":7}"#);
        let Event::Piece { piece } = &sending else {
            panic!("{sending:?}");
        };
        assert_eq!((piece.file, piece.number), (0, 2));
        assert_eq!(piece.state, PieceState::Sending);
        let confirmed = read(
            r#"{"event":"piece_confirmed","number":2,"offset_bytes":5,"length_bytes":7,"md5":"d41d8cd98f00b204e9800998ecf8427e","sent_again":true}"#,
        );
        let Event::Piece { piece } = &confirmed else {
            panic!("{confirmed:?}");
        };
        assert_eq!(
            piece.digest.as_deref(),
            Some("md5:d41d8cd98f00b204e9800998ecf8427e")
        );
        assert!(piece.sent_again);
        let again = serde_json::to_string(&confirmed).unwrap();
        assert_eq!(
            Event::read(&again),
            confirmed,
            "it is written in the new form"
        );
    }

    #[test]
    fn a_line_of_a_newer_program_or_a_damaged_one_is_carried_along() {
        for body in [r#"{"event":"teleported","to":"moon"}"#, "{\u{fffd}", ""] {
            let read = Event::read(body);
            assert_eq!(read, Event::Unreadable { body: body.into() });
        }
    }
}
