//! Firmware manifests, as the service tells them. What it says about their content is only its reading:
//! the signed bytes are the truth.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{id::id, or_empty, text_or_number};
use crate::json_value::{maybe_number, maybe_text};

/// A firmware manifest.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct FirmwareManifest {
    /// Its id.
    #[serde(deserialize_with = "id")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub id: String,
    /// Its name.
    #[serde(default, deserialize_with = "or_empty")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub name: String,
    /// Its description.
    #[serde(default, deserialize_with = "or_empty")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub description: String,
    /// Where devices fetch it.
    #[serde(default, deserialize_with = "or_empty")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub datafile: String,
    /// Its size, bytes.
    #[serde(default, deserialize_with = "maybe_number")]
    #[cfg_attr(feature = "specta", specta(type = Option<u32>))]
    pub datafile_size: Option<u64>,
    /// Class of the devices it is for, with hyphens.
    #[serde(default, deserialize_with = "or_empty")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub device_class: String,
    /// Vendor of the devices it is for, with hyphens; empty from older services.
    #[serde(default, deserialize_with = "or_empty")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub device_vendor: String,
    /// Its version in time.
    #[serde(default, deserialize_with = "or_empty")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub timestamp: String,
    /// `1` or `3`.
    #[serde(default, deserialize_with = "text_or_number")]
    #[cfg_attr(feature = "specta", specta(type = Option<String>))]
    pub manifest_schema_version: Option<String>,
    /// `full` or `delta`.
    #[serde(default, deserialize_with = "maybe_text")]
    #[cfg_attr(feature = "specta", specta(type = Option<String>))]
    pub delivered_payload_type: Option<String>,
    /// SHA-256 of what devices fetch, hexadecimal.
    #[serde(default, deserialize_with = "maybe_text")]
    #[cfg_attr(feature = "specta", specta(type = Option<String>))]
    pub delivered_payload_digest: Option<String>,
    /// Size of what devices fetch, bytes.
    #[serde(default, deserialize_with = "maybe_number")]
    #[cfg_attr(feature = "specta", specta(type = Option<u32>))]
    pub delivered_payload_size: Option<u64>,
    /// Where devices fetch the payload.
    #[serde(default, deserialize_with = "maybe_text")]
    #[cfg_attr(feature = "specta", specta(type = Option<String>))]
    pub delivered_payload_url: Option<String>,
    /// SHA-256 of the image a delta starts from, hexadecimal.
    #[serde(default, deserialize_with = "maybe_text")]
    #[cfg_attr(feature = "specta", specta(type = Option<String>))]
    pub precursor_payload_digest: Option<String>,
    /// Its priority, from 0.
    #[serde(default, deserialize_with = "maybe_number")]
    #[cfg_attr(feature = "specta", specta(type = Option<u32>))]
    pub update_priority: Option<u64>,
    /// When it was created.
    #[serde(default, deserialize_with = "or_empty")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub created_at: String,
    /// When it last changed.
    #[serde(default, deserialize_with = "or_empty")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub updated_at: String,
    /// The service's reading of its content, under its present or its old name. May change any time.
    #[serde(default, rename = "parsed_raw_manifest")]
    #[cfg_attr(feature = "specta", specta(skip))]
    pub parsed: Option<Value>,
    /// The same under its name of 2017; some answers carry both.
    #[serde(default, skip_serializing)]
    #[cfg_attr(feature = "specta", specta(skip))]
    manifest_contents: Option<Value>,
}

impl FirmwareManifest {
    /// With the service's reading in its one place, whatever it was called.
    #[must_use]
    pub(in crate::pelion) fn settled(mut self) -> Self {
        self.parsed = self.parsed.or(self.manifest_contents.take());
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> FirmwareManifest {
        let read: FirmwareManifest = serde_json::from_str(json).unwrap();
        read.settled()
    }

    #[test]
    fn the_services_reading_is_found_under_both_of_its_names() {
        let old = read(r#"{"id":"a","key_table":null,"manifest_contents":{"classId":"x"}}"#);
        assert_eq!(old.parsed.unwrap()["classId"], "x");
        let new = read(r#"{"id":"a","manifest_schema_version":"3","parsed_raw_manifest":{"b":1}}"#);
        assert_eq!(new.parsed.unwrap()["b"], 1);
        assert_eq!(new.manifest_schema_version.as_deref(), Some("3"));
        let both = read(r#"{"id":"a","manifest_contents":{},"parsed_raw_manifest":{"b":1}}"#);
        assert_eq!(both.parsed.unwrap()["b"], 1);
        let number = read(r#"{"id":"a","manifest_schema_version":1,"device_vendor":null}"#);
        assert_eq!(number.manifest_schema_version.as_deref(), Some("1"));
    }
}
