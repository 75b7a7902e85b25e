//! Files of an update in blob storage, where the service reads them: blocks, resume, signed
//! addresses, clean-up.
//!
//! It writes no import manifest and imports nothing. It stores nothing on disk itself: what must
//! survive a kill goes through [`StagingRecord`] before the network is touched, and comes back as
//! [`StagingState`].

mod access;
mod adapter;
mod address;
mod authorize;
mod block_id;
mod body;
mod clock;
mod commit;
mod crc64;
mod error;
mod hash;
mod phases;
mod place;
mod record;
mod refusal;
mod remove;
mod request;
mod run;
mod sas;
mod send;
mod shared_key;
mod stage;
mod staged_so_far;
mod staging_error;
mod storage_connection;
mod store;

pub use access::{SasToken, StorageAccess};
pub use block_id::BLOCK_BYTES;
pub use error::StorageError;
pub use phases::phases;
pub use place::StoragePlace;
pub use record::{BlockReceipt, FileState, RecordError, StagingRecord, StagingState};
pub use refusal::{AccessKind, StorageRefusal};
pub use remove::{Removal, remove_staged};
pub use request::{StagingFile, StagingRequest};
pub use sas::{LEAST_LIFE, USUAL_LIFE};
pub use stage::{StagedFile, stage};
pub use staged_so_far::StagedSoFar;
pub use staging_error::StagingError;
pub use store::{BlobStore, StoreOptions};
