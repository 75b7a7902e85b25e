//! One running simulated Pelion service: its options, its start, its end.

use std::{
    net::SocketAddr,
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};

use firmdrop_core::{Clock, SystemClock};

use super::{
    http::{PelionService, Shared},
    record::Record,
    state::{
        Account, Id, Inventory, Opening, SavedState, Settings, Storage, StoredImage, Timeline,
        UploadRecorder, campaign::Pace, device::Behaviour,
    },
};
use crate::{
    SimulatorError,
    fault::Dial,
    http::{HttpServer, Recorder, ServerOptions},
};

/// How often a server that moves by itself lets everything happen that is due.
const MOVES_EVERY: Duration = Duration::from_millis(250);

/// How a simulated Pelion service is to be.
#[derive(Debug, Clone)]
pub struct PelionOptions {
    /// Port on 127.0.0.1; 0 takes the one of the last run if there was one and it is free, else any.
    pub port: u16,
    /// The one access key that is accepted.
    pub access_key: String,
    /// Where image bytes go.
    pub storage: Storage,
    /// Refuses a chunk as soon as the one before it turns out too short. The real service notices
    /// only when the upload job is finished, which is the default here too.
    pub refuse_short_chunk_early: bool,
    /// Refuses a single upload whose name is taken with 409. The API reference lists no such
    /// answer, so the default is to take it.
    pub refuse_taken_image_name: bool,
    /// What goes wrong.
    pub dial: Dial,
    /// What time it is when it starts; from there it follows tokio's clock.
    pub clock: Arc<dyn Clock>,
    /// How fast campaigns move.
    pub pace: Pace,
    /// How many devices a campaign may update; one for more fails to start. No limit when it is not
    /// set.
    pub quota_devices: Option<usize>,
    /// The devices, groups and saved queries it begins with.
    pub inventory: Inventory,
    /// The folder in which everything it holds is stored between runs; it ends with the server when
    /// there is none. At most one server may use a folder at a time.
    pub state: Option<PathBuf>,
}

impl PelionOptions {
    /// Any free port, nothing stored, nothing going wrong, no devices, campaigns that are fast.
    pub fn new(access_key: impl Into<String>) -> Self {
        Self {
            port: 0,
            access_key: access_key.into(),
            storage: Storage::Discard,
            refuse_short_chunk_early: false,
            refuse_taken_image_name: false,
            dial: Dial::new(0),
            clock: Arc::new(SystemClock),
            pace: Pace::FAST,
            quota_devices: None,
            inventory: Inventory::default(),
            state: None,
        }
    }
}

/// A running simulated Pelion service. Dropping it ends it abruptly.
#[derive(Debug)]
pub struct PelionServer {
    shared: Arc<Shared>,
    service: Arc<PelionService>,
    dial: Dial,
    http: HttpServer,
}

impl PelionServer {
    /// Starts on the present tokio runtime; the port is open when this returns. With a folder for
    /// its state it holds what the last server of that folder held.
    pub async fn start(options: PelionOptions) -> Result<Self, SimulatorError> {
        let prepared = options.storage.prepare();
        prepared.map_err(|source| SimulatorError::Directory { source })?;
        let unsaved = |source| SimulatorError::State { source };
        let state = options.state.as_deref().map(SavedState::read).transpose();
        let state = state.map_err(unsaved)?;
        let port = match state.as_ref().and_then(SavedState::port) {
            Some(last) if options.port == 0 => HttpServer::open_again(last).await?,
            _ => HttpServer::open(options.port).await?,
        };

        let (address, uploads) = (port.address(), UploadRecorder::default());
        let timeline = Timeline::begin(&*options.clock);
        let settings = || Settings {
            address,
            timeline,
            pace: options.pace,
            quota_devices: options.quota_devices,
            storage: options.storage.clone(),
            recorder: uploads.clone(),
            refuse_short_chunk_early: options.refuse_short_chunk_early,
        };
        let opening = Opening {
            inventory: options.inventory,
            state,
        };
        let account = Account::open(settings, opening).map_err(unsaved)?;
        let shared = Arc::new(Shared {
            address,
            account: Mutex::new(account),
            storage: options.storage,
            uploads,
            refuse_taken_image_name: options.refuse_taken_image_name,
        });
        let recorder = Recorder::default();
        let service = PelionService::new(Arc::clone(&shared), options.access_key, recorder.clone());
        let service = Arc::new(service);
        let server_options = ServerOptions {
            dial: options.dial.clone(),
            recorder,
        };
        let behind = Arc::clone(&service);
        Ok(Self {
            shared,
            service,
            dial: options.dial,
            http: HttpServer::start(port, behind, server_options),
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.shared.address
    }

    /// The address an account is made with: `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.shared.address)
    }

    /// The dial that disturbs it.
    pub fn dial(&self) -> &Dial {
        &self.dial
    }

    /// What happened so far.
    pub fn record(&self) -> Record {
        self.service.happened()
    }

    /// The firmware images it holds, the oldest first.
    pub fn images(&self) -> Vec<StoredImage> {
        self.shared.account().images.values().cloned().collect()
    }

    /// Makes a device behave like this from now on; false when there is no such device.
    pub fn set_behaviour(&self, device: &str, behaviour: Behaviour) -> bool {
        let mut account = self.shared.account();
        let device = Id::read(device).and_then(|id| account.directory.devices.get_mut(&id));
        device.map(|device| device.behaviour = behaviour).is_some()
    }

    /// Lets campaigns move also while nobody looks, until the server ends: who looks at a large
    /// fleet after a while would else wait until all of it has acted. Not for a test that stops the
    /// clock, which would run on.
    pub fn keep_moving(&self) {
        let shared = Arc::clone(&self.shared);
        self.http
            .repeat(MOVES_EVERY, move || drop(shared.account()));
    }

    /// Waits until the server followed the plug: until its port is open, or refuses connections.
    pub async fn until_listening(&self, listening: bool) {
        self.http.until_listening(listening).await;
    }

    /// Ends it in order: no new connection, running requests are answered. Requests that take
    /// longer than two seconds are cut.
    pub async fn shut_down(&self) {
        self.http.shut_down().await;
    }

    /// Ends it as a power failure would: every connection is reset.
    pub async fn kill(&self) {
        self.http.kill().await;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::PoisonError;

    use super::*;

    /// Why the only campaign is not started, as far as anything has moved by itself.
    async fn reason_after_a_while(keeps_moving: bool) -> String {
        let server = PelionServer::start(PelionOptions::new("ak_test")).await;
        let server = server.unwrap();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let body = r#"{"name": "without a manifest", "state": "scheduled"}"#;
        let made = client.post(format!("{}/v3/update-campaigns", server.url()));
        let made = made.bearer_auth("ak_test").body(body).send().await.unwrap();
        assert_eq!(made.status(), 201);
        if keeps_moving {
            server.keep_moving();
        }
        tokio::time::sleep(Duration::from_mins(1)).await;
        // As it is, not as it becomes by looking at it.
        let account = server.shared.account.lock();
        let account = account.unwrap_or_else(PoisonError::into_inner);
        let campaign = account.campaigns.values().next().unwrap();
        campaign.autostop_reason.clone()
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_keeps_moving_needs_nobody_who_looks() {
        assert_eq!(reason_after_a_while(false).await, "");
        let reason = reason_after_a_while(true).await;
        assert!(reason.contains("no manifest"), "{reason}");
    }
}
