//! What the service says, read tolerantly: an unknown field is ignored, a missing one is empty,
//! `null` is missing, a word nobody knows yet stays as it is.
//!
//! Times stay text: nothing is computed from them.

mod campaign;
mod device;
mod event;
mod firmware_image;
mod group;
mod id;
mod manifest;
mod page;
mod refusal;
mod saved_query;
mod statistics;
mod upload_job;

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::json_value::{maybe_text, text};

pub use campaign::{Campaign, CampaignChange, CampaignDevice, CampaignDraft, Strategy};
pub use device::Device;
pub use event::DeviceEvent;
pub use firmware_image::FirmwareImage;
pub use group::DeviceGroup;
pub(super) use id::is_id;
pub use manifest::FirmwareManifest;
pub(super) use page::Entry;
pub use page::Page;
pub(super) use refusal::ErrorBody;
pub use saved_query::SavedQuery;
pub use statistics::{EventTypeCount, SummaryStatus};
pub use upload_job::{Chunk, UploadJob};

/// A text, also from a number or a flag; anything else reads like a missing one.
fn or_empty<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    text(deserializer)
}

/// `null` reads like a missing value.
fn or_default<'de, T: Default + Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// A text, or a number that another version of the service writes as a text.
fn text_or_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    maybe_text(deserializer)
}

/// Names with their texts. Anything else than a text stays JSON, `null` is left out.
fn texts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, String>, D::Error> {
    let read: Option<BTreeMap<String, Value>> = Option::deserialize(deserializer)?;
    let pairs = read.unwrap_or_default().into_iter();
    Ok(pairs
        .filter_map(|(name, value)| match value {
            Value::Null => None,
            Value::String(text) => Some((name, text)),
            other => Some((name, other.to_string())),
        })
        .collect())
}
