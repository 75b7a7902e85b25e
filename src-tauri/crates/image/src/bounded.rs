//! The last step of every inspection: no foreign file makes its description large.
//!
//! Texts, facts, checks and segments are limited in number and size, whatever the format, and what
//! was left out is counted. It never changes the verdict: failed checks are listed first, and the
//! worst result of those left out stays as a check of its own.

use firmdrop_core::grouped;
use serde::Serialize;

use crate::limits::{INSPECTION_BYTES, LISTED_CHECKS, LISTED_FACTS, LISTED_SEGMENTS, TEXT_BYTES};
use crate::{Check, CheckResult, Inspection, Signature};

/// The inspection with everything in it limited. Its JSON form has at most [`INSPECTION_BYTES`].
pub(crate) fn bounded(mut inspection: Inspection) -> Inspection {
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
    let mut room = Room(INSPECTION_BYTES - OUTSIDE_LISTS_BYTES);
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

/// Room for what is no list: six texts of [`TEXT_BYTES`] with every quotation mark escaped, the names
/// of the fields, and what is said about the items left out.
const OUTSIDE_LISTS_BYTES: usize = 16 * 1024;

/// Bytes of JSON that are left for lists.
struct Room(usize);

impl Room {
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
