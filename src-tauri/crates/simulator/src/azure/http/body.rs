//! JSON bodies: read whole, within a bound.

use axum::body::Body;
use serde_json::Value;

use super::answer::Refusal;

/// Largest JSON body that is read, bytes; ours: eleven items with their signed URLs need 100 KB.
const LARGEST_JSON_BYTES: usize = 1024 * 1024;

pub(super) async fn read(body: Body) -> Result<Value, Refusal> {
    let bytes = axum::body::to_bytes(body, LARGEST_JSON_BYTES).await;
    let bytes = bytes.map_err(|_| Refusal::invalid("body", "The body is too large."))?;
    serde_json::from_slice(&bytes)
        .map_err(|error| Refusal::invalid("body", format!("The body is no JSON: {error}.")))
}

/// A text of the object, within bounds.
pub(super) fn text(value: &Value, name: &str, most: usize) -> Result<Option<String>, Refusal> {
    match value.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if (1..=most).contains(&text.chars().count()) => {
            Ok(Some(text.clone()))
        }
        Some(_) => {
            let why = format!("{name} is no text of 1 to {most} characters.");
            Err(Refusal::invalid(name, why))
        }
    }
}

/// The same, and it must be there.
pub(super) fn needed(value: &Value, name: &str, most: usize) -> Result<String, Refusal> {
    let missing = || Refusal::invalid(name, format!("{name} is missing."));
    text(value, name, most)?.ok_or_else(missing)
}
