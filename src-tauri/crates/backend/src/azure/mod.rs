//! Azure Device Update as a destination: files become an imported update, and, when asked for, a
//! deployment to the devices of a group.

mod account;
mod deploy_planner;
mod destination;
mod facts;
mod gather;
mod held;
mod import_planner;
mod options;
mod plan;
mod planned;
mod record;
mod refresh;
mod remote_state;
mod run;
mod waits;

use async_trait::async_trait;
use firmdrop_core::{ConnectionReport, Diagnosis, Fit, Remedy};
use firmdrop_engine::{
    Account, AccountForm, Accounts, Applied, Backend, Destination, Elsewhere, Ended, History,
    JobContext, OwnOption, Plan, PlanRequest, RemoteState,
};
use firmdrop_image::Inspection;

pub use account::{Connected, client, connect, service_of, signs_in_with_code, user_sign_in};
pub use destination::{SCHEME, destination};
pub use options::{AzureOptions, DeploySpec, NewUpdate};
pub use planned::{PlannedDeployment, PlannedImport, PlannedManifest};
pub use waits::AzureWaits;

/// Deliveries into Device Update accounts: `adu:ACCOUNT`.
#[derive(Debug, Default)]
pub struct AzureBackend {
    waits: AzureWaits,
}

impl AzureBackend {
    /// A backend that waits for the service like this.
    pub fn new(waits: AzureWaits) -> Self {
        Self { waits }
    }
}

#[async_trait]
impl Backend for AzureBackend {
    fn id(&self) -> &'static str {
        SCHEME
    }

    fn claims(&self, scheme: &str) -> bool {
        scheme == SCHEME
    }

    fn parse(&self, _scheme: &str, address: &str) -> Result<Destination, String> {
        if address.is_empty() {
            return Err("The account's name is missing".to_owned());
        }
        Ok(destination(address))
    }

    fn examples(&self) -> Vec<String> {
        vec![destination("ACCOUNT").to_string()]
    }

    fn own_options(&self) -> Vec<OwnOption> {
        let own = |key, elsewhere| OwnOption { key, elsewhere };
        vec![
            own(options::UPDATE, Elsewhere::LeftOut),
            own(options::LEAVE_STAGED, Elsewhere::LeftOut),
            own(options::DEPLOY, Elsewhere::Refused),
        ]
    }

    async fn place(&self, destination: &Destination, accounts: &Accounts) -> Vec<String> {
        // Two names of one instance are one place; an account that is gone has only its name.
        vec![match accounts.get(&destination.to_string()) {
            Ok(account) => account::place(&account),
            Err(_) => destination.to_string(),
        }]
    }

    fn fit(&self, _image: &Inspection, _destination: &Destination) -> Fit {
        Fit::fits("update with an import manifest")
    }

    fn takes_files_together(&self) -> bool {
        true
    }

    async fn plan(&self, request: PlanRequest<'_>) -> Result<Plan, Diagnosis> {
        Box::pin(plan::plan(request)).await
    }

    async fn run(&self, context: &JobContext) -> Ended {
        Box::pin(run::run(context, self.waits)).await
    }

    fn leaves_something(&self, _plan: &Plan, history: &History) -> bool {
        facts::leaves_something(history)
    }

    async fn give_up(&self, context: &JobContext) {
        Box::pin(run::give_up(context, self.waits)).await;
    }

    fn remote_state(&self, plan: &Plan, history: &History) -> RemoteState {
        remote_state::remote_state(plan, history)
    }

    fn resumes_unattended(&self) -> bool {
        true
    }

    fn apply(&self, _remedy: &Remedy) -> Option<Applied> {
        None
    }

    fn has_accounts(&self) -> bool {
        true
    }

    fn account_form(&self) -> Option<AccountForm> {
        Some(account::form())
    }

    fn check_account(&self, account: &Account) -> Result<(), Diagnosis> {
        account::check(account)
    }

    fn destination_of(&self, account: &Account) -> Option<Destination> {
        Some(destination(&account.name))
    }

    fn address_of(&self, account: &Account) -> String {
        account::address_of(account)
    }

    async fn test_account(
        &self,
        account: &Account,
        accounts: &Accounts,
    ) -> Result<ConnectionReport, Diagnosis> {
        account::test(account, accounts).await
    }
}
