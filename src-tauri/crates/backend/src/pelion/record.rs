//! Writes the acts of an upload and a rollout into the job's journal before the service is asked
//! for them.

use firmdrop_cloud::pelion::FirmwareImage;
use firmdrop_cloud::pelion::rollout::{RolloutFact, RolloutRecord};
use firmdrop_cloud::pelion::upload::{ChunkReceipt, RecordError, UploadRecord};
use firmdrop_engine::{JobContext, NotWritten, PieceRecord, PieceState};

use super::facts::{Fact, UploadFact, confirmed};

/// The journal of one job, as its upload and rollout use it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Record<'a> {
    pub(super) context: &'a JobContext,
    /// The image goes on to a fleet: devices fetch it from its address.
    pub(super) has_campaign: bool,
}

impl Record<'_> {
    fn fact(&self, fact: &Fact) -> Result<(), RecordError> {
        self.context.fact(fact).map_err(not_written)
    }

    fn upload(&self, fact: UploadFact) -> Result<(), RecordError> {
        self.fact(&Fact::Upload(fact))
    }
}

fn not_written(error: NotWritten) -> RecordError {
    RecordError(error.0)
}

impl UploadRecord for Record<'_> {
    fn creating_job(&self) -> Result<(), RecordError> {
        self.upload(UploadFact::CreatingUploadJob)
    }

    fn whole_file_refused(&self) -> Result<(), RecordError> {
        self.upload(UploadFact::WholeFileRefused)
    }

    fn handing_over(&self, length_bytes: u64) -> Result<(), RecordError> {
        self.upload(UploadFact::HandingOver { length_bytes })
    }

    fn job_created(&self, upload_job_id: &str) -> Result<(), RecordError> {
        let id = upload_job_id.to_owned();
        self.upload(UploadFact::UploadJob { id })
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
        self.context.pieces(vec![piece]).map_err(not_written)
    }

    fn chunk_confirmed(&self, receipt: &ChunkReceipt, sent_again: bool) -> Result<(), RecordError> {
        let piece = confirmed(receipt, sent_again);
        self.context.pieces(vec![piece]).map_err(not_written)
    }

    fn chunks_found(&self, receipts: &[ChunkReceipt]) -> Result<(), RecordError> {
        let pieces = receipts.iter().map(|receipt| confirmed(receipt, false));
        self.context.pieces(pieces.collect()).map_err(not_written)
    }

    fn finishing(&self) -> Result<(), RecordError> {
        self.upload(UploadFact::Finishing)
    }

    fn image_known(&self, firmware_image_id: &str) -> Result<(), RecordError> {
        let id = firmware_image_id.to_owned();
        self.upload(UploadFact::FirmwareImage { id })
    }

    fn image_compared(&self, image: &FirmwareImage) -> Result<(), RecordError> {
        if !self.has_campaign || image.datafile.is_empty() {
            return Ok(());
        }
        let url = image.datafile.clone();
        self.fact(&Fact::Rollout(RolloutFact::Image { url }))
    }
}

impl RolloutRecord for Record<'_> {
    fn rollout(&self, fact: &RolloutFact) -> Result<(), RecordError> {
        self.fact(&Fact::Rollout(fact.clone()))
    }
}
