//! What all tasks of an engine share: journal, accounts, queues, and the jobs that this process carries out.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use firmdrop_core::{Clock, Diagnosis};
use tokio::sync::{OnceCell, watch};

use super::change::Changes;
use super::control::Control;
use super::ending::Endings;
use super::events::JobEvents;
use super::options::EngineOptions;
use super::queue::Queues;
use super::{Change, view};
use crate::journal::{Event, JobRow, Row};
use crate::ledger::{Delivered, LedgerKeys, Maker, Seal, publish};
use crate::secret_store::SecretStore;
use crate::{
    Account, Accounts, Backend, Backends, Destination, History, Home, JobId, JobState, JobSummary,
    Journal, Plan, RemoteState,
};

/// Longest wait for the key store at the end of a job: time for a user to unlock it.
const KEY_LIMIT: Duration = Duration::from_mins(1);

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
    pub(super) ledger_keys: Arc<LedgerKeys>,
    maker: Maker,
    endings: Endings,
    running: Mutex<HashMap<JobId, Running>>,
    /// Jobs whose end the journal did not take, and why. A later process finds them interrupted.
    unwritten: Mutex<HashMap<JobId, Diagnosis>>,
}

/// A job that this process carries out.
#[derive(Debug, Clone)]
pub(super) struct Running {
    pub(super) place: Arc<Place>,
    pub(super) control: Control,
    pub(super) events: Arc<JobEvents>,
    pub(super) ended: watch::Receiver<bool>,
}

/// What must not be used by two jobs at once, once it was looked up.
#[derive(Debug)]
pub(super) struct Place {
    destination: Destination,
    keys: OnceCell<Vec<String>>,
}

impl Place {
    pub(super) fn of(destination: &Destination) -> Self {
        Self {
            destination: destination.clone(),
            keys: OnceCell::new(),
        }
    }

    /// Its keys; looked up once for a job.
    pub(super) async fn keys(&self, shared: &Shared) -> Result<&[String], Diagnosis> {
        let backend = shared.backends.of(&self.destination)?;
        let look = || backend.place(&self.destination, &shared.accounts);
        Ok(self.keys.get_or_init(look).await)
    }
}

impl Shared {
    pub(super) fn new(options: EngineOptions, journal: Arc<Journal>) -> Self {
        Self {
            accounts: Accounts::of(&options.home),
            ledger_keys: Arc::new(LedgerKeys::new(
                &options.home,
                SecretStore::of(&options.home),
            )),
            maker: Maker::here(&options.face),
            endings: Endings::default(),
            journal,
            home: options.home,
            backends: options.backends,
            clock: options.clock,
            changes: Changes::default(),
            queues: Queues::default(),
            running: Mutex::default(),
            unwritten: Mutex::default(),
        }
    }

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
    pub(super) fn publish_job(&self, id: &JobId) {
        if let Ok(row) = self.journal.job(id) {
            self.changes
                .publish(Change::Job(Box::new(self.summary(&row))));
        }
    }

    /// Whether a job left something at its destination that is removed once it is cancelled.
    pub(super) fn leaves_something(&self, row: &JobRow) -> bool {
        let backend = self.backends.of(&row.plan.destination);
        backend.is_ok_and(|backend| backend.leaves_something(&row.plan, &self.history(&row.id)))
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
        let ending = self.endings.begin(chain);
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
        if !ending.was_last() {
            return Ok(());
        }
        let (home, journal, keys) = parts();
        let published = tokio::task::spawn_blocking(move || publish(&home, &journal, &keys, chain));
        // The next end publishes it otherwise.
        let _ = tokio::time::timeout(KEY_LIMIT, published).await;
        Ok(())
    }

    /// Where the account of a destination leads now; `None` where there is none, and in the simulated world.
    pub(crate) fn account_address(
        &self,
        backend: &dyn Backend,
        destination: &Destination,
    ) -> Option<String> {
        let account = self.account(backend, destination)?;
        Some(backend.address_of(&account))
    }

    /// The account of a destination; `None` where there is none, and in the simulated world.
    pub(super) fn account(
        &self,
        backend: &dyn Backend,
        destination: &Destination,
    ) -> Option<Account> {
        if !backend.has_accounts() {
            return None;
        }
        let account = self.accounts.get(&destination.to_string()).ok()?;
        (!account.simulated).then_some(account)
    }

    /// The history of a job as far as it can be read.
    pub(super) fn history(&self, id: &JobId) -> History {
        History::new(self.journal.history(id).unwrap_or_default())
    }
}
