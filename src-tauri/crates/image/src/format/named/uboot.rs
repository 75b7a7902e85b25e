//! Images of U-Boot: the legacy header with its two checksums, and flattened device trees, which FIT images are.
//!
//! Layout of U-Boot's `image.h` and of the *Devicetree Specification*, chapter 5. Numbers stand with the highest
//! byte first.

use crc::{CRC_32_ISO_HDLC, Crc, Table};
use firmdrop_core::grouped;

use super::heading::named;
use crate::bytes::{address, read, shown, stream};
use crate::{CheckResult, Format, ImageError, Inspection, Source};

const LEGACY_MAGIC: u32 = 0x2705_1956;
const LEGACY_BYTES: u64 = 64;
const TREE_MAGIC: u32 = 0xD00D_FEED;
/// Strings and structure of a tree that are looked at.
const TREE_LOOK_BYTES: usize = 64 * 1024;

static CRC: Crc<u32, Table<16>> = Crc::<u32, Table<16>>::new(&CRC_32_ISO_HDLC);

/// Names an image by its header.
pub(super) fn describe(head: &[u8], source: &dyn Source) -> Result<Option<Inspection>, ImageError> {
    match word(head, 0) {
        Some(LEGACY_MAGIC) if head.len() as u64 >= LEGACY_BYTES => legacy(head, source).map(Some),
        Some(TREE_MAGIC) => tree(head, source).map(Some),
        _ => Ok(None),
    }
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..)?.first_chunk()?;
    Some(u32::from_be_bytes(*bytes))
}

fn legacy(head: &[u8], source: &dyn Source) -> Result<Inspection, ImageError> {
    let field = |at| word(head, at).unwrap_or_default();
    let mut found = named(Format::Named, source, "U-Boot legacy image");
    let mut header = head.get(..64).unwrap_or_default().to_vec();
    if let Some(sum) = header.get_mut(4..8) {
        sum.fill(0);
    }
    let (said, computed) = (field(4), CRC.checksum(&header));
    let verdict = sums(said, computed, "the header");
    let is_header = verdict.is_ok();
    found.verdict("Checksum of the header", verdict);
    if !is_header {
        return Ok(found);
    }
    let name = head.get(32..64).unwrap_or_default();
    let name = shown(name.split(|byte| *byte == 0).next().unwrap_or_default());
    found.identity.product = (!name.is_empty()).then_some(name);
    found.fact("Load address", address(field(16).into()));
    found.fact("Entry point", address(field(20).into()));
    let size = u64::from(field(12));
    found.segment("data", Some(field(16).into()), size);
    let end = LEGACY_BYTES + size;
    if end > source.len() {
        let why = format!(
            "the data ends at byte {}, the file at {}: it was cut off",
            grouped(end),
            grouped(source.len())
        );
        found.check("Size in the header", CheckResult::Failed, why);
        return Ok(found);
    }
    let mut digest = CRC.digest();
    stream(source, LEGACY_BYTES, size, &mut |piece| {
        digest.update(piece);
    })?;
    let verdict = sums(field(24), digest.finalize(), "the data");
    found.verdict("Checksum of the data", verdict);
    let more = source.len() - end;
    if more > 0 {
        let text = format!("{} bytes; no checksum covers them", grouped(more));
        found.fact("Behind the image", text);
    }
    Ok(found)
}

fn sums(said: u32, found: u32, what: &str) -> Result<String, String> {
    if said == found {
        Ok(format!("CRC-32 {found:08X}, recomputed here"))
    } else {
        Err(format!(
            "the image says CRC-32 {said:08X}, {what} gives {found:08X}"
        ))
    }
}

fn tree(head: &[u8], source: &dyn Source) -> Result<Inspection, ImageError> {
    let field = |at| word(head, at).unwrap_or_default();
    let total = u64::from(field(4));
    let structure = read(source, field(8).into(), TREE_LOOK_BYTES)?;
    let strings = read(source, field(12).into(), TREE_LOOK_BYTES)?;
    let has = |bytes: &[u8], what: &[u8]| bytes.windows(what.len()).any(|window| window == what);
    // The beginning of a node is the number one and its name.
    let is_fit = has(&structure, b"\0\0\0\x01images\0");
    let summary = if is_fit {
        "FIT image of U-Boot"
    } else {
        "Flattened device tree"
    };
    let mut found = named(Format::Named, source, summary);
    if total > source.len() {
        let why = format!(
            "the header says {} bytes, {} are there: it was cut off",
            grouped(total),
            grouped(source.len())
        );
        found.check("Size in the header", CheckResult::Failed, why);
        return Ok(found);
    }
    found.fact_bytes("Size in the header", total);
    if is_fit && has(&strings, b"algo\0") {
        let why = "the hashes and signatures of its images are not compared here; dumpimage -l lists them";
        found.check("Content", CheckResult::NotMade, why);
    }
    Ok(found)
}
