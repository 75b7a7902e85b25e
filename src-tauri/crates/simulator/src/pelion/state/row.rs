//! One row of the account, as it is saved.

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

/// What a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    Device,
    Group,
    Query,
    Event,
    UploadJob,
    Image,
    Manifest,
    Campaign,
    Member,
}

/// One row, or that it is gone.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Row {
    pub(super) kind: Kind,
    pub(super) key: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) value: Option<Value>,
}

/// A row that no account of ours has written.
#[derive(Debug)]
pub(crate) struct Unreadable;

impl Row {
    pub(super) fn new(
        kind: Kind,
        key: &impl ToString,
        row: Option<impl Serialize>,
    ) -> serde_json::Result<Self> {
        Ok(Self {
            kind,
            key: key.to_string(),
            value: row.map(serde_json::to_value).transpose()?,
        })
    }

    pub(super) fn read<T: DeserializeOwned>(row: Value) -> Result<T, Unreadable> {
        serde_json::from_value(row).map_err(|_| Unreadable)
    }
}
