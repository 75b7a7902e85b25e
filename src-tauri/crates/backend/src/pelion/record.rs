//! Writes the acts of an upload and a rollout into the job's journal before the service is asked
//! for them.

use async_trait::async_trait;
use firmdrop_cloud::pelion::FirmwareImage;
use firmdrop_cloud::pelion::rollout::{RolloutFact, RolloutRecord};
use firmdrop_cloud::pelion::upload::{ChunkReceipt, RecordError, UploadRecord};
use firmdrop_core::NotDurable;
use firmdrop_engine::{JobContext, PieceRecord, PieceState};

use super::facts::{Fact, UploadFact, confirmed};

/// The journal of one job, as its upload and rollout use it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Record<'a> {
    pub(super) context: &'a JobContext,
    /// The image is for a fleet: devices fetch it from its address.
    pub(super) has_campaign: bool,
}

impl Record<'_> {
    async fn fact(&self, fact: &Fact) -> Result<(), RecordError> {
        self.context.fact(fact).await.map_err(not_durable)
    }

    async fn upload(&self, fact: UploadFact) -> Result<(), RecordError> {
        self.fact(&Fact::Upload(fact)).await
    }
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "errors end here, by `map_err`"
)]
fn not_durable(error: NotDurable) -> RecordError {
    RecordError(error.to_string())
}

#[async_trait]
impl UploadRecord for Record<'_> {
    async fn creating_job(&self) -> Result<(), RecordError> {
        self.upload(UploadFact::CreatingUploadJob).await
    }

    async fn whole_file_refused(&self) -> Result<(), RecordError> {
        self.upload(UploadFact::WholeFileRefused).await
    }

    async fn handing_over(&self, length_bytes: u64) -> Result<(), RecordError> {
        self.upload(UploadFact::HandingOver { length_bytes }).await
    }

    async fn refused(&self) -> Result<(), RecordError> {
        self.upload(UploadFact::Refused).await
    }

    async fn job_created(&self, upload_job_id: &str) -> Result<(), RecordError> {
        // What another upload job held is not in this one.
        self.context.pieces_gone();
        let id = upload_job_id.to_owned();
        self.upload(UploadFact::UploadJob { id }).await
    }

    async fn sending_chunk(
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
        self.context.pieces(vec![piece]).await.map_err(not_durable)
    }

    async fn chunk_confirmed(
        &self,
        receipt: &ChunkReceipt,
        sent_again: bool,
    ) -> Result<(), RecordError> {
        let piece = confirmed(receipt, sent_again);
        self.context.pieces(vec![piece]).await.map_err(not_durable)
    }

    async fn chunks_found(&self, receipts: &[ChunkReceipt]) -> Result<(), RecordError> {
        let pieces = receipts.iter().map(|receipt| confirmed(receipt, false));
        self.context
            .pieces(pieces.collect())
            .await
            .map_err(not_durable)
    }

    async fn finishing(&self) -> Result<(), RecordError> {
        self.upload(UploadFact::Finishing).await
    }

    async fn image_known(&self, firmware_image_id: &str) -> Result<(), RecordError> {
        let id = firmware_image_id.to_owned();
        self.upload(UploadFact::FirmwareImage { id }).await
    }

    async fn image_compared(&self, image: &FirmwareImage) -> Result<(), RecordError> {
        if !self.has_campaign || image.datafile.is_empty() {
            return Ok(());
        }
        let url = image.datafile.clone();
        self.fact(&Fact::Rollout(RolloutFact::Image { url })).await
    }
}

#[async_trait]
impl RolloutRecord for Record<'_> {
    async fn rollout(&self, fact: &RolloutFact) -> Result<(), RecordError> {
        self.fact(&Fact::Rollout(fact.clone())).await?;
        if *fact == RolloutFact::Started {
            // What follows only watches: the next job may have the account.
            self.context.release_destination();
        }
        Ok(())
    }
}
