//! The log of one job that this process carries out: its lines go into the journal in order, and
//! whoever watches hears that the job changed.
//!
//! Knows the journal and the watchers, and neither the engine nor its other jobs.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use firmdrop_core::{Clock, Moment, NotDurable};

use super::control::Control;
use super::live::Live;
use super::{Change, Changes, view};
use crate::journal::{Durability, Event, Written};
use crate::{JobId, Journal, JournalError, Plan, TimedNote};

/// The log of one job.
#[derive(Debug)]
pub(crate) struct JobLog {
    pub(super) journal: Arc<Journal>,
    pub(super) changes: Changes,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) id: JobId,
    pub(super) plan: Plan,
    pub(super) live: Live,
    control: Control,
    /// How many lines were given to the journal. Held while one is given: their order is its order.
    given: Mutex<u64>,
    /// How many of them are known to be on the disk.
    durable: AtomicU64,
    /// The first failure to write the journal. The job stops: nothing may be done unwritten.
    broken: Mutex<Option<JournalError>>,
}

impl JobLog {
    #[expect(
        clippy::too_many_arguments,
        reason = "what a log is made of, and nothing that belongs together"
    )]
    pub(super) fn new(
        journal: Arc<Journal>,
        changes: Changes,
        clock: Arc<dyn Clock>,
        id: JobId,
        plan: Plan,
        control: Control,
    ) -> Self {
        Self {
            journal,
            changes,
            clock,
            id,
            plan,
            live: Live::default(),
            control,
            given: Mutex::default(),
            durable: AtomicU64::new(0),
            broken: Mutex::default(),
        }
    }

    /// Gives lines to the journal. Once they are written, whoever watches hears of it; when they
    /// cannot be, the job is stopped and the failure stored for [`JobLog::take_broken`].
    pub(super) fn give(self: &Arc<Self>, durability: Durability, events: &[Event]) -> Written<()> {
        let at = self.clock.now();
        self.live.sign_of_life();
        let log = Arc::clone(self);
        let notes = notes(at, events);
        let mut given = lock(&self.given);
        *given += 1;
        let number = *given;
        self.journal.append_then(
            durability,
            &self.id,
            at,
            events,
            move |result| match result {
                Ok(()) => {
                    if durability == Durability::Now {
                        log.durable.fetch_max(number, Ordering::SeqCst);
                    }
                    log.changed();
                    for note in notes {
                        let id = log.id.clone();
                        log.changes.publish(Change::Note { id, note });
                    }
                }
                Err(error) => log.broke(error),
            },
        )
    }

    /// Writes lines down; they are on the disk when this returns.
    pub(super) async fn record(self: &Arc<Self>, events: &[Event]) -> Result<(), NotDurable> {
        let written = self.give(Durability::Now, events);
        written.await.map_err(|error| not_durable(&error))?;
        self.intact()
    }

    /// Returns once every line that was given before is on the disk.
    pub(super) async fn durable(&self) -> Result<(), NotDurable> {
        let given = *lock(&self.given);
        if self.durable.load(Ordering::SeqCst) < given {
            match self.journal.synchronise().await {
                Ok(()) => {
                    self.durable.fetch_max(given, Ordering::SeqCst);
                }
                Err(error) => self.broke(&error),
            }
        }
        self.intact()
    }

    /// Returns once every line that was given before is in the journal: the end of this process does not
    /// lose it.
    pub(super) async fn written(&self) -> Result<(), NotDurable> {
        self.settled().await;
        self.intact()
    }

    /// Returns once every line that was given before can be read in the journal.
    pub(super) async fn settled(&self) {
        // A failure was stored when the line failed.
        let _ = self.journal.turn().await;
    }

    fn intact(&self) -> Result<(), NotDurable> {
        match &*lock(&self.broken) {
            Some(error) => Err(not_durable(error)),
            None => Ok(()),
        }
    }

    /// Stops the job because of a failure to write the journal.
    pub(super) fn broke(&self, error: &JournalError) {
        lock(&self.broken).get_or_insert_with(|| error.clone());
        self.control.stop().cancel();
    }

    /// The failure to write the journal, when there was one.
    pub(super) fn take_broken(&self) -> Option<JournalError> {
        lock(&self.broken).take()
    }

    /// Reports the state of the job to everybody who watches. What cannot be read is reported with
    /// the next change.
    pub(super) fn changed(&self) {
        if let Ok(row) = self.journal.job_of_plan(&self.id, &self.plan) {
            let live = view::is_at_work(&row.state).then(|| self.live.now());
            let summary = view::summary(&row, live);
            self.changes.publish(Change::Job(Box::new(summary)));
        }
    }
}

/// The notes among these lines.
fn notes(at: Moment, events: &[Event]) -> Vec<TimedNote> {
    let note = |event: &Event| match event {
        Event::Note { note } => Some(TimedNote {
            at,
            note: note.clone(),
        }),
        _ => None,
    };
    events.iter().filter_map(note).collect()
}

fn not_durable(error: &JournalError) -> NotDurable {
    NotDurable {
        why: error.to_string(),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
