//! One file that was compressed: unpacked into bounded memory, checked, and what it holds described.
//!
//! The readers of gzip, xz and Zstandard unpack; what is said of it, and how much, is decided here.

mod content;
mod gzip;
mod xz;
mod zstd;

use firmdrop_core::grouped;

use content::{Content, End};

use crate::budget::Budget;
use crate::bytes::read;
use crate::limits::STREAM_BUFFER_BYTES;
use crate::{CheckResult, Format, ImageError, Inspection, MemorySource, Part, Source};

type Unpack = fn(&dyn Source, &mut Content<'_>) -> Result<End, ImageError>;

/// One way to compress.
struct Kind {
    recognises: fn(&[u8]) -> bool,
    name: &'static str,
    unpack: Unpack,
}

const KINDS: &[Kind] = &[
    Kind {
        recognises: gzip::recognises,
        name: "gzip stream",
        unpack: gzip::unpack,
    },
    Kind {
        recognises: xz::recognises,
        name: "xz stream",
        unpack: xz::unpack,
    },
    Kind {
        recognises: zstd::recognises,
        name: "Zstandard stream",
        unpack: zstd::unpack,
    },
];

fn kind(head: &[u8]) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| (kind.recognises)(head))
}

/// Whether a file that begins with `head` is compressed in a way that is unpacked here.
pub(crate) fn recognises(head: &[u8]) -> bool {
    kind(head).is_some()
}

/// Describes a compressed file and what it holds.
pub(crate) fn inspect(source: &dyn Source, budget: &mut Budget) -> Result<Inspection, ImageError> {
    let mut inspection = Inspection::new(Format::Compressed, source.len());
    let Some(kind) = kind(&read(source, 0, HEAD_BYTES)?) else {
        return Ok(inspection);
    };
    kind.name.clone_into(&mut inspection.summary);
    let mut content = Content::new(budget);
    let end = (kind.unpack)(source, &mut content)?;
    let length = content.length;
    let bytes = content.bytes.take();
    let (end, name) = match end {
        End::Whole { end, name, proof } => {
            let unpacked = grouped(length);
            let (result, why) = match proof {
                Ok(sums) => (
                    CheckResult::Passed,
                    format!("{unpacked} bytes, {sums} recomputed here"),
                ),
                Err(why) => (
                    CheckResult::NotMade,
                    format!("{unpacked} bytes were unpacked; {why}"),
                ),
            };
            inspection.check("Content", result, why);
            (end, name)
        }
        End::TooMuch => {
            let why = format!(
                "it unpacks to more than is unpacked here; {} bytes were",
                grouped(length)
            );
            inspection.check("Content", CheckResult::NotMade, why);
            return Ok(inspection);
        }
        End::NotMade(why) => {
            inspection.check("Content", CheckResult::NotMade, why);
            return Ok(inspection);
        }
        End::Damaged(why) => {
            inspection.check("Content", CheckResult::Failed, why);
            return Ok(inspection);
        }
    };
    behind(source, end, &mut inspection)?;
    if let Some(name) = &name {
        inspection.fact("Name inside", name.as_str());
    }
    inspection.fact_bytes("Unpacked", length);
    inspection.segment("content", None, length);
    if let Some(found) = bytes.and_then(|bytes| budget.look_at_the_only(&MemorySource::new(bytes)))
    {
        inspection.summary = format!("{}: {}", kind.name, found.summary);
        inspection.identity = found.identity.clone();
        let name = name.unwrap_or_else(|| "content".to_owned());
        inspection.part(Part::new(name, None, None, found), true);
    }
    Ok(inspection)
}

/// Bytes that decide which kind it is: a Zstandard stream may begin with a frame that is skipped.
const HEAD_BYTES: usize = 4096;

/// What a compressed file holds; none where it is damaged or more than is unpacked here.
pub(crate) fn content(source: &dyn Source) -> Result<Option<Vec<u8>>, ImageError> {
    let Some(kind) = kind(&read(source, 0, HEAD_BYTES)?) else {
        return Ok(None);
    };
    let mut budget = Budget::unpacking();
    let mut content = Content::new(&mut budget);
    let end = (kind.unpack)(source, &mut content)?;
    Ok(content.bytes.filter(|_| matches!(end, End::Whole { .. })))
}

/// What stands behind the last stream: nothing, padding, or strangers.
fn behind(source: &dyn Source, offset: u64, inspection: &mut Inspection) -> Result<(), ImageError> {
    let more = source.len().saturating_sub(offset);
    if more == 0 {
        return Ok(());
    }
    let rest = read(source, offset, STREAM_BUFFER_BYTES)?;
    if rest.len() as u64 == more && rest.iter().all(|byte| matches!(byte, 0 | 0xFF)) {
        inspection.fact(
            "Padding",
            format!("{} bytes behind the stream", grouped(more)),
        );
    } else {
        let why = format!(
            "{} bytes follow the stream from byte {offset}",
            grouped(more),
            offset = grouped(offset)
        );
        inspection.check("End of the stream", CheckResult::Warning, why);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
