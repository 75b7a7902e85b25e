//! What the page is given and has no field for: it is the engine's own.

use serde_json::Value;

/// Without what a plan notes of the reader that it was made for, and without the serial number in what a reader says of
/// itself.
pub(crate) fn without_own(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(without_own).collect(),
        Value::Object(fields) => {
            let is_target = fields.contains_key("refuses_older");
            let shown = fields
                .into_iter()
                .filter(|(name, _)| name != "planned_for" && !(is_target && name == "serial"));
            shown
                .map(|(name, value)| (name, without_own(value)))
                .collect()
        }
        value => value,
    }
}
