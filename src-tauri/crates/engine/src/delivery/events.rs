//! Receives what a delivery does, writes it down and reports it.

use std::sync::Arc;

use firmdrop_core::{DeliveryEvents, Durable, NotDurable, Note, Progress, ProgressSink};

use super::log::JobLog;
use super::{Change, view};
use crate::journal::{Durability, Event};
use crate::{JobState, JournalError, Pace, PhaseResult};

/// The events of one job that this process carries out.
#[derive(Debug)]
pub(crate) struct JobEvents {
    log: Arc<JobLog>,
}

impl JobEvents {
    pub(super) fn new(log: JobLog) -> Self {
        Self { log: Arc::new(log) }
    }

    /// Gives lines to the journal, in order, without waiting for its disk.
    pub(crate) fn give(&self, events: &[Event]) {
        // A failure stops the job through its control.
        drop(self.log.give(Durability::Soon, events));
    }

    /// Writes lines down; they are on the disk when this returns. When they cannot be, the job is
    /// stopped and the failure stored for [`JobEvents::take_broken`].
    pub(crate) async fn record(&self, events: &[Event]) -> Result<(), NotDurable> {
        self.log.record(events).await
    }

    /// Returns once every line that was given before can be read in the journal.
    pub(crate) async fn settled(&self) {
        self.log.settled().await;
    }

    /// Pieces the other side confirmed, over all runs.
    pub(crate) fn pieces_confirmed(&self) -> u32 {
        let row = self.log.journal.job_of_plan(&self.log.id, &self.log.plan);
        row.ok().and_then(|row| row.pieces).unwrap_or(0)
    }

    /// The failure to write the journal, when there was one.
    pub(super) fn take_broken(&self) -> Option<JournalError> {
        self.log.take_broken()
    }

    /// How far the job is, for whoever asks.
    pub(super) fn progress_now(&self) -> (Progress, Pace) {
        self.log.live.now()
    }

    /// The phase whose deadline has passed, and how long it has been silent.
    pub(super) fn overdue(&self) -> Option<(String, std::time::Duration)> {
        self.log.live.overdue()
    }

    /// Ends the phase that is open, in this way.
    pub(super) fn end_phase(&self, result: PhaseResult) -> Option<Event> {
        let key = self.log.live.end_phase()?;
        Some(Event::PhaseEnded { key, result })
    }

    /// Reports the state of the job although nothing moved: a stall must be seen.
    pub(super) fn tick(&self) {
        let (progress, pace) = self.progress_now();
        if pace.stalled || pace.waiting.is_some() {
            self.report(progress, pace);
        }
    }

    fn report(&self, progress: Progress, pace: Pace) {
        let phase = self.log.live.phase();
        let state = JobState::Running {
            phase: phase.clone().unwrap_or_default(),
        };
        let percent = view::percent(&self.log.plan, phase.as_deref(), progress, &state);
        self.log.changes.publish(Change::Progress {
            id: self.log.id.clone(),
            progress,
            percent,
            pace,
        });
    }
}

impl ProgressSink for JobEvents {
    fn progress(&self, progress: Progress) {
        let due = self.log.live.take(progress);
        if let Some((progress, pace)) = due.report {
            self.report(progress, pace);
        }
        if let Some(confirmed_bytes) = due.store {
            let (log, now) = (&self.log, self.log.clock.now());
            log.journal.store_progress(&log.id, now, confirmed_bytes);
        }
    }
}

impl DeliveryEvents for JobEvents {
    fn phase(&self, key: &str) {
        if self.log.live.phase().as_deref() == Some(key) {
            return;
        }
        let mut lines: Vec<Event> = self.end_phase(PhaseResult::Done).into_iter().collect();
        let planned = self.log.plan.phases.iter().find(|phase| phase.key == key);
        self.log.live.begin(key, planned);
        lines.push(Event::PhaseBegan {
            key: key.to_owned(),
        });
        lines.push(Event::State {
            state: JobState::Running {
                phase: key.to_owned(),
            },
        });
        self.give(&lines);
    }

    fn note(&self, note: Note) {
        self.give(&[Event::Note { note }]);
    }

    fn waiting(&self, wait: std::time::Duration) {
        self.log.live.wait(self.log.clock.now().after(wait));
        let (progress, pace) = self.progress_now();
        self.report(progress, pace);
    }

    fn durable(&self) -> Durable<'_> {
        Box::pin(self.log.durable())
    }

    fn written(&self) -> Durable<'_> {
        Box::pin(self.log.written())
    }
}
