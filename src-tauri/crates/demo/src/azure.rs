//! The simulated Device Update service as a face opens it: the service, its sign-in and its storage.

use std::path::Path;

use firmdrop_api::{AccessKey, DemoAddress, DemoService, Secrets};
use firmdrop_simulator::SimulatorError;
use firmdrop_simulator::azure::{
    AzureOptions, AzureServer, DEMO_CLIENT_ID, DEMO_CLIENT_SECRET, Inventory, Pace,
};
use firmdrop_simulator::blob::{BlobOptions, BlobServer, DEMO_STORAGE_KEY, Storage};
use firmdrop_simulator::fault::Dial;
use serde_json::{Map, Value};

/// Scheme of its destinations.
pub(crate) const SCHEME: &str = "adu";
/// The container of the account.
const CONTAINER: &str = "updates";

/// The service and its storage. Dropping it ends both.
#[derive(Debug)]
pub(crate) struct AzureDemo {
    server: AzureServer,
    storage: BlobServer,
}

impl AzureDemo {
    /// Starts both; what the service holds is stored in the folder.
    pub(crate) async fn start(folder: Option<&Path>, dial: &Dial) -> Result<Self, SimulatorError> {
        let server = AzureServer::start(AzureOptions {
            inventory: Inventory::demo(),
            pace: Pace::VISIBLE,
            dial: dial.clone(),
            state: folder.map(|folder| folder.join(SCHEME)),
            ..AzureOptions::default()
        });
        let server = server.await?;
        server.keep_moving();
        let storage = BlobServer::start(BlobOptions {
            bearer: Some(server.bearer()),
            containers: vec![CONTAINER.to_owned()],
            storage: folder.map_or(Storage::Memory, |folder| {
                Storage::Directory(folder.join("adu-blobs"))
            }),
            ..BlobOptions::default()
        });
        Ok(Self {
            storage: storage.await?,
            server,
        })
    }

    /// The account that leads there.
    pub(crate) fn service(&self) -> DemoService {
        let endpoint = self.storage.endpoint();
        let (authority, host) = (self.server.authority(), self.server.url());
        let fields = [
            ("instance", self.server.instance()),
            ("sign_in", "client_secret"),
            ("authority", &*authority),
            ("tenant", self.server.tenant()),
            ("client_id", DEMO_CLIENT_ID),
            ("storage_access", "account_key"),
            ("storage", &*endpoint),
            ("container", CONTAINER),
        ];
        let fields = fields.map(|(key, value)| (key.to_owned(), Value::from(value)));
        service(DemoAddress {
            scheme: SCHEME.to_owned(),
            host,
            fields: fields.into_iter().collect::<Map<_, _>>(),
        })
    }
}

/// The service at this address, of this process or another.
pub(crate) fn service(address: DemoAddress) -> DemoService {
    let secret = |text: &str| AccessKey::from(text.to_owned());
    DemoService {
        address,
        title: "Device Update".to_owned(),
        secrets: Secrets::default()
            .with("client_secret", secret(DEMO_CLIENT_SECRET))
            .with("storage_key", secret(DEMO_STORAGE_KEY)),
    }
}
