//! An engine on a home of its own, a simulated Pelion account and a simulated reader.
//!
//! Decides nothing and waits by watching the engine, never by the clock.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use firmdrop_backend::BackendOptions;
use firmdrop_backend::azure::AzureWaits;
use firmdrop_backend::pelion::{PelionOptions as Options, Waits, WatchPolicy};
use firmdrop_backend::reader::ReaderOptions;
use firmdrop_cloud::pelion::Pelion;
use firmdrop_core::{MIB, Outcome};
use firmdrop_engine::{
    AccessKey, Change, DeliveryOptions, Destination, Engine, EngineOptions, Home, ImageFile, JobId,
    JobState, JobSummary, Plan, SimulatedAccount,
};
use firmdrop_link::{Link, LinkAddress, LinkError, Provider, Providers, Reader, Watch};
use firmdrop_loader::{Loader, VolumeLoader, VolumeTiming};
use firmdrop_simulator::fault::{Effect, Rule};
use firmdrop_simulator::pelion::{JobEntry, PelionOptions, PelionServer};
use firmdrop_simulator::reader::{Line, Settings, SimulatedReader, SimulatedReaders, demo_image};
use firmdrop_simulator::volume::{DriveKind, SimulatedDrive, SimulatedDrives};
use tokio::runtime::Handle;
use tokio::sync::broadcast::{Receiver, error::RecvError};

pub use crate::distinct_bytes::bytes;
pub use crate::pelion_service::KEY;
use crate::pelion_service::{holds_exactly, only_upload_job};

/// Chunks of every upload here.
pub const CHUNK_BYTES: u64 = 5 * MIB;
/// Longest wait for anything; only a broken engine needs it.
const TIMEOUT: Duration = Duration::from_secs(90);

/// The account of this world.
pub fn pelion() -> Destination {
    firmdrop_backend::pelion::destination("bench")
}

/// The reader of this world.
pub fn reader_1() -> Destination {
    Destination::new("sim", "reader-1")
}

/// The bootloader's drive of this world.
pub fn the_drive() -> Destination {
    Destination::new("volume", DRIVE)
}

/// Where the drive is mounted.
const DRIVE: &str = "/media/user/READER";

/// A folder with a home and files, a service, a reader and a drive.
pub struct World {
    /// Where the home and the files are.
    pub folder: tempfile::TempDir,
    /// The service.
    pub server: PelionServer,
    /// The reader.
    pub reader: SimulatedReader,
    /// The drive.
    pub drive: SimulatedDrive,
    /// Where the world itself lives, whatever becomes of a process in it.
    runtime: Handle,
}

/// Readers that live in the world, not in the process that opens them: they outlive its end.
#[derive(Debug)]
struct Bench {
    readers: Arc<SimulatedReaders>,
    world: Handle,
}

#[async_trait]
impl Provider for Bench {
    fn channel(&self) -> &'static str {
        self.readers.channel()
    }

    fn watch(self: Arc<Self>) -> Watch {
        Arc::clone(&self.readers).watch()
    }

    async fn discover(&self) -> Result<Vec<Reader>, LinkError> {
        self.readers.discover().await
    }

    async fn open(&self, address: &LinkAddress) -> Result<Link, LinkError> {
        let (readers, address) = (Arc::clone(&self.readers), address.clone());
        let opening = self
            .world
            .spawn(async move { readers.open(&address).await });
        opening.await.unwrap()
    }
}

impl World {
    /// With the account `bench` and the reader `reader-1` on a line of 921,600 baud.
    pub async fn start() -> Self {
        Self::start_with(PelionOptions::new(KEY)).await
    }

    /// The same with another reader.
    pub async fn start_with_reader(settings: Settings) -> Self {
        let world = Self::start().await;
        Self {
            reader: SimulatedReader::new(settings, demo_image((1, 0, 0), 64 * 1024)),
            ..world
        }
    }

    /// The same with another service.
    pub async fn start_with(options: PelionOptions) -> Self {
        let server = PelionServer::start(options).await.unwrap();
        let settings = Settings {
            line: Some(Line {
                baud: 921_600,
                latency: Duration::from_millis(1),
            }),
            ..Settings::default()
        };
        let world = Self {
            folder: tempfile::tempdir().unwrap(),
            reader: SimulatedReader::new(settings, demo_image((1, 0, 0), 64 * 1024)),
            drive: SimulatedDrive::new(DriveKind::Uf2, DRIVE),
            server,
            runtime: Handle::current(),
        };
        world.account("bench", &world.server.url(), KEY);
        world
    }

    /// The home in which every engine of this world works.
    pub fn home(&self) -> Home {
        Home::open(self.folder.path().join("home")).unwrap()
    }

    /// Adds or changes an account.
    pub fn account(&self, name: &str, host: &str, key: &str) {
        let accounts = firmdrop_engine::Accounts::of(&self.home());
        let key = AccessKey::from(key);
        accounts
            .put_simulated(SimulatedAccount::new(
                firmdrop_backend::pelion::SCHEME,
                name,
                host,
                &key,
            ))
            .unwrap();
    }

    /// How an engine of this world is made.
    pub fn options(&self) -> EngineOptions {
        let readers = SimulatedReaders::default().with("reader-1", &self.reader);
        self.options_with(Bench {
            readers: Arc::new(readers),
            world: self.runtime.clone(),
        })
    }

    /// The same with other readers.
    pub fn options_with(&self, readers: impl Provider + 'static) -> EngineOptions {
        let kinds = firmdrop_backend::all(BackendOptions {
            readers: ReaderOptions {
                providers: Providers::default()
                    .with(Arc::new(readers))
                    .with(Arc::new(SimulatedDrives::default().with(&self.drive))),
                loaders: loaders(),
            },
            pelion: Waits {
                watch_policy: WatchPolicy {
                    quick: Duration::from_millis(20),
                    slow: Duration::from_millis(50),
                    young: Duration::from_secs(1),
                },
                settles_within: Duration::from_millis(600),
            },
            azure: AzureWaits::default(),
        });
        EngineOptions {
            face: "test".into(),
            backends: kinds.backends,
            ..EngineOptions::new(self.home())
        }
    }

    /// Another engine on the home, as another process would open it.
    pub fn engine(&self) -> Engine {
        Engine::open(self.options()).unwrap()
    }

    /// Writes a file beside the home.
    pub fn file(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    /// A file of some whole chunks and a rest.
    pub fn image(&self, name: &str, chunks: u64, seed: u64) -> ImageFile {
        let content = bytes(chunks * CHUNK_BYTES + 17, seed);
        ImageFile::read(&self.file(name, &content)).unwrap()
    }

    /// A signed-looking image for the reader, newer than its own.
    pub fn reader_image(&self) -> ImageFile {
        self.reader_image_of(128 * 1024)
    }

    /// The same with so many bytes of code.
    pub fn reader_image_of(&self, code_bytes: u32) -> ImageFile {
        let content = demo_image((1, 1, 0), code_bytes);
        ImageFile::read(&self.file("reader.bin", &content)).unwrap()
    }

    /// Every chunk takes its time, so that something can happen meanwhile.
    pub fn slow_chunks(&self) {
        let latency = Effect::Latency { milliseconds: 250 };
        self.server
            .dial()
            .add(Rule::always(latency).on("POST", "/chunks"));
    }

    /// Another program begins to upload a file of this world in whole chunks under its name, and
    /// stops; answers its upload job.
    pub async fn somebody_begins(&self, file_name: &str, chunks: usize) -> String {
        let content = std::fs::read(self.folder.path().join(file_name)).unwrap();
        let pelion = self.pelion();
        let creating = pelion.create_upload_job(file_name, "nightly build");
        let id = creating.await.unwrap().id;
        let length = usize::try_from(CHUNK_BYTES).unwrap();
        for chunk in content.chunks(length).take(chunks) {
            self.append(&id, chunk.to_vec()).await;
        }
        id
    }

    /// Appends a chunk as another program would.
    pub async fn append(&self, upload_job: &str, bytes: Vec<u8>) {
        let md5 = firmdrop_core::Md5::of(&bytes);
        let body = firmdrop_net::StreamedBody {
            length_bytes: bytes.len() as u64,
            pieces: Box::pin(futures::stream::iter([Ok(bytes.into())])),
        };
        let pelion = self.pelion();
        pelion.append_chunk(upload_job, body, md5).await.unwrap();
    }

    fn pelion(&self) -> Pelion {
        let account = self.engine().accounts().get("bench").unwrap();
        firmdrop_backend::pelion::connect(&account, &(&AccessKey::from(KEY)).into()).unwrap()
    }

    /// The upload job, when there was one alone.
    pub fn only_upload_job(&self) -> JobEntry {
        only_upload_job(&self.server)
    }

    /// One firmware image with these bytes, and no chunk stored twice.
    #[track_caller]
    pub fn service_holds_exactly(&self, image: &ImageFile) {
        holds_exactly(&self.server, &image.expected);
    }
}

/// Every protocol, with times that suit a drive that comes back at once.
fn loaders() -> Vec<Arc<dyn Loader>> {
    let quick = VolumeTiming {
        uf2_leaves: Duration::from_millis(50),
        uf2_returns: Duration::from_millis(200),
        daplink_leaves: Duration::from_millis(50),
        daplink_returns: Duration::from_millis(200),
        poll_every: Duration::from_millis(2),
    };
    let volume = VolumeLoader::with_timing(quick);
    let others = firmdrop_loader::all().into_iter();
    others
        .filter(|loader| loader.id() != volume.id())
        .chain([Arc::new(VolumeLoader::with_timing(quick)) as Arc<dyn Loader>])
        .collect()
}

/// Options of an upload in chunks of this length.
pub fn in_chunks(chunk_bytes: u64) -> DeliveryOptions {
    let own = Options {
        chunk_bytes: Some(chunk_bytes),
        campaign: None,
    };
    DeliveryOptions {
        own: own.to_map(),
        ..DeliveryOptions::default()
    }
}

/// A plan for an upload in chunks of 5 MiB, or for a load.
pub async fn plan(engine: &Engine, image: &ImageFile, to: &Destination) -> Plan {
    let options = if to.scheme == firmdrop_backend::pelion::SCHEME {
        in_chunks(CHUNK_BYTES)
    } else {
        DeliveryOptions::default()
    };
    engine
        .plan(&image.clone().into(), to, &options)
        .await
        .unwrap()
}

/// Plans, submits and waits for the end.
pub async fn deliver(engine: &Engine, image: &ImageFile, to: &Destination) -> JobSummary {
    let id = engine.submit(&plan(engine, image, to).await).await.unwrap();
    settled(engine, &id).await
}

/// Waits until this engine no longer carries the job out.
pub async fn settled(engine: &Engine, id: &JobId) -> JobSummary {
    let settled = tokio::time::timeout(TIMEOUT, engine.settled(id));
    settled.await.expect("the job never ended").unwrap()
}

/// Waits until something that is asked again after every change is so.
pub async fn until(watch: &mut Receiver<Change>, mut so: impl FnMut() -> bool) {
    let wait = async {
        while !so() {
            match watch.recv().await {
                Ok(_) | Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => panic!("the engine is gone"),
            }
        }
    };
    tokio::time::timeout(TIMEOUT, wait)
        .await
        .expect("it never came to that");
}

/// Submits and waits until this many chunks are confirmed.
pub async fn submit_and_wait_for_chunks(engine: &Engine, plan: &Plan, chunks: u32) -> JobId {
    let mut watch = engine.watch();
    let id = engine.submit(plan).await.unwrap();
    until(&mut watch, || pieces(engine, &id) >= chunks).await;
    id
}

/// Chunks the service has confirmed.
pub fn pieces(engine: &Engine, id: &JobId) -> u32 {
    engine
        .job(id)
        .unwrap()
        .summary
        .pieces_confirmed
        .unwrap_or(0)
}

/// How far a job is.
pub fn state(engine: &Engine, id: &JobId) -> JobState {
    engine.job(id).unwrap().summary.state
}

/// Asserts that a job ended *Verified*.
#[track_caller]
pub fn assert_verified(state: &JobState) {
    let verified = matches!(
        state,
        JobState::Finished {
            outcome: Outcome::Verified { .. }
        }
    );
    assert!(verified, "{state:?}");
}

/// The diagnosis of a failed job.
#[track_caller]
pub fn failure(state: &JobState) -> &firmdrop_core::Diagnosis {
    match state {
        JobState::Failed { diagnosis, .. } => diagnosis,
        other => panic!("it did not fail: {other:?}"),
    }
}
