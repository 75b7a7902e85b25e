//! Firmware manifests of the account.
//!
//! The service reads them to describe them; it does not verify them, and neither does this one.

mod der;
mod read;

use std::fmt::Write as _;

use firmdrop_core::Moment;
use serde::{Deserialize, Serialize};

use super::serial::{base64, base64_option};

pub(crate) use read::{Contents, RAW, read, version};

/// A stored manifest.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Manifest {
    pub(crate) name: String,
    pub(crate) description: String,
    #[serde(with = "base64")]
    pub(crate) bytes: Vec<u8>,
    #[serde(with = "base64_option")]
    pub(crate) key_table: Option<Vec<u8>>,
    pub(crate) contents: Contents,
    pub(crate) created_at: Moment,
}

/// A version in its usual form.
pub(crate) fn dotted([major, minor, patch]: [u64; 3]) -> String {
    format!("{major}.{minor}.{patch}")
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing into a text cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
