//! Uploads the image into a Pelion account.

use std::sync::Arc;

use firmdrop_cloud::pelion::rollout::RolloutFact;
use firmdrop_cloud::pelion::upload::{
    self, ChunkReceipt, Chunking, RecordError, Unanswered, UploadError, UploadRecord,
    UploadRequest, UploadState,
};
use firmdrop_cloud::pelion::{FirmwareImage, Pelion};
use firmdrop_core::{
    Code, DeliveryEvents as _, Diagnose as _, Diagnosis, Moment, Note, NoteKind, Outcome, Remedy,
};

use super::campaign_rollout;
use super::check_file::{CHECK_FILE, open_planned};
use super::events::JobEvents;
use super::runner::{Ended, Run, task_died};
use crate::journal::{Event, RemoteFact};

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
            (Err(UploadError::Stopped { .. }), _) => return Ended::Stopped(run.kept()),
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
    let written = async {
        record.image_known(image_id).await?;
        record.image_compared(&image).await
    };
    written.await.map_err(|error: RecordError| {
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
            first_bytes: journal.chunk_of_last_upload(name).unwrap_or_default(),
        },
    };
    let now = run.shared.clock.now();
    let upload = source.map(|source| {
        let request = UploadRequest {
            source: source as Arc<_>,
            expected: run.plan.image.expected,
            name: run.plan.image_name().to_owned(),
            description: run.plan.options.description.clone().unwrap_or_default(),
            file_name: run.plan.image.file_name.clone(),
            chunking,
        };
        (request, state_of(&history, now))
    });
    Ok(Prepared {
        pelion: (account.connect(key)?).with_settling(run.shared.settles_within),
        upload,
    })
}

/// What earlier runs of a job wrote down about its upload.
fn state_of(history: &[(Moment, Event)], now: Moment) -> UploadState {
    let mut state = UploadState::default();
    for (at, event) in history {
        match event {
            Event::Remote { fact } => match fact {
                RemoteFact::CreatingUploadJob => state.create_attempted = true,
                RemoteFact::HandingOver { length_bytes } => {
                    state.unanswered = Some(Unanswered::since(*length_bytes, *at, now));
                }
                RemoteFact::WholeFileRefused => state.learn_whole_file_refused(),
                RemoteFact::UploadJob { id } => {
                    // Another upload job: what the one before held is gone.
                    if state.upload_job_id.as_ref() != Some(id) {
                        state.receipts.clear();
                    }
                    state.upload_job_id = Some(id.clone());
                }
                RemoteFact::Finishing => {
                    state.finish_attempted = true;
                    state.unanswered = Some(Unanswered::since(0, *at, now));
                }
                RemoteFact::FirmwareImage { id } => state.firmware_image_id = Some(id.clone()),
            },
            Event::PieceConfirmed {
                number,
                offset_bytes,
                length_bytes,
                md5,
                ..
            } => {
                let receipt = ChunkReceipt {
                    number: *number,
                    offset_bytes: *offset_bytes,
                    length_bytes: *length_bytes,
                    md5: *md5,
                };
                state.unanswered = None;
                state
                    .receipts
                    .retain(|known| known.number != receipt.number);
                state.receipts.push(receipt);
            }
            _ => {}
        }
    }
    state
}

fn confirmed(receipt: &ChunkReceipt, sent_again: bool) -> Event {
    let ChunkReceipt {
        number,
        offset_bytes,
        length_bytes,
        md5,
    } = *receipt;
    Event::PieceConfirmed {
        number,
        offset_bytes,
        length_bytes,
        md5,
        sent_again,
    }
}

impl JobEvents {
    fn record(&self, event: Event) -> Result<(), RecordError> {
        self.write(&[event]).map_err(RecordError)
    }
}

#[async_trait::async_trait]
impl UploadRecord for JobEvents {
    async fn creating_job(&self) -> Result<(), RecordError> {
        self.record(Event::Remote {
            fact: RemoteFact::CreatingUploadJob,
        })
    }

    async fn whole_file_refused(&self) -> Result<(), RecordError> {
        self.record(Event::Remote {
            fact: RemoteFact::WholeFileRefused,
        })
    }

    async fn handing_over(&self, length_bytes: u64) -> Result<(), RecordError> {
        self.record(Event::Remote {
            fact: RemoteFact::HandingOver { length_bytes },
        })
    }

    async fn job_created(&self, upload_job_id: &str) -> Result<(), RecordError> {
        self.record(Event::Remote {
            fact: RemoteFact::UploadJob {
                id: upload_job_id.to_owned(),
            },
        })
    }

    async fn sending_chunk(
        &self,
        number: u32,
        offset_bytes: u64,
        length_bytes: u64,
    ) -> Result<(), RecordError> {
        self.record(Event::PieceSending {
            number,
            offset_bytes,
            length_bytes,
        })
    }

    async fn chunk_confirmed(
        &self,
        receipt: &ChunkReceipt,
        sent_again: bool,
    ) -> Result<(), RecordError> {
        self.record(confirmed(receipt, sent_again))
    }

    async fn chunks_found(&self, receipts: &[ChunkReceipt]) -> Result<(), RecordError> {
        if receipts.is_empty() {
            return Ok(());
        }
        let found: Vec<Event> = receipts
            .iter()
            .map(|receipt| confirmed(receipt, false))
            .collect();
        self.write(&found).map_err(RecordError)
    }

    async fn finishing(&self) -> Result<(), RecordError> {
        self.record(Event::Remote {
            fact: RemoteFact::Finishing,
        })
    }

    async fn image_known(&self, firmware_image_id: &str) -> Result<(), RecordError> {
        self.record(Event::Remote {
            fact: RemoteFact::FirmwareImage {
                id: firmware_image_id.to_owned(),
            },
        })
    }

    async fn image_compared(&self, image: &FirmwareImage) -> Result<(), RecordError> {
        let url = image.datafile.clone();
        let fact = RolloutFact::Image { url };
        if self.has_campaign() && !image.datafile.is_empty() {
            return self.record(Event::Rollout { fact });
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
        let now = Moment::from_millisecond(5000);
        state_of(&facts.iter().map(event).collect::<Vec<_>>(), now)
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

    #[test]
    fn what_was_handed_over_without_an_answer_may_still_be_stored() {
        const HANDING_OVER: &str = r#"{"fact":"handing_over","length_bytes":7}"#;
        let left = after(&[CREATING, HANDING_OVER]).unanswered.unwrap();
        assert_eq!((left.length_bytes, left.ago.as_secs()), (7, 5));
        assert_eq!(after(&[CREATING]).unanswered, None);
        assert_eq!(after(&[CREATING, HANDING_OVER, REFUSED]).unanswered, None);
    }
}
