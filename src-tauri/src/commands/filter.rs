//! Filters for devices, between their text and their conditions. No service is asked.

use firmdrop_api::FilterRead;
use firmdrop_api::pelion::{Filter, FilterAttribute};

use super::Answer;

/// Everything devices are known to be filtered by, the usual first.
#[tauri::command]
#[specta::specta]
pub(crate) fn filter_attributes() -> Vec<FilterAttribute> {
    firmdrop_api::filter_attributes()
}

/// The conditions of a text, or where and why it cannot be read.
#[tauri::command]
#[specta::specta]
#[expect(clippy::needless_pass_by_value, reason = "the page hands texts over")]
pub(crate) fn read_filter(text: String) -> Answer<FilterRead> {
    firmdrop_api::read_filter(&text)
}

/// The text of these conditions, as a campaign holds it.
#[tauri::command]
#[specta::specta]
pub(crate) fn write_filter(conditions: Vec<Filter>) -> String {
    firmdrop_api::write_filter(conditions)
}
