//! What the hosts that this process asked said of the time.
//!
//! Nobody is asked for it: it stands in every response (RFC 9110, 6.6.1).

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use firmdrop_core::{Clock as _, Moment, SystemClock};
use reqwest::header::{AGE, DATE, HeaderMap};

use crate::retry::parse_date;

/// Most hosts that are remembered.
const MOST_HOSTS: usize = 64;

static DATES: Mutex<BTreeMap<String, HostDate>> = Mutex::new(BTreeMap::new());

/// The date of a host's newest response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostDate {
    /// Its name.
    pub host: String,
    /// The date, full seconds.
    pub said: Moment,
    /// When it was received, by this computer's clock.
    pub heard: Moment,
}

/// The dates of the hosts that this process asked, each host's newest.
pub fn host_dates() -> Vec<HostDate> {
    let dates = DATES.lock().unwrap_or_else(PoisonError::into_inner);
    dates.values().cloned().collect()
}

/// Remembers the date of a response. One that a cache stored says nothing of now.
pub(crate) fn note(host: &str, headers: &HeaderMap) {
    let date = headers.get(DATE).and_then(|date| date.to_str().ok());
    let Some(date) = date
        .and_then(parse_date)
        .filter(|_| !headers.contains_key(AGE))
    else {
        return;
    };
    let mut dates = DATES.lock().unwrap_or_else(PoisonError::into_inner);
    if dates.len() >= MOST_HOSTS && !dates.contains_key(host) {
        dates.pop_first();
    }
    let date = HostDate {
        host: host.to_owned(),
        said: Moment::from_millisecond(date.as_millisecond()),
        heard: SystemClock.now(),
    };
    dates.insert(host.to_owned(), date);
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    #[test]
    fn a_date_is_remembered_for_its_host_unless_a_cache_stored_it() {
        let mut headers = HeaderMap::new();
        let of = |host: &str| host_dates().into_iter().find(|date| date.host == host);
        note("without.example", &headers);
        assert_eq!(of("without.example"), None);
        headers.insert(
            DATE,
            HeaderValue::from_static("Sun, 06 Nov 1994 08:49:37 GMT"),
        );
        note("fresh.example", &headers);
        let said = of("fresh.example").map(|date| date.said);
        assert_eq!(said, Some(Moment::from_millisecond(784_111_777_000)));
        headers.insert(AGE, HeaderValue::from_static("60"));
        note("stored.example", &headers);
        assert_eq!(of("stored.example"), None);
    }
}
