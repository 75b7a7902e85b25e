//! Blocks of UF2 files that write to the main flash.

use super::records::{Record, Records, Take};
use crate::bytes::read;
use crate::format::uf2::{BLOCK_BYTES, Block, WHAT, is_padding};
use crate::limits::{PAYLOAD_PIECE_BYTES, STREAM_BUFFER_BYTES};
use crate::{ImageError, Source};

/// The format.
pub(super) struct Uf2;

impl Records for Uf2 {
    const WHAT: &'static str = WHAT;
    const SEGMENT: &'static str = "flash";
    /// The block's number.
    type Mark = u64;

    fn each(
        source: &dyn Source,
        from: Option<&u64>,
        take: Take<'_, u64>,
    ) -> Result<(), ImageError> {
        let blocks = source.len() / BLOCK_BYTES;
        let mut number = from.copied().unwrap_or(0);
        let piece_bytes = match from {
            Some(_) => PAYLOAD_PIECE_BYTES,
            None => STREAM_BUFFER_BYTES,
        };
        while number < blocks {
            let bytes = read(source, number * BLOCK_BYTES, piece_bytes)?;
            for block in bytes.as_chunks::<512>().0 {
                let mark = number;
                number += 1;
                if is_padding(block) {
                    continue;
                }
                let block = Block::parse(block, mark).map_err(|why| ImageError::Damaged {
                    what: WHAT,
                    why: format!("In it, {why}."),
                })?;
                if block.is_flash {
                    let record = Record {
                        group: block.family,
                        address: block.address.into(),
                        data: block.data,
                        mark,
                    };
                    if take(record).is_break() {
                        return Ok(());
                    }
                }
            }
        }
        Ok(())
    }
}
