//! What happened: every request and every stored chunk, so that a test can say "no chunk was
//! stored twice".

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use firmdrop_core::Md5;
use serde::Serialize;

/// Requests kept; older ones are only counted. A world that runs for weeks must not grow.
const MOST_REQUESTS: usize = 100_000;

/// What happened since the server started.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Record {
    /// The requests in the order they came, without those to `/simulator`.
    pub requests: VecDeque<RequestEntry>,
    /// Requests older than the first one kept.
    pub forgotten_requests: u64,
    /// Each upload job by its id, also after it was deleted.
    pub jobs: BTreeMap<String, JobEntry>,
}

/// One request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RequestEntry {
    /// Its number, from 0.
    pub number: u64,
    /// The method.
    pub method: String,
    /// Path and query as they came.
    pub target: String,
    /// Bytes of its body that arrived.
    pub body_bytes: u64,
    /// Status of the answer, also of one that was lost.
    pub status: Option<u16>,
    /// How it ended.
    pub ended: Ended,
}

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// It has not ended.
    Running,
    /// An answer was given to the line.
    Answered,
    /// The dial cut it inside its body.
    CutInBody,
    /// The dial lost its answer; it was carried out.
    AnswerLost,
    /// The dial left it without an answer.
    Silenced,
    /// The connection broke, or the plug was pulled.
    ConnectionLost,
}

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

/// The record while it is being written.
#[derive(Debug, Clone, Default)]
pub(super) struct Recorder(Arc<Mutex<Record>>);

impl Recorder {
    pub(super) fn snapshot(&self) -> Record {
        self.record().clone()
    }

    pub(super) fn begin(&self, method: &str, target: &str, job: Option<&str>) -> Running {
        let mut record = self.record();
        let number = record.forgotten_requests + record.requests.len() as u64;
        if record.requests.len() == MOST_REQUESTS {
            record.requests.pop_front();
            record.forgotten_requests += 1;
        }
        record.requests.push_back(RequestEntry {
            number,
            method: method.to_owned(),
            target: target.to_owned(),
            body_bytes: 0,
            status: None,
            ended: Ended::Running,
        });
        Running {
            recorder: self.clone(),
            number,
            job: job.map(str::to_owned),
        }
    }

    /// An upload job was made.
    pub(super) fn opened(&self, job: &str) {
        self.record().jobs.entry(job.to_owned()).or_default();
    }

    pub(super) fn arrived(&self, job: &str, offset: u64) {
        let mut record = self.record();
        let arrivals = &mut record.jobs.entry(job.to_owned()).or_default().arrivals;
        match arrivals.binary_search_by_key(&offset, |arrival| arrival.offset) {
            Ok(index) => arrivals[index].times += 1,
            Err(index) => arrivals.insert(index, Arrival { offset, times: 1 }),
        }
    }

    pub(super) fn stored(&self, job: &str, chunk: ChunkEntry) {
        let mut record = self.record();
        record
            .jobs
            .entry(job.to_owned())
            .or_default()
            .chunks
            .push(chunk);
    }

    fn record(&self) -> MutexGuard<'_, Record> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request that has not ended. Dropped without a word, it ended because its connection did.
#[derive(Debug)]
pub(super) struct Running {
    recorder: Recorder,
    number: u64,
    job: Option<String>,
}

impl Running {
    /// More of its body arrived.
    pub(super) fn received(&self, bytes: u64) {
        self.entry(|entry| entry.body_bytes += bytes);
        if let Some(job) = &self.job
            && let Some(job) = self.recorder.record().jobs.get_mut(job)
        {
            job.received_bytes += bytes;
        }
    }

    /// It ended like this. Only the first word counts.
    pub(super) fn ended(&self, ended: Ended, status: Option<u16>) {
        self.entry(|entry| {
            if entry.ended == Ended::Running {
                entry.ended = ended;
                entry.status = status;
            }
        });
    }

    fn entry(&self, change: impl FnOnce(&mut RequestEntry)) {
        let mut record = self.recorder.record();
        let index = self.number.checked_sub(record.forgotten_requests);
        let index = index.and_then(|index| usize::try_from(index).ok());
        if let Some(entry) = index.and_then(|index| record.requests.get_mut(index)) {
            change(entry);
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.ended(Ended::ConnectionLost, None);
    }
}
