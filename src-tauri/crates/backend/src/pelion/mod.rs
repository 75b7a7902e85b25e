//! Pelion (Izuma) Device Management as a destination: a file becomes a firmware image, and, when
//! asked for, a signed manifest and a campaign.

mod account;
mod campaign_plan;
mod campaign_planner;
mod campaign_refusal;
mod demo_key;
mod destination;
mod facts;
mod manifest_request;
mod options;
mod plan;
mod record;
mod remedy;
mod remote_state;
mod risk;
mod rollout;
mod upgrade;
mod upload;
mod waits;

use async_trait::async_trait;
use firmdrop_core::{ConnectionReport, Diagnosis, Fit, Remedy};
use firmdrop_engine::{
    Account, AccountForm, Accounts, Applied, Backend, Destination, Elsewhere, Ended, History, Home,
    JobContext, OwnOption, Plan, PlanRequest, RemoteState, Secrets,
};
use firmdrop_image::Inspection;
use firmdrop_manifest::KeyStore;
use serde_json::{Map, Value};

pub use account::{client, connect};
pub use campaign_plan::{CampaignSpec, ManifestSpec, PlannedCampaign, PlannedManifest};
pub use demo_key::DEMO_KEY;
pub use destination::{SCHEME, destination};
pub use firmdrop_cloud::pelion::campaign::WatchPolicy;
pub use options::{LONGEST_DESCRIPTION, LONGEST_NAME, PelionOptions};
pub use waits::Waits;

/// Deliveries into Pelion accounts: `pelion:ACCOUNT`.
#[derive(Debug, Default)]
pub struct PelionBackend {
    waits: Waits,
}

impl PelionBackend {
    /// A backend that waits for the service like this.
    pub fn new(waits: Waits) -> Self {
        Self { waits }
    }
}

#[async_trait]
impl Backend for PelionBackend {
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
            own("chunk_bytes", Elsewhere::LeftOut),
            own("campaign", Elsewhere::Refused),
        ]
    }

    async fn place(&self, destination: &Destination, accounts: &Accounts) -> Vec<String> {
        // Two names of one account are one place; an account that is gone has only its name.
        vec![match accounts.get(&destination.to_string()) {
            Ok(account) => format!("{SCHEME} {} {}", account.host, account.name),
            Err(_) => destination.to_string(),
        }]
    }

    fn fit(&self, _image: &Inspection, _destination: &Destination) -> Fit {
        Fit::fits("new image")
    }

    async fn plan(&self, request: PlanRequest<'_>) -> Result<Plan, Diagnosis> {
        plan::plan(request).await
    }

    async fn run(&self, context: &JobContext) -> Ended {
        Box::pin(upload::run(context, self.waits)).await
    }

    fn remote_state(&self, plan: &Plan, history: &History) -> RemoteState {
        remote_state::remote_state(plan, history)
    }

    fn resumes_unattended(&self) -> bool {
        true
    }

    fn apply(&self, remedy: &Remedy) -> Option<Applied> {
        remedy::apply(remedy)
    }

    fn has_accounts(&self) -> bool {
        true
    }

    fn account_form(&self) -> Option<AccountForm> {
        Some(account::form())
    }

    fn adopts_old_accounts(&self) -> bool {
        true
    }

    fn check_account(&self, account: &Account) -> Result<(), Diagnosis> {
        connect(account, &Secrets::default()).map(drop)
    }

    fn prepare_simulated(&self, home: &Home) -> Result<(), Diagnosis> {
        demo_key::make_demo_key(&KeyStore::new(home.manifest_keys()))
    }

    fn destination_of(&self, account: &Account) -> Option<Destination> {
        Some(destination(&account.name))
    }

    fn may_hold_something(&self, history: &History) -> bool {
        facts::may_hold_something(history)
    }

    async fn test_account(
        &self,
        account: &Account,
        accounts: &Accounts,
    ) -> Result<ConnectionReport, Diagnosis> {
        Ok(client(accounts, &account.name).await?.test().await)
    }

    fn upgrade_plan(&self, plan: &mut Map<String, Value>) -> bool {
        upgrade::upgrade_plan(plan)
    }
}
