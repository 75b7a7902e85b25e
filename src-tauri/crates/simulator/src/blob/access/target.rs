//! What a request wants to enter.

use axum::http::HeaderMap;

/// What a request is about, as far as its authorisation depends on it.
#[derive(Debug)]
pub(crate) struct Target<'a> {
    pub(crate) method: &'a str,
    pub(crate) account: &'a str,
    /// As it came, with its percent signs.
    pub(crate) path: &'a str,
    /// Decoded.
    pub(crate) container: Option<&'a str>,
    /// Decoded.
    pub(crate) blob: Option<&'a str>,
    pub(crate) query: &'a [(String, String)],
    pub(crate) headers: &'a HeaderMap,
}

impl Target<'_> {
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().find(|(other, _)| other == name);
        found.map(|(_, value)| &**value)
    }
}
