//! A host's response, read to its end within bounds.

use std::time::Duration;

use bytes::Bytes;
use firmdrop_core::Moment;
use reqwest::{
    Url,
    header::{HeaderMap, HeaderValue},
};
use serde::de::DeserializeOwned;

use crate::{
    NetError,
    retry::{parse_date, parse_retry_after},
    scrub::Scrub,
    shown_url,
};

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
    pub(crate) url: Url,
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) timing: BodyTiming,
}

impl Response {
    /// The answer to a deletion that was carried out before: 204, without a body.
    pub fn without_content(url: &Url) -> Self {
        Self {
            host: url.host_str().unwrap_or_default().to_owned(),
            url: url.clone(),
            status: 204,
            headers: HeaderMap::new(),
            body: Bytes::new(),
            timing: BodyTiming::default(),
        }
    }

    /// Without the secrets that this computer sends. A host that repeats one, in a refusal or in odd
    /// JSON, does not get it into logs and dialogs.
    pub(crate) fn without(mut self, secrets: &Scrub) -> Self {
        if let Some(body) = secrets.scrubbed(&self.body) {
            self.body = body.into();
        }
        for value in self.headers.values_mut() {
            if let Some(clean) = secrets.scrubbed(value.as_bytes()) {
                *value = HeaderValue::from_bytes(&clean)
                    .unwrap_or_else(|_| HeaderValue::from_static("[secret]"));
            }
        }
        self
    }

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

    /// The body without the mark of its byte order, which a reader of JSON may leave out (RFC 8259,
    /// section 8.1).
    fn text(&self) -> &[u8] {
        self.body
            .strip_prefix(b"\xef\xbb\xbf")
            .unwrap_or(&self.body)
    }

    /// How long the exchange took.
    pub fn timing(&self) -> BodyTiming {
        self.timing
    }

    /// How long the host asks to wait, when it does.
    /// A date is read by the host's own clock, when it says what that shows; of several the longest.
    pub fn retry_after(&self) -> Option<Duration> {
        let now = self.header("date").and_then(parse_date);
        let now = now.unwrap_or_else(jiff::Timestamp::now);
        let values = self.headers.get_all("retry-after").iter();
        let texts = values.filter_map(|value| value.to_str().ok());
        texts.filter_map(|text| parse_retry_after(text, now)).max()
    }

    /// Whether the host names a time for the next try, readable or not.
    pub fn names_a_retry(&self) -> bool {
        self.headers.contains_key("retry-after")
    }

    /// The host's own time, when it says it.
    pub fn date(&self) -> Option<Moment> {
        let date = self.header("date").and_then(parse_date)?;
        Some(Moment::from_millisecond(date.as_millisecond()))
    }

    /// Where the host redirects to, as it may be shown; `None` when it does not redirect.
    pub fn redirects_to(&self) -> Option<String> {
        let target = self.url.join(self.header("location")?).ok()?;
        (300..400)
            .contains(&self.status)
            .then(|| shown_url(&target))
    }

    /// Whether the body calls itself a web page, or begins like one.
    pub fn is_web_page(&self) -> bool {
        let said = self.header("content-type").unwrap_or_default();
        let start = self.text().trim_ascii_start().first();
        let is_said = ["text/html", "application/xhtml"]
            .iter()
            .any(|kind| said.trim_start().to_ascii_lowercase().starts_with(kind));
        is_said || start == Some(&b'<')
    }

    /// What gateways make of JSON: a comment of theirs behind it, and keys that come twice, of which the last counts
    /// (RFC 8259, section 4).
    fn lenient<T: DeserializeOwned>(&self) -> Option<T> {
        let text = std::str::from_utf8(self.text()).ok()?.trim_end();
        let text = match text.rfind("<!--") {
            Some(comment) if text.ends_with("-->") => text.get(..comment)?,
            _ => text,
        };
        let value: serde_json::Value = serde_json::from_str(text).ok()?;
        serde_json::from_value(value).ok()
    }

    /// The body as JSON, or [`NetError::NotJson`], or [`NetError::OtherShape`] with the reader's
    /// words.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, NetError> {
        let error = match serde_json::from_slice(self.text()) {
            Ok(value) => return Ok(value),
            Err(error) => error,
        };
        if let Some(value) = self.lenient() {
            return Ok(value);
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_behind_the_json_and_a_key_that_comes_twice_are_read() {
        #[derive(Debug, PartialEq, serde::Deserialize)]
        struct Named {
            id: String,
        }
        let read = |body: &str| response(body, "x").json::<Named>();
        let named = |id: &str| Named { id: id.to_owned() };
        let commented = "{\"id\": \"a\"}\n\n<!-- served by gw3 -->\n";
        assert_eq!(read(commented).unwrap(), named("a"));
        let twice = "{\"id\": \"a\", \"id\": \"b\"}";
        assert_eq!(read(twice).unwrap(), named("b"));
        assert!(read("{\"id\": \"a\"} and more").is_err());
        assert!(read("<!-- only a comment -->").is_err());
    }

    fn response(body: &str, secret: &str) -> Response {
        let mut headers = HeaderMap::new();
        let id = HeaderValue::from_str(&format!("id-{secret}")).unwrap();
        headers.insert("x-request-id", id);
        let response = Response {
            host: "host.test".to_owned(),
            url: Url::parse("https://host.test/v3/a").unwrap(),
            status: 400,
            headers,
            body: Bytes::copy_from_slice(body.as_bytes()),
            timing: BodyTiming::default(),
        };
        response.without(&Scrub::of([secret.to_owned().into()]))
    }

    #[test]
    fn a_host_that_repeats_the_secret_does_not_get_it_into_a_value() {
        let secret = "ak_canary_0123";
        let body = format!(r#"{{"message":"{secret} is no key, {secret}!","n":"{secret}"}}"#);
        let response = response(&body, secret);
        assert!(!String::from_utf8_lossy(response.body()).contains(secret));
        assert_eq!(response.header("x-request-id"), Some("id-[secret]"));
        let read: Result<Vec<u8>, NetError> = response.json();
        assert!(!format!("{:?}", read.unwrap_err()).contains(secret));
        let read: serde_json::Value = response.json().unwrap();
        assert_eq!(read["message"], "[secret] is no key, [secret]!");
    }

    #[test]
    fn a_mark_of_the_byte_order_before_json_or_a_page_is_left_out() {
        let read: serde_json::Value = response("\u{feff}{\"a\":1}", "").json().unwrap();
        assert_eq!(read["a"], 1);
        assert!(response("\u{feff} <html>", "").is_web_page());
        assert!(!response("\u{feff}{}", "").is_web_page());
    }

    #[test]
    fn what_holds_no_secret_is_left_as_it_is() {
        let clean = response(r#"{"a":1}"#, "ak_canary_0123");
        assert_eq!(clean.body(), br#"{"a":1}"#);
    }
}
