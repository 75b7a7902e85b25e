//! `inspect`: what a file is, whether it is sound, where it may go.

mod answer;
mod compare;
mod extract;
mod text;

use answer::{Answer, SCHEMA_VERSION};
use firmdrop_api::{Diagnosis, Verdict};
use firmdrop_core::{MIB, Md5, Sha256};
use firmdrop_image::{CheckResult, Inspection, Integrity};

use super::source;
use crate::arguments::{Inspect, InspectFormat};
use crate::context::Context;
use crate::exit::Exit;
use crate::print;

/// Above this size MD5 is computed only when it is asked for: it takes three times as long as
/// SHA-256, and nothing rests on it.
const MD5_UP_TO_BYTES: u64 = 64 * MIB;

/// What checks of signatures are called.
const SIGNATURE: &str = "Signature";

pub(super) async fn run(context: &Context, command: Inspect) -> Result<Exit, Diagnosis> {
    if let Some(after) = &command.compare {
        return compare::run(context, &command, after).await;
    }
    let path = source::path_of(context, &command.file, &command.fetch).await?;
    if let (Some(part), Some(to)) = (&command.extract, &command.output) {
        return extract::run(context, &path, part, to).await;
    }
    // Hashes are computed beside the reading; a file that cannot be read ends both.
    let hashes = async { Ok(hashes(context, &command, &path).await) };
    let (verdict, hashes) = tokio::try_join!(verdict(context, &command, &path), hashes)?;
    let (sha256, md5) = hashes?;
    let answer = Answer {
        schema_version: SCHEMA_VERSION,
        verdict: &verdict,
        sha256,
        md5,
    };
    if context.json {
        print::json(&answer);
    } else if command.format == InspectFormat::Short {
        print::line(&text::short(&answer));
    } else {
        text::full(&answer);
    }
    let is_refused = verdict.integrity == Integrity::Damaged
        || (!command.key.is_empty() && !is_verified(&verdict.inspection));
    Ok(if is_refused { Exit::Failed } else { Exit::Done })
}

async fn verdict(context: &Context, command: &Inspect, path: &str) -> Result<Verdict, Diagnosis> {
    if command.key.is_empty() {
        context.firmdrop.inspect(path).await
    } else {
        let keys = &command.key;
        context.firmdrop.inspect_with_keys(path, keys).await
    }
}

async fn hashes(
    context: &Context,
    command: &Inspect,
    path: &str,
) -> Result<(Sha256, Option<Md5>), Diagnosis> {
    let size_bytes = std::fs::metadata(path).map_or(0, |metadata| metadata.len());
    if command.md5 || size_bytes <= MD5_UP_TO_BYTES {
        let digests = context.firmdrop.digests(path, |_| {}).await?;
        Ok((digests.sha256, Some(digests.md5)))
    } else {
        Ok((context.firmdrop.sha256(path).await?, None))
    }
}

/// Whether there is a signature, and every one was verified.
fn is_verified(inspection: &Inspection) -> bool {
    let signatures = inspection.checks.iter();
    let mut signatures = signatures
        .filter(|check| check.name.starts_with(SIGNATURE))
        .peekable();
    signatures.peek().is_some() && signatures.all(|check| check.result == CheckResult::Passed)
}
