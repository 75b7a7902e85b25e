//! A pretend Pelion/Izuma service: firmware images and upload jobs over real HTTP on loopback.
//!
//! Manifests, campaigns and devices are not here; their paths answer 404 like any unknown one.
//! State lives in memory and is gone with the server.

mod account;
mod chunks;
mod connection;
mod filter;
mod gate;
mod images;
mod intake;
mod jobs;
mod list;
mod record;
mod refusal;
mod routes;
mod server;
mod simulator;
mod storage;
mod texts;

pub use account::StoredImage;
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
