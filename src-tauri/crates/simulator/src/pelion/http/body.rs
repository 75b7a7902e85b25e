//! JSON bodies: read whole, within a bound; and the answer to something made.

use axum::{
    Json,
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::pelion::state::Refusal;

/// Largest JSON body that is read, bytes; ours: every text fits in it several times over.
const LARGEST_JSON_BYTES: usize = 64 * 1024;

/// Reads a JSON body; keys it does not know are left alone.
pub(crate) async fn read<T: DeserializeOwned>(body: Body) -> Result<T, Refusal> {
    parse(&whole(body).await?)
}

/// Reads a JSON body that may be left out.
pub(crate) async fn read_or_default<T: DeserializeOwned + Default>(
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

/// Objects only: an array would be taken for one whose values come in the order of its fields.
fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Refusal> {
    let wrong = |why: &str| Refusal::bad_request(format!("The body cannot be read: {why}."));
    let value: Value = serde_json::from_slice(bytes).map_err(|error| wrong(&error.to_string()))?;
    if !value.is_object() {
        return Err(wrong("it is no JSON object"));
    }
    serde_json::from_value(value).map_err(|error| wrong(&error.to_string()))
}

/// 201 with both headers that name the new resource.
pub(crate) fn created(location: &str, body: Value) -> Response {
    let mut response = (StatusCode::CREATED, Json(body)).into_response();
    if let Ok(value) = HeaderValue::from_str(location) {
        response
            .headers_mut()
            .insert(header::LOCATION, value.clone());
        response
            .headers_mut()
            .insert(header::CONTENT_LOCATION, value);
    }
    response
}
