//! Which blocks of a file with several families are for the drive.
//!
//! A bootloader counts the blocks of its own family, and restarts when it has all of them: in the middle of such a file.

use std::io;

use firmdrop_image::Format;

use super::{
    blocks::{self, BLOCK_BYTES},
    family,
    load::Load,
    timing::SCANNED_BYTES,
};

/// Whether the file has blocks of several families.
pub(super) fn are_some(load: &Load<'_>) -> bool {
    let inspection = &load.context.inspection;
    let names = inspection.identity.target.as_deref();
    inspection.format == Format::Uf2 && names.is_some_and(|names| names.contains(", "))
}

/// Where the last block ends that a board takes, bytes from the beginning of the file; the end of the file when that
/// is not known.
pub(super) async fn end(load: &Load<'_>, board: Option<&str>) -> io::Result<u64> {
    let total = load.context.source.len();
    if !are_some(load) {
        return Ok(total);
    }
    let (mut end, mut offset) = (None, 0);
    while offset < total {
        let length = (total - offset).min(SCANNED_BYTES);
        let bytes = load.image(offset, length).await?;
        for (block, number) in bytes.as_chunks::<512>().0.iter().zip(1..) {
            if blocks::read(block).is_some_and(|block| family::takes(board, block.family)) {
                end = Some(offset + number * BLOCK_BYTES);
            }
        }
        offset += length;
    }
    Ok(end.unwrap_or(total))
}
