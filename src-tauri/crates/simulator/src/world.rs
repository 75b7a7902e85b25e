//! The demo world: everything that is simulated, started together, and what a client needs to
//! use it.

use std::{net::SocketAddr, path::PathBuf};

use crate::{
    SimulatorError,
    fault::Dial,
    pelion::{Inventory, Pace, PelionOptions, PelionServer, Storage},
};

/// The access key of the demo world's Pelion account. No secret: it opens nothing but a pretend
/// service on loopback.
pub const DEMO_ACCESS_KEY: &str = "ak_firmdrop_demo_world";

/// How the demo world is to be.
#[derive(Debug, Clone)]
pub struct WorldOptions {
    /// Port of the Pelion service on 127.0.0.1; 0 takes any free one.
    pub pelion_port: u16,
    /// The access key it accepts.
    pub access_key: String,
    /// Where firmware images go.
    pub storage: Storage,
    /// The devices of the Pelion account.
    pub inventory: Inventory,
    /// Where the Pelion service stores what it holds between runs; it ends with the world when there
    /// is no folder.
    pub state: Option<PathBuf>,
    /// How fast its campaigns move.
    pub pace: Pace,
    /// Where chance begins.
    pub seed: u64,
}

impl Default for WorldOptions {
    fn default() -> Self {
        Self {
            pelion_port: 0,
            access_key: DEMO_ACCESS_KEY.to_owned(),
            storage: Storage::Discard,
            inventory: Inventory::demo(),
            state: None,
            pace: Pace::VISIBLE,
            seed: 0,
        }
    }
}

/// The demo world. Dropping it ends it.
#[derive(Debug)]
pub struct DemoWorld {
    pelion: PelionServer,
    access_key: String,
    dial: Dial,
}

impl DemoWorld {
    /// Starts it on the present tokio runtime.
    pub async fn start(options: WorldOptions) -> Result<Self, SimulatorError> {
        let dial = Dial::new(options.seed);
        let pelion = PelionServer::start(PelionOptions {
            port: options.pelion_port,
            storage: options.storage,
            dial: dial.clone(),
            inventory: options.inventory,
            state: options.state,
            pace: options.pace,
            ..PelionOptions::new(options.access_key.clone())
        });
        Ok(Self {
            pelion: pelion.await?,
            access_key: options.access_key,
            dial,
        })
    }

    /// The Pelion service itself: its record, its images, its end.
    pub fn pelion(&self) -> &PelionServer {
        &self.pelion
    }

    /// Where the Pelion service listens.
    pub fn pelion_address(&self) -> SocketAddr {
        self.pelion.address()
    }

    /// The access key the Pelion service accepts.
    pub fn access_key(&self) -> &str {
        &self.access_key
    }

    /// The fault dial of the whole world.
    pub fn dial(&self) -> &Dial {
        &self.dial
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::Fault;

    #[tokio::test]
    async fn the_demo_world_listens_on_loopback_and_its_dial_is_the_services_dial() {
        let world = DemoWorld::start(WorldOptions::default()).await.unwrap();
        assert!(world.pelion_address().ip().is_loopback());
        assert_eq!(world.access_key(), DEMO_ACCESS_KEY);
        world.dial().turn(Fault::PullThePlug, true);
        world.pelion().until_listening(false).await;
        let refused = tokio::net::TcpStream::connect(world.pelion_address()).await;
        assert!(refused.is_err());
    }

    #[tokio::test]
    async fn a_taken_port_is_named() {
        let world = DemoWorld::start(WorldOptions::default()).await.unwrap();
        let pelion_port = world.pelion_address().port();
        let second = DemoWorld::start(WorldOptions {
            pelion_port,
            ..WorldOptions::default()
        });
        let error = second.await.unwrap_err().to_string();
        assert!(error.contains(&pelion_port.to_string()), "{error}");
    }
}
