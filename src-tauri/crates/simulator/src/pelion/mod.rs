//! A pretend Pelion/Izuma service over real HTTP on loopback: firmware images and upload jobs,
//! manifests, update campaigns, and the devices they update.
//!
//! Accounts, users, certificates and enrolments are not here; their paths answer 404 like any
//! unknown one. State ends with the server, unless it is opened on a folder.

mod http;
mod record;
mod server;
mod state;

pub use crate::http::{Ended, RequestEntry};
pub use record::Record;
pub use server::{PelionOptions, PelionServer};
pub use state::{
    Arrival, ChunkEntry, DEMO_GATE_CLASS_ID, DEMO_GATE_MODEL, DEMO_PUCK_CLASS_ID, DEMO_PUCK_MODEL,
    DEMO_VENDOR_DOMAIN, DEMO_VENDOR_ID, Fleet, Inventory, JobEntry, LARGEST_REQUEST_BYTES,
    MOST_CHUNKS, SMALLEST_MIDDLE_CHUNK_BYTES, Storage, StoredImage,
    campaign::Pace,
    device::{Behaviour, DeviceState},
};
