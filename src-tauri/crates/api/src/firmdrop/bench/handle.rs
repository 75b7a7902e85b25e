//! An open bench, for a face: what it shows and what it can be asked for.

use std::sync::Arc;

use firmdrop_core::Diagnosis;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::AbortHandle;

use super::state::Shared;
use crate::bench::{BenchView, UnitRecord, refused};

/// What a face asks for.
#[derive(Debug)]
pub(super) enum Act {
    Arm,
    Disarm,
    Teach,
    TeachNoMore,
    Forget(usize),
    Retry(usize),
    RetryFailed,
    Acknowledge(usize),
}

/// An act and where its answer goes.
pub(super) type ActRequest = (Act, oneshot::Sender<Result<(), Diagnosis>>);

/// An open bench. Cheap to clone. It ends with its last clone; jobs that it began are the engine's and stay.
#[derive(Debug, Clone)]
pub struct Bench {
    pub(super) acts: mpsc::Sender<ActRequest>,
    pub(super) views: watch::Receiver<Arc<BenchView>>,
    pub(super) records: tokio::sync::broadcast::Sender<Arc<UnitRecord>>,
    pub(super) task: Arc<Task>,
}

/// Ends the bench when it is closed, or when nobody has it any more.
#[derive(Debug)]
pub(super) struct Task {
    pub(super) running: AbortHandle,
    pub(super) shared: Arc<Shared>,
}

impl Drop for Task {
    fn drop(&mut self) {
        self.running.abort();
    }
}

impl Bench {
    /// Ends it; its lot can be opened again at once.
    pub(super) fn close(&self) {
        self.task.running.abort();
        self.task.shared.of_lot(|lot| lot.release());
    }

    /// How it stands now.
    pub fn view(&self) -> Arc<BenchView> {
        Arc::clone(&self.views.borrow())
    }

    /// Every change of it. Several at once may be seen as one.
    pub fn watch(&self) -> watch::Receiver<Arc<BenchView>> {
        self.views.clone()
    }

    /// The record of each unit that ends from now on, once it is on the disk.
    pub fn records(&self) -> tokio::sync::broadcast::Receiver<Arc<UnitRecord>> {
        self.records.subscribe()
    }

    /// Writes every reader that is at a lane or is plugged in there from now on.
    pub async fn arm(&self) -> Result<(), Diagnosis> {
        self.send(Act::Arm).await
    }

    /// Nothing more starts. Lanes that run are finished.
    pub async fn disarm(&self) -> Result<(), Diagnosis> {
        self.send(Act::Disarm).await
    }

    /// Lanes without a place learn it from the readers that are plugged in from now on, in order. Disarms.
    pub async fn teach(&self) -> Result<(), Diagnosis> {
        self.send(Act::Teach).await
    }

    /// Teaching ends.
    pub async fn teach_no_more(&self) -> Result<(), Diagnosis> {
        self.send(Act::TeachNoMore).await
    }

    /// Forgets the place of a lane, by its position from 0.
    pub async fn forget(&self, lane: usize) -> Result<(), Diagnosis> {
        self.send(Act::Forget(lane)).await
    }

    /// Tries the unit of a lane again.
    pub async fn retry(&self, lane: usize) -> Result<(), Diagnosis> {
        self.send(Act::Retry(lane)).await
    }

    /// Tries every failed unit again.
    pub async fn retry_failed(&self) -> Result<(), Diagnosis> {
        self.send(Act::RetryFailed).await
    }

    /// A user has seen how the unit of a lane ended.
    pub async fn acknowledge(&self, lane: usize) -> Result<(), Diagnosis> {
        self.send(Act::Acknowledge(lane)).await
    }

    async fn send(&self, act: Act) -> Result<(), Diagnosis> {
        let (answer, answered) = oneshot::channel();
        let sent = self.acts.send((act, answer)).await;
        match (sent, answered.await) {
            (Ok(()), Ok(answer)) => answer,
            _ => Err(refused(
                "Nothing was changed.",
                "The bench is closed.",
                "Open it again.",
            )),
        }
    }
}
