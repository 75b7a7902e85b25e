//! What the other side was left with, in a person's words, from what is written down.
//!
//! It asks nobody: what was on its way when a job stopped is called unknown.

use firmdrop_core::Moment;
use firmdrop_loader::EarlierRun;

use super::campaign_rollout;
use super::load_reader::earlier_load;
use super::pelion_fact::{self, RemoteFact};
use crate::journal::Event;
use crate::{Destination, PieceState, Plan};

/// What the other side holds of a delivery that stopped here.
pub(super) fn what_is_kept(plan: &Plan, history: &[(Moment, Event)]) -> String {
    match plan.destination {
        Destination::Pelion { .. } => campaign_rollout::kept(history)
            .unwrap_or_else(|| Kept::read(history).in_words(plan.image.expected.size_bytes)),
        Destination::Reader { .. } => match earlier_load(history) {
            EarlierRun::ToldToRestart => {
                "The reader may have been told to restart and to try the new image; unless that is confirmed, it goes back to the old one at the restart after."
            }
            EarlierRun::None | EarlierRun::Sent => {
                "The reader runs its old image; what it received of the new one lies in its second slot and is not started."
            }
        }
        .into(),
    }
}

/// What a history tells of an upload.
#[derive(Debug, Default)]
struct Kept {
    /// Something that creates or finishes was asked for.
    asked: bool,
    upload_job: Option<String>,
    image: Option<String>,
    /// Number and end of the last confirmed chunk.
    confirmed: Option<(u32, u64)>,
    /// The chunk that was on its way.
    sending: Option<u32>,
}

impl Kept {
    fn read(history: &[(Moment, Event)]) -> Self {
        let mut kept = Self::default();
        for (_, event) in history {
            match pelion_fact::read(event) {
                Some(RemoteFact::CreatingUploadJob | RemoteFact::Finishing) => kept.asked = true,
                Some(RemoteFact::WholeFileRefused) => kept.asked = false,
                Some(RemoteFact::UploadJob { id }) => kept.upload_job = Some(id),
                Some(RemoteFact::FirmwareImage { id }) => kept.image = Some(id),
                None => {}
            }
            match event {
                Event::Piece { piece } if piece.state == PieceState::Sending => {
                    kept.sending = Some(piece.number);
                }
                Event::Piece { piece } => {
                    let end = piece.offset_bytes.saturating_add(piece.length_bytes);
                    kept.confirmed = Some((piece.number, end));
                    kept.sending = kept.sending.filter(|sending| *sending != piece.number);
                }
                Event::PiecesGone => kept.confirmed = None,
                _ => {}
            }
        }
        kept
    }

    fn in_words(&self, size_bytes: u64) -> String {
        if let Some(id) = &self.image {
            return format!("The service keeps the firmware image {id}.");
        }
        let Some(id) = &self.upload_job else {
            return if self.asked {
                "Whether the service carried out the last request is not known.".into()
            } else {
                "Nothing was stored with the service.".into()
            };
        };
        let kept = match self.confirmed {
            None => format!("The service keeps the empty upload job {id}."),
            Some((count, bytes)) => {
                let chunks = if count == 1 { "chunk" } else { "chunks" };
                format!(
                    "The service keeps {count} {chunks}, {} of {} bytes, in upload job {id}.",
                    firmdrop_core::grouped(bytes),
                    firmdrop_core::grouped(size_bytes),
                )
            }
        };
        match self.sending {
            Some(number) => format!("{kept} Whether it also stored chunk {number} is not known."),
            None => kept,
        }
    }
}

#[cfg(test)]
mod tests {
    use firmdrop_core::Md5;

    use super::*;
    use crate::PieceRecord;

    fn words(events: Vec<Event>) -> String {
        let at = Moment::from_millisecond(0);
        let history: Vec<_> = events.into_iter().map(|event| (at, event)).collect();
        Kept::read(&history).in_words(100)
    }

    fn remote(fact: RemoteFact) -> Event {
        pelion_fact::line(&fact)
    }

    fn job() -> Event {
        remote(RemoteFact::UploadJob { id: "abc".into() })
    }

    fn piece(number: u32, digest: Option<String>, state: PieceState) -> Event {
        let piece = PieceRecord {
            file: 0,
            number,
            offset_bytes: 0,
            length_bytes: 10,
            digest,
            state,
            sent_again: false,
        };
        Event::Piece { piece }
    }

    fn sending(number: u32) -> Event {
        piece(number, None, PieceState::Sending)
    }

    fn confirmed(number: u32) -> Event {
        let digest = format!("md5:{}", Md5::EMPTY);
        piece(number, Some(digest), PieceState::Confirmed)
    }

    #[test]
    fn what_was_on_its_way_is_called_unknown() {
        assert_eq!(words(vec![]), "Nothing was stored with the service.");
        let asked = words(vec![remote(RemoteFact::Finishing)]);
        assert!(asked.contains("not known"), "{asked}");
        let refused = [RemoteFact::CreatingUploadJob, RemoteFact::WholeFileRefused];
        let refused = words(refused.map(remote).to_vec());
        assert_eq!(refused, "Nothing was stored with the service.");
        let chunk = words(vec![job(), sending(1), confirmed(1), sending(2)]);
        assert!(chunk.contains("keeps 1 chunk, 10 of 100 bytes"), "{chunk}");
        assert!(chunk.contains("chunk 2 is not known"), "{chunk}");
    }

    #[test]
    fn what_was_confirmed_is_told_without_a_doubt() {
        let chunk = words(vec![
            job(),
            sending(1),
            confirmed(1),
            sending(2),
            confirmed(2),
        ]);
        assert!(
            chunk.contains("2 chunks") && !chunk.contains("not known"),
            "{chunk}"
        );
        assert!(words(vec![job()]).contains("empty upload job abc"));
        let image = remote(RemoteFact::FirmwareImage { id: "xyz".into() });
        assert!(words(vec![job(), image]).contains("firmware image xyz"));
    }
}
