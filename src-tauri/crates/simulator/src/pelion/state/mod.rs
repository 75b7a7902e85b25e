//! What the simulated account holds and the rules it follows: upload jobs, firmware images,
//! manifests, campaigns, devices, and how all of it is stored between runs.
//!
//! Knows nothing of HTTP: paths, headers and JSON of answers are the neighbour's, `http`.

pub(crate) mod campaign;
pub(crate) mod device;
pub(crate) mod filter;
pub(crate) mod manifest;

mod account;
mod code;
mod contract;
mod dealer;
mod directory;
mod event;
mod group;
mod id;
mod inventory;
mod open;
mod persistence;
mod populate;
mod query;
mod record;
mod refusal;
mod row;
mod saved;
mod serial;
mod storage;
mod store;
mod table;
mod texts;
mod upload_job;
mod uploading;

pub(crate) use crate::timeline::Timeline;
pub use account::StoredImage;
pub(crate) use account::{Account, Settings, disk};
pub(crate) use code::{Code, Summary};
pub(crate) use contract::{ACCOUNT_ID, DATAFILES};
pub use contract::{LARGEST_REQUEST_BYTES, MOST_CHUNKS, SMALLEST_MIDDLE_CHUNK_BYTES};
pub(crate) use directory::Directory;
pub(crate) use event::DeviceEvent;
pub(crate) use group::Group;
pub(crate) use id::Id;
pub use inventory::{
    DEMO_GATE_CLASS_ID, DEMO_GATE_MODEL, DEMO_PUCK_CLASS_ID, DEMO_PUCK_MODEL, DEMO_VENDOR_DOMAIN,
    DEMO_VENDOR_ID, Fleet, Inventory,
};
pub(crate) use open::{Opening, SavedState};
pub(crate) use query::SavedQuery;
pub(crate) use record::UploadRecorder;
pub use record::{Arrival, ChunkEntry, JobEntry};
pub(crate) use refusal::{Field as RefusalField, Refusal, RefusalKind};
pub(crate) use storage::Part as StoredPart;
pub use storage::Storage;
pub(crate) use table::Table;
pub(crate) use texts::{Texts, check_length};
pub(crate) use upload_job::{Chunk, Job};
pub(crate) use uploading::{Arrived, Begun};
