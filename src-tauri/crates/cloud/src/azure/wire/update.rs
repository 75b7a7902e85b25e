//! Updates and their files.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{count, each, flag_or_true, list_of_texts, maybe_text, or_default, text, texts, yes};
use crate::azure::import_manifest::UpdateVersion;

/// What an update is known by.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct UpdateId {
    /// Who made it.
    #[serde(default, deserialize_with = "text")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub provider: String,
    /// What it is for.
    #[serde(default, deserialize_with = "text")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub name: String,
    /// Two to four numbers with dots between them.
    #[serde(default, deserialize_with = "text")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub version: String,
}

impl UpdateId {
    /// Whether both may be one update: the service drops leading zeros of a version, and whether it regards case is
    /// not documented.
    pub fn is_same(&self, other: &Self) -> bool {
        self.provider.eq_ignore_ascii_case(&other.provider)
            && self.name.eq_ignore_ascii_case(&other.name)
            && (self.plain_version()).eq_ignore_ascii_case(&other.plain_version())
    }

    /// The version as the service has it: without leading zeros.
    pub(in crate::azure) fn plain_version(&self) -> String {
        let read = UpdateVersion::read(&self.version);
        read.map_or_else(|_| self.version.clone(), |version| version.to_string())
    }
}

impl std::fmt::Display for UpdateId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if *self == Self::default() {
            return f.write_str("unknown");
        }
        write!(f, "{}/{}/{}", self.provider, self.name, self.version)
    }
}

/// An update by its id and its words.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UpdateInfo {
    /// Its id.
    #[serde(default, deserialize_with = "or_default")]
    pub update_id: UpdateId,
    /// Its description.
    #[serde(
        default,
        deserialize_with = "maybe_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub description: Option<String>,
    /// The name that the importer gave it.
    #[serde(
        default,
        deserialize_with = "maybe_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub friendly_name: Option<String>,
}

/// An imported update.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Update {
    /// Its id.
    #[serde(default, deserialize_with = "or_default")]
    pub update_id: UpdateId,
    /// Its description.
    #[serde(default, deserialize_with = "maybe_text")]
    pub description: Option<String>,
    /// The name that the importer gave it.
    #[serde(default, deserialize_with = "maybe_text")]
    pub friendly_name: Option<String>,
    /// Whether it may be deployed on its own.
    #[serde(default = "yes", deserialize_with = "flag_or_true")]
    pub is_deployable: bool,
    /// The handler of a manifest before 4.0.
    #[serde(default, deserialize_with = "maybe_text")]
    pub update_type: Option<String>,
    /// What shows that it is installed, of a manifest before 4.0.
    #[serde(default, deserialize_with = "maybe_text")]
    pub installed_criteria: Option<String>,
    /// The devices that it fits: any of these sets.
    #[serde(default, deserialize_with = "list_of_texts")]
    pub compatibility: Vec<BTreeMap<String, String>>,
    /// What a device does with it.
    #[serde(default, deserialize_with = "or_default")]
    pub instructions: Instructions,
    /// Updates that have it as a step.
    #[serde(default, deserialize_with = "each")]
    pub referenced_by: Vec<UpdateId>,
    /// What the service's search for malware found: `Success`.
    #[serde(default, deserialize_with = "maybe_text")]
    pub scan_result: Option<String>,
    /// Version of the manifest that it was imported with.
    #[serde(default, deserialize_with = "text")]
    pub manifest_version: String,
    /// When it was imported.
    #[serde(default, deserialize_with = "text")]
    pub imported_date_time: String,
    /// When its manifest was made.
    #[serde(default, deserialize_with = "text")]
    pub created_date_time: String,
    /// Changes with it; with its quotes.
    #[serde(default, deserialize_with = "maybe_text")]
    pub etag: Option<String>,
}

/// The steps of an update.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Instructions {
    /// In their order.
    #[serde(default, deserialize_with = "each")]
    pub steps: Vec<Step>,
}

/// One step.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Step {
    /// `inline` or `reference`; empty means inline.
    #[serde(default, rename = "type", deserialize_with = "text")]
    pub kind: String,
    /// Its description.
    #[serde(default, deserialize_with = "maybe_text")]
    pub description: Option<String>,
    /// Who carries it out on the device: `microsoft/script:1`.
    #[serde(default, deserialize_with = "maybe_text")]
    pub handler: Option<String>,
    /// What the handler is given.
    #[serde(default, deserialize_with = "or_default")]
    pub handler_properties: Map<String, Value>,
    /// Names of the files it uses.
    #[serde(default, deserialize_with = "each")]
    pub files: Vec<String>,
    /// The update that it installs.
    #[serde(default, deserialize_with = "or_default")]
    pub update_id: Option<UpdateId>,
}

/// A file of an update, as the service holds it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UpdateFile {
    /// Its id, which the service gave it.
    #[serde(default, deserialize_with = "text")]
    pub file_id: String,
    /// Its name.
    #[serde(default, deserialize_with = "text")]
    pub file_name: String,
    /// Its size, bytes; `None` when the service did not say it.
    #[serde(default, deserialize_with = "count")]
    pub size_in_bytes: Option<u64>,
    /// Base64 of its digests by the name of the algorithm, in any case.
    #[serde(default, deserialize_with = "texts")]
    pub hashes: BTreeMap<String, String>,
    /// Its media type.
    #[serde(default, deserialize_with = "maybe_text")]
    pub mime_type: Option<String>,
    /// What the service's search for malware found.
    #[serde(default, deserialize_with = "maybe_text")]
    pub scan_result: Option<String>,
    /// The same in more words.
    #[serde(default, deserialize_with = "maybe_text")]
    pub scan_details: Option<String>,
    /// What a device is given with it.
    #[serde(default, deserialize_with = "texts")]
    pub properties: BTreeMap<String, String>,
    /// Files that it can be made from.
    #[serde(default, deserialize_with = "each")]
    pub related_files: Vec<RelatedFile>,
    /// Who makes it from those.
    #[serde(default, deserialize_with = "or_default")]
    pub download_handler: Option<DownloadHandler>,
    /// Changes with it; with its quotes.
    #[serde(default, deserialize_with = "maybe_text")]
    pub etag: Option<String>,
}

/// A file that another can be made from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RelatedFile {
    /// Its name.
    #[serde(default, deserialize_with = "text")]
    pub file_name: String,
    /// Its size, bytes.
    #[serde(default, deserialize_with = "count")]
    pub size_in_bytes: Option<u64>,
    /// Base64 of its digests by the name of the algorithm.
    #[serde(default, deserialize_with = "texts")]
    pub hashes: BTreeMap<String, String>,
    /// What a device is given with it.
    #[serde(default, deserialize_with = "texts")]
    pub properties: BTreeMap<String, String>,
}

/// Who makes a file from related ones: `microsoft/delta:1`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DownloadHandler {
    /// Its id.
    #[serde(default, deserialize_with = "text")]
    pub id: String,
}

impl UpdateFile {
    /// Its SHA-256 in base64, whatever the case of the algorithm's name.
    pub fn sha256(&self) -> Option<&str> {
        sha256_of(&self.hashes)
    }
}

impl RelatedFile {
    /// Its SHA-256 in base64, whatever the case of the algorithm's name.
    pub fn sha256(&self) -> Option<&str> {
        sha256_of(&self.hashes)
    }
}

fn sha256_of(hashes: &BTreeMap<String, String>) -> Option<&str> {
    let mut named = hashes.iter();
    named
        .find(|(name, _)| {
            let plain = name.chars().filter(char::is_ascii_alphanumeric);
            plain.collect::<String>().eq_ignore_ascii_case("sha256")
        })
        .map(|(_, value)| value.as_str())
}
