//! What an upload must remember across a kill, and the one who remembers it.

use std::time::Duration;

use async_trait::async_trait;
use firmdrop_core::Md5;
use serde::{Deserialize, Serialize};

use super::Unanswered;
use crate::pelion::FirmwareImage;

/// What an earlier run knew. The default is a first run.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct UploadState {
    /// The upload job, once the service gave its id.
    #[serde(default)]
    pub upload_job_id: Option<String>,
    /// The firmware image, once the service gave its id.
    #[serde(default)]
    pub firmware_image_id: Option<String>,
    /// Whether a request that creates the upload job, or the image itself, may have gone out.
    #[serde(default)]
    pub create_attempted: bool,
    /// How long ago that was, at least.
    #[serde(default)]
    pub create_ago: Duration,
    /// Whether the file in one request was refused as too large, so that it goes in chunks.
    #[serde(default)]
    pub whole_file_refused: bool,
    /// Whether the finishing chunk may have gone out.
    #[serde(default)]
    pub finish_attempted: bool,
    /// The request that may still be carried out: its last byte was handed over, or it has none,
    /// and its answer is unknown.
    #[serde(default)]
    pub unanswered: Option<Unanswered>,
    /// Chunks the service confirmed, in their order.
    #[serde(default)]
    pub receipts: Vec<ChunkReceipt>,
}

impl UploadState {
    /// The request that may have created the upload job.
    pub(super) fn creating(&self) -> Option<Unanswered> {
        self.create_attempted.then_some(Unanswered {
            length_bytes: 0,
            ago: self.create_ago,
        })
    }

    /// The file in one request was refused and is not with the service: what is created from now on
    /// is an upload job.
    pub fn learn_whole_file_refused(&mut self) {
        self.whole_file_refused = true;
        self.create_attempted = false;
        self.unanswered = None;
    }
}

/// A chunk that the service confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct ChunkReceipt {
    /// Its place, from 1.
    pub number: u32,
    /// Where it begins in the file, bytes.
    #[cfg_attr(feature = "specta", specta(type = u32))]
    pub offset_bytes: u64,
    /// Its length, bytes.
    #[cfg_attr(feature = "specta", specta(type = u32))]
    pub length_bytes: u64,
    /// Its MD5, ours and the service's.
    pub md5: Md5,
}

/// The record could not be written; nothing was sent after that.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct RecordError(pub String);

/// Remembers the deeds of an upload. Each call is durable before it returns; an error stops the
/// upload before the network is touched again.
#[async_trait]
pub trait UploadRecord: Send + Sync {
    /// A request that creates the upload job, or the image itself, goes out now.
    async fn creating_job(&self) -> Result<(), RecordError>;
    /// The file in one request was refused as too large, and the service does not hold it; it goes
    /// in chunks from now on.
    async fn whole_file_refused(&self) -> Result<(), RecordError>;
    /// The service gave the upload job's id.
    async fn job_created(&self, upload_job_id: &str) -> Result<(), RecordError>;
    /// A chunk goes out now.
    async fn sending_chunk(
        &self,
        number: u32,
        offset_bytes: u64,
        length_bytes: u64,
    ) -> Result<(), RecordError>;
    /// The last bytes of the chunk, or of the whole file, go out now: from here on the service can
    /// store it, whatever becomes of the answer.
    async fn handing_over(&self, length_bytes: u64) -> Result<(), RecordError>;
    /// The service refused the chunk, or the whole file, that was handed over last, and does not hold it.
    async fn refused(&self) -> Result<(), RecordError>;
    /// The service holds the chunk. `sent_again` says that it went out more than once.
    async fn chunk_confirmed(
        &self,
        receipt: &ChunkReceipt,
        sent_again: bool,
    ) -> Result<(), RecordError>;
    /// The service holds these chunks already, though nobody wrote that down here.
    async fn chunks_found(&self, receipts: &[ChunkReceipt]) -> Result<(), RecordError> {
        for receipt in receipts {
            self.chunk_confirmed(receipt, false).await?;
        }
        Ok(())
    }
    /// The finishing chunk goes out now.
    async fn finishing(&self) -> Result<(), RecordError>;
    /// The service gave the firmware image's id.
    async fn image_known(&self, firmware_image_id: &str) -> Result<(), RecordError>;
    /// The service's image was compared and is the file. Its address is where devices fetch it.
    async fn image_compared(&self, _image: &FirmwareImage) -> Result<(), RecordError> {
        Ok(())
    }
}
