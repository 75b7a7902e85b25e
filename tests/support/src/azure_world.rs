//! An engine on a home of its own, a simulated Device Update instance and its storage.

use std::path::PathBuf;
use std::time::Duration;

use firmdrop_backend::BackendOptions;
use firmdrop_backend::azure::{AzureOptions as Options, AzureWaits, NewUpdate, SCHEME};
use firmdrop_cloud::azure::deploying::DeployWaits;
use firmdrop_cloud::azure::importing::ImportWaits;
use firmdrop_core::Diagnosis;
use firmdrop_engine::{
    AccessKey, Accounts, DeliveryOptions, Destination, Engine, EngineOptions, Files, Home,
    ImageFile, JobId, JobSummary, Plan, Secrets, SimulatedAccount,
};
use firmdrop_simulator::azure::{
    AzureOptions, AzureServer, DEMO_CLIENT_ID, DEMO_CLIENT_SECRET, Fleet, Inventory,
};
use firmdrop_simulator::blob::{BlobOptions, BlobServer, DEMO_STORAGE_KEY};

use crate::engine_world::settled;

/// The container of the account.
pub const CONTAINER: &str = "updates";

/// A folder with a home and files, a service and its storage.
pub struct AzureWorld {
    /// Where the home and the files are.
    pub folder: tempfile::TempDir,
    /// The service.
    pub server: AzureServer,
    /// The storage.
    pub storage: BlobServer,
}

/// The account of this world.
pub fn azure() -> Destination {
    firmdrop_backend::azure::destination("bench")
}

/// Four devices, two of which have another class.
pub fn fleet() -> Inventory {
    Inventory {
        fleets: vec![
            Fleet::new("lab", 3, "Contoso", "Toaster"),
            Fleet::new("lab", 2, "Contoso", "Kettle"),
        ],
        ..Inventory::default()
    }
}

impl AzureWorld {
    /// With the account `bench`.
    pub async fn start() -> Self {
        Self::start_with(AzureOptions {
            inventory: fleet(),
            ..AzureOptions::default()
        })
        .await
    }

    /// The same with another service.
    pub async fn start_with(options: AzureOptions) -> Self {
        let server = AzureServer::start(options).await.unwrap();
        let storage = BlobServer::start(BlobOptions {
            bearer: Some(server.bearer()),
            containers: vec![CONTAINER.to_owned()],
            ..BlobOptions::default()
        });
        let world = Self {
            folder: tempfile::tempdir().unwrap(),
            storage: storage.await.unwrap(),
            server,
        };
        world.account(&[("storage_access", "account_key")]);
        world
    }

    /// Adds or changes the account; these fields replace the usual ones.
    pub fn account(&self, fields: &[(&str, &str)]) {
        self.account_at(&self.server.url(), fields);
    }

    /// The same with the service behind this address.
    pub fn account_at(&self, host: &str, fields: &[(&str, &str)]) {
        let endpoint = self.storage.endpoint();
        let (authority, tenant) = (self.server.authority(), self.server.tenant().to_owned());
        let mut own = serde_json::Map::new();
        for (key, value) in [
            ("instance", self.server.instance()),
            ("authority", &*authority),
            ("tenant", &*tenant),
            ("client_id", DEMO_CLIENT_ID),
            ("storage", &*endpoint),
            ("container", CONTAINER),
            ("sign_in", "client_secret"),
        ]
        .iter()
        .chain(fields)
        {
            own.insert((*key).to_owned(), (*value).into());
        }
        let secret = |text: &str| AccessKey::from(text.to_owned());
        let accounts = Accounts::of(&self.home());
        accounts
            .put_simulated(SimulatedAccount {
                kind: SCHEME.to_owned(),
                name: "bench".to_owned(),
                host: host.to_owned(),
                own,
                secrets: Secrets::default()
                    .with("client_secret", secret(DEMO_CLIENT_SECRET))
                    .with("storage_key", secret(DEMO_STORAGE_KEY)),
            })
            .unwrap();
    }

    /// The home in which every engine of this world works.
    pub fn home(&self) -> Home {
        Home::open(self.folder.path().join("home")).unwrap()
    }

    /// How an engine of this world is made.
    pub fn options(&self) -> EngineOptions {
        let quick = Duration::from_millis(20);
        let kinds = firmdrop_backend::all(BackendOptions {
            azure: AzureWaits {
                import: ImportWaits {
                    settles_within: Duration::from_millis(600),
                    watch_within: Duration::from_secs(20),
                    appears_within: Duration::from_millis(600),
                    longest_pause: Some(quick),
                },
                deploy: DeployWaits {
                    look: quick,
                    appears_within: Duration::from_millis(600),
                    watch_within: Duration::from_secs(20),
                },
            },
            ..BackendOptions::default()
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

    /// Plans an update of these files.
    pub async fn plan(
        &self,
        engine: &Engine,
        files: &[(&str, &[u8])],
        options: &Options,
    ) -> Result<Plan, Diagnosis> {
        let images = files
            .iter()
            .map(|(name, content)| ImageFile::read(&self.file(name, content)).unwrap());
        let files = Files::try_from(images.collect::<Vec<_>>()).unwrap();
        let options = DeliveryOptions {
            own: options.to_map(),
            ..DeliveryOptions::default()
        };
        engine.plan(&files, &azure(), &options).await
    }

    /// Plans, submits and waits for the end.
    pub async fn deliver(
        &self,
        engine: &Engine,
        files: &[(&str, &[u8])],
        options: &Options,
    ) -> (JobId, JobSummary) {
        let plan = self.plan(engine, files, options).await.unwrap();
        let id = engine.submit(&plan).await.unwrap();
        let job = settled(engine, &id).await;
        (id, job)
    }

    /// Requests of the service that start a deployment.
    pub fn starts(&self) -> usize {
        let record = self.server.record();
        let all = record.requests.iter();
        all.filter(|request| request.method == "PUT" && request.target.contains("/deployments/"))
            .count()
    }

    /// Requests of the service that import.
    pub fn imports(&self) -> usize {
        let record = self.server.record();
        let all = record.requests.iter();
        all.filter(|request| request.method == "POST" && request.target.contains("import"))
            .count()
    }
}

/// An update of this version for the toasters, whose one step takes all files.
pub fn toaster(version: &str) -> Options {
    Options {
        update: Some(NewUpdate {
            provider: "Contoso".into(),
            name: "Toaster".into(),
            version: version.into(),
            compatibility: vec![
                [("manufacturer", "Contoso"), ("model", "Toaster")]
                    .map(|(name, value)| (name.to_owned(), value.to_owned()))
                    .into(),
            ],
            handler: Some("microsoft/script:1".into()),
            properties: [("scriptFileName".to_owned(), "install.sh".to_owned())].into(),
            step_for_each_file: false,
        }),
        ..Options::default()
    }
}
