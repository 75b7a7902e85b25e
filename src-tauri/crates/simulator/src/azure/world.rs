//! The service with its sign-in and its storage, started together: the part of the demo world that this
//! service is.

use std::{collections::BTreeMap, fs, path::PathBuf};

use super::{AzureOptions, AzureServer, DEMO_CLIENT_ID, DEMO_CLIENT_SECRET, Inventory, Pace};
use crate::{
    SimulatorError,
    blob::{BlobOptions, BlobServer, Storage},
    fault::Dial,
};

/// The container that updates are staged in.
const CONTAINER: &str = "updates";
/// The version of the interface that the demo's account uses.
const VERSION: &str = "2026-06-01";

/// How the world is to be.
#[derive(Debug, Clone)]
pub struct AzureWorldOptions {
    /// Where all of it stores what it holds between runs, at the same addresses; it ends with the world
    /// when there is no folder.
    pub state: Option<PathBuf>,
    /// What goes wrong, at every server.
    pub dial: Dial,
    /// How fast jobs and deployments move.
    pub pace: Pace,
    /// What the instance begins with.
    pub inventory: Inventory,
}

impl Default for AzureWorldOptions {
    fn default() -> Self {
        Self {
            state: None,
            dial: Dial::new(0),
            pace: Pace::VISIBLE,
            inventory: Inventory::demo(),
        }
    }
}

/// The world. Dropping it ends it.
#[derive(Debug)]
pub struct AzureWorld {
    server: AzureServer,
    storage: BlobServer,
}

impl AzureWorld {
    /// Starts it on the present tokio runtime. The user of its tenant agrees to a sign-in by himself.
    pub async fn start(options: AzureWorldOptions) -> Result<Self, SimulatorError> {
        let folder = |name: &str| options.state.as_ref().map(|folder| folder.join(name));
        let server = AzureServer::start(AzureOptions {
            state: folder("service"),
            pace: options.pace,
            inventory: options.inventory.clone(),
            user_agrees_after: Some(options.pace.work),
            dial: options.dial.clone(),
            authority_dial: options.dial.clone(),
            ..AzureOptions::default()
        });
        let server = server.await?;
        let port_file = folder("storage.port");
        let last = port_file
            .as_ref()
            .and_then(|path| fs::read_to_string(path).ok());
        let storage = BlobOptions {
            port: last.and_then(|text| text.parse().ok()).unwrap_or_default(),
            storage: folder("storage").map_or(Storage::Memory, Storage::Directory),
            containers: vec![CONTAINER.to_owned()],
            bearer: Some(server.bearer()),
            dial: options.dial.clone(),
            ..BlobOptions::default()
        };
        let storage = match BlobServer::start(storage.clone()).await {
            // Somebody else has the port of the last run.
            Err(_) if storage.port != 0 => {
                BlobServer::start(BlobOptions { port: 0, ..storage }).await?
            }
            started => started?,
        };
        if let Some(path) = port_file {
            let port = storage.address().port().to_string();
            fs::write(path, port).map_err(|source| SimulatorError::State { source })?;
        }
        server.keep_moving();
        Ok(Self { server, storage })
    }

    /// The service.
    pub fn server(&self) -> &AzureServer {
        &self.server
    }

    /// The storage.
    pub fn storage(&self) -> &BlobServer {
        &self.storage
    }

    /// What an account of it is made with besides the address, by the names of the account's fields.
    pub fn fields(&self) -> BTreeMap<&'static str, String> {
        BTreeMap::from([
            ("instance", self.server.instance().to_owned()),
            ("api_version", VERSION.to_owned()),
            ("sign_in", "client_secret".to_owned()),
            ("tenant", self.server.tenant().to_owned()),
            ("client_id", DEMO_CLIENT_ID.to_owned()),
            ("authority", self.server.authority()),
            ("storage_access", "account_key".to_owned()),
            ("storage", self.storage.endpoint()),
            ("container", CONTAINER.to_owned()),
        ])
    }

    /// The secrets of such an account, by their names.
    pub fn secrets(&self) -> BTreeMap<&'static str, String> {
        BTreeMap::from([
            ("client_secret", DEMO_CLIENT_SECRET.to_owned()),
            ("storage_key", self.storage.key().to_owned()),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::Fault;

    #[tokio::test]
    async fn a_world_opened_again_on_its_folder_is_at_the_same_addresses() {
        let folder = tempfile::tempdir().unwrap();
        let options = AzureWorldOptions {
            state: Some(folder.path().to_owned()),
            ..AzureWorldOptions::default()
        };
        let first = AzureWorld::start(options.clone()).await.unwrap();
        let before = (first.server().url(), first.fields());
        first
            .storage()
            .store(CONTAINER, "a", b"bytes")
            .await
            .unwrap();
        first.server().kill().await;
        first.storage().kill().await;
        let second = AzureWorld::start(options).await.unwrap();
        assert_eq!((second.server().url(), second.fields()), before);
        assert_eq!(second.storage().blobs(CONTAINER), ["a"]);
    }

    #[tokio::test]
    async fn a_world_whose_storage_port_was_taken_opens_at_another() {
        let folder = tempfile::tempdir().unwrap();
        let options = AzureWorldOptions {
            state: Some(folder.path().to_owned()),
            ..AzureWorldOptions::default()
        };
        let first = AzureWorld::start(options.clone()).await.unwrap();
        let port = first.storage().address().port();
        first.server().kill().await;
        first.storage().kill().await;
        let _other = tokio::net::TcpListener::bind(("127.0.0.1", port))
            .await
            .unwrap();
        let second = AzureWorld::start(options).await.unwrap();
        assert_ne!(second.storage().address().port(), port);
    }

    #[tokio::test]
    async fn one_plug_is_that_of_the_whole_world() {
        let options = AzureWorldOptions::default();
        let dial = options.dial.clone();
        let world = AzureWorld::start(options).await.unwrap();
        dial.turn(Fault::PullThePlug, true);
        world.server().until_listening(false).await;
        world.storage().until_listening(false).await;
        for address in [world.server().address(), world.storage().address()] {
            assert!(tokio::net::TcpStream::connect(address).await.is_err());
        }
    }
}
