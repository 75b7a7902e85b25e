//! Lies of the dial that can be told about any answer: they are written into its JSON.

use axum::{
    body::Body,
    http::header,
    response::{IntoResponse as _, Response},
};
use serde_json::Value;

use super::refusal::Refusal;
use crate::fault::Lies;

/// A phase, a state and an event type the service does not have.
const UNKNOWN_PHASE: &str = "hibernating";
const UNKNOWN_EVENT_TYPE: &str = "UPD9_FAIL_999";
/// Link-local (RFC 3927): where clouds keep what nobody else may read.
const FOREIGN_DATAFILE: &str = "http://169.254.169.254/datafile";
/// Largest answer that is rewritten, bytes; ours: a page of a thousand devices has two million.
const LARGEST_ANSWER_BYTES: usize = 16 * 1024 * 1024;

/// The answer as it is told.
pub(super) async fn told(response: Response, lies: Lies) -> Response {
    let is_json = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind == "application/json");
    let has_lie = lies.total_count.is_some() || lies.phase || lies.event_code || lies.datafile;
    if !is_json || !has_lie {
        return response;
    }
    let (mut head, body) = response.into_parts();
    let Ok(bytes) = axum::body::to_bytes(body, LARGEST_ANSWER_BYTES).await else {
        return Refusal::failed("The answer is too large to lie about.").into_response();
    };
    let Ok(mut json) = serde_json::from_slice::<Value>(&bytes) else {
        return Response::from_parts(head, Body::from(bytes));
    };
    distort(&mut json, lies);
    head.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(head, Body::from(json.to_string()))
}

fn distort(json: &mut Value, lies: Lies) {
    if let (Some(count), true) = (lies.total_count, json.get("data").is_some()) {
        json["total_count"] = count.into();
    }
    if let Some(items) = json.get_mut("data").and_then(Value::as_array_mut) {
        for item in items {
            distort_item(item, lies);
        }
    }
    distort_item(json, lies);
}

fn distort_item(item: &mut Value, lies: Lies) {
    let mut say = |key: &str, text: &str| {
        if let Some(value) = item.get_mut(key) {
            *value = text.into();
        }
    };
    if lies.phase {
        say("phase", UNKNOWN_PHASE);
        say("state", UNKNOWN_PHASE);
    }
    if lies.datafile {
        say("datafile", FOREIGN_DATAFILE);
    }
    if lies.event_code {
        say("event_type", UNKNOWN_EVENT_TYPE);
    }
}
