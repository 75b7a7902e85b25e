//! The service's error answers: `object`, `code`, `type`, `message`, `request_id`, and `fields`
//! for validation errors only.

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;

use crate::pelion::state::{Refusal, RefusalField, RefusalKind};

#[derive(Debug, Serialize)]
struct Body<'a> {
    object: &'static str,
    code: u16,
    #[serde(rename = "type")]
    kind: &'static str,
    message: &'a str,
    request_id: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    fields: &'a [RefusalField],
}

/// An error on its way out. It gets its body when the id of the request is known.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    status: StatusCode,
    kind: &'static str,
    refusal: Refusal,
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        let (status, kind) = match refusal.kind {
            RefusalKind::BadRequest => (StatusCode::BAD_REQUEST, "bad_request"),
            RefusalKind::Invalid => (StatusCode::BAD_REQUEST, "validation_error"),
            RefusalKind::NoKey => (StatusCode::UNAUTHORIZED, "invalid_auth"),
            RefusalKind::Forbidden => (StatusCode::FORBIDDEN, "forbidden"),
            RefusalKind::NotFound => (StatusCode::NOT_FOUND, "not_found"),
            RefusalKind::MethodNotAllowed => (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"),
            RefusalKind::Conflict => (StatusCode::CONFLICT, "conflict"),
            RefusalKind::LengthRequired => (StatusCode::LENGTH_REQUIRED, "length_required"),
            RefusalKind::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "request_entity_too_large"),
            RefusalKind::UnsupportedType => {
                (StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type")
            }
            RefusalKind::Failed => (StatusCode::INTERNAL_SERVER_ERROR, "internal_server_error"),
        };
        Self {
            status,
            kind,
            refusal,
        }
    }
}

impl Failure {
    /// A failure with this status that a fault asks for.
    pub(crate) fn forced(status: StatusCode) -> Self {
        let (kind, message) = match status {
            StatusCode::TOO_MANY_REQUESTS => ("too_many_requests", "Too many requests."),
            _ => ("internal_server_error", "The service failed."),
        };
        Self {
            status,
            kind,
            refusal: Refusal::failed(message),
        }
    }

    /// The answer as it goes over the wire.
    fn answer(&self, request_id: &str) -> Response {
        let body = Body {
            object: "error",
            code: self.status.as_u16(),
            kind: self.kind,
            message: &self.refusal.message,
            request_id,
            fields: &self.refusal.fields,
        };
        let text = serde_json::to_string(&body).unwrap_or_default();
        let json = [(header::CONTENT_TYPE, "application/json")];
        (self.status, json, text).into_response()
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        Failure::from(self).into_response()
    }
}

/// Gives a failure its body, now that the request's id is known.
pub(crate) fn complete(mut response: Response, request_id: &str) -> Response {
    let Some(failure) = response.extensions_mut().remove::<Failure>() else {
        return response;
    };
    let mut answer = failure.answer(request_id);
    // What the layers between have added.
    for name in [header::RETRY_AFTER, header::ALLOW] {
        if let Some(value) = response.headers_mut().remove(&name) {
            answer.headers_mut().insert(name, value);
        }
    }
    answer
}
