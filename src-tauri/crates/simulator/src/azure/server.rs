//! One running simulated update service with its sign-in: its options, its start, its end.

use std::{
    net::SocketAddr,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use firmdrop_core::{Clock, SystemClock};
use tokio_util::{
    sync::{CancellationToken, DropGuard},
    task::TaskTracker,
};

use super::{
    http::{Shared, UpdateService, resume},
    record::Record,
    sign_in::{App, Issuer, Registry, SignInService},
    state::{Inventory, Pace, SavedState, Store},
};
use crate::{
    SimulatorError,
    blob::Bearer,
    fault::Dial,
    http::{HttpServer, Port, Recorder, ServerOptions},
    timeline::Timeline,
};

/// The tenant of the demo world.
pub const DEMO_TENANT: &str = "5157a000-0000-4000-8000-00000000cafe";
/// The application of the demo world.
pub const DEMO_CLIENT_ID: &str = "5157a000-0000-4000-8000-0000000000a1";
/// Its secret. No secret: it opens nothing but a pretend service on loopback.
pub const DEMO_CLIENT_SECRET: &str = "firmdrop~demo~world";
/// The instance of the demo world.
pub const DEMO_INSTANCE: &str = "demo";

/// How often a server that moves by itself lets everything happen that is due.
const MOVES_EVERY: Duration = Duration::from_millis(250);

/// How a simulated update service is to be.
#[derive(Debug, Clone)]
pub struct AzureOptions {
    /// Port of the service on 127.0.0.1; 0 takes the one of the last run if there was one and it is
    /// free, else any.
    pub port: u16,
    /// Port of the sign-in, in the same way.
    pub authority_port: u16,
    /// The one instance of the account.
    pub instance: String,
    /// The tenant whose tokens are good.
    pub tenant: String,
    /// The applications of the tenant.
    pub apps: Vec<App>,
    /// How long tokens live.
    pub token_lifetime: Duration,
    /// After how long the user agrees to a sign-in with a device code; only when the test says so
    /// without it.
    pub user_agrees_after: Option<Duration>,
    /// Most items of a page.
    pub page_items: usize,
    /// Most imports and deletes at a time.
    pub most_jobs: usize,
    /// How fast jobs and deployments move.
    pub pace: Pace,
    /// What it begins with.
    pub inventory: Inventory,
    /// What goes wrong at the service.
    pub dial: Dial,
    /// What goes wrong at the sign-in.
    pub authority_dial: Dial,
    /// What time it is when it starts; from there it follows tokio's clock.
    pub clock: Arc<dyn Clock>,
    /// The folder in which everything it holds is stored between runs; it ends with the server when
    /// there is none. At most one server may use a folder at a time.
    pub state: Option<PathBuf>,
}

impl Default for AzureOptions {
    fn default() -> Self {
        Self {
            port: 0,
            authority_port: 0,
            instance: DEMO_INSTANCE.to_owned(),
            tenant: DEMO_TENANT.to_owned(),
            apps: vec![App {
                client_id: DEMO_CLIENT_ID.to_owned(),
                client_secret: Some(DEMO_CLIENT_SECRET.to_owned()),
                may_update: true,
                may_store: true,
            }],
            token_lifetime: Duration::from_hours(1),
            user_agrees_after: None,
            page_items: 100,
            // Limits page: at most ten import and delete jobs at a time.
            most_jobs: 10,
            pace: Pace::FAST,
            inventory: Inventory::default(),
            dial: Dial::new(0),
            authority_dial: Dial::new(0),
            clock: Arc::new(SystemClock),
            state: None,
        }
    }
}

/// A running simulated update service. Dropping it ends it abruptly.
#[derive(Debug)]
pub struct AzureServer {
    addresses: [SocketAddr; 2],
    tenant: String,
    shared: Arc<Shared>,
    service: Arc<UpdateService>,
    registry: Arc<Mutex<Registry>>,
    sign_ins: Recorder,
    dials: [Dial; 2],
    servers: [HttpServer; 2],
    _end: DropGuard,
}

impl AzureServer {
    /// Starts on the present tokio runtime; both ports are open when this returns. With a folder for
    /// its state it holds what the last server of that folder held, and its jobs run on.
    pub async fn start(options: AzureOptions) -> Result<Self, SimulatorError> {
        let unsaved = |source| SimulatorError::State { source };
        let state = options.state.as_deref().map(SavedState::read).transpose();
        let state = state.map_err(unsaved)?;
        let last = state.as_ref().and_then(SavedState::ports);
        let mut ports = Vec::new();
        for (index, requested) in [options.port, options.authority_port]
            .into_iter()
            .enumerate()
        {
            let last = last.and_then(|ports| ports.get(index).copied());
            ports.push(match last {
                Some(last) if requested == 0 => HttpServer::open_again(last).await?,
                _ => HttpServer::open(requested).await?,
            });
        }
        let addresses: Vec<SocketAddr> = ports.iter().map(Port::address).collect();
        let (Ok(addresses), Ok([port, authority_port])) =
            (<[_; 2]>::try_from(addresses), <[_; 2]>::try_from(ports))
        else {
            return Err(unsaved(std::io::ErrorKind::Other.into()));
        };
        let timeline = Timeline::begin(&*options.clock);
        let issuer = Arc::new(Issuer::new(&options.tenant, timeline));
        let numbers = addresses.map(|address| address.port());
        let store = Store::open(&options.inventory, state, numbers, timeline, options.pace);
        let end = CancellationToken::new();
        let shared = Arc::new(Shared {
            url: format!("http://{}", addresses[0]),
            instance: options.instance,
            store: Mutex::new(store),
            issuer: Arc::clone(&issuer),
            page_items: options.page_items.max(1),
            most_jobs: options.most_jobs,
            jobs: TaskTracker::new(),
            end: end.clone(),
        });
        let (recorder, sign_ins) = (Recorder::default(), Recorder::default());
        let service = Arc::new(UpdateService::new(Arc::clone(&shared), recorder.clone()));
        let registry = Registry::new(
            issuer,
            options.apps,
            options.token_lifetime,
            options.user_agrees_after,
        );
        let registry = Arc::new(Mutex::new(registry));
        let sign_in = SignInService::new(
            Arc::clone(&registry),
            sign_ins.clone(),
            format!("http://{}", addresses[1]),
        );
        let behind = |dial: &Dial, recorder| ServerOptions {
            dial: dial.clone(),
            recorder,
        };
        let servers = [
            HttpServer::start(
                port,
                Arc::clone(&service) as _,
                behind(&options.dial, recorder),
            ),
            HttpServer::start(
                authority_port,
                Arc::new(sign_in),
                behind(&options.authority_dial, sign_ins.clone()),
            ),
        ];
        resume(&shared);
        Ok(Self {
            addresses,
            tenant: options.tenant,
            shared,
            service,
            registry,
            sign_ins,
            dials: [options.dial, options.authority_dial],
            servers,
            _end: end.drop_guard(),
        })
    }

    /// Where the service listens.
    pub fn address(&self) -> SocketAddr {
        self.addresses[0]
    }

    /// The account's endpoint: `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        self.shared.url.clone()
    }

    /// Where to sign in: `http://127.0.0.1:PORT`, before the tenant.
    pub fn authority(&self) -> String {
        format!("http://{}", self.addresses[1])
    }

    /// The tenant.
    pub fn tenant(&self) -> &str {
        &self.tenant
    }

    /// The instance's name.
    pub fn instance(&self) -> &str {
        &self.shared.instance
    }

    /// The judge of tokens for a storage of the same tenant.
    pub fn bearer(&self) -> Arc<dyn Bearer> {
        Arc::clone(&self.shared.issuer) as _
    }

    /// The dial that disturbs the service.
    pub fn dial(&self) -> &Dial {
        &self.dials[0]
    }

    /// The dial that disturbs the sign-in.
    pub fn authority_dial(&self) -> &Dial {
        &self.dials[1]
    }

    /// What happened at the service so far.
    pub fn record(&self) -> Record {
        self.service.happened()
    }

    /// What happened at the sign-in so far.
    pub fn sign_in_record(&self) -> Record {
        self.sign_ins.snapshot().into()
    }

    /// The identities of the updates that can be found, `provider/name/version`, in order.
    pub fn updates(&self) -> Vec<String> {
        let store = self.shared.store();
        let found = store.updates.values().filter(|one| !one.is_lost);
        found.map(|one| one.id.to_string()).collect()
    }

    /// How many imports and deletes have not ended.
    pub fn open_jobs(&self) -> usize {
        self.shared.store().open_jobs()
    }

    /// The user agrees to, or declines, the sign-in with this device code; false when there is none.
    pub fn answer_device_code(&self, user_code: &str, agrees: bool) -> bool {
        self.registry().answer_device(user_code, agrees)
    }

    /// Makes every refresh token of so far worthless.
    pub fn revoke_refresh_tokens(&self) {
        self.registry().revoke();
    }

    fn registry(&self) -> MutexGuard<'_, Registry> {
        self.registry.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets deployments move also while nobody looks, until the server ends. Not for a test that stops
    /// the clock, which would run on.
    pub fn keep_moving(&self) {
        let shared = Arc::clone(&self.shared);
        self.servers[0].repeat(MOVES_EVERY, move || drop(shared.store()));
    }

    /// Waits until the service followed the plug: until its port is open, or refuses connections.
    pub async fn until_listening(&self, listening: bool) {
        self.servers[0].until_listening(listening).await;
    }

    /// Ends it in order: no new connection, running requests are answered. Requests that take longer
    /// than two seconds are cut; jobs stop where they are.
    pub async fn shut_down(&self) {
        self.shared.end.cancel();
        for server in &self.servers {
            server.shut_down().await;
        }
    }

    /// Ends it as a power failure would: every connection is reset.
    pub async fn kill(&self) {
        self.shared.end.cancel();
        for server in &self.servers {
            server.kill().await;
        }
    }
}
