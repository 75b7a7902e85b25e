//! What a delivery to Pelion writes into its job's journal.

use std::time::Duration;

use firmdrop_cloud::pelion::rollout::{RolloutFact, RolloutState};
use firmdrop_cloud::pelion::upload::{ChunkReceipt, Unanswered, UploadState};
use firmdrop_core::{Md5, Moment};
use firmdrop_engine::{Entry, History, PieceRecord, PieceState};
use serde::{Deserialize, Serialize};

/// Names the algorithm of a piece's digest.
const MD5: &str = "md5:";

/// One fact: of the upload, or of the rollout after it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Fact {
    Upload(UploadFact),
    Rollout(RolloutFact),
}

/// What the service calls something, and how far an act on it is known to have come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "snake_case")]
pub(super) enum UploadFact {
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
    /// The chunk, or the file in one request, that went out last was refused and is not stored.
    Refused,
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

/// What earlier runs of a job wrote down about its upload.
pub(super) fn upload_state(history: &History, now: Moment) -> UploadState {
    let mut state = UploadState::default();
    for (at, entry) in history.timed_entries() {
        match entry {
            Entry::Fact(body) => {
                if let Ok(fact) = UploadFact::deserialize(body) {
                    learn(&mut state, fact, |length_bytes| {
                        unanswered_since(history, at, length_bytes, now)
                    });
                }
            }
            Entry::Piece(piece) if piece.state == PieceState::Confirmed => {
                state.unanswered = None;
                state.receipts.retain(|known| known.number != piece.number);
                state.receipts.extend(receipt(piece));
            }
            Entry::Piece(_) | Entry::PhaseBegan(_) => {}
        }
    }
    state
}

/// `unanswered` makes a request of this length, sent when the fact was written, of which no response
/// is known.
fn learn(state: &mut UploadState, fact: UploadFact, unanswered: impl Fn(u64) -> Unanswered) {
    match fact {
        UploadFact::CreatingUploadJob => {
            state.create_attempted = true;
            state.create_ago = unanswered(0).ago;
        }
        UploadFact::WholeFileRefused => state.learn_whole_file_refused(),
        UploadFact::UploadJob { id } => {
            // Another upload job: what the one before held is gone.
            if state.upload_job_id.as_ref() != Some(&id) {
                state.receipts.clear();
            }
            state.upload_job_id = Some(id);
        }
        UploadFact::HandingOver { length_bytes } => {
            state.unanswered = Some(unanswered(length_bytes));
        }
        UploadFact::Refused => state.unanswered = None,
        UploadFact::Finishing => {
            state.finish_attempted = true;
            state.unanswered = Some(unanswered(0));
        }
        UploadFact::FirmwareImage { id } => state.firmware_image_id = Some(id),
    }
}

/// Whether the service may hold something of a job. A request that was only about to be made holds at most a
/// name: its file was not handed over.
pub(super) fn may_hold_something(history: &History) -> bool {
    history.entries().any(|entry| match entry {
        Entry::Fact(body) => !matches!(
            UploadFact::deserialize(body),
            Ok(UploadFact::CreatingUploadJob | UploadFact::WholeFileRefused | UploadFact::Refused)
        ),
        Entry::Piece(_) => true,
        Entry::PhaseBegan(_) => false,
    })
}

/// What earlier runs of a job wrote down about its rollout.
pub(super) fn rollout_state(history: &History) -> RolloutState {
    let mut state = RolloutState::default();
    for fact in history.facts::<RolloutFact>() {
        state.learn(&fact);
    }
    state
}

/// How long ago the run that wrote the last of them ended, at least.
pub(super) fn since_last_fact(history: &History, now: Moment) -> Duration {
    let mut facts = history
        .timed_entries()
        .filter_map(|(at, entry)| match entry {
            Entry::Fact(body) => RolloutFact::deserialize(body).ok().map(|_| at),
            Entry::Piece(_) | Entry::PhaseBegan(_) => None,
        });
    facts.next_back().map_or(Duration::ZERO, |at| {
        unanswered_since(history, at, 0, now).ago
    })
}

/// A request that was handed over at `at`, and whose response no run has seen. It settles from the end of
/// the run that waited for it: a gateway may have let it wait for minutes. When a process died is not
/// known, so that its request counts as just given up.
fn unanswered_since(history: &History, at: Moment, length_bytes: u64, now: Moment) -> Unanswered {
    let given_up = history.run_ended_after(at).unwrap_or(now);
    Unanswered::since(length_bytes, given_up, now)
}

/// A confirmed chunk as a piece of the journal.
pub(super) fn confirmed(receipt: &ChunkReceipt, sent_again: bool) -> PieceRecord {
    PieceRecord {
        file: 0,
        number: receipt.number,
        offset_bytes: receipt.offset_bytes,
        length_bytes: receipt.length_bytes,
        digest: Some(format!("{MD5}{}", receipt.md5)),
        state: PieceState::Confirmed,
        sent_again,
    }
}

fn receipt(piece: &PieceRecord) -> Option<ChunkReceipt> {
    let md5 = piece.digest.as_deref()?.strip_prefix(MD5)?;
    Some(ChunkReceipt {
        number: piece.number,
        offset_bytes: piece.offset_bytes,
        length_bytes: piece.length_bytes,
        md5: Md5::from_hex(md5).ok()?,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// The state after these facts, as a journal holds them.
    fn after(facts: &[&str]) -> UploadState {
        let body = |fact: &&str| match *fact {
            HANDING_OVER => json!({ "fact": fact, "length_bytes": 7 }),
            _ => json!({ "fact": fact }),
        };
        let bodies: Vec<Value> = facts.iter().map(body).collect();
        let now = Moment::from_millisecond(5000);
        upload_state(&bodies.iter().map(Entry::Fact).collect(), now)
    }

    const CREATING: &str = "creating_upload_job";
    const REFUSED: &str = "whole_file_refused";
    const HANDING_OVER: &str = "handing_over";

    #[test]
    fn a_request_settles_from_the_end_of_the_run_that_waited_for_its_response() {
        let body = json!({ "fact": HANDING_OVER, "length_bytes": 7 });
        let history = || [Entry::Fact(&body)].into_iter().collect::<History>();
        let ago = |history: &History| {
            let now = Moment::from_millisecond(61_000);
            upload_state(history, now).unanswered.unwrap().ago.as_secs()
        };
        let paused = history().paused_at(Moment::from_millisecond(60_000));
        assert_eq!(ago(&paused), 1, "a gateway gave it up after a minute");
        assert_eq!(ago(&history()), 0, "when the process died is not known");
    }

    #[test]
    fn what_was_handed_over_without_a_response_may_still_be_stored() {
        let left = after(&[CREATING, HANDING_OVER]).unanswered.unwrap();
        assert_eq!(left.length_bytes, 7);
        assert_eq!(after(&[CREATING]).unanswered, None);
        assert_eq!(after(&[CREATING, HANDING_OVER, REFUSED]).unanswered, None);
    }

    #[test]
    fn a_journal_says_whether_a_creation_was_of_the_whole_file_or_of_an_upload_job() {
        let whole = after(&[CREATING]);
        assert!(whole.create_attempted && !whole.whole_file_refused);
        let refused = after(&[CREATING, REFUSED]);
        assert!(!refused.create_attempted && refused.whole_file_refused);
        let creating = after(&[CREATING, REFUSED, CREATING]);
        assert!(creating.create_attempted && creating.whole_file_refused);
    }

    #[test]
    fn a_confirmed_chunk_reads_back_from_its_piece() {
        let chunk = ChunkReceipt {
            number: 3,
            offset_bytes: 20,
            length_bytes: 10,
            md5: Md5::of(b"chunk"),
        };
        assert_eq!(receipt(&confirmed(&chunk, true)), Some(chunk));
    }

    #[test]
    fn facts_of_upload_and_rollout_are_told_apart() {
        for (text, is_upload) in [
            (r#"{"fact":"upload_job","id":"u"}"#, true),
            (r#"{"rollout":"campaign","id":"c"}"#, false),
        ] {
            let fact: Fact = serde_json::from_str(text).unwrap();
            assert_eq!(matches!(fact, Fact::Upload(_)), is_upload, "{text}");
            assert_eq!(serde_json::to_string(&fact).unwrap(), text);
        }
    }
}
