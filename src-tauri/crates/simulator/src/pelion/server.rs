//! The server: where it listens, how it goes dark, how it ends.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, atomic::AtomicU64},
    time::Duration,
};

use firmdrop_core::{Clock, SystemClock};
use tokio::{
    net::{TcpListener, TcpSocket},
    sync::watch,
    time::MissedTickBehavior,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    account::{Account, Opening, StoredImage},
    campaign::Pace,
    connection::{self, Ends},
    device::Behaviour,
    fleet::Estate,
    gate::Gate,
    id::Id,
    record::{Record, Recorder},
    routes::{Shared, router},
    storage::Storage,
    timeline::Timeline,
};
use crate::fault::Dial;

/// Connections that may wait to be accepted.
const BACKLOG: u32 = 1024;
/// How long a graceful end waits for answers that are still being made.
const GRACE: Duration = Duration::from_secs(2);
/// How long the server waits before it asks for its port again, should somebody have taken it.
const PORT_RETRY: Duration = Duration::from_millis(100);

/// How often a server that keeps moving lets everything happen that is due.
const MOVES_EVERY: Duration = Duration::from_millis(250);

/// How a simulated Pelion service is to be.
#[derive(Debug, Clone)]
pub struct PelionOptions {
    /// Port on 127.0.0.1; 0 takes any free one.
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
    /// What time it is when it starts; from there the time goes on by tokio's clock.
    pub clock: Arc<dyn Clock>,
    /// How fast campaigns move.
    pub pace: Pace,
    /// How many devices a campaign may update; one for more fails to start. No limit when it is not
    /// said.
    pub quota_devices: Option<usize>,
    /// The devices, groups and saved queries it begins with.
    pub estate: Estate,
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
            estate: Estate::default(),
        }
    }
}

/// Why a simulated world cannot start.
#[derive(Debug, thiserror::Error)]
pub enum SimulatorError {
    /// The port cannot be had.
    #[error("127.0.0.1:{port} cannot be used: {source}")]
    Port {
        /// The port.
        port: u16,
        /// The system's reason.
        source: io::Error,
    },
    /// The directory for images cannot be had.
    #[error("the directory for firmware images cannot be used: {source}")]
    Directory {
        /// The system's reason.
        source: io::Error,
    },
}

/// A running simulated Pelion service. Dropping it ends it abruptly.
#[derive(Debug)]
pub struct PelionServer {
    shared: Arc<Shared>,
    listening: watch::Receiver<bool>,
    stop: CancellationToken,
    kill: CancellationToken,
    tasks: TaskTracker,
}

impl PelionServer {
    /// Starts on the present tokio runtime; the port is open when this returns.
    pub async fn start(options: PelionOptions) -> Result<Self, SimulatorError> {
        let prepared = options.storage.prepare();
        prepared.map_err(|source| SimulatorError::Directory { source })?;
        let port = options.port;
        let bound = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await;
        let opened = bound.and_then(|listener| Ok((listener.local_addr()?, listener)));
        let (address, listener) = opened.map_err(|source| SimulatorError::Port { port, source })?;

        let recorder = Recorder::default();
        let mut account = Account::new(Opening {
            address,
            timeline: Timeline::begin(&*options.clock),
            pace: options.pace,
            quota_devices: options.quota_devices,
            storage: options.storage.clone(),
            recorder: recorder.clone(),
            refuse_short_chunk_early: options.refuse_short_chunk_early,
        });
        account.settle_estate(&options.estate);
        let shared = Arc::new(Shared {
            address,
            account: Mutex::new(account),
            storage: options.storage,
            dial: options.dial.clone(),
            recorder: recorder.clone(),
            refuse_taken_image_name: options.refuse_taken_image_name,
        });
        let gate = Arc::new(Gate {
            router: router(Arc::clone(&shared)),
            access_key: options.access_key,
            dial: options.dial.clone(),
            recorder,
            requests: AtomicU64::new(0),
        });
        let (stop, kill) = (CancellationToken::new(), CancellationToken::new());
        let (says, listening) = watch::channel(true);
        let door = Door {
            address,
            gate,
            ends: Ends {
                stop: stop.clone(),
                kill: kill.clone(),
                plug: options.dial.plug(),
            },
            listening: says,
            tasks: TaskTracker::new(),
        };
        let tasks = door.tasks.clone();
        tasks.spawn(door.keep_open(listener));
        Ok(Self {
            shared,
            listening,
            stop,
            kill,
            tasks,
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
        &self.shared.dial
    }

    /// What happened so far.
    pub fn record(&self) -> Record {
        self.shared.recorder.snapshot()
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
        let (stop, kill) = (self.stop.clone(), self.kill.clone());
        self.tasks.spawn(async move {
            let mut ticks = tokio::time::interval(MOVES_EVERY);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = kill.cancelled() => return,
                    _ = ticks.tick() => drop(shared.account()),
                }
            }
        });
    }

    /// Waits until the server followed the plug: until its port is open, or refuses connections.
    pub async fn until_listening(&self, listening: bool) {
        // When the server has ended nothing changes any more.
        let _ = self.listening.clone().wait_for(|is| *is == listening).await;
    }

    /// Ends it in order: no new connection, running requests are answered. Requests that take
    /// longer than two seconds are cut.
    pub async fn shut_down(&self) {
        self.stop.cancel();
        self.tasks.close();
        if tokio::time::timeout(GRACE, self.tasks.wait())
            .await
            .is_err()
        {
            self.kill().await;
        }
    }

    /// Ends it as a power failure would: every connection is reset.
    pub async fn kill(&self) {
        self.kill.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

impl Drop for PelionServer {
    fn drop(&mut self) {
        self.kill.cancel();
    }
}

/// The port and who comes in through it.
struct Door {
    address: SocketAddr,
    gate: Arc<Gate>,
    ends: Ends,
    listening: watch::Sender<bool>,
    tasks: TaskTracker,
}

impl Door {
    async fn keep_open(mut self, mut listener: TcpListener) {
        let (stop, kill) = (self.ends.stop.clone(), self.ends.kill.clone());
        tokio::select! {
            () = stop.cancelled() => {}
            () = kill.cancelled() => {}
            () = async {
                loop {
                    self.accept(&listener).await;
                    listener = self.stay_dark(listener).await;
                }
            } => {}
        }
    }

    /// Lets clients in until the plug is pulled.
    async fn accept(&mut self, listener: &TcpListener) {
        let mut plug = self.ends.plug.clone();
        loop {
            tokio::select! {
                biased;
                () = connection::unplugged(&mut plug) => return,
                accepted = listener.accept() => {
                    // One that failed was given up by its client before it was accepted.
                    if let Ok((stream, _)) = accepted {
                        let (gate, ends) = (Arc::clone(&self.gate), self.ends.clone());
                        self.tasks.spawn(connection::serve(stream, gate, ends));
                    }
                }
            }
        }
    }

    /// Refuses connections until the plug is in. The port stays ours: it is bound, not listening.
    async fn stay_dark(&mut self, listener: TcpListener) -> TcpListener {
        drop(listener);
        let mut held = reserve(self.address);
        self.listening.send_replace(false);
        let mut plug = self.ends.plug.clone();
        if plug.wait_for(|plugged_in| *plugged_in).await.is_err() {
            std::future::pending::<()>().await;
        }
        loop {
            if let Ok(listener) = held.and_then(|socket| socket.listen(BACKLOG)) {
                self.listening.send_replace(true);
                return listener;
            }
            tokio::time::sleep(PORT_RETRY).await;
            held = reserve(self.address);
        }
    }
}

fn reserve(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    // Connections of before may still linger on the port.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
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
