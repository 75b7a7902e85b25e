//! The answer of `inspect` as text: what is wrong first, then what the file is, part by part.
//!
//! Addresses have eight capital digits, numbers of bytes groups of three.

use firmdrop_api::{ConfirmationAbout, DestinationOffer, Fit, Verdict};
use firmdrop_core::grouped;
use firmdrop_image::{Check, CheckResult, Format, Inspection, Integrity, Part, Segment, Signature};

use super::answer::Answer;
use crate::{print, words};

/// Parts inside of parts that are printed.
const DEPTH: usize = 3;

/// One line: file, what it is, integrity, SHA-256.
pub(super) fn short(answer: &Answer<'_>) -> String {
    let verdict = answer.verdict;
    format!(
        "{}: {}; {}; SHA-256 {}",
        verdict.file_name,
        verdict.inspection.summary,
        verdict.integrity.words(),
        answer.sha256
    )
}

/// Everything that is known.
pub(super) fn full(answer: &Answer<'_>) {
    let verdict = answer.verdict;
    let inspection = &verdict.inspection;
    print::line(&headline(verdict));
    wrong(verdict);
    row(0, "Size", &size(inspection.size_bytes));
    row(0, "SHA-256", &answer.sha256.to_string());
    if let Some(md5) = answer.md5 {
        row(0, "MD5", &md5.to_string());
    }
    describe(0, inspection);
    for part in &inspection.parts {
        part_of(1, part);
    }
    destinations(&verdict.destinations);
}

fn headline(verdict: &Verdict) -> String {
    let word = match verdict.integrity {
        Integrity::Damaged => "DAMAGED",
        other => other.words(),
    };
    format!(
        "{}: {}, {word}",
        verdict.file_name, verdict.inspection.summary
    )
}

/// What failed, why, and what to do; then what could not be checked.
fn wrong(verdict: &Verdict) {
    for check in of_result(&verdict.inspection, CheckResult::Failed) {
        row(0, "FAILED", &sentence(check));
    }
    if let Some(advice) = &verdict.advice {
        row(0, "Likely cause", &advice.cause);
        row(0, "Next step", &advice.next_step);
    }
    for check in of_result(&verdict.inspection, CheckResult::NotMade) {
        row(0, "Not checked", &sentence(check));
    }
    for check in of_result(&verdict.inspection, CheckResult::Warning) {
        row(0, "Warning", &sentence(check));
    }
}

fn of_result(inspection: &Inspection, result: CheckResult) -> impl Iterator<Item = &Check> {
    inspection
        .checks
        .iter()
        .filter(move |check| check.result == result)
}

fn sentence(check: &Check) -> String {
    format!("{}: {}", check.name, check.explanation)
}

/// Identity, signature, segments, passed checks and facts of one file.
fn describe(depth: usize, inspection: &Inspection) {
    let identity = &inspection.identity;
    for (label, value) in [
        ("Product", &identity.product),
        ("Version", &identity.version),
        ("Target", &identity.target),
    ] {
        if let Some(value) = value {
            row(depth, label, value);
        }
    }
    if let Some(signature) = signature(inspection) {
        row(depth, "Signature", &signature);
    }
    // A raw file is one segment of its own size, which says nothing.
    if inspection.format != Format::Raw {
        for segment in &inspection.segments {
            row(depth, "Segment", &place(segment));
        }
    }
    for check in of_result(inspection, CheckResult::Passed) {
        row(depth, "Passed", &sentence(check));
    }
    for fact in &inspection.facts {
        row(depth, &fact.label, &fact.value);
    }
}

fn part_of(depth: usize, part: &Part) {
    let inspection = &part.inspection;
    let indent = "  ".repeat(depth);
    let word = match part.integrity {
        Integrity::Damaged => "DAMAGED",
        other => other.words(),
    };
    print::line(&format!(
        "{indent}{}: {}, {word}, {}",
        part.name,
        inspection.summary,
        size(inspection.size_bytes)
    ));
    for (result, label) in [
        (CheckResult::Failed, "FAILED"),
        (CheckResult::NotMade, "Not checked"),
        (CheckResult::Warning, "Warning"),
    ] {
        for check in of_result(inspection, result) {
            row(depth, label, &sentence(check));
        }
    }
    describe(depth, inspection);
    if depth < DEPTH {
        for part in &inspection.parts {
            part_of(depth + 1, part);
        }
    }
}

fn row(depth: usize, label: &str, value: &str) {
    let indent = "  ".repeat(depth + 1);
    print::line(&format!("{indent}{label:<14} {value}"));
}

fn size(bytes: u64) -> String {
    let exact = format!("{} bytes", grouped(bytes));
    if bytes < 1024 {
        return exact;
    }
    format!("{} ({exact})", words::size(bytes))
}

fn place(segment: &Segment) -> String {
    let place = segment
        .address
        .map_or_else(|| "no address".into(), |address| format!("0x{address:08X}"));
    let bytes = grouped(segment.length_bytes);
    format!("{place:<10}  {bytes:>11} bytes  {}", segment.name)
}

/// What is known of a signature; nothing where the format is not known either.
fn signature(inspection: &Inspection) -> Option<String> {
    let known = !inspection.format.is_plain_bytes() && inspection.format != Format::Page;
    match &inspection.signature {
        Signature::NotPossible if !known => None,
        Signature::NotPossible => Some("this format has no place for one".into()),
        Signature::Absent => Some("none".into()),
        Signature::Present {
            algorithm,
            key_hash,
        } => {
            let key = key_hash.as_ref();
            let key = key.map_or_else(String::new, |key| format!(" with key {key}"));
            // A check of that name exists where keys were given, and says more.
            let is_checked = inspection
                .checks
                .iter()
                .any(|check| check.name.starts_with("Signature"));
            let checked = if is_checked { "" } else { ", not checked" };
            Some(format!("{algorithm}, signed{key}{checked}"))
        }
    }
}

/// What a plan asks about the versions: `, downgrade`.
fn confirmed(confirms: &[ConfirmationAbout]) -> &'static str {
    match confirms {
        [ConfirmationAbout::Downgrade, ..] => ", downgrade",
        [ConfirmationAbout::SameVersion, ..] => ", same version",
        _ => "",
    }
}

fn destinations(offers: &[DestinationOffer]) {
    for offer in offers {
        let fit = match &offer.fit {
            Fit::Fits { note } => format!("fits, {note}{}", confirmed(&offer.confirms)),
            Fit::DoesNotFit { why } => format!("does not fit: {why}"),
            Fit::CannotTell { why } => format!("cannot tell: {why}"),
        };
        row(0, "Destination", &format!("{}  {fit}", offer.destination));
    }
}
