//! Firmware manifests of the account.
//!
//! The service reads them to describe them; it does not verify them, and neither does this one.

mod der;
mod handlers;
mod json;
mod read;

use firmdrop_core::Moment;

pub(super) use handlers::{delete, key_table, list, upload, view};
pub(super) use json::{dotted, hex};
pub(crate) use read::{Contents, RAW, version};

/// A stored manifest.
#[derive(Debug, Clone)]
pub(crate) struct Manifest {
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) key_table: Option<Vec<u8>>,
    pub(crate) contents: Contents,
    pub(crate) created_at: Moment,
}
