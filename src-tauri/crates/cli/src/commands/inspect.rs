//! `inspect`: what a file is, whether it is sound, where it may go.

use firmdrop_api::{Diagnosis, Fit, Verdict};
use firmdrop_core::{MIB, Md5, Sha256};
use firmdrop_image::{CheckResult, Integrity, Signature};
use serde::Serialize;

use super::source;
use crate::arguments::Inspect;
use crate::context::Context;
use crate::exit::Exit;
use crate::{print, words};

/// Above this size MD5 is computed only when it is asked for: it takes three times as long as
/// SHA-256, and nothing rests on it.
const MD5_UP_TO_BYTES: u64 = 64 * MIB;

/// The answer as JSON.
#[derive(Serialize)]
struct Answer<'a> {
    #[serde(flatten)]
    verdict: &'a Verdict,
    sha256: Sha256,
    md5: Option<Md5>,
}

pub(super) async fn run(context: &Context, command: Inspect) -> Result<Exit, Diagnosis> {
    let path = source::path_of(context, &command.file, &command.fetch).await?;
    let verdict = context.firmdrop.inspect(&path).await?;
    let (sha256, md5) = if command.md5 || verdict.inspection.size_bytes <= MD5_UP_TO_BYTES {
        let digests = context.firmdrop.digests(&path, |_| {}).await?;
        (digests.sha256, Some(digests.md5))
    } else {
        (context.firmdrop.sha256(&path).await?, None)
    };
    let answer = Answer {
        verdict: &verdict,
        sha256,
        md5,
    };
    if context.json {
        print::json(&answer);
    } else {
        print_answer(&answer);
    }
    Ok(if verdict.integrity == Integrity::Damaged {
        Exit::Failed
    } else {
        Exit::Done
    })
}

fn print_answer(answer: &Answer<'_>) {
    let verdict = answer.verdict;
    let inspection = &verdict.inspection;
    let integrity = match verdict.integrity {
        Integrity::Intact => "intact",
        Integrity::Damaged => "DAMAGED",
        Integrity::Unknown => "nothing inside to check",
    };
    print::line(&format!(
        "{}: {}, {integrity}",
        verdict.file_name, inspection.summary
    ));
    let row = |label: &str, value: &str| print::line(&format!("  {label:<12} {value}"));
    row(
        "Size",
        &format!(
            "{} ({} bytes)",
            words::size(inspection.size_bytes),
            inspection.size_bytes
        ),
    );
    row("SHA-256", &answer.sha256.to_string());
    if let Some(md5) = answer.md5 {
        row("MD5", &md5.to_string());
    }
    let identity = &inspection.identity;
    for (label, value) in [
        ("Product", &identity.product),
        ("Version", &identity.version),
        ("Target", &identity.target),
    ] {
        if let Some(value) = value {
            row(label, value);
        }
    }
    row("Signature", &signature(&inspection.signature));
    for segment in &inspection.segments {
        let place = segment
            .address
            .map_or_else(|| "no address".into(), |address| format!("0x{address:08x}"));
        row(
            "Segment",
            &format!(
                "{place}  {:>10}  {}",
                words::size(segment.length_bytes),
                segment.name
            ),
        );
    }
    for check in &inspection.checks {
        let result = match check.result {
            CheckResult::Passed => "passed",
            CheckResult::Warning => "warning",
            CheckResult::Failed => "FAILED",
            CheckResult::NotMade => "not made",
        };
        row(
            "Check",
            &format!("{result}: {}. {}", check.name, check.explanation),
        );
    }
    for fact in &inspection.facts {
        row("Fact", &format!("{}: {}", fact.label, fact.value));
    }
    for offer in &verdict.destinations {
        let fit = match &offer.fit {
            Fit::Fits { note } => format!("fits, {note}"),
            Fit::DoesNotFit { why } => format!("does not fit: {why}"),
            Fit::CannotTell { why } => format!("cannot tell: {why}"),
        };
        row("Destination", &format!("{}  {fit}", offer.destination));
    }
}

fn signature(signature: &Signature) -> String {
    match signature {
        Signature::NotPossible => {
            "the format has no place for one; inside the code it carries, none is looked for".into()
        }
        Signature::Absent => "none".into(),
        Signature::Present {
            algorithm,
            key_hash: Some(key),
        } => format!("{algorithm}, key {key}, not verified"),
        Signature::Present {
            algorithm,
            key_hash: None,
        } => format!("{algorithm}, not verified"),
    }
}
