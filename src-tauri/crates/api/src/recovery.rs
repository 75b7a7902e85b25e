//! What a reader whose last load broke off can be recovered with.

use firmdrop_core::{Moment, Sha256};
use firmdrop_engine::{DeliveryOptions, JobId};
use serde::{Deserialize, Serialize};

use crate::ReaderView;

/// Where the image of a recovery comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub enum RecoverySource {
    /// It was verified at the address of the reader.
    Verified,
    /// A job read it from the reader before it wrote.
    Saved,
}

/// The image that a reader can be recovered with. Nothing is sent before it is planned and confirmed like any other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct RecoveryOffer {
    /// The reader.
    pub reader: ReaderView,
    /// Where the image comes from.
    pub source: RecoverySource,
    /// Where its file is; its bytes are those of then.
    pub path: String,
    /// The file's name.
    pub file_name: String,
    /// Version written inside it.
    pub version: Option<String>,
    /// Its SHA-256.
    pub sha256: Sha256,
    /// The job that verified or saved it.
    pub job: JobId,
    /// When that job ended.
    pub at: Moment,
    /// The options of that job, without which a raw file has no address.
    pub options: DeliveryOptions,
    /// What is known of the reader and of the image, one sentence each.
    pub known: Vec<String>,
}
