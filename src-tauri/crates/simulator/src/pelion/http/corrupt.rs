//! Corrupted answers: what a fault wants to be wrong is written into the JSON of an answer.

use axum::{
    body::Body,
    http::header,
    response::{IntoResponse as _, Response},
};
use serde_json::Value;

use crate::{fault::Corruptions, pelion::state::Refusal};

/// A phase, a state and an event type the service does not have.
const UNKNOWN_PHASE: &str = "hibernating";
const UNKNOWN_EVENT_TYPE: &str = "UPD9_FAIL_999";
/// Link-local (RFC 3927): where clouds have what nobody else may read.
const FOREIGN_DATAFILE: &str = "http://169.254.169.254/datafile";
/// Largest answer that is rewritten, bytes; ours: a page of a thousand devices has two million.
const LARGEST_ANSWER_BYTES: usize = 16 * 1024 * 1024;

/// The answer with what is to be wrong in it.
pub(crate) async fn corrupt(response: Response, corruptions: Corruptions) -> Response {
    let is_json = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind == "application/json");
    let is_corrupt = corruptions.total_count.is_some()
        || corruptions.phase
        || corruptions.event_code
        || corruptions.datafile;
    if !is_json || !is_corrupt {
        return response;
    }
    let (mut head, body) = response.into_parts();
    let Ok(bytes) = axum::body::to_bytes(body, LARGEST_ANSWER_BYTES).await else {
        return Refusal::failed("The answer is too large to be corrupted.").into_response();
    };
    let Ok(mut json) = serde_json::from_slice::<Value>(&bytes) else {
        return Response::from_parts(head, Body::from(bytes));
    };
    corrupt_json(&mut json, corruptions);
    head.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(head, Body::from(json.to_string()))
}

fn corrupt_json(json: &mut Value, corruptions: Corruptions) {
    if let (Some(count), true) = (corruptions.total_count, json.get("data").is_some()) {
        json["total_count"] = count.into();
    }
    if let Some(items) = json.get_mut("data").and_then(Value::as_array_mut) {
        for item in items {
            corrupt_item(item, corruptions);
        }
    }
    corrupt_item(json, corruptions);
}

fn corrupt_item(item: &mut Value, corruptions: Corruptions) {
    let mut write = |key: &str, text: &str| {
        if let Some(value) = item.get_mut(key) {
            *value = text.into();
        }
    };
    if corruptions.phase {
        write("phase", UNKNOWN_PHASE);
        write("state", UNKNOWN_PHASE);
    }
    if corruptions.datafile {
        write("datafile", FOREIGN_DATAFILE);
    }
    if corruptions.event_code {
        write("event_type", UNKNOWN_EVENT_TYPE);
    }
}
