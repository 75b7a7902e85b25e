//! Everything a backend is given to carry one job out.

use std::sync::{Arc, Mutex, PoisonError};

use firmdrop_core::{Clock, DeliveryEvents, Diagnosis, NotDurable};
use serde::Serialize;
use tokio_util::sync::CancellationToken;

use super::History;
use crate::delivery::{CHECK_FILE, JobEvents, Turn, open_planned, task_died};
use crate::journal::Event;
use crate::{
    Accounts, FileSource, Home, JobId, Journal, JournalError, PieceRecord, PieceState, Plan,
};

/// One job at work.
#[derive(Debug)]
pub struct JobContext {
    pub(crate) id: JobId,
    pub(crate) plan: Plan,
    pub(crate) journal: Arc<Journal>,
    pub(crate) accounts: Accounts,
    pub(crate) home: Home,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) events: Arc<JobEvents>,
    pub(crate) stop: CancellationToken,
    pub(crate) turn: Arc<Mutex<Option<Turn>>>,
}

impl JobContext {
    /// The job.
    pub fn id(&self) -> &JobId {
        &self.id
    }

    /// What is carried out.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// What was written down until now, by this run and the ones before.
    pub async fn history(&self) -> Result<History, JournalError> {
        self.events.settled().await;
        self.journal.history(&self.id).map(History::new)
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
        &self.accounts
    }

    /// The home.
    pub fn home(&self) -> &Home {
        &self.home
    }

    /// Who tells the time.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// Writes a fact of the backend's own form down. It is on the disk when this returns; after an
    /// error nothing more may be done, and the job is being stopped.
    pub async fn fact(&self, body: &(impl Serialize + Sync)) -> Result<(), NotDurable> {
        let body = serde_json::to_value(body).map_err(|error| NotDurable {
            why: error.to_string(),
        })?;
        let scheme = self.plan.destination.scheme.clone();
        self.events.record(&[Event::Fact { scheme, body }]).await
    }

    /// Writes pieces down, in any order and from any number of senders. Those that are about to be
    /// sent are on the disk when this returns; those that are only confirmed follow with the next line
    /// that is waited for, since without them the other side is asked again.
    pub async fn pieces(&self, pieces: Vec<PieceRecord>) -> Result<(), NotDurable> {
        if pieces.is_empty() {
            return Ok(());
        }
        let about_to = |piece: &PieceRecord| piece.state == PieceState::Sending;
        let wait = pieces.iter().any(about_to);
        let lines: Vec<Event> = pieces
            .into_iter()
            .map(|piece| Event::Piece { piece })
            .collect();
        if wait {
            return self.events.record(&lines).await;
        }
        self.events.give(&lines);
        Ok(())
    }

    /// Writes down that the other side holds none of the pieces it confirmed before, if there were
    /// any. On the disk with the next fact or piece.
    pub fn pieces_gone(&self) {
        if self.events.pieces_confirmed() > 0 {
            self.events.give(&[Event::PiecesGone]);
        }
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
        self.journal
            .last_piece_bytes(&self.plan.destination)
            .unwrap_or_default()
    }
}
