//! The engine: takes plans, runs jobs, answers what is known of them.

use std::sync::Arc;

use firmdrop_core::{Code, ConnectionReport, Diagnose as _, Diagnosis, Remedy};

use super::leave::{check_requests, stop_idle};
use super::options::EngineOptions;
use super::shared::{Place, Shared};
use super::{Change, runner, view};
use crate::journal::{StopRequest, Written, destination_of};
use crate::ledger::Ledger;
use crate::{
    Account, Accounts, Backends, Destination, DestinationError, History, Home, Job, JobId,
    JobSummary, Journal, Lane, Plan, lock,
};

/// Runs jobs. Cheap to clone; all clones are the same engine. Needs a tokio runtime.
#[derive(Debug, Clone)]
pub struct Engine {
    pub(crate) shared: Arc<Shared>,
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
        let shared = Shared::new(options, journal);
        Ok(Self {
            shared: Arc::new(shared),
        })
    }

    /// Writes a plan down as a job and begins to carry it out. The job survives the end of the
    /// process when this returns, and that of the power supply before anything is sent.
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

    /// The same for one lane of a batch that grows, as the job of this id: whoever has to know the job after
    /// a crash wrote the id down before.
    pub async fn submit_in_lane(
        &self,
        id: JobId,
        plan: &Plan,
        lane: &Lane,
    ) -> Result<JobId, Diagnosis> {
        let added = self.add_as(id, plan, Some(lane))?;
        added.begin(&self.shared).await
    }

    fn add(&self, plan: &Plan, lane: Option<&Lane>) -> Result<Added, Diagnosis> {
        self.add_as(JobId::new(), plan, lane)
    }

    fn add_as(&self, id: JobId, plan: &Plan, lane: Option<&Lane>) -> Result<Added, Diagnosis> {
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
            .state(Diagnosis::NOTHING_SENT)
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

    /// What time it is, as this engine has it.
    pub fn now(&self) -> firmdrop_core::Moment {
        self.shared.clock.now()
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

    /// A job of this process that has the place of a destination, or waits for it: this one, or another way to
    /// write the same device.
    pub async fn job_at(&self, destination: &Destination) -> Result<Option<JobId>, Diagnosis> {
        let wanted = Place::of(destination);
        let running: Vec<_> = self
            .shared
            .running()
            .iter()
            .map(|(id, running)| (id.clone(), Arc::clone(&running.place)))
            .collect();
        for (id, place) in running {
            let keys = place.keys(&self.shared).await?;
            let wanted = wanted.keys(&self.shared).await?;
            if keys.iter().any(|key| wanted.contains(key)) {
                return Ok(Some(id));
            }
        }
        Ok(None)
    }

    /// Whether a job of any Firmdrop on this computer has the place of a destination at this moment.
    pub async fn is_in_use(
        &self,
        destination: &Destination,
        simulated: bool,
    ) -> Result<bool, Diagnosis> {
        let (home, place) = (&self.shared.home, Place::of(destination));
        for key in place.keys(&self.shared).await? {
            let held = lock::try_place(home, key, simulated);
            if held.map_err(|error| home.not_writable(&error))?.is_none() {
                return Ok(true);
            }
        }
        Ok(false)
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
            return Ok(check_requests(shared, id).await?);
        };
        if request == StopRequest::Cancel && shared.leaves_something(&row) {
            runner::start(shared, id, &row.plan, held, runner::Start::GiveUp);
            // Whoever asked may end its process as soon as this returns.
            self.settled(id).await?;
            return Ok(());
        }
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

pub(super) fn elsewhere(id: &JobId) -> Diagnosis {
    Diagnosis::new(
        Code::JobElsewhere,
        format!("Job {id} is being carried out by another Firmdrop on this computer."),
        "Its lock is held.",
    )
    .state("It continues there.")
}
