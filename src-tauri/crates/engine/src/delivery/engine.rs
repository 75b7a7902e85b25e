//! The engine: takes plans, runs jobs, answers what is known of them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use firmdrop_cloud::pelion::campaign::WatchPolicy;
use firmdrop_cloud::pelion::upload::SETTLES_WITHIN;
use firmdrop_core::{Clock, Code, Diagnose as _, Diagnosis, Remedy, SystemClock};
use firmdrop_link::Providers;
use firmdrop_loader::{Loader, Protocol};
use tokio::sync::watch;

use super::change::Changes;
use super::control::Control;
use super::events::JobEvents;
use super::leave::{last_look, stop_idle};
use super::queue::Queues;
use super::{Change, runner, view};
use crate::journal::{JobRow, StopRequest};
use crate::{Accounts, Home, Job, JobId, JobState, JobSummary, Journal, Plan, lock};

/// What an engine is made of.
#[derive(Debug)]
pub struct EngineOptions {
    /// Where journal, locks and accounts lie.
    pub home: Home,
    /// Who finds readers and opens links.
    pub providers: Providers,
    /// The protocols that may be used.
    pub loaders: Vec<Arc<dyn Loader>>,
    /// Who tells the time.
    pub clock: Arc<dyn Clock>,
    /// How often a started campaign is looked at.
    pub watch_policy: WatchPolicy,
    /// How long a request whose answer is lost may still be carried out by a service.
    pub settles_within: Duration,
}

impl EngineOptions {
    /// An engine on this home with the system's clock, no readers and no protocols.
    pub fn new(home: Home) -> Self {
        Self {
            home,
            providers: Providers::default(),
            loaders: Vec::new(),
            clock: Arc::new(SystemClock),
            watch_policy: WatchPolicy::default(),
            settles_within: SETTLES_WITHIN,
        }
    }
}

/// Runs jobs. Cheap to clone; all clones are the same engine. Needs a tokio runtime.
#[derive(Debug, Clone)]
pub struct Engine {
    pub(crate) shared: Arc<Shared>,
}

/// What all tasks of an engine share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(super) home: Home,
    pub(super) journal: Journal,
    pub(super) accounts: Accounts,
    pub(super) providers: Providers,
    pub(super) loaders: Vec<Arc<dyn Loader>>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(super) watch_policy: WatchPolicy,
    pub(super) settles_within: Duration,
    pub(super) changes: Changes,
    pub(super) queues: Queues,
    running: Mutex<HashMap<JobId, Running>>,
}

/// A job that this process carries out.
#[derive(Debug, Clone)]
pub(super) struct Running {
    pub(super) control: Control,
    pub(super) events: Arc<JobEvents>,
    pub(super) ended: watch::Receiver<bool>,
}

impl Engine {
    /// Opens the engine of a home. Runs nothing until it is told to.
    pub fn open(options: EngineOptions) -> Result<Self, Diagnosis> {
        let journal = Journal::open(&options.home.journal())?;
        let shared = Shared {
            accounts: Accounts::of(&options.home),
            journal,
            home: options.home,
            providers: options.providers,
            loaders: options.loaders,
            clock: options.clock,
            watch_policy: options.watch_policy,
            settles_within: options.settles_within,
            changes: Changes::default(),
            queues: Queues::default(),
            running: Mutex::default(),
        };
        Ok(Self {
            shared: Arc::new(shared),
        })
    }

    /// Writes a plan down as a job and begins to carry it out. The id comes back at once.
    pub fn submit(&self, plan: &Plan) -> Result<JobId, Diagnosis> {
        let id = JobId::new();
        // The lock comes first: a job without one would be taken for an abandoned one.
        let held = lock::try_job(&self.shared.home, &id)
            .map_err(|error| self.shared.home.not_writable(&error))?
            .ok_or_else(|| elsewhere(&id))?;
        self.shared
            .journal
            .add(&id, plan, self.shared.clock.now())?;
        runner::start(&self.shared, &id, plan, held, runner::Start::New);
        Ok(id)
    }

    /// Goes on with a job that was paused, interrupted, or failed in a way that can be resumed.
    pub fn resume(&self, id: &JobId) -> Result<(), Diagnosis> {
        let held = lock::try_job(&self.shared.home, id)
            .map_err(|error| self.shared.home.not_writable(&error))?
            .ok_or_else(|| elsewhere(id))?;
        // Read after the lock: nobody else changes it now.
        let row = self.shared.row(id)?;
        if !can_resume(&row.state) {
            return Err(Diagnosis::new(
                Code::JobNotResumable,
                format!("Job {id} was not resumed."),
                "It has ended in a way that leaves nothing to go on with.",
            )
            .state("Nothing was sent.")
            .remedy(Remedy::PlanAgain));
        }
        // An old wish belongs to the run before.
        self.shared.journal.take_stop_request(id)?;
        runner::start(&self.shared, id, &row.plan, held, runner::Start::Again);
        Ok(())
    }

    /// Stops a job at the next safe point, to go on later.
    pub fn pause(&self, id: &JobId) -> Result<(), Diagnosis> {
        self.express(id, StopRequest::Pause)
    }

    /// Stops a job at the next safe point for good. What the other side holds stays there; the
    /// job's state says what that is.
    pub fn cancel(&self, id: &JobId) -> Result<(), Diagnosis> {
        self.express(id, StopRequest::Cancel)
    }

    /// The job whose id begins so.
    pub fn find(&self, beginning: &JobId) -> Result<JobId, Diagnosis> {
        Ok(self.shared.journal.job_beginning(beginning)?.id)
    }

    /// The newest jobs of this home, newest first.
    pub fn jobs(&self, limit: u32) -> Result<Vec<JobSummary>, Diagnosis> {
        let rows = self.shared.journal.newest(limit)?;
        Ok(rows.iter().map(|row| self.shared.summary(row)).collect())
    }

    /// Jobs that have not ended and were not paused, the oldest first.
    pub fn unfinished(&self) -> Result<Vec<JobSummary>, Diagnosis> {
        let rows = self.shared.journal.unfinished()?;
        Ok(rows.iter().map(|row| self.shared.summary(row)).collect())
    }

    /// Everything that is known about a job.
    pub fn job(&self, id: &JobId) -> Result<Job, Diagnosis> {
        let shared = &self.shared;
        let read = || {
            let row = shared.journal.job(id)?;
            let history = shared.journal.history(id)?;
            let entry = shared.journal.ledger_entry_of(id)?;
            Ok(view::job(
                &row,
                &history,
                shared.live(id),
                entry,
                shared.clock.now(),
            ))
        };
        read().map_err(|error: crate::JournalError| error.diagnose())
    }

    /// Every line of a job's history as text, one line each, for a person or a support mail.
    pub fn job_log(&self, id: &JobId) -> Result<String, Diagnosis> {
        let history = self.shared.journal.history(id)?;
        let lines: Vec<String> = history
            .iter()
            .map(|(at, event)| {
                let body = serde_json::to_string(event).unwrap_or_default();
                format!("{at} {body}\n")
            })
            .collect();
        Ok(lines.concat())
    }

    /// Begins to watch what changes. Ask for [`Engine::jobs`] after this, so that nothing is missed.
    pub fn watch(&self) -> tokio::sync::broadcast::Receiver<Change> {
        self.shared.changes.watch()
    }

    /// Waits until this process no longer carries the job out, and answers how it stands then.
    pub async fn settled(&self, id: &JobId) -> Result<JobSummary, Diagnosis> {
        let ended = self
            .shared
            .running()
            .get(id)
            .map(|running| running.ended.clone());
        if let Some(mut ended) = ended {
            // An error means that the task is gone, which is what is waited for.
            let _ = ended.wait_for(|ended| *ended).await;
        }
        let row = self.shared.row(id)?;
        Ok(self.shared.summary(&row))
    }

    /// Whether this process carries any job out.
    pub fn is_busy(&self) -> bool {
        !self.shared.running().is_empty()
    }

    /// The accounts of this home.
    pub fn accounts(&self) -> &Accounts {
        &self.shared.accounts
    }

    /// The home.
    pub fn home(&self) -> &Home {
        &self.shared.home
    }

    /// The journal, for its ledger.
    pub fn journal(&self) -> &Journal {
        &self.shared.journal
    }

    /// Who finds readers and opens links.
    pub fn providers(&self) -> &Providers {
        &self.shared.providers
    }

    /// The loader of a protocol.
    pub fn loader(&self, protocol: Protocol) -> Result<Arc<dyn Loader>, Diagnosis> {
        self.shared.loader(protocol)
    }

    fn express(&self, id: &JobId, wish: StopRequest) -> Result<(), Diagnosis> {
        let shared = &self.shared;
        if let Some(running) = shared.running().get(id) {
            running.control.request(wish);
            return Ok(());
        }
        shared.row(id)?;
        let held =
            lock::try_job(&shared.home, id).map_err(|error| shared.home.not_writable(&error))?;
        // Read after the lock was asked for: its owner may have ended it meanwhile.
        let row = shared.row(id)?;
        if !can_stop(&row.state, wish) {
            return Err(Diagnosis::new(
                Code::JobCannotDo,
                format!("Job {id} was left as it is."),
                "It is not running.",
            )
            .state("Nothing changed."));
        }
        let Some(held) = held else {
            // Another process is at work: it looks for wishes, once more after it let go.
            return shared
                .journal
                .leave_stop_request(id, wish, shared.clock.now())
                .and_then(|()| last_look(shared, id))
                .map_err(Diagnosis::from);
        };
        stop_idle(shared, id, wish, held).map_err(Diagnosis::from)
    }
}

impl Shared {
    pub(super) fn running(&self) -> MutexGuard<'_, HashMap<JobId, Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn row(&self, id: &JobId) -> Result<JobRow, Diagnosis> {
        self.journal.job(id).map_err(Diagnosis::from)
    }

    pub(super) fn live(&self, id: &JobId) -> Option<(firmdrop_core::Progress, crate::Pace)> {
        let events = self
            .running()
            .get(id)
            .map(|running| Arc::clone(&running.events));
        events.map(|events| events.progress_now())
    }

    pub(super) fn summary(&self, row: &JobRow) -> JobSummary {
        let live = matches!(row.state, JobState::Running { .. } | JobState::Cancelling)
            .then(|| self.live(&row.id))
            .flatten();
        view::summary(row, live)
    }

    /// Tells everybody how a job stands now. What cannot be read is told by the next change.
    pub(super) fn tell_job(&self, id: &JobId) {
        if let Ok(row) = self.journal.job(id) {
            self.changes.tell(Change::Job(Box::new(self.summary(&row))));
        }
    }

    pub(super) fn loader(&self, protocol: Protocol) -> Result<Arc<dyn Loader>, Diagnosis> {
        self.loaders
            .iter()
            .find(|loader| loader.protocol() == protocol)
            .map(Arc::clone)
            .ok_or_else(|| {
                Diagnosis::new(
                    Code::Internal,
                    "No loader for this protocol is registered.",
                    format!("{protocol:?} was asked for."),
                )
                .state("Nothing was sent.")
            })
    }
}

/// Whether this wish changes anything about a job that nobody carries out. One that failed but
/// could go on can still be ended for good.
pub(super) fn can_stop(state: &JobState, wish: StopRequest) -> bool {
    match wish {
        StopRequest::Cancel => !state.is_ended() || can_resume(state),
        StopRequest::Pause => !state.is_ended() && *state != JobState::Paused,
    }
}

/// Whether something is left to go on with.
pub(super) fn can_resume(state: &JobState) -> bool {
    match state {
        JobState::Finished { .. } | JobState::Cancelled { .. } => false,
        JobState::Failed { diagnosis } => diagnosis.remedies.contains(&Remedy::Resume),
        JobState::Queued
        | JobState::Running { .. }
        | JobState::Paused
        | JobState::Cancelling
        | JobState::Interrupted { .. } => true,
    }
}

pub(super) fn elsewhere(id: &JobId) -> Diagnosis {
    Diagnosis::new(
        Code::JobElsewhere,
        format!("Job {id} is being carried out by another Firmdrop on this computer."),
        "Its lock is held.",
    )
    .state("It goes on there.")
}

#[cfg(test)]
mod tests {
    use firmdrop_core::{Outcome, ProofMethod};

    use super::*;

    #[test]
    fn only_what_has_not_come_to_its_end_can_be_resumed() {
        let failed = |remedy: Remedy| JobState::Failed {
            diagnosis: Box::new(Diagnosis::new(Code::ServiceFailed, "", "").remedy(remedy)),
        };
        let reason = String::new();
        for state in [
            JobState::Queued,
            JobState::Running {
                phase: "send_chunks".into(),
            },
            JobState::Paused,
            JobState::Cancelling,
            JobState::Interrupted { reason },
            failed(Remedy::Resume),
        ] {
            assert!(can_resume(&state), "{state:?}");
        }
        let state_now = String::new();
        for state in [
            JobState::Finished {
                outcome: Outcome::verified(ProofMethod::ReadBack, ""),
            },
            JobState::Finished {
                outcome: Outcome::sent(""),
            },
            JobState::Cancelled { state_now },
            failed(Remedy::PlanAgain),
        ] {
            assert!(!can_resume(&state), "{state:?}");
        }
    }
}
