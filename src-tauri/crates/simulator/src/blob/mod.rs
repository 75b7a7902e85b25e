//! A pretend Blob storage over real HTTP on loopback: containers, block blobs, and who may do what
//! with them: the account's key, a bearer token, or a shared access signature.
//!
//! Only what is needed to stage an update and to read it back: no page or append blobs, leases,
//! snapshots, versions, tiers or copies. Requests for those are refused.

mod access;
mod http;
mod record;
mod server;
mod state;

pub use access::{Bearer, BearerIdentity, BearerRefusal};
pub use record::{BlobEntry, BlobRecord, BlockEntry};
pub use server::{BlobOptions, BlobServer, DEMO_STORAGE_ACCOUNT, DEMO_STORAGE_KEY};
pub use state::{LARGEST_BLOCK_BYTES, MOST_BLOCKS, Storage};
