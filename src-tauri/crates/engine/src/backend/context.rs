//! Everything a backend is given to carry one job out.

use std::sync::{Arc, Mutex, PoisonError};

use firmdrop_core::{Clock, DeliveryEvents, Diagnosis};
use serde::Serialize;
use tokio_util::sync::CancellationToken;

use super::History;
use crate::delivery::{CHECK_FILE, JobEvents, Run, Shared, Turn, open_planned, task_died};
use crate::journal::Event;
use crate::{Accounts, FileSource, Home, JobId, JournalError, PieceRecord, Plan};

/// One job at work.
#[derive(Debug)]
pub struct JobContext {
    id: JobId,
    plan: Plan,
    shared: Arc<Shared>,
    events: Arc<JobEvents>,
    stop: CancellationToken,
    turn: Mutex<Option<Turn>>,
}

/// The journal could not be written. The job is being stopped: nothing may be done that is not
/// written down first.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotWritten(pub String);

impl JobContext {
    pub(crate) fn new(run: &Run, turn: Turn) -> Self {
        Self {
            id: run.id.clone(),
            plan: run.plan.clone(),
            shared: Arc::clone(&run.shared),
            events: Arc::clone(&run.events),
            stop: run.control.stop().clone(),
            turn: Mutex::new(Some(turn)),
        }
    }

    /// The job.
    pub fn id(&self) -> &JobId {
        &self.id
    }

    /// What is carried out.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// What was written down until now, by this run and the ones before.
    pub fn history(&self) -> Result<History, JournalError> {
        self.shared.journal.history(&self.id).map(History::new)
    }

    /// Receives phases, notes and progress.
    pub fn events(&self) -> Arc<dyn DeliveryEvents> {
        Arc::clone(&self.events) as _
    }

    /// Set once the job has to stop.
    pub fn stop(&self) -> &CancellationToken {
        &self.stop
    }

    /// The accounts of the home.
    pub fn accounts(&self) -> &Accounts {
        &self.shared.accounts
    }

    /// The home.
    pub fn home(&self) -> &Home {
        &self.shared.home
    }

    /// Who tells the time.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.shared.clock
    }

    /// Writes a fact of the backend's own form down. It is durable when this returns.
    pub fn fact(&self, body: &(impl Serialize + Sync)) -> Result<(), NotWritten> {
        let body = serde_json::to_value(body).map_err(|error| NotWritten(error.to_string()))?;
        let scheme = self.plan.destination.scheme.clone();
        self.write(&[Event::Fact { scheme, body }])
    }

    /// Writes pieces down, in any order and from any number of senders. Durable when this returns.
    pub fn pieces(&self, pieces: Vec<PieceRecord>) -> Result<(), NotWritten> {
        if pieces.is_empty() {
            return Ok(());
        }
        let lines: Vec<Event> = pieces
            .into_iter()
            .map(|piece| Event::Piece { piece })
            .collect();
        self.write(&lines)
    }

    fn write(&self, lines: &[Event]) -> Result<(), NotWritten> {
        self.events.write(lines).map_err(NotWritten)
    }

    /// Begins the phase *Check file* and opens a file of the plan: the one that was planned, or an
    /// error that says what changed.
    pub async fn open_file(&self, index: usize) -> Result<Arc<FileSource>, Diagnosis> {
        self.events.phase(CHECK_FILE);
        let file = self.plan.files.get(index).cloned().ok_or_else(|| {
            Diagnosis::new(
                firmdrop_core::Code::Internal,
                format!("The plan has no file {index}."),
                "A file was asked for that was not planned.",
            )
        })?;
        match tokio::task::spawn_blocking(move || open_planned(&file)).await {
            Ok(opened) => opened,
            Err(error) => Err(task_died(&error)),
        }
    }

    /// Lets the next job have the destination: what follows only watches.
    pub fn release_destination(&self) {
        self.turn
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
    }

    /// Length of the longest of the last pieces that went to this destination at a length nobody
    /// chose; `None` when none did.
    pub fn last_piece_bytes(&self) -> Option<u64> {
        // What is not known is learned again: no reason to fail.
        self.shared
            .journal
            .last_piece_bytes(&self.plan.destination)
            .unwrap_or_default()
    }
}
