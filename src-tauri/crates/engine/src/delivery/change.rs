//! What the engine tells those who watch it.

use firmdrop_core::Progress;
use tokio::sync::broadcast;

use crate::{JobId, JobSummary, Pace, TimedNote};

/// Changes that may wait for a slow watcher before it has to ask for everything again. A job makes
/// at most ten a second.
const BACKLOG: usize = 1024;

/// Something that changed.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// A job is new, or its state, notes or pieces changed.
    Job(Box<JobSummary>),
    /// A job that this process carries out was noted something.
    Note {
        /// Which.
        id: JobId,
        /// What.
        note: TimedNote,
    },
    /// A running job went on.
    Progress {
        /// Which.
        id: JobId,
        /// How far.
        progress: Progress,
        /// Whole job, 0 to 99.
        percent: u8,
        /// How fast.
        pace: Pace,
    },
}

/// The stream of changes. A watcher that falls behind gets
/// [`broadcast::error::RecvError::Lagged`] and asks for everything again.
#[derive(Debug, Clone)]
pub struct Changes(broadcast::Sender<Change>);

impl Default for Changes {
    fn default() -> Self {
        Self(broadcast::Sender::new(BACKLOG))
    }
}

impl Changes {
    /// Begins to watch.
    pub fn watch(&self) -> broadcast::Receiver<Change> {
        self.0.subscribe()
    }

    /// Sends the change to all who watch, if any.
    pub(super) fn publish(&self, change: Change) {
        let _ = self.0.send(change);
    }
}
