//! What a device event's code means and what to do about it. The tables are in `event_table`.

use serde::{Deserialize, Serialize};

use super::EventCategory;
use super::event_table::{
    OBJECT_5_FAILURES, OBJECT_5_STATES, OBJECT_10252_FAILURES, OBJECT_10252_STATES, Row, SYSTEM,
    UPD4_FAILURES,
};

/// What an event means.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct EventMeaning {
    /// The code as the service wrote it.
    pub code: String,
    /// Which way of ending it counts for.
    pub category: EventCategory,
    /// What it means, one sentence.
    pub meaning: String,
    /// What to do; `None` when there is nothing to do.
    pub advice: Option<String>,
    /// Whether Firmdrop knows the code. When it does not, the service's own description is the best
    /// there is.
    pub is_known: bool,
}

/// What this code means: `UPD4_FAIL_218`, or as a list of counts writes it, `upd_fail_218`.
pub fn event_meaning(code: &str) -> EventMeaning {
    let plain = code.trim().to_ascii_uppercase();
    let mut parts = plain.splitn(3, '_');
    let family = parts.next().unwrap_or_default();
    let kind = parts.next().unwrap_or_default();
    let number = parts.next();
    let decoded = match (family, kind, number) {
        ("SYS", number, None) => system(number),
        ("UPD1" | "UPD2" | "UPD4" | "UPD", kind, Some(number)) => update(family, kind, number),
        _ => None,
    };
    let decoded = decoded.unwrap_or_else(|| Decoded {
        category: category_of_kind(kind),
        meaning:
            "Firmdrop does not know this code; the service's own description says what it means."
                .to_owned(),
        advice: None,
        is_known: false,
    });
    EventMeaning {
        code: code.to_owned(),
        category: decoded.category,
        meaning: decoded.meaning,
        advice: decoded.advice,
        is_known: decoded.is_known,
    }
}

struct Decoded {
    category: EventCategory,
    meaning: String,
    advice: Option<String>,
    is_known: bool,
}

impl Decoded {
    fn new(category: EventCategory, meaning: impl Into<String>) -> Self {
        Self {
            category,
            meaning: meaning.into(),
            advice: None,
            is_known: true,
        }
    }
}

/// The contract lists these numbers with their category only.
fn system(number: &str) -> Option<Decoded> {
    let number: u16 = number.parse().ok()?;
    let &(_, category) = SYSTEM.iter().find(|row| row.0 == number)?;
    let meaning = match category {
        EventCategory::Success => "The service counts the device as updated.",
        EventCategory::Skipped => "The service left the device out; its own description says why.",
        EventCategory::Fail => {
            "The service could not update the device; its own description says why."
        }
        EventCategory::Info | EventCategory::Unknown => {
            "The service says something about the device; its own description says what."
        }
    };
    let mut decoded = Decoded::new(category, meaning);
    if category == EventCategory::Fail {
        decoded.advice = Some("Look whether the device is registered and in no other campaign, then start a new campaign for the failed devices.".to_owned());
    }
    Some(decoded)
}

fn update(family: &str, kind: &str, number: &str) -> Option<Decoded> {
    match (family, kind, number) {
        (_, "OK", "M1") => Some(Decoded::new(
            EventCategory::Success,
            "The device has nothing to report yet.",
        )),
        ("UPD2", "OK", "19") => Some(Decoded::new(
            EventCategory::Success,
            "The device was updated after a recovery.",
        )),
        (_, "OK", "1" | "18" | "100") => Some(Decoded::new(
            EventCategory::Success,
            "The device was updated.",
        )),
        (_, "REPORT", "HASH") => Some(Decoded::new(
            EventCategory::Info,
            "The device reported the hash of its firmware.",
        )),
        (_, "REPORT", "VERSION") => Some(Decoded::new(
            EventCategory::Info,
            "The device reported the version of its firmware.",
        )),
        (_, "STATE", number) => {
            let states = if family == "UPD1" {
                OBJECT_5_STATES
            } else {
                OBJECT_10252_STATES
            };
            let state = states.get(number.parse::<usize>().ok()?)?;
            Some(Decoded::new(EventCategory::Info, *state))
        }
        (_, "FAIL", number) => failure(family, number.parse().ok()?),
        _ => None,
    }
}

fn failure(family: &str, number: u16) -> Option<Decoded> {
    let rows: &[Row] = match family {
        "UPD1" => OBJECT_5_FAILURES,
        "UPD2" => OBJECT_10252_FAILURES,
        _ => UPD4_FAILURES,
    };
    let row = rows.iter().find(|row| row.0 == number)?;
    let mut decoded = Decoded::new(EventCategory::Fail, row.1);
    decoded.advice = Some(row.2.to_owned());
    Some(decoded)
}

/// A code nobody knows still tells its kind.
fn category_of_kind(kind: &str) -> EventCategory {
    match kind {
        "OK" => EventCategory::Success,
        "FAIL" => EventCategory::Fail,
        "STATE" | "REPORT" => EventCategory::Info,
        _ => EventCategory::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The complete list of the public contract of January 2021.
    fn contract() -> Vec<(String, EventCategory)> {
        use EventCategory::{Fail, Info, Skipped, Success};
        let mut all = Vec::new();
        let mut add = |prefix: &str, numbers: &[u16], category| {
            all.extend(numbers.iter().map(|n| (format!("{prefix}_{n}"), category)));
        };
        let span = |from: u16, to: u16| (from..=to).collect::<Vec<_>>();
        add("SYS", &[112], Success);
        add("UPD1_OK", &[1], Success);
        add("UPD2_OK", &[1, 18, 19], Success);
        add("UPD4_OK", &[100], Success);
        add("SYS", &[110, 117, 118, 121, 122], Skipped);
        add(
            "SYS",
            &[100, 105, 106, 107, 108, 113, 114, 115, 116, 120, 125],
            Info,
        );
        add("UPD1_STATE", &span(0, 3), Info);
        add("UPD2_STATE", &span(0, 8), Info);
        add("SYS", &[101, 103, 104, 111, 123, 124], Fail);
        add("UPD1_FAIL", &span(2, 9), Fail);
        add("UPD2_FAIL", &span(2, 17), Fail);
        add("UPD4_FAIL", &[22, 101, 102, 103], Fail);
        for (from, to) in [(200, 226), (300, 316), (400, 409), (500, 512)] {
            add("UPD4_FAIL", &span(from, to), Fail);
        }
        for code in [
            "UPD1_REPORT_HASH",
            "UPD1_REPORT_VERSION",
            "UPD2_REPORT_HASH",
            "UPD2_REPORT_VERSION",
        ] {
            all.push((code.to_owned(), Info));
        }
        all.push(("UPD4_OK_M1".to_owned(), Success));
        all
    }

    #[test]
    fn every_code_of_the_contract_is_known_with_its_category_and_failures_with_advice() {
        for (code, category) in contract() {
            let meaning = event_meaning(&code);
            assert!(meaning.is_known, "{code}");
            assert_eq!(meaning.category, category, "{code}");
            assert!(meaning.meaning.ends_with('.'), "{code}");
            assert_eq!(
                meaning.advice.is_some(),
                category == EventCategory::Fail,
                "{code}"
            );
        }
    }

    #[test]
    fn a_code_is_known_in_both_of_its_spellings() {
        let long = event_meaning("UPD4_FAIL_218");
        let short = event_meaning("upd_fail_218");
        assert_eq!(long.meaning, short.meaning);
        assert!(long.meaning.contains("manifest"));
    }

    #[test]
    fn a_code_nobody_knows_stays_raw_and_still_tells_its_kind() {
        for (code, category) in [
            ("UPD4_FAIL_999", EventCategory::Fail),
            ("UPD9_OK_1", EventCategory::Success),
            ("SYS_999", EventCategory::Unknown),
            ("SYS", EventCategory::Unknown),
            ("update.device.device-create", EventCategory::Unknown),
            ("", EventCategory::Unknown),
            ("UPD2_STATE_99", EventCategory::Info),
            ("UPD4_FAIL_99999999999", EventCategory::Fail),
        ] {
            let meaning = event_meaning(code);
            assert_eq!(
                (meaning.is_known, meaning.category),
                (false, category),
                "{code}"
            );
            assert_eq!(meaning.code, code);
        }
    }
}
