//! What happened to upload jobs: every stored chunk, so that a test can say "no chunk was stored
//! twice".

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use firmdrop_core::Md5;
use serde::Serialize;

/// One upload job.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct JobEntry {
    /// Bytes of all bodies that arrived for it, whole or broken, stored or refused.
    pub received_bytes: u64,
    /// Its stored chunks in their order, the finishing one included.
    pub chunks: Vec<ChunkEntry>,
    /// Whole chunk bodies that were taken in, sorted by where they would have begun.
    pub arrivals: Vec<Arrival>,
}

/// A stored chunk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChunkEntry {
    /// Its id.
    pub id: u32,
    /// Where it begins in the image, bytes.
    pub offset: u64,
    /// Its length, bytes.
    pub length: u64,
    /// MD5 of what arrived.
    pub md5: Md5,
}

/// How often a chunk arrived whole at one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Arrival {
    /// Where it begins in the image, bytes.
    pub offset: u64,
    /// How often.
    pub times: u32,
}

impl JobEntry {
    /// Ids of stored chunks whose length and MD5 an earlier chunk of the job already has: chunks
    /// stored twice, unless the file itself repeats.
    pub fn repeated_chunks(&self) -> Vec<u32> {
        let mut seen = std::collections::HashSet::new();
        let repeated = self
            .chunks
            .iter()
            .filter(|chunk| !seen.insert((chunk.length, chunk.md5)));
        repeated.map(|chunk| chunk.id).collect()
    }

    /// Bytes of its stored chunks.
    pub fn stored_bytes(&self) -> u64 {
        self.chunks.iter().map(|chunk| chunk.length).sum()
    }
}

/// The record while it is being written. Clones write the same record.
#[derive(Debug, Clone, Default)]
pub(crate) struct UploadRecorder(Arc<Mutex<BTreeMap<String, JobEntry>>>);

impl UploadRecorder {
    pub(crate) fn snapshot(&self) -> BTreeMap<String, JobEntry> {
        self.jobs().clone()
    }

    /// An upload job was made.
    pub(crate) fn opened(&self, job: &str) {
        self.jobs().entry(job.to_owned()).or_default();
    }

    /// More bytes arrived for a job that is known.
    pub(crate) fn received(&self, job: &str, bytes: u64) {
        if let Some(job) = self.jobs().get_mut(job) {
            job.received_bytes += bytes;
        }
    }

    /// A whole body arrived for this place.
    pub(crate) fn arrived(&self, job: &str, offset: u64) {
        let mut jobs = self.jobs();
        let arrivals = &mut jobs.entry(job.to_owned()).or_default().arrivals;
        match arrivals.binary_search_by_key(&offset, |arrival| arrival.offset) {
            Ok(index) => arrivals[index].times += 1,
            Err(index) => arrivals.insert(index, Arrival { offset, times: 1 }),
        }
    }

    /// A chunk was stored.
    pub(crate) fn stored(&self, job: &str, chunk: ChunkEntry) {
        let mut jobs = self.jobs();
        jobs.entry(job.to_owned()).or_default().chunks.push(chunk);
    }

    fn jobs(&self) -> MutexGuard<'_, BTreeMap<String, JobEntry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
