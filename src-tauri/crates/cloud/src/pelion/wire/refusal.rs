//! The service's words when it refuses.

use serde::Deserialize;

use super::or_empty;

/// The service's words when it refuses.
#[derive(Debug, Default, Deserialize)]
pub(in crate::pelion) struct ErrorBody {
    #[serde(default, rename = "type", deserialize_with = "or_empty")]
    pub(in crate::pelion) kind: String,
    #[serde(default, deserialize_with = "or_empty")]
    pub(in crate::pelion) message: String,
    #[serde(default)]
    pub(in crate::pelion) request_id: Option<String>,
    #[serde(default)]
    pub(in crate::pelion) fields: Option<Vec<ErrorField>>,
}

/// What is wrong with one field.
#[derive(Debug, Deserialize)]
pub(in crate::pelion) struct ErrorField {
    #[serde(default, deserialize_with = "or_empty")]
    pub(in crate::pelion) name: String,
    #[serde(default, deserialize_with = "or_empty")]
    pub(in crate::pelion) message: String,
}
