//! A pretend Pelion/Izuma service over real HTTP on loopback: firmware images and upload jobs,
//! manifests, update campaigns, and the devices they update.
//!
//! Accounts, users, certificates and enrolments are not here; their paths answer 404 like any
//! unknown one. State lives in memory and is gone with the server.

mod account;
mod body;
mod campaign;
mod chunks;
mod code;
mod connection;
mod device;
mod directory;
mod event;
mod filter;
mod fleet;
mod form;
mod gate;
mod group;
mod id;
mod images;
mod intake;
mod jobs;
mod lie;
mod list;
mod manifest;
mod query;
mod record;
mod refusal;
mod routes;
mod server;
mod simulator;
mod storage;
mod texts;
mod timeline;
mod upload_job;

pub use account::StoredImage;
pub use campaign::Pace;
pub use device::{Behaviour, DeviceState};
pub use fleet::{
    DEMO_GATE_CLASS_ID, DEMO_GATE_MODEL, DEMO_PUCK_CLASS_ID, DEMO_PUCK_MODEL, DEMO_VENDOR_DOMAIN,
    DEMO_VENDOR_ID, Estate, Fleet,
};
pub use record::{Arrival, ChunkEntry, Ended, JobEntry, Record, RequestEntry};
pub use server::{PelionOptions, PelionServer, SimulatorError};
pub use storage::Storage;

/// Largest body of one request, bytes: "less than or equal to 100MiB", vendor's guide "Upload a
/// large firmware image".
pub const LARGEST_REQUEST_BYTES: u64 = 100 * firmdrop_core::MIB;
/// Least length of every chunk but the last, bytes: 5 MiB, the vendor's guide in words.
pub const SMALLEST_MIDDLE_CHUNK_BYTES: u64 = 5 * firmdrop_core::MIB;
/// Most chunks of one upload job: vendor's API reference.
pub const MOST_CHUNKS: usize = 10_000;
/// The simulated account.
const ACCOUNT_ID: &str = "0f1e2d3c4b5a69780f1e2d3c4b5a6978";
