//! The seam between the engine and the kinds of destination: what a kind implements, and what it is
//! given.
//!
//! The engine knows jobs; a backend knows one kind of destination. Neither the engine nor anything
//! else above names a kind.

mod context;
mod ended;
mod history;
mod own_option;
mod plan_request;
mod registry;
mod remote_state;

use async_trait::async_trait;
use firmdrop_core::{ConnectionReport, Diagnosis, Fit, Remedy};
use firmdrop_image::Inspection;
use serde_json::{Map, Value};

pub use context::JobContext;
pub use ended::Ended;
pub(crate) use history::moving_to;
pub use history::{Entry, History};
pub use own_option::{Elsewhere, OwnOption};
pub use plan_request::PlanRequest;
pub use registry::Backends;
pub use remote_state::RemoteState;

use crate::{Account, AccountForm, Accounts, Destination, Home, Plan};

/// One kind of destination.
///
/// The contract, held by a suite that runs over every backend: `plan`, `fit` and `test_account`
/// change nothing; `run` continues from what the history and the other side say; no sentence about
/// the other side's state is said that it did not report.
#[async_trait]
pub trait Backend: std::fmt::Debug + Send + Sync {
    /// Names this kind, for accounts and programs. Never changes.
    fn id(&self) -> &'static str;

    /// Whether destinations of this scheme are of this kind.
    fn claims(&self, scheme: &str) -> bool;

    /// The canonical destination, or what is wrong with the address, as a sentence without its end.
    fn parse(&self, scheme: &str, address: &str) -> Result<Destination, String>;

    /// What its destinations look like, for the message about a text that is none.
    fn examples(&self) -> Vec<String>;

    /// Options that deliveries to this kind have beside those that every kind has.
    fn own_options(&self) -> Vec<OwnOption>;

    /// What must not be used by two jobs at once: two ways to write one device or account have a
    /// key in common. In one order everywhere, never empty. May look a name up, within a bounded
    /// time.
    async fn place(&self, destination: &Destination, accounts: &Accounts) -> Vec<String>;

    /// Whether the image may go there, as far as that is known without asking anybody.
    fn fit(&self, image: &Inspection, destination: &Destination) -> Fit;

    /// Several files that are delivered at once are one delivery; else each is one of its own.
    fn takes_files_together(&self) -> bool {
        false
    }

    /// What delivering the files there will do. Sends nothing that changes anything.
    async fn plan(&self, request: PlanRequest<'_>) -> Result<Plan, Diagnosis>;

    /// Carries a plan out, from where its history says it is. Looks at [`JobContext::stop`] wherever
    /// stopping is safe.
    async fn run(&self, context: &JobContext) -> Ended;

    /// Whether a job with this history left something that is removed once it is cancelled. Asks
    /// nobody.
    fn leaves_something(&self, plan: &Plan, history: &History) -> bool {
        let _ = (plan, history);
        false
    }

    /// A user cancelled the job for good, and it runs no more: removes what it left there and nobody
    /// else needs. What cannot be removed is said in a note. The engine ends it after a minute.
    async fn give_up(&self, context: &JobContext) {
        let _ = context;
    }

    /// What the other side holds of a job, from its history. Asks nobody: what was under way when the
    /// job stopped is unknown.
    fn remote_state(&self, plan: &Plan, history: &History) -> RemoteState;

    /// Whether a job whose process died resumes without a user: cloud jobs do, a device write waits.
    fn resumes_unattended(&self) -> bool;

    /// What the history learns when a user takes this remedy of a failed job, before the job runs
    /// again; `None` when the remedy is not of this kind.
    fn apply(&self, remedy: &Remedy) -> Option<Applied>;

    /// Accounts of this kind can be made.
    fn has_accounts(&self) -> bool {
        false
    }

    /// What an account of this kind needs.
    fn account_form(&self) -> Option<AccountForm> {
        None
    }

    /// Accounts written before accounts had a kind are of this one.
    fn adopts_old_accounts(&self) -> bool {
        false
    }

    /// Refuses an account that no client can be made of, before it is stored. Connects to nothing.
    fn check_account(&self, account: &Account) -> Result<(), Diagnosis> {
        let _ = account;
        Ok(())
    }

    /// Makes what a simulated account of this kind needs in the home besides itself.
    fn prepare_simulated(&self, home: &Home) -> Result<(), Diagnosis> {
        let _ = home;
        Ok(())
    }

    /// The destination an account of this kind is.
    fn destination_of(&self, account: &Account) -> Option<Destination> {
        let _ = account;
        None
    }

    /// Tries an account layer by layer and names the first layer that fails. Changes nothing.
    async fn test_account(
        &self,
        account: &Account,
        accounts: &Accounts,
    ) -> Result<ConnectionReport, Diagnosis>;

    /// Where deliveries to this account go, as a person reads it. Two accounts with one text lead to one
    /// place; neither their proxy nor their sign-in belongs to it.
    fn address_of(&self, account: &Account) -> String {
        account.host.clone()
    }

    /// Whether the other side may hold something of a job with this history. Asks nobody.
    fn may_hold_something(&self, history: &History) -> bool {
        history.has_acts()
    }

    /// Rewrites a plan of a journal of format 1 in place; `false` when it is not of this kind.
    fn upgrade_plan(&self, plan: &mut Map<String, Value>) -> bool {
        let _ = plan;
        false
    }
}

/// What taking a remedy adds to a job's history.
#[derive(Debug, Clone, PartialEq)]
pub struct Applied {
    /// A fact, as [`JobContext::fact`] takes it.
    pub fact: Value,
    /// What the user reads of it.
    pub note: firmdrop_core::Note,
}
