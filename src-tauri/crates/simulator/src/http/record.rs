//! Every request that came, so that a test can say what happened on the wire.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde::Serialize;

/// Requests that are stored; older ones are only counted. A world that runs for weeks must not grow.
const MOST_REQUESTS: usize = 100_000;

/// The requests since the server started.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Requests {
    /// In the order they came, without those to `/simulator`.
    pub(crate) entries: VecDeque<RequestEntry>,
    /// How many older ones there were.
    pub(crate) forgotten: u64,
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
    /// A fault cut it inside its body.
    CutInBody,
    /// A fault cut it inside its answer; it was carried out.
    CutInAnswer,
    /// A fault lost its answer; it was carried out.
    AnswerLost,
    /// A fault left it without an answer.
    Silenced,
    /// The connection broke, or the plug was pulled.
    ConnectionLost,
}

/// The record while it is being written. Clones write the same record.
#[derive(Debug, Clone, Default)]
pub(crate) struct Recorder(Arc<Mutex<Requests>>);

impl Recorder {
    pub(crate) fn snapshot(&self) -> Requests {
        self.requests().clone()
    }

    pub(super) fn begin(&self, method: &str, target: &str) -> Running {
        let mut requests = self.requests();
        let number = requests.forgotten + requests.entries.len() as u64;
        if requests.entries.len() == MOST_REQUESTS {
            requests.entries.pop_front();
            requests.forgotten += 1;
        }
        requests.entries.push_back(RequestEntry {
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
        }
    }

    fn requests(&self) -> MutexGuard<'_, Requests> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request that has not ended. Dropped without a word, it ended because its connection did.
#[derive(Debug)]
pub(super) struct Running {
    recorder: Recorder,
    number: u64,
}

impl Running {
    /// More of its body arrived.
    pub(super) fn received(&self, bytes: u64) {
        self.entry(|entry| entry.body_bytes += bytes);
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
        let mut requests = self.recorder.requests();
        let index = self.number.checked_sub(requests.forgotten);
        let index = index.and_then(|index| usize::try_from(index).ok());
        if let Some(entry) = index.and_then(|index| requests.entries.get_mut(index)) {
            change(entry);
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.ended(Ended::ConnectionLost, None);
    }
}
