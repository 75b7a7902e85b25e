//! The simulated Pelion service as a face opens it.

use std::path::Path;

use firmdrop_api::{AccessKey, DemoAddress, DemoService, Secrets};
use firmdrop_simulator::pelion::{Inventory, Storage};
use firmdrop_simulator::world::{DEMO_ACCESS_KEY, WorldOptions};
use serde_json::Map;

/// Scheme of its destinations.
const SCHEME: &str = "pelion";
/// Largest fleet whose state is stored between runs: of more devices each campaign would write
/// hundreds of megabytes. Ours.
const MOST_STORED_DEVICES: usize = 10_000;
/// Size of the largest image whose bytes are stored. Ours: the firmware of most readers is smaller.
const MOST_STORED_IMAGE_BYTES: u64 = 16 << 20;

/// Where it is to listen, and with how many devices.
#[derive(Debug, Clone, Default)]
pub(crate) struct PelionRequest {
    /// Port of 127.0.0.1; 0 takes the one of the last run if it is free, else any.
    pub(crate) port: u16,
    /// A fleet of that many devices of one class instead of the usual ones.
    pub(crate) devices: Option<usize>,
}

impl PelionRequest {
    /// The world with this service, whose state is stored in the folder.
    pub(crate) fn options(&self, folder: Option<&Path>) -> WorldOptions {
        let inventory = self.devices.map_or_else(Inventory::demo, Inventory::pucks);
        let is_stored = inventory.device_count() <= MOST_STORED_DEVICES;
        // A fleet that was requested is a world of its own.
        let name = match self.devices {
            None => SCHEME.to_owned(),
            Some(devices) => format!("{SCHEME}-{devices}-devices"),
        };
        WorldOptions {
            pelion_port: self.port,
            // Programs of others can download what they would as a device; larger images leave their hashes.
            storage: folder
                .filter(|_| is_stored)
                .map_or(Storage::Discard, |folder| Storage::Small {
                    directory: folder.join(format!("{name}-images")),
                    most_bytes: MOST_STORED_IMAGE_BYTES,
                }),
            inventory,
            state: folder.filter(|_| is_stored).map(|folder| folder.join(name)),
            ..WorldOptions::default()
        }
    }

    /// Whether a world with these services is the one that was requested.
    pub(crate) fn is_met_by(&self, services: &[DemoAddress]) -> bool {
        let end = format!(":{}", self.port);
        let mut ours = services.iter().filter(|service| service.scheme == SCHEME);
        self.port == 0 || ours.all(|service| service.host.ends_with(&end))
    }
}

/// The service at this address.
pub(crate) fn service(host: String) -> DemoService {
    DemoService {
        address: DemoAddress {
            scheme: SCHEME.to_owned(),
            host,
            fields: Map::new(),
        },
        title: "Pelion service".to_owned(),
        secrets: Secrets::from(&AccessKey::from(DEMO_ACCESS_KEY.to_owned())),
    }
}
