//! Loading firmware into one reader by a request: what is requested, answered, and reported later.
//!
//! Values only; the act itself is in `firmdrop`. `docs/load-firmware.md` is the contract.

mod answer;
mod base64_text;
mod event;
mod file_url;
mod message;
mod request;

pub use answer::{LoadBegun, LoadRefusal, LoadResponse, LoadResult};
pub use event::{LOAD_EVENT, LoadEvent, LoadProgress, LoadStatus};
pub use message::LoadMessage;
pub use request::{LARGEST_BLOB_BYTES, LARGEST_FIRMWARE_BYTES, LoadFirmware, LoadRules};

pub(crate) use base64_text::decode;
pub(crate) use request::Source;
