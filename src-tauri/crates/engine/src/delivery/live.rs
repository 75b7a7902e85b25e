//! How far a running job is at this moment: its phase, its bytes, its pace, its last sign of life.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use firmdrop_core::{Moment, Phase, Progress};
use tokio::time::Instant;

use super::pace::Meter;
use crate::{Pace, Waiting};

/// At most ten reports of progress a second for each job.
const REPORT_EVERY: Duration = Duration::from_millis(100);
/// How often other processes can read how far a job without pieces is.
const STORE_EVERY: Duration = Duration::from_secs(1);

/// How far a running job is.
#[derive(Debug)]
pub(super) struct Live(Mutex<Now>);

#[derive(Debug)]
struct Now {
    phase: Option<String>,
    progress: Progress,
    meter: Meter,
    reported: Option<Instant>,
    stored: Option<Instant>,
    /// Longest silence of a phase without bytes before its step is ended.
    deadline: Option<Duration>,
    /// Until when nothing is tried.
    waiting: Option<Waiting>,
}

/// What is due after a progress.
#[derive(Debug, Default)]
pub(super) struct Due {
    /// To be reported to those who watch.
    pub(super) report: Option<(Progress, Pace)>,
    /// To be stored for other processes.
    pub(super) store: Option<u64>,
}

impl Default for Live {
    fn default() -> Self {
        Self(Mutex::new(Now {
            phase: None,
            progress: Progress::default(),
            meter: Meter::new(Instant::now(), Duration::MAX),
            reported: None,
            stored: None,
            deadline: None,
            waiting: None,
        }))
    }
}

impl Now {
    fn sign_of_life(&mut self, at: Instant) {
        if self.deadline.is_some() {
            self.meter.sign_of_life(at);
        }
    }

    fn pace(&self, at: Instant) -> Pace {
        Pace {
            waiting: self.waiting,
            ..self.meter.pace(at, self.progress)
        }
    }
}

impl Live {
    /// Key of the phase that is open.
    pub(super) fn phase(&self) -> Option<String> {
        self.lock().phase.clone()
    }

    /// Ends the open phase and answers its key.
    pub(super) fn end_phase(&self) -> Option<String> {
        let mut now = self.lock();
        now.deadline = None;
        now.waiting = None;
        now.phase.take()
    }

    /// A phase begins; `planned` is what the plan says of it.
    pub(super) fn begin(&self, key: &str, planned: Option<&Phase>) {
        let stall = planned.map_or(Duration::MAX, |phase| {
            Duration::from_secs(u64::from(phase.stall_seconds))
        });
        let mut now = self.lock();
        now.waiting = None;
        now.phase = Some(key.to_owned());
        now.progress = Progress {
            total_bytes: planned.map_or(0, |phase| phase.bytes),
            ..Progress::default()
        };
        now.meter = Meter::new(Instant::now(), stall);
        now.stored = Some(Instant::now());
        now.deadline = planned
            .filter(|phase| phase.bytes == 0)
            .map(Phase::deadline);
    }

    /// Something happened. Where bytes are counted, they alone are a sign of life.
    pub(super) fn sign_of_life(&self) {
        self.lock().sign_of_life(Instant::now());
    }

    /// Something failed and is tried again then.
    pub(super) fn wait(&self, until: Moment) {
        self.lock().waiting = Some(Waiting { until });
    }

    /// Takes a progress and answers what is due.
    pub(super) fn take(&self, progress: Progress) -> Due {
        let at = Instant::now();
        let due = |last: Option<Instant>, every| last.is_none_or(|last| at - last >= every);
        let mut now = self.lock();
        // The bar never runs backwards within a phase, whatever a loader says.
        let confirmed_bytes = progress.confirmed_bytes.max(now.progress.confirmed_bytes);
        let moved = confirmed_bytes > now.progress.confirmed_bytes || progress.in_flight_bytes > 0;
        if moved {
            now.waiting = None;
        }
        now.progress = Progress {
            confirmed_bytes,
            ..progress
        };
        let progress = now.progress;
        now.meter.take(at, progress);
        now.sign_of_life(at);
        let whole = confirmed_bytes >= progress.total_bytes;
        let mut what = Due::default();
        if whole || due(now.reported, REPORT_EVERY) {
            now.reported = Some(at);
            what.report = Some((progress, now.pace(at)));
        }
        if due(now.stored, STORE_EVERY) {
            now.stored = Some(at);
            what.store = Some(confirmed_bytes);
        }
        what
    }

    /// How far it is.
    pub(super) fn now(&self) -> (Progress, Pace) {
        let now = self.lock();
        (now.progress, now.pace(Instant::now()))
    }

    /// The phase whose deadline has passed, and how long it has been silent.
    pub(super) fn overdue(&self) -> Option<(String, Duration)> {
        let now = self.lock();
        let silent = now.meter.silent(Instant::now());
        let overdue = now.deadline.is_some_and(|deadline| silent >= deadline);
        let phase = now.phase.clone().filter(|_| overdue)?;
        Some((phase, silent))
    }

    fn lock(&self) -> MutexGuard<'_, Now> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phase(bytes: u64, usual_seconds: u32, stall_seconds: u32) -> Phase {
        Phase {
            key: "connect".into(),
            title: "Connect".into(),
            bytes,
            usual_seconds: Some(usual_seconds),
            stall_seconds,
            can_stop: true,
            undo: String::new(),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_phase_without_bytes_is_stalled_when_it_is_silent_and_overdue_past_its_deadline() {
        let live = Live::default();
        let planned = phase(0, 20, 100);
        live.begin("connect", Some(&planned));
        tokio::time::advance(Duration::from_secs(99)).await;
        assert!(!live.now().1.stalled);
        live.sign_of_life();
        tokio::time::advance(Duration::from_secs(99)).await;
        assert!(!live.now().1.stalled, "it gave a sign of life");
        tokio::time::advance(Duration::from_secs(1)).await;
        assert!(live.now().1.stalled);
        assert!(live.overdue().is_none());
        let left = planned.deadline().saturating_sub(Duration::from_secs(100));
        tokio::time::advance(left).await;
        let (key, silent) = live.overdue().unwrap();
        assert_eq!((&*key, silent), ("connect", planned.deadline()));
        live.end_phase();
        assert!(live.overdue().is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_is_shown_until_bytes_move_again() {
        let live = Live::default();
        live.begin("upload", Some(&phase(10, 1, 5)));
        let until = Moment::from_millisecond(7_000);
        live.wait(until);
        assert_eq!(live.now().1.waiting, Some(Waiting { until }));
        live.take(Progress {
            in_flight_bytes: 0,
            ..Progress::default()
        });
        assert!(live.now().1.waiting.is_some(), "nothing moved");
        live.take(Progress {
            in_flight_bytes: 1,
            ..Progress::default()
        });
        assert_eq!(live.now().1.waiting, None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_phase_with_bytes_is_never_overdue_it_only_stalls() {
        let live = Live::default();
        live.begin("upload", Some(&phase(10, 1, 5)));
        tokio::time::advance(Duration::from_hours(100)).await;
        assert!(live.now().1.stalled);
        assert!(live.overdue().is_none());
    }
}
