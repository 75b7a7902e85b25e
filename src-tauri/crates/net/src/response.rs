//! A host's response, read to its end within bounds.

use std::time::Duration;

use bytes::Bytes;
use reqwest::header::HeaderMap;
use serde::de::DeserializeOwned;

use crate::{NetError, retry::parse_retry_after};

/// Largest response that is read unless the request says otherwise, bytes. A page of 1,000 chunks has about 400 KiB.
pub(crate) const RESPONSE_LIMIT_BYTES: u64 = 1024 * 1024;

/// Longest explanation of an unexpected answer, characters: it quotes foreign words.
const WHY_CHARACTERS: usize = 200;

/// How long the parts of an exchange took.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BodyTiming {
    /// From the start until the line had taken the whole body.
    pub handover: Duration,
    /// From then until the answer began. The system's own buffers drain in this time.
    pub wait: Duration,
}

/// A response of any status.
#[derive(Debug, Clone)]
pub struct Response {
    pub(crate) host: String,
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) timing: BodyTiming,
}

impl Response {
    /// The status code.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// A header's text, when it is there and readable.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// How long the exchange took.
    pub fn timing(&self) -> BodyTiming {
        self.timing
    }

    /// How long the host asks to wait, when it does.
    pub fn retry_after(&self) -> Option<Duration> {
        parse_retry_after(self.header("retry-after")?, jiff::Timestamp::now())
    }

    /// Whether the body calls itself a web page, or begins like one.
    pub fn is_web_page(&self) -> bool {
        let said = self.header("content-type").unwrap_or_default();
        let start = self.body.trim_ascii_start().first();
        said.starts_with("text/html") || start == Some(&b'<')
    }

    /// The body as JSON, or [`NetError::NotJson`], or [`NetError::OtherShape`] with the reader's
    /// words.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, NetError> {
        let error = match serde_json::from_slice(&self.body) {
            Ok(value) => return Ok(value),
            Err(error) => error,
        };
        let (host, status) = (self.host.clone(), self.status);
        if error.is_data() {
            let why = error.to_string().chars().take(WHY_CHARACTERS).collect();
            return Err(NetError::OtherShape { host, status, why });
        }
        let kind = if self.is_web_page() {
            "a web page".to_owned()
        } else if self.body.is_empty() {
            "an empty body".to_owned()
        } else {
            format!("something that is not JSON ({error})")
        };
        Err(NetError::NotJson { host, status, kind })
    }
}
