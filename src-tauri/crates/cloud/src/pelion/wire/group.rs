//! Device groups, as the service tells them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{id::id, or_empty, texts};
use crate::json_value::maybe_number;

/// A group of devices.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct DeviceGroup {
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
    /// Number of its devices.
    #[serde(default, deserialize_with = "maybe_number")]
    #[cfg_attr(feature = "specta", specta(type = Option<u32>))]
    pub devices_count: Option<u64>,
    /// Names with values that a user gave.
    #[serde(default, deserialize_with = "texts")]
    #[cfg_attr(feature = "specta", specta(type = BTreeMap<String, String>))]
    pub custom_attributes: BTreeMap<String, String>,
    /// When it was created.
    #[serde(default, deserialize_with = "or_empty")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub created_at: String,
    /// When it last changed.
    #[serde(default, deserialize_with = "or_empty")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub updated_at: String,
}
