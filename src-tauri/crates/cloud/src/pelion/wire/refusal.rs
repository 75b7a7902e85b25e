//! The service's words when it refuses.

use serde::Deserialize;

use super::or_empty;

/// The service's words when it refuses.
#[derive(Debug, Default, Deserialize)]
pub(in crate::pelion) struct ErrorBody {
    #[serde(default, deserialize_with = "or_empty")]
    object: String,
    #[serde(default)]
    code: Option<serde_json::Value>,
    #[serde(default, rename = "type", deserialize_with = "or_empty")]
    pub(in crate::pelion) kind: String,
    #[serde(default, deserialize_with = "or_empty")]
    pub(in crate::pelion) message: String,
    #[serde(default)]
    pub(in crate::pelion) request_id: Option<String>,
    #[serde(default)]
    pub(in crate::pelion) fields: Option<Vec<ErrorField>>,
}

impl ErrorBody {
    /// The status that a body says of itself: one that calls itself an error is one, whatever carried it.
    pub(in crate::pelion) fn own_status(&self) -> Option<u16> {
        if self.object != "error" {
            return None;
        }
        let code = self.code.as_ref()?;
        let number = code.as_u64().or_else(|| code.as_str()?.trim().parse().ok());
        let status = number.and_then(|number| u16::try_from(number).ok());
        status.filter(|status| (400..600).contains(status))
    }
}

/// What is wrong with one field.
#[derive(Debug, Deserialize)]
pub(in crate::pelion) struct ErrorField {
    #[serde(default, deserialize_with = "or_empty")]
    pub(in crate::pelion) name: String,
    #[serde(default, deserialize_with = "or_empty")]
    pub(in crate::pelion) message: String,
}
