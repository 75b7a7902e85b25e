//! A file that a manifest names.

use serde_json::{Map, Value};

/// A file that a manifest names.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ManifestFile {
    pub(crate) name: String,
    pub(crate) size_bytes: u64,
    /// Base64.
    pub(crate) sha256: String,
    pub(crate) properties: Map<String, Value>,
    pub(crate) related: Vec<Self>,
    pub(crate) download_handler: Option<String>,
}
