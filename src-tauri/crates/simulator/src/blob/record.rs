//! What happened: every request, and every block that arrived whole.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde::Serialize;

use crate::http::{RequestEntry, Requests};

/// What happened since the server started.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct BlobRecord {
    /// The requests in the order they came, without those to `/simulator`.
    pub requests: VecDeque<RequestEntry>,
    /// Requests older than the first one stored.
    pub forgotten_requests: u64,
    /// Each blob that a byte was sent for, by `container/name`, also after it was deleted.
    pub blobs: BTreeMap<String, BlobEntry>,
}

/// What arrived for one blob.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct BlobEntry {
    /// The blocks by their ids.
    pub blocks: BTreeMap<String, BlockEntry>,
    /// How often its blocks were made the blob.
    pub commits: u64,
    /// How often it was sent whole in one request.
    pub whole: u64,
}

/// One block.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct BlockEntry {
    /// Its size when it last arrived.
    pub size_bytes: u64,
    /// How often it arrived whole.
    pub arrivals: u64,
}

impl BlobRecord {
    /// The blocks that arrived whole more than once, as `container/name` and block id.
    pub fn repeated_blocks(&self) -> Vec<(String, String)> {
        let all = self.blobs.iter().flat_map(|(name, blob)| {
            let repeated = blob.blocks.iter().filter(|(_, block)| block.arrivals > 1);
            repeated.map(|(id, _)| (name.clone(), id.clone()))
        });
        all.collect()
    }
}

/// The record of blobs while it is being written. Clones write the same record.
#[derive(Debug, Clone, Default)]
pub(crate) struct BlobRecorder(Arc<Mutex<BTreeMap<String, BlobEntry>>>);

impl BlobRecorder {
    pub(crate) fn block(&self, blob: &str, id: &str, size_bytes: u64) {
        let mut blobs = self.blobs();
        let blocks = &mut blobs.entry(blob.to_owned()).or_default().blocks;
        let block = blocks.entry(id.to_owned()).or_default();
        block.size_bytes = size_bytes;
        block.arrivals += 1;
    }

    pub(crate) fn committed(&self, blob: &str) {
        self.blobs().entry(blob.to_owned()).or_default().commits += 1;
    }

    pub(crate) fn whole(&self, blob: &str) {
        self.blobs().entry(blob.to_owned()).or_default().whole += 1;
    }

    pub(crate) fn snapshot(&self, requests: Requests) -> BlobRecord {
        BlobRecord {
            requests: requests.entries,
            forgotten_requests: requests.forgotten,
            blobs: self.blobs().clone(),
        }
    }

    fn blobs(&self) -> MutexGuard<'_, BTreeMap<String, BlobEntry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
