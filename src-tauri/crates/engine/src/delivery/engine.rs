//! The engine: takes plans, runs jobs, answers what is known of them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use firmdrop_core::{Clock, Code, ConnectionReport, Diagnose as _, Diagnosis, Remedy, SystemClock};
use tokio::sync::watch;

use super::change::Changes;
use super::control::Control;
use super::events::JobEvents;
use super::leave::{last_look, stop_idle};
use super::queue::Queues;
use super::{Change, runner, view};
use crate::journal::{Event, JobRow, Row, StopRequest, Written, destination_of};
use crate::ledger::{Delivered, Ledger, LedgerKeys, Maker, Seal, publish};
use crate::secret_store::SecretStore;
use crate::{
    Account, Accounts, Backends, Destination, DestinationError, History, Home, Job, JobId,
    JobState, JobSummary, Journal, Lane, Plan, RemoteState, lock,
};

/// Longest wait for the key store at the end of a job: time for a user to unlock it.
const KEY_LIMIT: Duration = Duration::from_mins(1);

/// What an engine is made of.
#[derive(Debug)]
pub struct EngineOptions {
    /// Where journal, locks and accounts lie.
    pub home: Home,
    /// The kinds of destination there are.
    pub backends: Backends,
    /// Who tells the time.
    pub clock: Arc<dyn Clock>,
    /// Which face it serves, for the ledger: `cli`, `window`.
    pub face: String,
}

impl EngineOptions {
    /// An engine on this home with the system's clock, without any kind of destination.
    pub fn new(home: Home) -> Self {
        Self {
            home,
            backends: Backends::default(),
            clock: Arc::new(SystemClock),
            face: "engine".to_owned(),
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
    pub(crate) home: Home,
    pub(crate) journal: Arc<Journal>,
    pub(crate) accounts: Accounts,
    pub(super) backends: Backends,
    pub(crate) clock: Arc<dyn Clock>,
    pub(super) changes: Changes,
    pub(super) queues: Queues,
    ledger_keys: Arc<LedgerKeys>,
    maker: Maker,
    running: Mutex<HashMap<JobId, Running>>,
    /// Jobs whose end the journal did not take, and why. A later process finds them interrupted.
    unwritten: Mutex<HashMap<JobId, Diagnosis>>,
}

/// A job that this process carries out.
#[derive(Debug, Clone)]
pub(super) struct Running {
    pub(super) control: Control,
    pub(super) events: Arc<JobEvents>,
    pub(super) ended: watch::Receiver<bool>,
}

impl Engine {
    /// Opens the engine of a home. Runs nothing until it is asked to.
    pub fn open(options: EngineOptions) -> Result<Self, Diagnosis> {
        let backends = &options.backends;
        let journal = Journal::open_with(&options.home.journal(), &|plan| {
            if let Some(plan) = plan.as_object_mut() {
                crate::plan::upgrade(plan);
                backends.upgrade_plan(plan);
            }
            destination_of(plan)
        })?;
        let journal = Arc::new(journal);
        let shared = Shared {
            accounts: Accounts::of(&options.home),
            ledger_keys: Arc::new(LedgerKeys::new(
                &options.home,
                SecretStore::of(&options.home),
            )),
            maker: Maker::here(&options.face),
            journal,
            home: options.home,
            backends: options.backends,
            clock: options.clock,
            changes: Changes::default(),
            queues: Queues::default(),
            running: Mutex::default(),
            unwritten: Mutex::default(),
        };
        Ok(Self {
            shared: Arc::new(shared),
        })
    }

    /// Writes a plan down as a job and begins to carry it out. The job is on the disk when this
    /// returns.
    pub async fn submit(&self, plan: &Plan) -> Result<JobId, Diagnosis> {
        self.add(plan, None)?.begin(&self.shared).await
    }

    /// The same for plans that are begun together: one batch, with a lane for each. They are written
    /// down together too. Answers for each of them, in order.
    pub async fn submit_batch(&self, plans: &[Plan]) -> Vec<Result<JobId, Diagnosis>> {
        let batch = JobId::new().to_string();
        let added: Vec<Result<Added, Diagnosis>> = plans
            .iter()
            .zip(1..)
            .map(|(plan, number)| {
                let batch = batch.clone();
                self.add(plan, Some(&Lane { batch, number }))
            })
            .collect();
        let mut begun = Vec::with_capacity(added.len());
        for added in added {
            begun.push(match added {
                Ok(added) => added.begin(&self.shared).await,
                Err(diagnosis) => Err(diagnosis),
            });
        }
        begun
    }

    fn add(&self, plan: &Plan, lane: Option<&Lane>) -> Result<Added, Diagnosis> {
        let id = JobId::new();
        // The lock comes first: a job without one would be taken for an abandoned one.
        let held = lock::try_job(&self.shared.home, &id)
            .map_err(|error| self.shared.home.not_writable(&error))?
            .ok_or_else(|| elsewhere(&id))?;
        let now = self.shared.clock.now();
        Ok(Added {
            written: self.shared.journal.add(&id, plan, now, lane),
            plan: plan.clone(),
            id,
            held,
        })
    }

    /// Resumes a job that was paused, interrupted, or failed in a way that can be resumed.
    pub async fn resume(&self, id: &JobId) -> Result<(), Diagnosis> {
        let held = lock::try_job(&self.shared.home, id)
            .map_err(|error| self.shared.home.not_writable(&error))?
            .ok_or_else(|| elsewhere(id))?;
        // Read after the lock: nobody else changes it now.
        let row = self.shared.row(id)?;
        if !row.state.can_resume() {
            return Err(Diagnosis::new(
                Code::JobNotResumable,
                format!("Job {id} was not resumed."),
                "It has ended in a way that leaves nothing to resume.",
            )
            .state("Nothing was sent.")
            .remedy(Remedy::PlanAgain));
        }
        // An old request belongs to the run before.
        self.shared.journal.take_stop_request(id).await?;
        runner::start(&self.shared, id, &row.plan, held, runner::Start::Again);
        Ok(())
    }

    /// Stops a job at the next safe point, to be resumed later.
    pub async fn pause(&self, id: &JobId) -> Result<(), Diagnosis> {
        self.request(id, StopRequest::Pause).await
    }

    /// Stops a job at the next safe point for good. What the other side holds stays there; the
    /// job's state says what that is.
    pub async fn cancel(&self, id: &JobId) -> Result<(), Diagnosis> {
        self.request(id, StopRequest::Cancel).await
    }

    /// The job whose id begins so.
    pub fn find(&self, beginning: &JobId) -> Result<JobId, Diagnosis> {
        Ok(self.shared.journal.job_beginning(beginning)?.id)
    }

    /// The newest jobs of this home, newest first.
    pub fn jobs(&self, limit: u32) -> Result<Vec<JobSummary>, Diagnosis> {
        let rows = self.shared.journal.newest(limit)?;
        Ok(rows.iter().map(|row| self.shared.list(row)).collect())
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
            let history = History::new(shared.journal.history(id)?);
            let remote = shared.remote_state(&row.plan, &history);
            let entry = shared.journal.ledger_entry_of(id)?;
            let live = shared.live(id);
            Ok(Job {
                remote: remote.names,
                summary: shared.summary(&row),
                ..view::job(&row, history.lines(), live, entry, shared.clock.now())
            })
        };
        read().map_err(|error: crate::JournalError| error.diagnose())
    }

    /// Every line of a job's history as text, one line each, for a person or a support mail.
    pub fn job_log(&self, id: &JobId) -> Result<String, Diagnosis> {
        let lines = self.shared.journal.lines(id)?;
        let lines = lines.into_iter().map(|(at, body)| format!("{at} {body}\n"));
        Ok(lines.collect())
    }

    /// Begins to watch what changes. Ask for [`Engine::jobs`] after this, so that nothing is missed.
    pub fn watch(&self) -> tokio::sync::broadcast::Receiver<Change> {
        self.shared.changes.watch()
    }

    /// Waits until this process no longer carries the job out, and answers its state then.
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

    /// How far a job is that this process carries out, and how fast, at this moment.
    pub fn progress(&self, id: &JobId) -> Option<(firmdrop_core::Progress, crate::Pace)> {
        self.shared.live(id)
    }

    /// Whether this process carries any job out.
    pub fn is_busy(&self) -> bool {
        !self.shared.running().is_empty()
    }

    /// The jobs that this process carries out; other processes on the home carry out others.
    pub fn running_here(&self) -> Vec<JobId> {
        self.shared.running().keys().cloned().collect()
    }

    /// The accounts of this home.
    pub fn accounts(&self) -> &Accounts {
        &self.shared.accounts
    }

    /// The home.
    pub fn home(&self) -> &Home {
        &self.shared.home
    }

    /// The journal.
    pub fn journal(&self) -> &Journal {
        &self.shared.journal
    }

    /// The ledgers.
    pub fn ledger(&self) -> Ledger<'_> {
        Ledger {
            home: &self.shared.home,
            journal: &self.shared.journal,
            keys: &self.shared.ledger_keys,
        }
    }

    /// The kinds of destination there are.
    pub fn backends(&self) -> &Backends {
        &self.shared.backends
    }

    /// Reads a destination.
    pub fn destination(&self, text: &str) -> Result<Destination, DestinationError> {
        self.shared.backends.parse(text)
    }

    /// Tries an account layer by layer and names the first that fails. Changes nothing.
    pub async fn test_account(&self, name: &str) -> Result<ConnectionReport, Diagnosis> {
        let accounts = self.accounts();
        let account: Account = accounts.get(name)?;
        let backend = self.shared.backends.of_account(&account)?;
        backend.test_account(&account, accounts).await
    }

    async fn request(&self, id: &JobId, request: StopRequest) -> Result<(), Diagnosis> {
        let shared = &self.shared;
        if let Some(running) = shared.running().get(id) {
            running.control.request(request);
            return Ok(());
        }
        shared.row(id)?;
        let held =
            lock::try_job(&shared.home, id).map_err(|error| shared.home.not_writable(&error))?;
        // Read after the lock was asked for: its owner may have ended it meanwhile.
        let row = shared.row(id)?;
        if !row.state.can_stop(request) {
            return Err(Diagnosis::new(
                Code::JobCannotDo,
                format!("Job {id} was left as it is."),
                "It is not running.",
            )
            .state("Nothing changed."));
        }
        let Some(held) = held else {
            // Another process is at work: it looks for requests, once more after it released the job.
            let left = shared
                .journal
                .leave_stop_request(id, request, shared.clock.now());
            left.await?;
            return Ok(last_look(shared, id).await?);
        };
        Ok(stop_idle(shared, id, request, held).await?)
    }
}

/// A job that is being written down.
struct Added {
    id: JobId,
    plan: Plan,
    held: lock::Held,
    written: Written<()>,
}

impl Added {
    /// Begins to carry it out, once it is on the disk.
    async fn begin(self, shared: &Arc<Shared>) -> Result<JobId, Diagnosis> {
        self.written.await?;
        runner::start(shared, &self.id, &self.plan, self.held, runner::Start::New);
        Ok(self.id)
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
        let live = view::is_at_work(&row.state)
            .then(|| self.live(&row.id))
            .flatten();
        let mut summary = view::summary(row, live);
        if !row.state.is_ended()
            && let Some(diagnosis) = self.unwritten().get(&row.id)
        {
            summary.state = JobState::Failed {
                diagnosis: Box::new(diagnosis.clone()),
                resumable: Some(true),
            };
        }
        summary
    }

    /// Jobs whose end the journal did not take.
    pub(super) fn unwritten(&self) -> MutexGuard<'_, HashMap<JobId, Diagnosis>> {
        self.unwritten
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// What a list shows of a row.
    pub(super) fn list(&self, row: &Row) -> JobSummary {
        match row {
            Row::Readable(row) => self.summary(row),
            Row::Unreadable(row) => view::unreadable(row),
        }
    }

    /// Reports the state of a job to everybody who watches. What cannot be read is reported with the
    /// next change.
    pub(super) fn tell_job(&self, id: &JobId) {
        if let Ok(row) = self.journal.job(id) {
            self.changes.tell(Change::Job(Box::new(self.summary(&row))));
        }
    }

    /// What the other side holds of a job; unknown when no backend of its kind is there any more.
    pub(super) fn remote_state(&self, plan: &Plan, history: &History) -> RemoteState {
        match self.backends.of(&plan.destination) {
            Ok(backend) => backend.remote_state(plan, history),
            Err(_) => RemoteState::of("What the destination holds is not known."),
        }
    }

    /// Ends a job: its last lines and its entry of the ledger, sealed, on the disk when this returns.
    /// A key store that is locked does not hold a job up for ever: then the entry has no signature.
    pub(super) async fn write_entry(
        &self,
        id: &JobId,
        lines: &[Event],
        delivered: Delivered,
    ) -> Result<(), crate::JournalError> {
        let chain = delivered.chain;
        let parts = || {
            let (home, journal) = (self.home.clone(), Arc::clone(&self.journal));
            (home, journal, Arc::clone(&self.ledger_keys))
        };
        let (home, journal, keys) = parts();
        let seal = tokio::task::spawn_blocking(move || Seal::of(&home, &journal, &keys, chain));
        let seal = match tokio::time::timeout(KEY_LIMIT, seal).await {
            Ok(Ok(seal)) => seal,
            Ok(Err(_)) | Err(_) => Seal::default(),
        };
        let now = self.clock.now();
        let written = self
            .journal
            .end(id, now, lines, delivered, &self.maker, seal);
        written.await?;
        let (home, journal, keys) = parts();
        let published = tokio::task::spawn_blocking(move || publish(&home, &journal, &keys, chain));
        // The next end publishes it otherwise.
        let _ = tokio::time::timeout(KEY_LIMIT, published).await;
        Ok(())
    }

    /// The history of a job as far as it can be read.
    pub(super) fn history(&self, id: &JobId) -> History {
        History::new(self.journal.history(id).unwrap_or_default())
    }
}

pub(super) fn elsewhere(id: &JobId) -> Diagnosis {
    Diagnosis::new(
        Code::JobElsewhere,
        format!("Job {id} is being carried out by another Firmdrop on this computer."),
        "Its lock is held.",
    )
    .state("It continues there.")
}
