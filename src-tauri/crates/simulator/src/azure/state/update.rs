//! An imported update and its files.

use std::collections::BTreeMap;

use firmdrop_core::Moment;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The identity of an update.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct UpdateId {
    pub(crate) provider: String,
    pub(crate) name: String,
    pub(crate) version: String,
}

/// A file of an update.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct UpdateFile {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) size_bytes: u64,
    /// Base64.
    pub(crate) sha256: String,
    pub(crate) properties: Map<String, Value>,
    pub(crate) related: Vec<Self>,
    pub(crate) download_handler: Option<String>,
    pub(crate) etag: String,
}

/// An update.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Update {
    pub(crate) id: UpdateId,
    pub(crate) description: Option<String>,
    pub(crate) friendly_name: Option<String>,
    pub(crate) is_deployable: bool,
    /// Of manifests up to 3.0.
    pub(crate) kind: Option<String>,
    /// Of manifests up to 3.0.
    pub(crate) installed_criteria: Option<String>,
    pub(crate) compatibility: Vec<BTreeMap<String, String>>,
    /// The manifest's steps as they were.
    pub(crate) steps: Vec<Value>,
    /// The updates that its steps name.
    pub(crate) references: Vec<UpdateId>,
    pub(crate) files: Vec<UpdateFile>,
    pub(crate) manifest_version: String,
    pub(crate) created: String,
    pub(crate) imported: Moment,
    pub(crate) etag: String,
    /// A fault: it is listed nowhere.
    #[serde(default)]
    pub(crate) is_lost: bool,
}

impl std::fmt::Display for UpdateId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}/{}", self.provider, self.name, self.version)
    }
}

/// A moment as the service writes it: with seven digits of a second.
pub(crate) fn written(moment: Moment) -> String {
    moment.to_string().replace('Z', "0Z")
}

impl Update {
    /// Whether a device with these properties can install it: one of its sets is contained in them.
    pub(crate) fn fits(&self, properties: &BTreeMap<String, String>) -> bool {
        let contained = |set: &BTreeMap<String, String>| {
            set.iter()
                .all(|(name, value)| properties.get(name) == Some(value))
        };
        self.compatibility.iter().any(contained)
    }
}
