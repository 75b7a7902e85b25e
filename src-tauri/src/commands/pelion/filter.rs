//! Filters for devices, between their text and their conditions. No service is asked.

use firmdrop_api::pelion::{self, Filter, FilterAttribute, FilterRead};

/// Everything devices are known to be filtered by, the usual first.
#[tauri::command]
#[specta::specta]
pub(crate) fn filter_attributes() -> Vec<FilterAttribute> {
    pelion::filter_attributes()
}

/// The conditions of a text, or where and why it is no filter.
#[tauri::command]
#[specta::specta]
#[expect(clippy::needless_pass_by_value, reason = "the page hands texts over")]
pub(crate) fn read_filter(text: String) -> FilterRead {
    pelion::read_filter(&text)
}

/// The text of these conditions, as a campaign holds it.
#[tauri::command]
#[specta::specta]
pub(crate) fn write_filter(conditions: Vec<Filter>) -> String {
    pelion::write_filter(conditions)
}
