//! What the account holds: containers, their blobs, and the blocks of blobs.

use std::collections::BTreeMap;

use firmdrop_core::Moment;
use serde::{Deserialize, Serialize};

use super::Part;

/// What a client may say about a blob's content.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Properties {
    pub(crate) content_type: Option<String>,
    pub(crate) content_encoding: Option<String>,
    pub(crate) content_language: Option<String>,
    pub(crate) content_disposition: Option<String>,
    pub(crate) cache_control: Option<String>,
    /// MD5 of the whole blob, base64.
    pub(crate) content_md5: Option<String>,
    pub(crate) metadata: BTreeMap<String, String>,
}

/// A container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Container {
    pub(crate) etag: String,
    pub(crate) modified: Moment,
    pub(crate) blobs: BTreeMap<String, Blob>,
}

/// A blob, or the blocks of one that is none yet.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Blob {
    pub(crate) committed: Option<Committed>,
    pub(crate) uncommitted: BTreeMap<String, Part>,
}

/// What a reader of a blob gets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Committed {
    /// The blocks with their ids; one without an id when it came in one request.
    pub(crate) blocks: Vec<(String, Part)>,
    pub(crate) size_bytes: u64,
    pub(crate) etag: String,
    pub(crate) created: Moment,
    pub(crate) modified: Moment,
    pub(crate) properties: Properties,
}

/// What is saved.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Contents {
    pub(super) last_number: u64,
    pub(super) containers: BTreeMap<String, Container>,
}
