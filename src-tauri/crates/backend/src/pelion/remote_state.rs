//! What the service confirmed of a delivery, from what was written down.
//!
//! It asks nobody: what was under way when a job stopped is unknown, and what was confirmed may be gone since.

use firmdrop_cloud::pelion::rollout::{RolloutFact, RolloutRemote};
use firmdrop_core::Detail;
use firmdrop_engine::{Entry, History, PieceState, Plan, RemoteState};
use serde::Deserialize as _;

use super::facts::{Fact, UploadFact, rollout_state};

/// What the service holds of a delivery that stopped here.
pub(super) fn remote_state(plan: &Plan, history: &History) -> RemoteState {
    let stored = Stored::read(history);
    let size_bytes = plan.image().expected.size_bytes;
    RemoteState {
        sentence: left_by_rollout(history).unwrap_or_else(|| stored.sentence(size_bytes)),
        remote_id: stored.image.clone().or_else(|| stored.upload_job.clone()),
        names: names(history),
    }
}

/// What a started or prepared campaign leaves at the service when its job stops.
fn left_by_rollout(history: &History) -> Option<String> {
    let state = rollout_state(history);
    let begun = state.manifest.is_some() || state.manifest_attempted || state.campaign_attempted;
    begun.then(|| RolloutRemote::of(&state).to_string())
}

/// What the service calls things, the newest of each.
fn names(history: &History) -> Vec<Detail> {
    let mut names: Vec<Detail> = Vec::new();
    for fact in history.facts::<Fact>() {
        let (label, value) = match fact {
            Fact::Upload(UploadFact::UploadJob { id }) => ("Upload job", id),
            Fact::Upload(UploadFact::FirmwareImage { id }) => ("Firmware image", id),
            Fact::Rollout(RolloutFact::Manifest { id, .. }) => ("Manifest", id),
            Fact::Rollout(RolloutFact::Campaign { id }) => ("Campaign", id),
            _ => continue,
        };
        match names.iter_mut().find(|known| known.label == label) {
            Some(known) => known.value = value,
            None => names.push(Detail {
                label: label.into(),
                value,
            }),
        }
    }
    names
}

/// What a history says of an upload.
#[derive(Debug, Default)]
struct Stored {
    /// A request that creates or finishes went out.
    attempted: bool,
    upload_job: Option<String>,
    image: Option<String>,
    /// Number and end of the last confirmed chunk.
    confirmed: Option<(u32, u64)>,
    /// The chunk that was being sent.
    sending: Option<u32>,
}

impl Stored {
    fn read(history: &History) -> Self {
        let mut stored = Self::default();
        for entry in history.entries() {
            match entry {
                Entry::Fact(body) => {
                    if let Ok(fact) = UploadFact::deserialize(body) {
                        stored.learn(fact);
                    }
                }
                Entry::Piece(piece) if piece.state == PieceState::Sending => {
                    stored.sending = Some(piece.number);
                }
                Entry::Piece(piece) => {
                    let end = piece.offset_bytes + piece.length_bytes;
                    stored.confirmed = Some((piece.number, end));
                    stored.sending = stored.sending.filter(|sending| *sending != piece.number);
                }
                Entry::PhaseBegan(_) => {}
            }
        }
        stored
    }

    fn learn(&mut self, fact: UploadFact) {
        match fact {
            UploadFact::CreatingUploadJob | UploadFact::Finishing => self.attempted = true,
            UploadFact::WholeFileRefused => self.attempted = false,
            UploadFact::HandingOver { .. } => {}
            UploadFact::Refused => self.sending = None,
            UploadFact::UploadJob { id } => {
                // Another upload job: what the one before held is not in it.
                if self.upload_job.as_ref() != Some(&id) {
                    (self.confirmed, self.sending) = (None, None);
                }
                self.upload_job = Some(id);
            }
            UploadFact::FirmwareImage { id } => self.image = Some(id),
        }
    }

    fn sentence(&self, size_bytes: u64) -> String {
        if let Some(id) = &self.image {
            return format!("The service answered that it stored the firmware image {id}.");
        }
        let Some(id) = &self.upload_job else {
            return if self.attempted {
                "Whether the service carried out the last request is not known.".into()
            } else {
                "Nothing was stored with the service.".into()
            };
        };
        let held = match self.confirmed {
            None => format!("The service confirmed the empty upload job {id}."),
            Some((count, bytes)) => {
                let chunks = if count == 1 { "chunk" } else { "chunks" };
                format!(
                    "The service confirmed {count} {chunks}, {} of {} bytes, in upload job {id}.",
                    firmdrop_core::grouped(bytes),
                    firmdrop_core::grouped(size_bytes),
                )
            }
        };
        match self.sending {
            Some(number) => format!("{held} Whether it also stored chunk {number} is not known."),
            None => held,
        }
    }
}

#[cfg(test)]
mod tests {
    use firmdrop_engine::PieceRecord;
    use serde_json::Value;

    use super::*;

    enum Line {
        Fact(Value),
        Piece(PieceRecord),
    }

    fn words(lines: &[Line]) -> String {
        let entries = lines.iter().map(|line| match line {
            Line::Fact(body) => Entry::Fact(body),
            Line::Piece(piece) => Entry::Piece(piece),
        });
        Stored::read(&entries.collect()).sentence(100)
    }

    fn remote(fact: UploadFact) -> Line {
        Line::Fact(serde_json::to_value(fact).unwrap())
    }

    fn job() -> Line {
        remote(UploadFact::UploadJob { id: "abc".into() })
    }

    fn piece(number: u32, state: PieceState) -> Line {
        Line::Piece(PieceRecord {
            file: 0,
            number,
            offset_bytes: 0,
            length_bytes: 10,
            digest: None,
            state,
            sent_again: false,
        })
    }

    fn sending(number: u32) -> Line {
        piece(number, PieceState::Sending)
    }

    fn confirmed(number: u32) -> Line {
        piece(number, PieceState::Confirmed)
    }

    #[test]
    fn what_was_under_way_is_called_unknown() {
        assert_eq!(words(&[]), "Nothing was stored with the service.");
        let asked = words(&[remote(UploadFact::Finishing)]);
        assert!(asked.contains("not known"), "{asked}");
        let refused = [UploadFact::CreatingUploadJob, UploadFact::WholeFileRefused];
        let refused = words(&refused.map(remote));
        assert_eq!(refused, "Nothing was stored with the service.");
        let chunk = words(&[job(), sending(1), confirmed(1), sending(2)]);
        assert!(
            chunk.contains("confirmed 1 chunk, 10 of 100 bytes"),
            "{chunk}"
        );
        assert!(chunk.contains("chunk 2 is not known"), "{chunk}");
    }

    #[test]
    fn a_chunk_that_was_refused_is_not_perhaps_stored() {
        let refused = remote(UploadFact::Refused);
        let chunk = words(&[job(), sending(1), confirmed(1), sending(2), refused]);
        assert!(!chunk.contains("not known"), "{chunk}");
    }

    #[test]
    fn chunks_of_an_earlier_upload_job_are_not_said_to_be_in_the_next_one() {
        let next = UploadFact::UploadJob { id: "xyz".into() };
        let after = words(&[job(), sending(1), confirmed(1), sending(2), remote(next)]);
        assert_eq!(after, "The service confirmed the empty upload job xyz.");
    }

    #[test]
    fn what_was_confirmed_is_stated_without_a_doubt() {
        let chunk = words(&[job(), sending(1), confirmed(1), sending(2), confirmed(2)]);
        assert!(
            chunk.contains("2 chunks") && !chunk.contains("not known"),
            "{chunk}"
        );
        assert!(words(&[job()]).contains("empty upload job abc"));
        let image = remote(UploadFact::FirmwareImage { id: "xyz".into() });
        assert!(words(&[job(), image]).contains("firmware image xyz"));
    }
}
