//! An upload job and its chunks.

use firmdrop_core::{Moment, Sha256Hasher};
use serde::{Deserialize, Serialize};

use super::{SMALLEST_MIDDLE_CHUNK_BYTES, serial::unfinished_sha256};

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Job {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) created_at: Moment,
    pub(crate) updated_at: Moment,
    pub(crate) image_id: Option<String>,
    /// Saved one by one.
    #[serde(skip)]
    pub(crate) chunks: Vec<Chunk>,
    #[serde(with = "unfinished_sha256")]
    pub(super) sha256: Sha256Hasher,
    pub(crate) size_bytes: u64,
    /// How many of the chunks are saved.
    #[serde(skip)]
    pub(super) saved_chunks: usize,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Chunk {
    pub(crate) id: u32,
    /// Hexadecimal of the `Content-MD5` it came with; empty when it came without.
    pub(crate) hash: String,
    pub(crate) length: u64,
    pub(crate) created_at: Moment,
}

impl Job {
    pub(super) fn has_short_middle(&self) -> bool {
        match self.chunks.split_last() {
            Some((_, middle)) => middle.iter().any(Chunk::is_short),
            None => false,
        }
    }

    pub(crate) const fn status(&self) -> &'static str {
        match (&self.image_id, self.chunks.is_empty()) {
            (Some(_), _) => "completed",
            (None, true) => "not_started",
            (None, false) => "in_progress",
        }
    }
}

impl Chunk {
    pub(super) const fn is_short(&self) -> bool {
        self.length < SMALLEST_MIDDLE_CHUNK_BYTES
    }
}
