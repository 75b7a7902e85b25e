//! Readers on the bench as destinations: `PROTOCOL+CHANNEL:ADDRESS`, or `sim:NAME` for a simulated
//! one.
//!
//! Which protocols and channels there are, the loaders and the providers of links say.

mod abort_on_drop;
mod address;
mod console_port;
mod contacts;
mod plan;
mod run;
mod seen;
mod upgrade;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use firmdrop_core::{Code, ConnectionReport, Diagnosis, Fit, Remedy};
use firmdrop_engine::{
    Account, Accounts, Applied, Backend, Destination, Elsewhere, Ended, History, JobContext,
    OwnOption, Plan, PlanRequest, RemoteState, task_died,
};
use firmdrop_image::Inspection;
use firmdrop_link::{LinkAddress, Providers};
use firmdrop_loader::{Loader, OptionInfo, Options, ProbeContext, Restarted, SentImage, Target};
use serde_json::{Map, Value};

pub use console_port::ConsolePort;
pub use seen::SeenReader;

use self::abort_on_drop::AbortOnDrop;
use self::contacts::Contacts;

/// How long a plan waits for a reader to say what it is. A reader that answers does so within a second;
/// longer would feel stuck.
const PROBE_FOR_PLAN: Duration = Duration::from_secs(3);

/// What the readers are made of.
#[derive(Debug, Default)]
pub struct ReaderOptions {
    /// Who finds readers and opens links.
    pub providers: Providers,
    /// The protocols that may be used. The first one is tried on readers whose protocol is not known.
    pub loaders: Vec<Arc<dyn Loader>>,
}

/// Deliveries to readers.
#[derive(Debug)]
pub struct ReaderBackend {
    providers: Providers,
    loaders: Vec<Arc<dyn Loader>>,
    /// What came of the last contact with each reader.
    contacts: Contacts,
}

impl ReaderBackend {
    /// The readers that these providers and loaders reach.
    pub fn new(options: ReaderOptions) -> Self {
        Self {
            providers: options.providers,
            loaders: options.loaders,
            contacts: Contacts::default(),
        }
    }

    /// Identifies a reader. Changes nothing on it; what it says is used by plans made later.
    pub async fn identify(&self, destination: &Destination) -> Result<Target, Diagnosis> {
        let (loader, address) = self.route(destination)?;
        let loader = Arc::clone(loader);
        let context = ProbeContext {
            providers: self.providers.clone(),
            address,
        };
        // A task of its own: a driver that panics ends the question, not whoever asked.
        let asking = tokio::spawn(async move { loader.probe(&context).await });
        let asking = AbortOnDrop(asking);
        let answer = match asking.await {
            Ok(answer) => answer.map_err(Diagnosis::from),
            Err(error) => Err(task_died(&error)),
        };
        match &answer {
            Ok(target) => self.contacts.answered(destination, target.clone()),
            Err(diagnosis) => self.contacts.failed(destination, diagnosis),
        }
        answer
    }

    /// Restarts a reader without writing to it; when something else may run afterwards only if that was
    /// `accepted`. Who calls holds its place.
    pub async fn restart(
        &self,
        destination: &Destination,
        accepted: bool,
    ) -> Result<Restarted, Diagnosis> {
        let (loader, address) = self.route(destination)?;
        let loader = Arc::clone(loader);
        let context = ProbeContext {
            providers: self.providers.clone(),
            address,
        };
        let asking = tokio::spawn(async move { loader.restart(&context, accepted).await });
        let answer = match AbortOnDrop(asking).await {
            Ok(answer) => answer.map_err(Diagnosis::from),
            Err(error) => Err(task_died(&error)),
        };
        match &answer {
            Ok(restarted) => match restarted.target.clone() {
                Some(target) => self.contacts.answered(destination, target),
                None => self.contacts.forget(destination),
            },
            // It was asked, or is known, and was left as it is.
            Err(Diagnosis {
                code: Code::ConfirmationMissing | Code::NotRestartable,
                ..
            }) => {}
            Err(diagnosis) => self.contacts.failed(destination, diagnosis),
        }
        answer
    }

    /// Receives a number that grows when a contact changed what is known of a reader: it answered, or it failed.
    pub fn contacts(&self) -> tokio::sync::watch::Receiver<u64> {
        self.contacts.changes()
    }

    /// What a reader said when it was last identified; `None` when it never was.
    pub fn target(&self, destination: &Destination) -> Option<Target> {
        self.contacts.target(destination)
    }

    /// Which images of the file a delivery with these options sends to which of the reader's, where its protocol
    /// tells them apart; none otherwise.
    pub fn sent_images(
        &self,
        destination: &Destination,
        file: &Inspection,
        options: &Options,
    ) -> Vec<SentImage> {
        self.route(destination)
            .map(|(loader, _)| loader.sent_images(file, options))
            .unwrap_or_default()
    }

    /// The reader that an address without a scheme means: a serial port, or a host and a port.
    pub fn destination_of(&self, text: &str) -> Option<Destination> {
        address::of_bare_text(&self.loaders, &self.providers, text)
    }

    /// What a plan may rest on: what the reader said last, or says now. A reader that does not answer in
    /// time is planned for by what is known without it; one whose address cannot be a reader's is not.
    async fn target_for_plan(
        &self,
        destination: &Destination,
    ) -> Result<Option<Target>, Diagnosis> {
        if let Some(target) = self.contacts.current(destination) {
            return Ok(Some(target));
        }
        match tokio::time::timeout(PROBE_FOR_PLAN, self.identify(destination)).await {
            Ok(Ok(target)) => Ok(Some(target)),
            Ok(Err(diagnosis)) if diagnosis.code == Code::UnknownDestination => Err(diagnosis),
            Ok(Err(_)) | Err(_) => Ok(None),
        }
    }

    /// Who loads a destination, and the address of its link.
    fn route(
        &self,
        destination: &Destination,
    ) -> Result<(&Arc<dyn Loader>, LinkAddress), Diagnosis> {
        let unusable = |why: String| {
            Diagnosis::new(
                Code::UnknownDestination,
                format!("{destination} is not a reader."),
                why,
            )
            .state("Nothing was sent.")
        };
        address::route(
            &self.loaders,
            &self.providers,
            &destination.scheme,
            &destination.address,
        )
        .map_err(unusable)
    }
}

#[async_trait]
impl Backend for ReaderBackend {
    fn id(&self) -> &'static str {
        "reader"
    }

    fn claims(&self, scheme: &str) -> bool {
        address::claims(&self.loaders, scheme)
    }

    fn parse(&self, scheme: &str, address: &str) -> Result<Destination, String> {
        let (loader, link) = address::route(&self.loaders, &self.providers, scheme, address)?;
        address::destination(loader, &link)
            .ok_or_else(|| format!("{} does not speak over this channel", loader.name()))
    }

    fn examples(&self) -> Vec<String> {
        address::examples(&self.loaders)
    }

    fn own_options(&self) -> Vec<OwnOption> {
        let options = self.loaders.iter().flat_map(|loader| loader.options());
        let own = |info: &OptionInfo| OwnOption {
            key: info.name,
            elsewhere: Elsewhere::Refused,
        };
        options.map(own).collect()
    }

    async fn place(&self, destination: &Destination, _accounts: &Accounts) -> Vec<String> {
        let Ok((_, link)) = self.route(destination) else {
            return vec![destination.to_string()];
        };
        match self.providers.place(&link).await {
            Ok(place) => place.keys().map(str::to_owned).collect(),
            // What cannot be found has no other name than its address.
            Err(_) => vec![link.to_string()],
        }
    }

    fn fit(&self, image: &Inspection, destination: &Destination) -> Fit {
        match self.route(destination) {
            Ok((loader, _)) => {
                loader.fit(image, self.target(destination).as_ref(), &Options::new())
            }
            Err(diagnosis) => Fit::cannot_tell(diagnosis.why),
        }
    }

    async fn plan(&self, request: PlanRequest<'_>) -> Result<Plan, Diagnosis> {
        let (loader, link) = self.route(request.destination)?;
        let target = self.target_for_plan(request.destination).await?;
        plan::plan(&**loader, &link, target.as_ref(), request)
    }

    async fn run(&self, context: &JobContext) -> Ended {
        match self.route(&context.plan().destination) {
            Ok((loader, link)) => {
                let destination = &context.plan().destination;
                let answered = self.contacts.current(destination).is_some();
                let ended = run::run(&**loader, link, &self.providers, answered, context).await;
                self.contacts.written(destination, &ended);
                ended
            }
            Err(diagnosis) => Ended::failed(diagnosis),
        }
    }

    fn remote_state(&self, plan: &Plan, history: &History) -> RemoteState {
        let began: Vec<&str> = history.phases_begun().collect();
        match self.route(&plan.destination) {
            Ok((loader, _)) => RemoteState::of(loader.state_after(&began)),
            Err(_) => RemoteState::of("What the reader was left with is not known."),
        }
    }

    fn resumes_unattended(&self) -> bool {
        false
    }

    fn apply(&self, _remedy: &Remedy) -> Option<Applied> {
        None
    }

    async fn test_account(
        &self,
        account: &Account,
        _accounts: &Accounts,
    ) -> Result<ConnectionReport, Diagnosis> {
        Err(Diagnosis::new(
            Code::AccountInvalid,
            format!("{} is not an account of a reader.", account.name),
            "Readers have no accounts.",
        )
        .state("Nothing was sent."))
    }

    fn upgrade_plan(&self, plan: &mut Map<String, Value>) -> bool {
        upgrade::upgrade_plan(&self.loaders, plan)
    }
}
