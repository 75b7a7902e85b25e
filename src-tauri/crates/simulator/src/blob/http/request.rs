//! A request, taken apart: whose, which container, which blob, which operation.

use axum::http::{HeaderMap, Method, request::Parts};

use crate::blob::{
    access::Target,
    state::{Code, Refusal},
};

/// A request without its body.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) method: Method,
    /// As it came, with its percent signs.
    path: String,
    pub(crate) account: String,
    pub(crate) container: Option<String>,
    pub(crate) blob: Option<String>,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: HeaderMap,
}

impl Request {
    /// Takes the path apart: `/account/container/blob`, the blob with every further slash.
    pub(crate) fn read(head: Parts) -> Result<Self, Refusal> {
        let path = head.uri.path().to_owned();
        let mut segments = path.trim_start_matches('/').splitn(3, '/');
        let mut next = || match segments.next() {
            None | Some("") => Ok(None),
            Some(text) => decoded(text)
                .map(Some)
                .ok_or_else(|| Refusal::from(Code::InvalidUri)),
        };
        let (account, container, blob) = (next()?, next()?, next()?);
        let query = head.uri.query().unwrap_or_default();
        let query = form_urlencoded::parse(query.as_bytes()).into_owned();
        Ok(Self {
            method: head.method,
            account: account.ok_or_else(|| Refusal::from(Code::InvalidUri))?,
            container,
            blob,
            query: query.collect(),
            headers: head.headers,
            path,
        })
    }

    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().find(|(other, _)| other == name);
        found.map(|(_, value)| &**value)
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    pub(crate) fn container(&self) -> &str {
        self.container.as_deref().unwrap_or_default()
    }

    pub(crate) fn blob(&self) -> &str {
        self.blob.as_deref().unwrap_or_default()
    }

    /// The blob's name in the record.
    pub(crate) fn recorded_name(&self) -> String {
        format!("{}/{}", self.container(), self.blob())
    }

    pub(crate) fn target(&self) -> Target<'_> {
        Target {
            method: self.method.as_str(),
            account: &self.account,
            path: &self.path,
            container: self.container.as_deref(),
            blob: self.blob.as_deref(),
            query: &self.query,
            headers: &self.headers,
        }
    }
}

/// A path without its percent signs; a plus is a plus there.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let high = char::from(rest.next()?).to_digit(16)?;
                let low = char::from(rest.next()?).to_digit(16)?;
                u8::try_from(high * 16 + low).ok()?
            }
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_decoded_and_a_plus_stays() {
        assert_eq!(decoded("a%20b%23+%C3%A9").unwrap(), "a b#+é");
        for bad in ["%", "%4", "%zz", "%ff"] {
            assert_eq!(decoded(bad), None, "{bad}");
        }
    }
}
