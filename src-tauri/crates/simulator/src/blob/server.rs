//! One running simulated storage account: its options, its start, its end.

use std::{
    io,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use firmdrop_core::{Clock, Moment, SystemClock};

use super::{
    access::{Bearer, Gate, Signing},
    http::{BlobService, Shared},
    record::{BlobRecord, BlobRecorder},
    state::{Account, Storage, Write},
};
use crate::{
    SimulatorError,
    fault::Dial,
    http::{HttpServer, Recorder, ServerOptions},
    timeline::Timeline,
};

/// The account of the demo world.
pub const DEMO_STORAGE_ACCOUNT: &str = "firmdropdemo";
/// Its key. No secret: it opens nothing but a pretend storage on loopback.
pub const DEMO_STORAGE_KEY: &str =
    "RmlybWRyb3AgZGVtbyB3b3JsZDogdGhpcyBrZXkgb3BlbnMgbm90aGluZyBidXQgYSBwcmV0ZW5k";

/// How a simulated storage account is to be.
#[derive(Debug, Clone)]
pub struct BlobOptions {
    /// Port on 127.0.0.1; 0 takes any free one.
    pub port: u16,
    /// The account's name.
    pub account: String,
    /// The account's key, base64. One that is no base64 is used as it is.
    pub key: String,
    /// Where the bytes of blobs go.
    pub storage: Storage,
    /// Containers that are there from the beginning.
    pub containers: Vec<String>,
    /// Who judges bearer tokens; none are taken without it.
    pub bearer: Option<Arc<dyn Bearer>>,
    /// What goes wrong.
    pub dial: Dial,
    /// What time it is when it starts; from there it follows tokio's clock.
    pub clock: Arc<dyn Clock>,
}

impl Default for BlobOptions {
    fn default() -> Self {
        Self {
            port: 0,
            account: DEMO_STORAGE_ACCOUNT.to_owned(),
            key: DEMO_STORAGE_KEY.to_owned(),
            storage: Storage::Memory,
            containers: Vec::new(),
            bearer: None,
            dial: Dial::new(0),
            clock: Arc::new(SystemClock),
        }
    }
}

/// A running simulated storage account. Dropping it ends it abruptly.
#[derive(Debug)]
pub struct BlobServer {
    address: SocketAddr,
    shared: Arc<Shared>,
    service: Arc<BlobService>,
    key: String,
    dial: Dial,
    http: HttpServer,
}

/// How long ago signatures begin, microseconds: clocks differ.
const SIGNED_SINCE_MICROSECONDS: i64 = 15 * 60 * 1_000_000;

/// A blob's name as a path.
fn encoded(name: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    let mut written = String::new();
    for byte in name.bytes() {
        if is_plain(byte) {
            written.push(char::from(byte));
        } else {
            written.extend(format!("%{byte:02X}").chars());
        }
    }
    written
}

impl BlobServer {
    /// Starts on the present tokio runtime; the port is open when this returns. With a folder for
    /// its storage it holds what the last server of that folder held.
    pub async fn start(options: BlobOptions) -> Result<Self, SimulatorError> {
        let timeline = Timeline::begin(&*options.clock);
        let account = Account::open(options.storage.clone(), timeline);
        let mut account = account.map_err(|source| SimulatorError::State { source })?;
        for name in &options.containers {
            // One that is there already is what was requested.
            let _ = account.create_container(name);
        }
        let port = match options.port {
            0 => HttpServer::open(0).await?,
            port => HttpServer::open_again(port).await?,
        };
        let address = port.address();
        let key = STANDARD.decode(&options.key);
        let key = key.unwrap_or_else(|_| options.key.clone().into_bytes());
        let shared = Arc::new(Shared {
            name: options.account,
            url: format!("http://{address}"),
            account: Mutex::new(account),
            storage: options.storage,
            gate: Gate::new(key, options.bearer),
            recorder: BlobRecorder::default(),
        });
        let recorder = Recorder::default();
        let service = Arc::new(BlobService::new(Arc::clone(&shared), recorder.clone()));
        let server_options = ServerOptions {
            dial: options.dial.clone(),
            recorder,
        };
        let behind = Arc::clone(&service);
        Ok(Self {
            address,
            shared,
            service,
            key: options.key,
            dial: options.dial,
            http: HttpServer::start(port, behind, server_options),
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The Blob endpoint: `http://127.0.0.1:PORT/ACCOUNT`.
    pub fn endpoint(&self) -> String {
        format!("{}/{}", self.shared.url, self.shared.name)
    }

    /// The account's name.
    pub fn account(&self) -> &str {
        &self.shared.name
    }

    /// The account's key, as it was given.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The dial that disturbs it.
    pub fn dial(&self) -> &Dial {
        &self.dial
    }

    /// What happened so far.
    pub fn record(&self) -> BlobRecord {
        self.service.happened()
    }

    /// The names of a container's blobs that can be read, in order; none when there is no container.
    pub fn blobs(&self, container: &str) -> Vec<String> {
        let account = self.shared.account();
        let Ok(container) = account.container(container) else {
            return Vec::new();
        };
        let whole = container
            .blobs
            .iter()
            .filter(|(_, one)| one.committed.is_some());
        whole.map(|(name, _)| name.clone()).collect()
    }

    /// Stores a blob from inside, in a container that is made when it is not there.
    pub async fn store(
        &self,
        container: &str,
        blob: &str,
        bytes: &[u8],
    ) -> Result<(), SimulatorError> {
        let failed = |source| SimulatorError::State { source };
        let number = self.shared.account().next_number();
        let mut sink = self.shared.storage.sink(number).await.map_err(failed)?;
        sink.write(bytes).await.map_err(failed)?;
        let part = sink.finish().await.map_err(failed)?;
        let mut account = self.shared.account();
        // One that is there already is what is wanted.
        let _ = account.create_container(container);
        let stored = account.put_blob(container, blob, part, Write::default());
        stored
            .map(drop)
            .map_err(|refusal| failed(io::Error::other(format!("{blob}: {}", refusal.message))))
    }

    /// An address of a blob that is signed with the account's key, with these permissions (`r`, `rw`),
    /// from a quarter of an hour ago until so much later.
    pub fn signed_url(
        &self,
        container: &str,
        blob: &str,
        permissions: &str,
        lifetime: Duration,
    ) -> String {
        let now = self.shared.account().now();
        let begins = Moment::from_microsecond(now.as_microsecond() - SIGNED_SINCE_MICROSECONDS);
        let query = self.shared.gate.sign(&Signing {
            account: &self.shared.name,
            container,
            blob,
            permissions,
            begins,
            ends: now.after(lifetime),
        });
        format!("{}/{container}/{}?{query}", self.endpoint(), encoded(blob))
    }

    /// How many blocks wait to be made the blob.
    pub fn uncommitted_blocks(&self, container: &str, blob: &str) -> usize {
        let account = self.shared.account();
        let blob = account.blob(container, blob);
        blob.map_or(0, |blob| blob.uncommitted.len())
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
