//! JSON bodies: read whole, within a bound.

use axum::body::Body;
use bytes::Bytes;
use serde::de::DeserializeOwned;

use super::{refusal::Refusal, texts::LARGEST_JSON_BYTES};

/// Reads a JSON body; keys it does not know are left alone.
pub(super) async fn read<T: DeserializeOwned>(body: Body) -> Result<T, Refusal> {
    parse(&whole(body).await?)
}

/// Reads a JSON body that may be left out.
pub(super) async fn read_or_default<T: DeserializeOwned + Default>(
    body: Body,
) -> Result<T, Refusal> {
    match whole(body).await? {
        bytes if bytes.is_empty() => Ok(T::default()),
        bytes => parse(&bytes),
    }
}

async fn whole(body: Body) -> Result<Bytes, Refusal> {
    axum::body::to_bytes(body, LARGEST_JSON_BYTES)
        .await
        .map_err(|_| Refusal::too_large("The body is larger than 64 KiB."))
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(bytes)
        .map_err(|error| Refusal::bad_request(format!("The body cannot be read: {error}.")))
}

/// Refuses a text of more characters than are allowed.
pub(super) fn check_length(
    field: &'static str,
    text: Option<&str>,
    most: usize,
) -> Result<(), Refusal> {
    match text {
        Some(text) if text.chars().count() > most => {
            let message = format!("Longer than {most} characters.");
            Err(Refusal::invalid(field, message))
        }
        _ => Ok(()),
    }
}
