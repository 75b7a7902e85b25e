//! The service's error answers: `object`, `code`, `type`, `message`, `request_id`, and `fields`
//! for validation errors only.

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;

/// Why a request is refused. Becomes an answer once the gate adds the request's id.
#[derive(Debug, Clone)]
pub(super) struct Refusal {
    status: StatusCode,
    kind: &'static str,
    message: String,
    fields: Vec<Field>,
}

#[derive(Debug, Clone, Serialize)]
struct Field {
    name: &'static str,
    message: String,
}

#[derive(Debug, Serialize)]
struct Body<'a> {
    object: &'static str,
    code: u16,
    #[serde(rename = "type")]
    kind: &'static str,
    message: &'a str,
    request_id: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    fields: &'a [Field],
}

impl Refusal {
    pub(super) fn new(status: StatusCode, kind: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            kind,
            message: message.into(),
            fields: Vec::new(),
        }
    }

    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_request", message)
    }

    pub(super) fn invalid(field: &'static str, message: impl Into<String>) -> Self {
        let mut refusal = Self::new(
            StatusCode::BAD_REQUEST,
            "validation_error",
            "The request is not valid.",
        );
        refusal.fields.push(Field {
            name: field,
            message: message.into(),
        });
        refusal
    }

    /// A 403: the request is understood and not allowed now.
    pub(super) fn forbidden(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", message)
    }

    pub(super) fn no_key() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "invalid_auth",
            "The access key is not valid.",
        )
    }

    pub(super) fn not_found(what: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "not_found",
            format!("{what} does not exist."),
        )
    }

    pub(super) fn conflict(message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "conflict", message)
    }

    pub(super) fn too_large(message: impl Into<String>) -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "request_entity_too_large",
            message,
        )
    }

    pub(super) fn failed(message: impl Into<String>) -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal_server_error",
            message,
        )
    }

    /// The answer as it goes over the wire.
    pub(super) fn answer(&self, request_id: &str) -> Response {
        let body = Body {
            object: "error",
            code: self.status.as_u16(),
            kind: self.kind,
            message: &self.message,
            request_id,
            fields: &self.fields,
        };
        let text = serde_json::to_string(&body).unwrap_or_default();
        let json = [(header::CONTENT_TYPE, "application/json")];
        (self.status, json, text).into_response()
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}
