//! A request, taken apart: its generation, its path in the instance, its query.

use axum::http::{HeaderMap, Method, request::Parts};

use super::{
    answer::Refusal,
    profile::{Profile, Unknown},
};
use crate::fault::OwnFaults;

/// A request without its body.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) method: Method,
    pub(crate) profile: Profile,
    pub(crate) instance: String,
    /// What follows the instance, decoded.
    pub(crate) segments: Vec<String>,
    /// What follows a colon in the last segment: `import`, `cancel`; or the old `?action=`.
    pub(crate) action: Option<String>,
    /// The whole path as it came.
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: HeaderMap,
    pub(crate) faults: OwnFaults,
}

impl Request {
    pub(crate) fn read(head: Parts) -> Result<Self, Refusal> {
        let path = head.uri.path().to_owned();
        let query = head.uri.query().unwrap_or_default();
        let query: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect();
        let parts = path.trim_start_matches('/').split('/');
        let parts: Option<Vec<String>> = parts.map(decoded).collect();
        let mut parts = parts.ok_or_else(Refusal::not_found)?.into_iter();
        // The spelling of this segment has changed between the generations.
        let is_ours = parts
            .next()
            .is_some_and(|first| first.eq_ignore_ascii_case("deviceUpdate"));
        let instance = parts.next().filter(|_| is_ours);
        let instance = instance.ok_or_else(Refusal::not_found)?;
        let mut segments: Vec<String> = parts.collect();
        let has_v2 = segments.first().is_some_and(|first| first == "v2");
        if has_v2 {
            segments.remove(0);
        }
        let find = |name: &str| {
            let found = query.iter().find(|(other, _)| other == name);
            found.map(|(_, value)| value.clone())
        };
        let version = find("api-version");
        let profile = Profile::of(has_v2, version.as_deref());
        let profile = profile.map_err(|unknown| match unknown {
            Unknown::Missing => {
                Refusal::version("An API version is required, but was not specified.")
            }
            Unknown::Unsupported => Refusal::version("The API version is not supported."),
        })?;
        let action = match profile {
            // Ids may have a colon too.
            Profile::Current if head.method != Method::POST => None,
            Profile::Current => segments.last_mut().and_then(|last| {
                let (name, action) = last.rsplit_once(':')?;
                let (name, action) = (name.to_owned(), action.to_owned());
                *last = name;
                Some(action)
            }),
            Profile::Legacy | Profile::Between => find("action"),
        };
        Ok(Self {
            method: head.method,
            profile,
            instance,
            segments,
            action,
            path,
            query,
            headers: head.headers,
            faults: head.extensions.get().cloned().unwrap_or_default(),
        })
    }

    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().find(|(other, _)| other == name);
        found.map(|(_, value)| &**value)
    }

    /// A parameter that the first generation writes with a dollar sign.
    pub(crate) fn option(&self, name: &str) -> Option<&str> {
        match self.profile {
            Profile::Legacy => self.parameter(&format!("${name}")),
            Profile::Between | Profile::Current => self.parameter(name),
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The version to write into addresses.
    pub(crate) fn version(&self) -> &str {
        self.parameter("api-version").unwrap_or("2")
    }
}

/// A segment without its percent signs.
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
