//! `inspect`: what a file is, whether it is sound, where it may go.

mod answer;
mod compare;
mod text;

use answer::{Answer, SCHEMA_VERSION};
use firmdrop_api::Diagnosis;
use firmdrop_core::MIB;
use firmdrop_image::Integrity;

use super::source;
use crate::arguments::{Inspect, InspectFormat};
use crate::context::Context;
use crate::exit::Exit;
use crate::print;

/// Above this size MD5 is computed only when it is asked for: it takes three times as long as
/// SHA-256, and nothing rests on it.
const MD5_UP_TO_BYTES: u64 = 64 * MIB;

pub(super) async fn run(context: &Context, command: Inspect) -> Result<Exit, Diagnosis> {
    if let Some(after) = &command.compare {
        return compare::run(context, &command, after).await;
    }
    let path = source::path_of(context, &command.file, &command.fetch).await?;
    let verdict = context.firmdrop.inspect(&path).await?;
    let (sha256, md5) = if command.md5 || verdict.inspection.size_bytes <= MD5_UP_TO_BYTES {
        let digests = context.firmdrop.digests(&path, |_| {}).await?;
        (digests.sha256, Some(digests.md5))
    } else {
        (context.firmdrop.sha256(&path).await?, None)
    };
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
    Ok(if verdict.integrity == Integrity::Damaged {
        Exit::Failed
    } else {
        Exit::Done
    })
}
