//! What lies behind the beginning of a file without a header: `MCUboot` images behind a bootloader, and padding at the end.

use crate::bytes::{Window, read};
use crate::format::mcuboot;
use crate::{ImageError, Source};

/// Where images are looked for: at sectors of flash, behind room for a header, in the first 8 MiB.
const SECTOR_BYTES: u64 = 4096;
const SEARCHED_BYTES: u64 = 8 << 20;
const ROOMS: [u64; 3] = [0x200, 0x400, 0x800];

/// Images that are named.
const IMAGES: usize = 8;

/// Bytes of the padding that is counted.
const PADDING: std::ops::RangeInclusive<u64> = 1024..=16 << 20;

/// `MCUboot` images that are whole but for their hash: where each begins, and its version.
pub(super) fn images(source: &dyn Source) -> Result<Vec<(u64, String)>, ImageError> {
    let end = source.len().min(SEARCHED_BYTES);
    let sectors = (1..).map(|sector| sector * SECTOR_BYTES);
    let places = ROOMS.into_iter().chain(sectors);
    let mut found = Vec::new();
    for at in places.take_while(|at| *at < end) {
        let head = read(source, at, 32)?;
        if !mcuboot::recognises(&head) {
            continue;
        }
        let image = Window::new(source, at, u64::MAX);
        let has_entries = mcuboot::tlvs_of(&image)?.is_some_and(|(tlvs, _)| !tlvs.is_empty());
        if let Some(version) = mcuboot::version_of(&head).filter(|_| has_entries) {
            found.push((at, version));
        }
        if found.len() == IMAGES {
            break;
        }
    }
    Ok(found)
}

/// The byte 00 or FF that a file ends with, and how often, where it is long enough to be padding.
pub(super) fn end(source: &dyn Source) -> Result<Option<(u8, u64)>, ImageError> {
    const PIECE_BYTES: usize = 64 * 1024;
    let mut byte = None;
    let mut length = 0;
    while length < source.len() && length < *PADDING.end() {
        // The first piece is short: most files end with something else.
        let piece_bytes = if length == 0 { 1024 } else { PIECE_BYTES };
        let left = usize::try_from(source.len() - length).unwrap_or(usize::MAX);
        let piece_bytes = piece_bytes.min(left);
        let start = source.len() - length - piece_bytes as u64;
        let piece = read(source, start, piece_bytes)?;
        let last = *byte.get_or_insert(piece.last().copied().unwrap_or_default());
        if !matches!(last, 0 | 0xFF) {
            return Ok(None);
        }
        let same = piece.iter().rev().take_while(|one| **one == last).count();
        length += same as u64;
        if same < piece.len() {
            break;
        }
    }
    let is_whole = length == source.len();
    Ok(byte
        .map(|byte| (byte, length))
        .filter(|_| is_whole || PADDING.contains(&length)))
}
