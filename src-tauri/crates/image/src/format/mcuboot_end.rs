//! What stands behind an `MCUboot` image in its file: padding, a slot's trailer, or another image.

use firmdrop_core::grouped;

use crate::bytes::{read, stream};
use crate::format::mcuboot_header::{Header, recognises};
use crate::{CheckResult, ImageError, Inspection, Source};

/// `boot_img_magic`: ends the trailer of a slot, written by `imgtool sign --pad`.
pub(super) const TRAILER_MAGIC: [u8; 16] = [
    0x77, 0xC2, 0x95, 0xF3, 0x60, 0xD2, 0xEF, 0x7F, 0x35, 0x52, 0x50, 0x0F, 0x2C, 0xB6, 0x79, 0x80,
];

/// The last fourteen bytes of the trailer's magic where writes are aligned to more than 8 bytes.
pub(super) const TRAILER_MAGIC_WIDE: [u8; 14] = [
    0x2D, 0xE1, 0x5D, 0x29, 0x41, 0x0B, 0x8D, 0x77, 0x67, 0x9C, 0x11, 0x0F, 0x1F, 0x8A,
];

/// Tells what stands between the image's end and the file's: nothing, a slot's trailer, or strangers.
pub(super) fn after_the_image(
    source: &dyn Source,
    end: u64,
    inspection: &mut Inspection,
) -> Result<(), ImageError> {
    let more = source.len().saturating_sub(end);
    if more == 0 {
        return Ok(());
    }
    let trailer = slot_trailer(source, more)?;
    if let Some((at, version)) = next_image(source, end)? {
        let why = format!(
            "another MCUboot image, version {version}, begins at byte {at}: the file is a copy of several slots, or of several files, and no hash of the first image covers it",
            at = grouped(at)
        );
        inspection.check("End of the image", CheckResult::Warning, why);
        return Ok(());
    }
    if let Some(confirmed) = trailer {
        let mark = if confirmed {
            "it marks itself for good: the bootloader starts it at the next restart and stays with it"
        } else {
            "it marks itself for a test: the bootloader starts it once, and returns to the old image unless it is confirmed"
        };
        inspection.fact(
            "Trailer",
            format!("padded by {} bytes to a whole slot; {mark}", grouped(more)),
        );
    } else if is_padding(source, end)? {
        let text = format!("{} bytes of 00 or FF behind the image", grouped(more));
        inspection.fact("Padding", text);
    } else {
        let more = grouped(more);
        let why = format!(
            "{more} bytes follow the image from byte {end}; no hash covers them",
            end = grouped(end)
        );
        inspection.check("End of the image", CheckResult::Warning, why);
    }
    Ok(())
}

/// Whether nothing but padding stands from `end` on.
fn is_padding(source: &dyn Source, end: u64) -> Result<bool, ImageError> {
    let mut is_padding = true;
    let more = source.len().saturating_sub(end);
    stream(source, end, more, &mut |piece| {
        is_padding = is_padding && piece.iter().all(|byte| matches!(byte, 0 | 0xFF));
    })?;
    Ok(is_padding)
}

/// Slots begin at a sector of flash, which has at least so many bytes.
const SLOT_STEP_BYTES: usize = 512;

/// Where the next image behind `end` begins, in a copy of several slots, and its version.
fn next_image(source: &dyn Source, end: u64) -> Result<Option<(u64, String)>, ImageError> {
    // Two files one behind the other are no copy of a flash.
    let beside = read(source, end, 32)?;
    if let Some(header) = Header::parse(&beside).filter(|_| recognises(&beside)) {
        return Ok(Some((end, header.version)));
    }
    let first = end.next_multiple_of(SLOT_STEP_BYTES as u64);
    let (mut at, mut found) = (first, None);
    let mut take = |piece: &[u8]| {
        for step in piece.chunks(SLOT_STEP_BYTES) {
            if found.is_none() && recognises(step) {
                found = Header::parse(step).map(|header| (at, header.version));
            }
            at += step.len() as u64;
        }
    };
    stream(source, first, source.len().saturating_sub(first), &mut take)?;
    Ok(found)
}

/// Reads the trailer of a slot at the end of the file, when `more` bytes have room for one: whether its
/// image is confirmed. `bootutil_public.h`: the magic ends the slot, the flag `image_ok` stands one write
/// before it, and a write is 8 bytes long unless the magic says more.
fn slot_trailer(source: &dyn Source, more: u64) -> Result<Option<bool>, ImageError> {
    let magic_bytes = TRAILER_MAGIC.len() as u64;
    let end = source.len();
    if more < magic_bytes {
        return Ok(None);
    }
    let tail = read(source, end - magic_bytes, TRAILER_MAGIC.len())?;
    let write_bytes = if tail == TRAILER_MAGIC {
        8
    } else if tail.ends_with(&TRAILER_MAGIC_WIDE) {
        match tail.first_chunk() {
            Some(bytes) => u64::from(u16::from_le_bytes(*bytes)).max(8),
            None => 8,
        }
    } else {
        return Ok(None);
    };
    let before = magic_bytes.next_multiple_of(write_bytes) + write_bytes;
    let flag = match end.checked_sub(before) {
        Some(at) if before <= more => read(source, at, 1)?,
        _ => Vec::new(),
    };
    Ok(Some(flag.first() == Some(&1)))
}
