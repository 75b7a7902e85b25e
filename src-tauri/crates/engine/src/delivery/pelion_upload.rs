//! Uploads the image into a Pelion account.

use std::sync::Arc;

use firmdrop_cloud::pelion::rollout::RolloutFact;
use firmdrop_cloud::pelion::upload::{
    self, ChunkReceipt, Chunking, RecordError, UploadError, UploadRecord, UploadRequest,
    UploadState,
};
use firmdrop_cloud::pelion::{FirmwareImage, Pelion};
use firmdrop_core::{
    Code, DeliveryEvents as _, Diagnose as _, Diagnosis, Moment, Note, NoteKind, Outcome, Remedy,
};

use super::campaign_rollout;
use super::check_file::{CHECK_FILE, open_planned};
use super::events::JobEvents;
use super::pelion_fact::{self, RemoteFact};
use super::runner::{Ended, Run, task_died};
use crate::journal::Event;
use crate::{PieceRecord, PieceState};

pub(super) async fn run(run: &Run, account: &str) -> Ended {
    match prepare(run, account).await {
        Ok(prepared) => deliver(run, prepared).await,
        Err(diagnosis) => Ended::Failed(diagnosis),
    }
}

/// The upload, and the rollout when there is a campaign. An image that was compared before is not
/// compared again: the campaign names its address.
async fn deliver(run: &Run, prepared: Prepared) -> Ended {
    let Prepared { pelion, upload } = prepared;
    let (record, stop) = (&*run.events, run.control.stop());
    if let Some((request, state)) = upload {
        let outcome = Box::pin(upload::upload(
            &pelion, &request, state, record, record, stop,
        ))
        .await;
        match (outcome, &run.plan.campaign) {
            (Ok(Outcome::Sent { reason }), Some(_)) => {
                return Ended::Failed(Box::new(campaign_rollout::unproved(&reason)));
            }
            (Ok(Outcome::Verified { .. }), Some(_)) => {}
            (Err(UploadError::SameImageExists { image_id, .. }), Some(_)) => {
                if let Err(diagnosis) = take_over(run, &pelion, &image_id).await {
                    return Ended::Failed(diagnosis);
                }
            }
            (Ok(outcome), None) => return Ended::Done(outcome),
            (Err(UploadError::Stopped { .. }), _) => return Ended::Stopped(run.kept().await),
            (Err(error), _) => return Ended::Failed(Box::new(error.diagnose())),
        }
    }
    let Some(campaign) = &run.plan.campaign else {
        return Ended::Failed(Box::new(campaign_rollout::unproved(
            "The plan has no campaign.",
        )));
    };
    // The upload wrote the image's address down.
    let history = run.shared.journal.history(&run.id);
    match history {
        Ok(history) => {
            let state = campaign_rollout::state_of(&history);
            Box::pin(campaign_rollout::run(run, &pelion, campaign, state)).await
        }
        Err(error) => Ended::Failed(Box::new(error.diagnose())),
    }
}

/// An earlier rollout, or somebody else, brought these very bytes: devices may fetch them there.
async fn take_over(run: &Run, pelion: &Pelion, image_id: &str) -> Result<(), Box<Diagnosis>> {
    let record = &*run.events;
    let failed = |diagnosis: Diagnosis| {
        let state = format!("The service keeps the firmware image {image_id}.");
        Box::new(diagnosis.state(state).remedy(Remedy::Resume))
    };
    let image = pelion.firmware_image(image_id).await;
    let image = image.map_err(|error| failed(error.diagnose()))?;
    record.note(
        Note::new(NoteKind::Kept, "The service already holds these bytes")
            .detail(format!("The firmware image {image_id} is used as it is.")),
    );
    let written = record.image_known(image_id);
    written
        .and_then(|()| record.image_compared(&image))
        .map_err(|error| {
            let what = "The firmware image was not taken over.";
            failed(Diagnosis::new(Code::HomeNotWritable, what, error.0))
        })
}

/// What a delivery needs, read from disk.
struct Prepared {
    pelion: Pelion,
    /// `None` when the image was uploaded and compared: its file is not needed any more.
    upload: Option<(UploadRequest, UploadState)>,
}

async fn prepare(run: &Run, name: &str) -> Result<Prepared, Box<Diagnosis>> {
    let journal = &run.shared.journal;
    let history = journal.history(&run.id).map_err(Diagnosis::from)?;
    let is_uploaded = campaign_rollout::state_of(&history).image_url.is_some();
    if !is_uploaded {
        run.events.phase(CHECK_FILE);
    }
    let image = run.plan.image.clone();
    let accounts = run.shared.accounts.clone();
    let wanted = name.to_owned();
    let blocking = tokio::task::spawn_blocking(move || {
        let source = (!is_uploaded).then(|| open_planned(&image)).transpose()?;
        let account = accounts.get(&wanted)?;
        let key = accounts.key(&account)?;
        Ok::<_, Diagnosis>((source, account, key))
    });
    let (source, account, key) = blocking.await.map_err(|error| task_died(&error))??;
    let chunking = match run.plan.options.chunk_bytes {
        Some(chunk_bytes) => Chunking::Fixed { chunk_bytes },
        None => Chunking::Auto {
            // What is not known is learned again: no reason to fail.
            first_bytes: journal.last_piece_bytes("pelion", name).unwrap_or_default(),
        },
    };
    let upload = source.map(|source| {
        let request = UploadRequest {
            source: source as Arc<_>,
            expected: run.plan.image.expected,
            name: run.plan.image_name().to_owned(),
            description: run.plan.options.description.clone().unwrap_or_default(),
            file_name: run.plan.image.file_name.clone(),
            chunking,
        };
        (request, state_of(&history))
    });
    Ok(Prepared {
        pelion: account.connect(key)?,
        upload,
    })
}

/// What earlier runs of a job wrote down about its upload.
fn state_of(history: &[(Moment, Event)]) -> UploadState {
    let mut state = UploadState::default();
    for (_, event) in history {
        match pelion_fact::read(event) {
            Some(RemoteFact::CreatingUploadJob) => state.create_attempted = true,
            Some(RemoteFact::WholeFileRefused) => state.learn_whole_file_refused(),
            Some(RemoteFact::UploadJob { id }) => {
                // Another upload job: what the one before held is gone.
                if state.upload_job_id.as_ref() != Some(&id) {
                    state.receipts.clear();
                }
                state.upload_job_id = Some(id);
            }
            Some(RemoteFact::Finishing) => state.finish_attempted = true,
            Some(RemoteFact::FirmwareImage { id }) => state.firmware_image_id = Some(id),
            None => {}
        }
        match event {
            Event::PiecesGone => state.receipts.clear(),
            Event::Piece { piece } => {
                if let Some(receipt) = receipt(piece) {
                    let others = |known: &ChunkReceipt| known.number != receipt.number;
                    state.receipts.retain(others);
                    state.receipts.push(receipt);
                }
            }
            _ => {}
        }
    }
    state
}

/// What the service confirmed of a chunk; `None` while it is only on its way.
fn receipt(piece: &PieceRecord) -> Option<ChunkReceipt> {
    let md5 = piece.digest.as_deref()?.strip_prefix("md5:")?;
    (piece.state == PieceState::Confirmed).then_some(ChunkReceipt {
        number: piece.number,
        offset_bytes: piece.offset_bytes,
        length_bytes: piece.length_bytes,
        md5: md5.parse().ok()?,
    })
}

fn confirmed(receipt: &ChunkReceipt, sent_again: bool) -> Event {
    let piece = PieceRecord {
        file: 0,
        number: receipt.number,
        offset_bytes: receipt.offset_bytes,
        length_bytes: receipt.length_bytes,
        digest: Some(format!("md5:{}", receipt.md5)),
        state: PieceState::Confirmed,
        sent_again,
    };
    Event::Piece { piece }
}

impl JobEvents {
    fn write(&self, events: &[Event]) -> Result<(), RecordError> {
        let written = self.record_blocking(events);
        written.map_err(|error| RecordError(error.to_string()))
    }

    fn write_fact(&self, fact: &RemoteFact) -> Result<(), RecordError> {
        self.write(&[pelion_fact::line(fact)])
    }
}

impl UploadRecord for JobEvents {
    fn creating_job(&self) -> Result<(), RecordError> {
        self.write_fact(&RemoteFact::CreatingUploadJob)
    }

    fn whole_file_refused(&self) -> Result<(), RecordError> {
        self.write_fact(&RemoteFact::WholeFileRefused)
    }

    fn job_created(&self, upload_job_id: &str) -> Result<(), RecordError> {
        let id = upload_job_id.to_owned();
        let line = pelion_fact::line(&RemoteFact::UploadJob { id });
        if self.pieces_confirmed() > 0 {
            return self.write(&[line, Event::PiecesGone]);
        }
        self.write(&[line])
    }

    fn sending_chunk(
        &self,
        number: u32,
        offset_bytes: u64,
        length_bytes: u64,
    ) -> Result<(), RecordError> {
        let piece = PieceRecord {
            file: 0,
            number,
            offset_bytes,
            length_bytes,
            digest: None,
            state: PieceState::Sending,
            sent_again: false,
        };
        self.write(&[Event::Piece { piece }])
    }

    fn chunk_confirmed(&self, receipt: &ChunkReceipt, sent_again: bool) -> Result<(), RecordError> {
        self.write(&[confirmed(receipt, sent_again)])
    }

    fn chunks_found(&self, receipts: &[ChunkReceipt]) -> Result<(), RecordError> {
        if receipts.is_empty() {
            return Ok(());
        }
        let found: Vec<Event> = receipts
            .iter()
            .map(|receipt| confirmed(receipt, false))
            .collect();
        self.write(&found)
    }

    fn finishing(&self) -> Result<(), RecordError> {
        self.write_fact(&RemoteFact::Finishing)
    }

    fn image_known(&self, firmware_image_id: &str) -> Result<(), RecordError> {
        let id = firmware_image_id.to_owned();
        self.write_fact(&RemoteFact::FirmwareImage { id })
    }

    fn image_compared(&self, image: &FirmwareImage) -> Result<(), RecordError> {
        let url = image.datafile.clone();
        let fact = RolloutFact::Image { url };
        if self.has_campaign() && !image.datafile.is_empty() {
            return self.write(&[pelion_fact::line(&fact)]);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The state after these facts, as a journal holds them.
    fn after(facts: &[&str]) -> UploadState {
        let event = |fact: &&str| {
            let body = format!(r#"{{"event":"remote","fact":{fact}}}"#);
            (
                Moment::from_millisecond(0),
                serde_json::from_str(&body).unwrap(),
            )
        };
        state_of(&facts.iter().map(event).collect::<Vec<_>>())
    }

    const CREATING: &str = r#"{"fact":"creating_upload_job"}"#;
    const REFUSED: &str = r#"{"fact":"whole_file_refused"}"#;

    #[test]
    fn a_journal_tells_whether_a_creation_was_of_the_whole_file_or_of_an_upload_job() {
        let whole = after(&[CREATING]);
        assert!(whole.create_attempted && !whole.whole_file_refused);
        let refused = after(&[CREATING, REFUSED]);
        assert!(!refused.create_attempted && refused.whole_file_refused);
        let creating = after(&[CREATING, REFUSED, CREATING]);
        assert!(creating.create_attempted && creating.whole_file_refused);
    }
}
