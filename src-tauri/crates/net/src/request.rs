//! One request, without the host's response.

use std::pin::Pin;

use bytes::Bytes;
use futures::Stream;
use reqwest::Url;

use crate::{Secret, method::Method, response::RESPONSE_LIMIT_BYTES};

/// Pieces of a body, in order. An error ends the request.
pub type PieceStream = Pin<Box<dyn Stream<Item = std::io::Result<Bytes>> + Send>>;

/// Bytes that come while they are sent.
pub struct StreamedBody {
    /// Exactly as many bytes as the pieces hold together.
    pub length_bytes: u64,
    /// The bytes.
    pub pieces: PieceStream,
}

impl std::fmt::Debug for StreamedBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StreamedBody")
            .field("length_bytes", &self.length_bytes)
            .finish_non_exhaustive()
    }
}

/// A text field of a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field<'a> {
    /// Its name.
    pub name: &'static str,
    /// Its value.
    pub value: &'a str,
}

/// The file of a form.
#[derive(Debug)]
pub struct FilePart<'a> {
    /// Name of the field.
    pub field: &'static str,
    /// Name of the file.
    pub file_name: &'a str,
    /// Its bytes.
    pub body: StreamedBody,
}

pub(crate) enum Body {
    Nothing,
    /// A body of no bytes, said with `Content-Length: 0`.
    Empty,
    Whole(Vec<u8>),
    Streamed(StreamedBody),
    Form {
        fields: Vec<(&'static str, String)>,
        file: (&'static str, String, StreamedBody),
    },
}

/// One request.
pub struct Request {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) bearer: Option<Secret>,
    pub(crate) secrets: Vec<Secret>,
    pub(crate) body: Body,
    pub(crate) response_limit_bytes: u64,
}

impl Request {
    /// A request without a body.
    pub fn new(method: Method, url: Url) -> Self {
        Self {
            method,
            url,
            headers: Vec::new(),
            bearer: None,
            secrets: Vec::new(),
            body: Body::Nothing,
            response_limit_bytes: RESPONSE_LIMIT_BYTES,
        }
    }

    /// The same request once more; `None` when its body is a stream, which is read once.
    pub fn again(&self) -> Option<Self> {
        let body = match &self.body {
            Body::Nothing => Body::Nothing,
            Body::Empty => Body::Empty,
            Body::Whole(bytes) => Body::Whole(bytes.clone()),
            Body::Streamed(_) | Body::Form { .. } => return None,
        };
        Some(Self {
            method: self.method,
            url: self.url.clone(),
            headers: self.headers.clone(),
            bearer: self.bearer.clone(),
            secrets: self.secrets.clone(),
            body,
            response_limit_bytes: self.response_limit_bytes,
        })
    }

    /// Its method.
    pub fn method(&self) -> Method {
        self.method
    }

    /// With a header. Never for secrets.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// With `Authorization: Bearer …`.
    #[must_use]
    pub fn bearer(mut self, secret: &Secret) -> Self {
        self.bearer = Some(secret.clone());
        self
    }

    /// With a response of at most so many bytes, instead of 1 MiB.
    #[must_use]
    pub fn response_limit(mut self, limit_bytes: u64) -> Self {
        self.response_limit_bytes = limit_bytes;
        self
    }

    /// With a secret in its address or body: an answer that repeats it is cleaned of it.
    #[must_use]
    pub fn holding(mut self, secret: &Secret) -> Self {
        self.secrets.push(secret.clone());
        self
    }

    /// With a JSON body.
    #[must_use]
    pub fn json(self, value: &serde_json::Value) -> Self {
        self.whole("application/json", value.to_string().into_bytes())
    }

    /// With these bytes as its body, of this media type.
    #[must_use]
    pub fn whole(mut self, media_type: &'static str, bytes: Vec<u8>) -> Self {
        self.body = Body::Whole(bytes);
        self.header("Content-Type", media_type)
    }

    /// With a body of no bytes: `Content-Length: 0` stands on the wire.
    #[must_use]
    pub fn empty_body(mut self) -> Self {
        self.body = Body::Empty;
        self
    }

    /// With bytes that come while they are sent; their number stands in `Content-Length`.
    #[must_use]
    pub fn streamed(mut self, body: StreamedBody) -> Self {
        self.body = Body::Streamed(body);
        self
    }

    /// With a form (`multipart/form-data`) whose file comes while it is sent.
    #[must_use]
    pub fn form(mut self, fields: &[Field<'_>], file: FilePart<'_>) -> Self {
        let fields = fields.iter();
        self.body = Body::Form {
            fields: fields.map(|f| (f.name, f.value.to_owned())).collect(),
            file: (file.field, plain(file.file_name), file.body),
        };
        self
    }
}

impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("url", &crate::shown_url(&self.url))
            .finish_non_exhaustive()
    }
}

/// The name of a file as it fits into the head of a form's part: what ends or breaks a line there is
/// replaced.
fn plain(name: &str) -> String {
    name.replace(char::is_control, "_")
}
