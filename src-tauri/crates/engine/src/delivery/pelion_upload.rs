//! Uploads the image into a Pelion account.

use std::sync::Arc;

use firmdrop_cloud::pelion::Pelion;
use firmdrop_cloud::pelion::upload::{
    self, ChunkReceipt, Chunking, RecordError, UploadError, UploadRecord, UploadRequest,
    UploadState,
};
use firmdrop_core::{DeliveryEvents as _, Diagnose as _, Diagnosis, Moment};

use super::check_file::{CHECK_FILE, open_planned};
use super::events::JobEvents;
use super::runner::{Ended, Run, task_died};
use crate::journal::{Event, RemoteFact};

pub(super) async fn run(run: &Run, account: &str) -> Ended {
    match prepare(run, account).await {
        Ok((pelion, request, state)) => {
            let record = &*run.events;
            let stop = run.control.stop();
            match upload::upload(&pelion, &request, state, record, record, stop).await {
                Ok(outcome) => Ended::Done(outcome),
                Err(UploadError::Stopped { .. }) => Ended::Stopped(run.kept()),
                Err(error) => Ended::Failed(Box::new(error.diagnose())),
            }
        }
        Err(diagnosis) => Ended::Failed(diagnosis),
    }
}

async fn prepare(
    run: &Run,
    account: &str,
) -> Result<(Pelion, UploadRequest, UploadState), Box<Diagnosis>> {
    run.events.phase(CHECK_FILE);
    let image = run.plan.image.clone();
    let accounts = run.shared.accounts.clone();
    let name = account.to_owned();
    let blocking = tokio::task::spawn_blocking(move || {
        let source = open_planned(&image)?;
        let account = accounts.get(&name)?;
        let key = accounts.key(&account)?;
        Ok::<_, Diagnosis>((source, account, key))
    });
    let (source, account, key) = blocking.await.map_err(|error| task_died(&error))??;
    let pelion = account.connect(key)?;
    let history = run
        .shared
        .journal
        .history(&run.id)
        .map_err(|error| error.diagnose())?;
    let request = UploadRequest {
        source: source as Arc<_>,
        promise: run.plan.image.promise,
        name: run.plan.image_name().to_owned(),
        description: run.plan.options.description.clone().unwrap_or_default(),
        file_name: run.plan.image.file_name.clone(),
        chunking: Chunking::from(run.plan.options.chunk_bytes),
    };
    Ok((pelion, request, state_of(&history)))
}

/// What earlier runs of a job wrote down about its upload.
fn state_of(history: &[(Moment, Event)]) -> UploadState {
    let mut state = UploadState::default();
    for (_, event) in history {
        match event {
            Event::Remote { fact } => match fact {
                RemoteFact::CreatingUploadJob => state.create_attempted = true,
                RemoteFact::UploadJob { id } => {
                    // Another upload job: what the one before held is gone.
                    if state.upload_job_id.as_ref() != Some(id) {
                        state.receipts.clear();
                    }
                    state.upload_job_id = Some(id.clone());
                }
                RemoteFact::Finishing => state.finish_attempted = true,
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

impl JobEvents {
    fn record(&self, event: Event) -> Result<(), RecordError> {
        self.write(&[event]).map_err(RecordError)
    }
}

impl UploadRecord for JobEvents {
    fn creating_job(&self) -> Result<(), RecordError> {
        self.record(Event::Remote {
            fact: RemoteFact::CreatingUploadJob,
        })
    }

    fn job_created(&self, upload_job_id: &str) -> Result<(), RecordError> {
        self.record(Event::Remote {
            fact: RemoteFact::UploadJob {
                id: upload_job_id.to_owned(),
            },
        })
    }

    fn sending_chunk(
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

    fn chunk_confirmed(&self, receipt: &ChunkReceipt, sent_again: bool) -> Result<(), RecordError> {
        let ChunkReceipt {
            number,
            offset_bytes,
            length_bytes,
            md5,
        } = *receipt;
        self.record(Event::PieceConfirmed {
            number,
            offset_bytes,
            length_bytes,
            md5,
            sent_again,
        })
    }

    fn finishing(&self) -> Result<(), RecordError> {
        self.record(Event::Remote {
            fact: RemoteFact::Finishing,
        })
    }

    fn image_known(&self, firmware_image_id: &str) -> Result<(), RecordError> {
        self.record(Event::Remote {
            fact: RemoteFact::FirmwareImage {
                id: firmware_image_id.to_owned(),
            },
        })
    }
}
