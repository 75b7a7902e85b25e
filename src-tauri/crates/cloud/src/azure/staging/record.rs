//! What staging must remember across a kill, and the one who remembers it.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::block_id::Division;

/// What an earlier run knew. The default is a first run.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct StagingState {
    /// The files in the order of the request; empty while no name was given.
    #[serde(default)]
    pub files: Vec<FileState>,
}

/// What is known of one file.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct FileState {
    /// Its blob, without the container.
    pub blob: String,
    /// Its size, bytes.
    pub size_bytes: u64,
    /// Length of its first blocks, bytes.
    pub block_bytes: u64,
    /// Length that its blocks do not fall below towards its end, but for the last one. Missing where an older
    /// program began: then all have the length of the first.
    #[serde(default)]
    pub shortest_block_bytes: Option<u64>,
    /// Bytes of blocks that the storage confirmed. The storage is asked again before any is left
    /// out.
    #[serde(default)]
    pub confirmed_bytes: u64,
    /// Whether the request that puts the blocks together may have gone out.
    #[serde(default)]
    pub committing: bool,
    /// Whether the blob was there, compared, as the file.
    #[serde(default)]
    pub staged: bool,
}

impl FileState {
    /// How the file is divided into blocks.
    pub(super) fn division(&self) -> Division {
        Division {
            block_bytes: self.block_bytes,
            shortest_bytes: self.shortest_block_bytes.unwrap_or(self.block_bytes),
        }
    }
}

/// A block that the storage confirmed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct BlockReceipt {
    /// Its place in the file, from 1.
    pub number: u32,
    /// Where it begins, bytes.
    #[cfg_attr(feature = "specta", specta(type = u32))]
    pub offset_bytes: u64,
    /// Its length, bytes.
    #[cfg_attr(feature = "specta", specta(type = u32))]
    pub length_bytes: u64,
    /// Its CRC-64, hexadecimal, which the storage compared.
    pub crc64: String,
}

/// The record could not be written; nothing was sent after that.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct RecordError(pub String);

/// Remembers the deeds of staging. An error stops it before the network is touched again.
///
/// Files are named by their place in the request.
#[async_trait]
pub trait StagingRecord: Send + Sync {
    /// Blobs of these names are stored from now on. Durable before it returns: what is not written
    /// down here could not be removed later.
    async fn named(&self, files: &[FileState]) -> Result<(), RecordError>;
    /// The storage holds the block. Need not be durable: blocks prove themselves.
    async fn block_confirmed(
        &self,
        _file: usize,
        _receipt: &BlockReceipt,
    ) -> Result<(), RecordError> {
        Ok(())
    }
    /// The request that puts the blocks of this file together goes out now. Durable before it
    /// returns.
    async fn committing(&self, file: usize) -> Result<(), RecordError>;
    /// The blob of this file was compared and is the file.
    async fn staged(&self, file: usize) -> Result<(), RecordError>;
}
