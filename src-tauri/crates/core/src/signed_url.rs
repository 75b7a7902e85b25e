//! An address whose query is a secret: whoever holds it may read or write there until it expires.
//!
//! It prints, and goes into a journal, without its query; what comes back from there is a reference
//! that says where something lay, and the address is made anew. It fetches nothing and signs nothing.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Moment;

/// Stands where a query was left out.
const LEFT_OUT: &str = "?…";

/// An address that may be signed.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct SignedUrl {
    text: String,
}

impl SignedUrl {
    /// The address as the service gave it. Whether it is one is found out when it is used.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into() }
    }

    /// The whole address, for the request itself and nothing else. `None` when only a reference is
    /// left of it: then the service is asked for a new one.
    pub fn reveal(&self) -> Option<&str> {
        (!self.is_empty() && !self.is_reference()).then_some(&*self.text)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Whether its query was left out, because it comes from a journal.
    pub fn is_reference(&self) -> bool {
        self.text.ends_with(LEFT_OUT)
    }

    /// Until when it may be used, as far as its query says so: Azure's `se`, the `Expires` and
    /// `X-Amz-Expires` of S3 and `CloudFront`, Google's `X-Goog-Expires`.
    pub fn expires(&self) -> Option<Moment> {
        let (_, query) = self.text.split_once('?')?;
        let query = query.split('#').next()?;
        let value = |wanted: &str| {
            query.split('&').find_map(|pair| {
                let (name, value) = pair.split_once('=')?;
                name.eq_ignore_ascii_case(wanted)
                    .then(|| value.replace("%3A", ":").replace("%3a", ":"))
            })
        };
        if let Some(end) = value("se") {
            return moment(&end);
        }
        if let Some(seconds) = value("Expires") {
            let milliseconds = seconds.parse::<i64>().ok()?.checked_mul(1000)?;
            return Some(Moment::from_millisecond(milliseconds));
        }
        ["Amz", "Goog"].iter().find_map(|maker| {
            let begin = moment(&value(&format!("X-{maker}-Date"))?)?;
            let seconds: i64 = value(&format!("X-{maker}-Expires"))?.parse().ok()?;
            let end = begin
                .as_millisecond()
                .checked_add(seconds.checked_mul(1000)?)?;
            Some(Moment::from_millisecond(end))
        })
    }

    /// The address without its query, its fragment and a password.
    fn shown(&self) -> String {
        let end = self.text.find(['?', '#']).unwrap_or(self.text.len());
        let (place, rest) = self.text.split_at(end);
        let place = match place.split_once("://") {
            Some((scheme, place)) => {
                let (authority, path) = match place.find('/') {
                    Some(at) => place.split_at(at),
                    None => (place, ""),
                };
                let host = authority.rsplit('@').next().unwrap_or_default();
                format!("{scheme}://{host}{path}")
            }
            None => place.to_owned(),
        };
        let left_out = if rest.starts_with('?') { LEFT_OUT } else { "" };
        format!("{place}{left_out}")
    }
}

/// A moment in any of the forms that signatures use: with and without separators, or a date alone.
fn moment(text: &str) -> Option<Moment> {
    let stamp = text
        .parse::<jiff::Timestamp>()
        .ok()
        .or_else(|| {
            let civil = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", text).ok()?;
            Some(civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
        })
        .or_else(|| {
            let date: jiff::civil::Date = text.parse().ok()?;
            Some(date.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
        })?;
    Some(Moment::from_millisecond(stamp.as_millisecond()))
}

impl std::fmt::Display for SignedUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.shown())
    }
}

impl std::fmt::Debug for SignedUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("SignedUrl").field(&self.shown()).finish()
    }
}

impl<T: Into<String>> From<T> for SignedUrl {
    fn from(text: T) -> Self {
        Self::new(text)
    }
}

impl Serialize for SignedUrl {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.shown())
    }
}

impl<'de> Deserialize<'de> for SignedUrl {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIGNED: &str = "https://user:pass@store.test/fw/puck.bin?sv=2026&sig=SECRET%2B#SECRET";

    #[test]
    fn a_signed_address_prints_and_is_written_without_its_secret() {
        let url = SignedUrl::new(SIGNED);
        let written = serde_json::to_string(&url).unwrap();
        for text in [format!("{url}"), format!("{url:?}"), written] {
            assert!(text.contains("https://store.test/fw/puck.bin?…"), "{text}");
            assert!(!text.contains("SECRET") && !text.contains("pass"), "{text}");
        }
        assert_eq!(url.reveal(), Some(SIGNED));
    }

    #[test]
    fn what_comes_back_from_a_journal_is_a_reference_and_must_be_made_anew() {
        let written = serde_json::to_string(&SignedUrl::new(SIGNED)).unwrap();
        let read: SignedUrl = serde_json::from_str(&written).unwrap();
        assert!(read.is_reference() && read.reveal().is_none());
        assert_eq!(serde_json::to_string(&read).unwrap(), written);
    }

    #[test]
    fn an_address_without_a_query_survives_as_it_is() {
        for text in ["https://store.test/fw/puck.bin", "/fw/relative", ""] {
            let url = SignedUrl::new(text);
            let read: SignedUrl =
                serde_json::from_str(&serde_json::to_string(&url).unwrap()).unwrap();
            assert_eq!(read, url);
            assert_eq!(read.reveal(), (!text.is_empty()).then_some(text));
        }
    }

    #[test]
    fn the_end_is_read_in_the_forms_of_the_large_stores() {
        let end = |query: &str| {
            let url = SignedUrl::new(format!("https://store.test/x?{query}&sig=s"));
            url.expires().map(|end| end.to_string())
        };
        let noon = Some("2026-11-28T12:00:00.000000Z".to_owned());
        assert_eq!(end("se=2026-11-28T12%3A00%3A00Z"), noon);
        assert_eq!(end("Expires=1795867200"), noon);
        assert_eq!(end("X-Amz-Date=20261128T110000Z&X-Amz-Expires=3600"), noon);
        assert_eq!(
            end("X-Goog-Date=20261128T110000Z&X-Goog-Expires=3600"),
            noon
        );
        assert_eq!(
            end("se=2026-11-28"),
            Some("2026-11-28T00:00:00.000000Z".to_owned())
        );
        let hostile = [
            "",
            "se=soon",
            "Expires=-",
            "X-Amz-Date=20261128T110000Z&X-Amz-Expires=9223372036854775807",
        ];
        for query in hostile {
            assert_eq!(end(query), None, "{query}");
        }
        assert_eq!(SignedUrl::new("https://store.test/x").expires(), None);
    }
}
