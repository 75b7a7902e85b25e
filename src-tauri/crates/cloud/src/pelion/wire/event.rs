//! Device events, as the service tells them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{or_empty, texts};
use crate::json_value::{id, maybe_flag};

/// Something that happened to a device.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct DeviceEvent {
    /// Its id.
    #[serde(deserialize_with = "id")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub id: String,
    /// When it happened.
    #[serde(default, deserialize_with = "or_empty")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub date_time: String,
    /// The device.
    #[serde(default, deserialize_with = "or_empty")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub device_id: String,
    /// The code: `UPD4_FAIL_101`.
    #[serde(default, deserialize_with = "or_empty")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub event_type: String,
    /// Its category.
    #[serde(default, deserialize_with = "or_empty")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub event_type_category: String,
    /// What the code means, in the service's words.
    #[serde(default, deserialize_with = "or_empty")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub event_type_description: String,
    /// Whether the state of the device changed.
    #[serde(default, deserialize_with = "maybe_flag")]
    #[cfg_attr(feature = "specta", specta(type = Option<bool>))]
    pub state_change: Option<bool>,
    /// What happened, in the service's words.
    #[serde(default, deserialize_with = "or_empty")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub description: String,
    /// Fields that changed, with their new values.
    #[serde(default, deserialize_with = "texts")]
    #[cfg_attr(feature = "specta", specta(type = BTreeMap<String, String>))]
    pub changes: BTreeMap<String, String>,
    /// What belongs to it: `campaign_id`.
    #[serde(default, deserialize_with = "texts")]
    #[cfg_attr(feature = "specta", specta(type = BTreeMap<String, String>))]
    pub data: BTreeMap<String, String>,
    /// When it was written.
    #[serde(default, deserialize_with = "or_empty")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub created_at: String,
}
