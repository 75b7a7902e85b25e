//! Receives what a delivery does, writes it down and tells it on.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use firmdrop_core::{DeliveryEvents, Durable, NotDurable, Note, Progress, ProgressSink};
use tokio::time::Instant;

use super::Change;
use super::control::Control;
use super::engine::Shared;
use super::pace::Meter;
use super::view;
use crate::journal::Event;
use crate::{JobId, JobState, JournalError, Pace, PhaseResult, Plan};

/// At most ten updates a second for each job.
const TELL_EVERY: Duration = Duration::from_millis(100);
/// How often other processes can read how far a job without pieces is.
const KEEP_EVERY: Duration = Duration::from_secs(1);

/// The events of one job that this process carries out.
#[derive(Debug)]
pub(crate) struct JobEvents {
    shared: std::sync::Arc<Shared>,
    id: JobId,
    plan: Plan,
    control: Control,
    state: Mutex<Live>,
}

#[derive(Debug)]
struct Live {
    phase: Option<String>,
    progress: Progress,
    meter: Meter,
    told: Option<Instant>,
    kept: Option<Instant>,
    /// The first failure to write the journal. The job stops: nothing may be done unwritten.
    broken: Option<JournalError>,
}

impl JobEvents {
    pub(super) fn new(
        shared: std::sync::Arc<Shared>,
        id: JobId,
        plan: Plan,
        control: Control,
    ) -> Self {
        let now = Instant::now();
        let state = Live {
            phase: None,
            progress: Progress::default(),
            meter: Meter::new(now, Duration::MAX),
            told: None,
            kept: None,
            broken: None,
        };
        Self {
            shared,
            id,
            plan,
            control,
            state: Mutex::new(state),
        }
    }

    /// Writes lines down and tells that the job changed. When the journal refuses, the job is
    /// stopped and the failure kept for [`JobEvents::take_broken`].
    pub(crate) fn write(&self, events: &[Event]) -> Result<(), String> {
        let written = self
            .shared
            .journal
            .append(&self.id, self.shared.clock.now(), events);
        match written {
            Ok(()) => {
                self.shared.tell_job(&self.id);
                Ok(())
            }
            Err(error) => {
                let why = error.to_string();
                self.live().broken.get_or_insert(error);
                self.control.stop().cancel();
                Err(why)
            }
        }
    }

    /// The failure to write the journal, when there was one.
    pub(super) fn take_broken(&self) -> Option<JournalError> {
        self.live().broken.take()
    }

    /// How far the job is, for whoever asks.
    pub(super) fn progress_now(&self) -> (Progress, Pace) {
        let live = self.live();
        (
            live.progress,
            live.meter.pace(Instant::now(), live.progress),
        )
    }

    /// Ends the phase that is open, in this way.
    pub(super) fn end_phase(&self, result: PhaseResult) -> Option<Event> {
        let key = self.live().phase.take()?;
        Some(Event::PhaseEnded { key, result })
    }

    /// Tells how the job stands although nothing moved: a stall must be seen.
    pub(super) fn tick(&self) {
        let (progress, pace) = self.progress_now();
        if pace.stalled {
            self.tell(progress, pace);
        }
    }

    fn tell(&self, progress: Progress, pace: Pace) {
        let phase = self.live().phase.clone();
        let state = JobState::Running {
            phase: phase.clone().unwrap_or_default(),
        };
        let percent = view::percent(&self.plan, phase.as_deref(), progress, &state);
        self.shared.changes.tell(Change::Progress {
            id: self.id.clone(),
            progress,
            percent,
            pace,
        });
    }

    fn live(&self) -> MutexGuard<'_, Live> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ProgressSink for JobEvents {
    fn progress(&self, progress: Progress) {
        let now = Instant::now();
        let due = |last: Option<Instant>, every| last.is_none_or(|last| now - last >= every);
        let (pace, tell, keep) = {
            let mut live = self.live();
            // The bar never runs backwards within a phase, whatever a loader says.
            let confirmed_bytes = progress.confirmed_bytes.max(live.progress.confirmed_bytes);
            live.progress = Progress {
                confirmed_bytes,
                ..progress
            };
            let progress = live.progress;
            live.meter.take(now, progress);
            let whole = confirmed_bytes >= progress.total_bytes;
            let tell = whole || due(live.told, TELL_EVERY);
            let keep = due(live.kept, KEEP_EVERY);
            if tell {
                live.told = Some(now);
            }
            if keep {
                live.kept = Some(now);
            }
            (
                live.meter.pace(now, progress),
                tell.then_some(progress),
                keep.then_some(confirmed_bytes),
            )
        };
        if let Some(progress) = tell {
            self.tell(progress, pace);
        }
        if let Some(confirmed_bytes) = keep {
            // Only for other watchers; a failure here will show at the next line that matters.
            let _ = self.shared.journal.keep_progress(
                &self.id,
                self.shared.clock.now(),
                confirmed_bytes,
            );
        }
    }
}

impl DeliveryEvents for JobEvents {
    fn phase(&self, key: &str) {
        if self.live().phase.as_deref() == Some(key) {
            return;
        }
        let mut lines: Vec<Event> = self.end_phase(PhaseResult::Done).into_iter().collect();
        let planned = self.plan.phases.iter().find(|phase| phase.key == key);
        {
            let stall = planned.map_or(Duration::MAX, |phase| {
                Duration::from_secs(u64::from(phase.stall_seconds))
            });
            let mut live = self.live();
            live.phase = Some(key.to_owned());
            live.progress = Progress {
                total_bytes: planned.map_or(0, |phase| phase.bytes),
                ..Progress::default()
            };
            live.meter = Meter::new(Instant::now(), stall);
            live.kept = Some(Instant::now());
        }
        lines.push(Event::PhaseBegan {
            key: key.to_owned(),
        });
        lines.push(Event::State {
            state: JobState::Running {
                phase: key.to_owned(),
            },
        });
        // A failure stops the job through its control.
        let _ = self.write(&lines);
    }

    fn note(&self, note: Note) {
        let _ = self.write(&[Event::Note { note }]);
    }

    fn durable(&self) -> Durable<'_> {
        // Every line is durable when `write` returns.
        let broken = self.live().broken.as_ref().map(ToString::to_string);
        Box::pin(async move { broken.map_or(Ok(()), |why| Err(NotDurable { why })) })
    }
}
