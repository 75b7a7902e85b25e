//! The last step of every inspection: no foreign file makes its description large.
//!
//! Texts, facts, checks and segments are limited in number and size, whatever the format, and what
//! was left out is counted. It never changes the verdict: failed checks are listed first, and the
//! worst result of those left out stays as a check of its own.

use firmdrop_core::grouped;
use serde::Serialize;

use crate::limits::{INSPECTION_BYTES, LISTED_CHECKS, LISTED_FACTS, LISTED_SEGMENTS, TEXT_BYTES};
use crate::{Check, CheckResult, Fact, Inspection, Part, Signature};

/// The inspection with everything in it limited. Its JSON form has at most [`INSPECTION_BYTES`].
pub(crate) fn bounded(mut inspection: Inspection) -> Inspection {
    let parts = std::mem::take(&mut inspection.parts);
    // What lies inside has half of the room: what is said of the whole comes first.
    let room = if parts.is_empty() {
        INSPECTION_BYTES
    } else {
        INSPECTION_BYTES / 2
    };
    let mut inspection = limited(inspection, room);
    inspection.parts = limited_parts(parts, INSPECTION_BYTES / 2, &mut inspection.facts);
    inspection
}

/// Parts that fit into `room` bytes of JSON together, each with its share of what is left. Those left out
/// are counted in `facts`.
fn limited_parts(parts: Vec<Part>, room: usize, facts: &mut Vec<Fact>) -> Vec<Part> {
    let mut left = room.saturating_sub(NOTE_BYTES);
    let mut waiting = parts.len();
    let mut listed = Vec::new();
    let mut left_out = 0_u64;
    for mut part in parts {
        let share = left / waiting.max(1);
        waiting -= 1;
        shorten(&mut part.name);
        let inner = std::mem::take(&mut part.inspection.parts);
        let for_lists = if inner.is_empty() { share } else { share / 2 };
        // The names of the part's own fields, and its name with every quotation mark escaped.
        let name_bytes = json_bytes(&part.name) + 128;
        part.inspection = limited(part.inspection, for_lists.saturating_sub(name_bytes));
        let room = share - for_lists;
        part.inspection.parts = limited_parts(inner, room, &mut part.inspection.facts);
        let bytes = json_bytes(&part) + 1;
        if bytes <= share {
            left -= bytes;
            listed.push(part);
        } else {
            left_out += 1;
        }
    }
    if left_out > 0 {
        facts.push(Fact {
            label: "Parts not listed".to_owned(),
            value: grouped(left_out),
        });
    }
    listed
}

/// Room for one fact that counts what was left out, in each of two lists, and one check.
const NOTE_BYTES: usize = 512;

fn limited(mut inspection: Inspection, room: usize) -> Inspection {
    shorten(&mut inspection.summary);
    let identity = &mut inspection.identity;
    for text in [
        &mut identity.product,
        &mut identity.version,
        &mut identity.target,
    ] {
        text.iter_mut().for_each(shorten);
    }
    if let Signature::Present {
        algorithm,
        key_hash,
    } = &mut inspection.signature
    {
        shorten(algorithm);
        key_hash.iter_mut().for_each(shorten);
    }
    let outside = json_bytes(&Inspection {
        checks: Vec::new(),
        segments: Vec::new(),
        facts: Vec::new(),
        ..inspection.clone()
    });
    let mut room = JsonBudget(room.saturating_sub(outside + NOTE_BYTES));
    room.limit_checks(&mut inspection.checks);
    let segments = room.limit(&mut inspection.segments, LISTED_SEGMENTS, |segment| {
        shorten(&mut segment.name);
    });
    let facts = room.limit(&mut inspection.facts, LISTED_FACTS, |fact| {
        shorten(&mut fact.label);
        shorten(&mut fact.value);
    });
    let left_out: Vec<_> = [(segments, "segments"), (facts, "facts")]
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{} more {what}", grouped(*count as u64)))
        .collect();
    if !left_out.is_empty() {
        inspection.fact("Not listed", left_out.join(", "));
    }
    inspection
}

/// Bytes of JSON that are left for lists.
struct JsonBudget(usize);

impl JsonBudget {
    /// Cuts a list to `most` items and to the room there is. Returns how many were left out.
    fn limit<T: Serialize>(
        &mut self,
        items: &mut Vec<T>,
        most: usize,
        mut shorten: impl FnMut(&mut T),
    ) -> usize {
        let found = items.len();
        items.truncate(most);
        items.iter_mut().for_each(&mut shorten);
        let fits = items.iter().take_while(|item| self.takes(*item)).count();
        items.truncate(fits);
        found - fits
    }

    fn takes(&mut self, item: &impl Serialize) -> bool {
        // One more for the comma.
        let left = self.0.checked_sub(json_bytes(item).saturating_add(1));
        self.0 = left.unwrap_or(0);
        left.is_some()
    }

    fn limit_checks(&mut self, checks: &mut Vec<Check>) {
        // Half of the room, so that failed checks do not push out every segment and fact.
        let mut half = Self(self.0 / 2);
        self.0 -= half.0;
        for check in checks.iter_mut() {
            shorten(&mut check.name);
            shorten(&mut check.explanation);
        }
        if checks.len() > LISTED_CHECKS || json_bytes(checks) > half.0 {
            checks.sort_by_key(|check| severity(check.result));
        }
        let mut left_out = [0_u64; 4];
        let mut full = false;
        for check in std::mem::take(checks) {
            full = full || checks.len() >= LISTED_CHECKS || !half.takes(&check);
            if full {
                if let Some(count) = left_out.get_mut(severity(check.result)) {
                    *count += 1;
                }
            } else {
                checks.push(check);
            }
        }
        self.0 += half.0;
        checks.extend(summary_of(left_out));
    }
}

fn json_bytes(value: &impl Serialize) -> usize {
    serde_json::to_vec(value).map_or(usize::MAX, |json| json.len())
}

/// Place in the order of the list: what failed comes first.
fn severity(result: CheckResult) -> usize {
    match result {
        CheckResult::Failed => 0,
        CheckResult::Warning => 1,
        CheckResult::Passed => 2,
        CheckResult::NotMade => 3,
    }
}

/// One check for all that are not listed, with the worst of their results.
fn summary_of(counts: [u64; 4]) -> Option<Check> {
    let results = [
        (CheckResult::Failed, "failed"),
        (CheckResult::Warning, "warned"),
        (CheckResult::Passed, "passed"),
        (CheckResult::NotMade, "were not made"),
    ];
    let present: Vec<_> = results
        .iter()
        .zip(counts)
        .filter(|(_, count)| *count > 0)
        .collect();
    let ((worst, _), _) = present.first()?;
    let parts: Vec<_> = present
        .iter()
        .map(|((_, word), count)| format!("{} {word}", grouped(*count)))
        .collect();
    Some(Check {
        name: "Checks not listed".to_owned(),
        result: *worst,
        explanation: parts.join(", "),
    })
}

/// Cuts a text to [`TEXT_BYTES`], at a character.
fn shorten(text: &mut String) {
    if text.len() > TEXT_BYTES {
        text.truncate(text.floor_char_boundary(TEXT_BYTES));
        text.push('…');
    }
}

#[cfg(test)]
#[path = "bounded_tests.rs"]
mod tests;
