//! What the sign-in answers: tokens, and errors in the form of OAuth 2.0 with the issuer's own number.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use firmdrop_core::Moment;
use serde_json::{Value, json};

/// Why there is no token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Denied {
    status: StatusCode,
    pub(super) error: &'static str,
    number: u32,
    description: String,
}

impl Denied {
    pub(super) fn new(error: &'static str, number: u32, description: impl Into<String>) -> Self {
        let status = match error {
            "invalid_client" => StatusCode::UNAUTHORIZED,
            _ => StatusCode::BAD_REQUEST,
        };
        Self {
            status,
            error,
            number,
            description: description.into(),
        }
    }

    pub(super) fn answer(&self, now: Moment) -> Response {
        let trace = "5157a000-0000-4000-a000-000000000001";
        let number = self.number;
        let (error, said) = (self.error, &self.description);
        let description = format!(
            "AADSTS{number}: {said} Trace ID: {trace} Correlation ID: {trace} Timestamp: {now}"
        );
        let body = json!({
            "error": error,
            "error_description": description,
            "error_codes": [number],
            "timestamp": now.to_string(),
            "trace_id": trace,
            "correlation_id": trace,
            "error_uri": format!("https://login.microsoftonline.com/error?code={number}"),
        });
        (self.status, uncached(body)).into_response()
    }
}

/// A JSON answer that nobody may store.
pub(super) fn uncached(body: Value) -> impl IntoResponse {
    let headers = [
        ("cache-control", "no-store, no-cache"),
        ("pragma", "no-cache"),
    ];
    (headers, Json(body))
}
