//! Answers: dates, the headers of a blob, and refusals in the service's XML.

use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, StatusCode, header, response::Builder},
    response::{IntoResponse, Response},
};
use firmdrop_core::Moment;

use super::xml;
use crate::{
    blob::state::{Committed, Refusal},
    http::http_date,
};

/// The code of a refusal, which answers without a body carry too.
const ERROR_CODE: HeaderName = HeaderName::from_static("x-ms-error-code");

/// The end of an answer that cannot be refused any more.
pub(crate) fn sent(built: Result<Response, axum::http::Error>) -> Response {
    // A value that is no header value was stored: nothing of the answer can be trusted.
    built.unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}

/// An answer without a body that names a tag and a time.
pub(crate) fn tagged(status: StatusCode, etag: &str, modified: Moment) -> Builder {
    Response::builder()
        .status(status)
        .header(header::ETAG, etag)
        .header(header::LAST_MODIFIED, http_date(modified))
}

/// What every answer about a blob's content carries.
pub(crate) fn with_properties(mut builder: Builder, blob: &Committed) -> Builder {
    let said = &blob.properties;
    let default_type = "application/octet-stream".to_owned();
    let kind = said.content_type.as_ref().unwrap_or(&default_type);
    builder = builder
        .header(header::CONTENT_TYPE, kind)
        .header(header::ACCEPT_RANGES, "bytes")
        .header("x-ms-blob-type", "BlockBlob")
        .header("x-ms-creation-time", http_date(blob.created))
        .header("x-ms-lease-state", "available")
        .header("x-ms-lease-status", "unlocked")
        .header("x-ms-server-encrypted", "true");
    let optional = [
        (header::CONTENT_ENCODING, &said.content_encoding),
        (header::CONTENT_LANGUAGE, &said.content_language),
        (header::CONTENT_DISPOSITION, &said.content_disposition),
        (header::CACHE_CONTROL, &said.cache_control),
    ];
    for (name, value) in optional {
        if let Some(value) = value {
            builder = builder.header(name, value);
        }
    }
    for (name, value) in &said.metadata {
        builder = builder.header(format!("x-ms-meta-{name}"), value);
    }
    builder
}

/// An XML document.
pub(crate) fn document(status: StatusCode, content: &str) -> Response {
    let kind = [(header::CONTENT_TYPE, "application/xml")];
    let text = format!("\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?>{content}");
    (status, kind, text).into_response()
}

impl Refusal {
    /// The answer. An answer to HEAD has no body.
    pub(super) fn answer(&self, request_id: &str, now: Moment) -> Response {
        let status = StatusCode::from_u16(self.code.status());
        let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let message = format!("{}\nRequestId:{request_id}\nTime:{now}", self.message);
        let mut content =
            xml::element("Code", self.code.name()) + &xml::element("Message", &message);
        for (name, value) in &self.details {
            content += &xml::element(name, value);
        }
        let mut response = document(status, &format!("<Error>{content}</Error>"));
        let code = HeaderValue::from_static(self.code.name());
        response.headers_mut().insert(ERROR_CODE, code);
        if status == StatusCode::UNAUTHORIZED {
            let challenge = HeaderValue::from_static(
                "Bearer authorization_uri=https://login.microsoftonline.com/common/oauth2/authorize \
                 resource_id=https://storage.azure.com",
            );
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

/// A refusal gets its body when the id of the request is known.
impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::empty());
        let status = StatusCode::from_u16(self.code.status());
        *response.status_mut() = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        response.extensions_mut().insert(self);
        response
    }
}
