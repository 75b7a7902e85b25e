//! Answers: refusals in both of the service's shapes, jobs that were begun, and tags.

use axum::{
    Json,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use crate::azure::state::Problem;

/// A refused request.
#[derive(Debug, Clone)]
pub(crate) enum Refusal {
    /// The documented shape.
    Coded(StatusCode, Box<Problem>),
    /// RFC 7807, as the service answers for what is not there.
    Plain(StatusCode, &'static str),
    /// No token, or one that is not good.
    Unauthorized(&'static str),
}

impl Refusal {
    pub(crate) const fn not_found() -> Self {
        Self::Plain(StatusCode::NOT_FOUND, "Not Found")
    }

    pub(crate) const fn method() -> Self {
        Self::Plain(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed")
    }

    pub(crate) fn version(message: &str) -> Self {
        Self::coded(
            StatusCode::BAD_REQUEST,
            Problem::new("UnsupportedApiVersion", message).target("api-version"),
        )
    }

    pub(crate) fn coded(status: StatusCode, problem: Problem) -> Self {
        Self::Coded(status, Box::new(problem))
    }

    /// The body or the query breaks a rule.
    pub(crate) fn invalid(target: &str, message: impl Into<String>) -> Self {
        let problem = Problem::new("InvalidRequest", message).target(target);
        Self::coded(StatusCode::BAD_REQUEST, problem)
    }

    pub(crate) fn forbidden() -> Self {
        let message = "The user has no role on this instance that allows it.";
        Self::coded(StatusCode::FORBIDDEN, Problem::new("Forbidden", message))
    }

    pub(crate) fn too_many() -> Self {
        let message = "Too many requests. Try again later.";
        let problem = Problem::new("TooManyRequests", message);
        Self::coded(StatusCode::TOO_MANY_REQUESTS, problem)
    }

    fn answer(&self, request_id: &str) -> Response {
        let json_type = HeaderValue::from_static("application/json");
        match self {
            Self::Coded(status, problem) => {
                let mut response =
                    (*status, Json(json!({ "error": problem.json() }))).into_response();
                response
                    .headers_mut()
                    .insert(header::CONTENT_TYPE, json_type);
                response
            }
            Self::Plain(status, title) => {
                let section = match *status {
                    StatusCode::NOT_FOUND => "6.5.4",
                    StatusCode::METHOD_NOT_ALLOWED => "6.5.5",
                    _ => "6.6.1",
                };
                let body = json!({
                    "type": format!("https://tools.ietf.org/html/rfc7231#section-{section}"),
                    "title": title,
                    "status": status.as_u16(),
                    "traceId": request_id,
                });
                let kind = [(header::CONTENT_TYPE, "application/problem+json")];
                (*status, kind, body.to_string()).into_response()
            }
            Self::Unauthorized(why) => {
                let challenge =
                    format!("Bearer error=\"invalid_token\", error_description=\"{why}\"");
                let challenge = [(header::WWW_AUTHENTICATE, challenge)];
                (StatusCode::UNAUTHORIZED, challenge).into_response()
            }
        }
    }
}

/// A refusal gets its body when the id of the request is known.
impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = StatusCode::OK.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Gives a refusal its body, now that the request's id is known.
pub(super) fn complete(mut response: Response, request_id: &str) -> Response {
    let Some(refusal) = response.extensions_mut().remove::<Refusal>() else {
        return response;
    };
    let mut answer = refusal.answer(request_id);
    if response.status() != StatusCode::OK {
        *answer.status_mut() = response.status();
    }
    if let Some(value) = response.headers_mut().remove(header::RETRY_AFTER) {
        answer.headers_mut().insert(header::RETRY_AFTER, value);
    }
    answer
}

/// A header whose value is text; none when it cannot be one.
pub(super) fn with_header(mut response: Response, name: HeaderName, value: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
    response
}

/// An object with its tag, or 304 when the client has it already.
pub(super) fn tagged(wanted: Option<&str>, etag: &str, body: Value) -> Response {
    let response = if wanted == Some(etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Json(body).into_response()
    };
    with_header(response, header::ETAG, etag)
}
