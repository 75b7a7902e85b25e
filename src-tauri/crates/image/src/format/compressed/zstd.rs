//! Zstandard streams, unpacked and compared with their checksums.
//!
//! Layout of RFC 8878. Unpacking is the library's; frames that are skipped, the checksum and the announced
//! size are looked at here.

use std::io::Read as _;

use firmdrop_core::{MIB, grouped};
use ruzstd::decoding::errors::FrameDecoderError;
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use super::content::{Content, End, broken, cut_off};
use crate::bytes::{Fields, read};
use crate::limits::STREAM_BUFFER_BYTES;
use crate::reading::Reading;
use crate::{ImageError, Source};

const MAGIC: u32 = 0xFD2F_B528;
/// Frames that belong to nobody: sixteen numbers, then a length.
const SKIPPED: std::ops::RangeInclusive<u32> = 0x184D_2A50..=0x184D_2A5F;
const SKIPPED_HEADER_BYTES: u64 = 8;

/// Memory for what may be repeated. `zstd -19` takes 8 MiB, `zstd --ultra -22` 128 MiB, and no stream more
/// unless it was asked for.
const WINDOW_BYTES: u64 = 128 * MIB;

/// Whether a file that begins with `head` is a Zstandard stream, a frame that is skipped first or not.
pub(super) fn recognises(head: &[u8]) -> bool {
    let mut fields = Fields(head);
    match fields.u32() {
        Some(MAGIC) => true,
        Some(magic) if SKIPPED.contains(&magic) => {
            let length = fields.u32().and_then(|length| usize::try_from(length).ok());
            let next = length.and_then(|length| fields.0.get(length..));
            next.is_some_and(|next| Fields(next).u32() == Some(MAGIC))
        }
        _ => false,
    }
}

/// Unpacks every frame.
pub(super) fn unpack(source: &dyn Source, content: &mut Content<'_>) -> Result<End, ImageError> {
    let mut decoder = FrameDecoder::new();
    decoder.set_max_window_size(WINDOW_BYTES);
    let mut offset = 0;
    let mut proof = Ok("the checksum of every frame");
    loop {
        let head = read(source, offset, 18)?;
        let mut fields = Fields(&head);
        match fields.u32() {
            Some(MAGIC) => {}
            Some(magic) if SKIPPED.contains(&magic) => {
                let length = fields.u32().map_or(u64::MAX, u64::from);
                offset = offset
                    .saturating_add(SKIPPED_HEADER_BYTES)
                    .saturating_add(length);
                if offset > source.len() {
                    return Ok(cut_off(source));
                }
                continue;
            }
            _ => {
                return Ok(End::Whole {
                    end: offset,
                    name: None,
                    proof,
                });
            }
        }
        match frame(source, offset, &mut decoder, content)? {
            Frame::Whole { end, summed } => {
                offset = end;
                if !summed {
                    proof = Err("the stream was made without a checksum of its content");
                }
            }
            Frame::Stopped(end) => return Ok(end),
        }
    }
}

enum Frame {
    Whole { end: u64, summed: bool },
    Stopped(End),
}

/// Unpacks the frame at `offset`.
fn frame(
    source: &dyn Source,
    offset: u64,
    decoder: &mut FrameDecoder,
    content: &mut Content<'_>,
) -> Result<Frame, ImageError> {
    let header = Header::read(source, offset)?;
    let before = content.length;
    let mut reading = Reading::new(source, offset);
    let mut buffer = vec![0; STREAM_BUFFER_BYTES];
    let mut outcome = decoder.reset(&mut reading);
    while outcome.is_ok() {
        let all = BlockDecodingStrategy::UptoBytes(STREAM_BUFFER_BYTES);
        if let Err(error) = decoder.decode_blocks(&mut reading, all) {
            outcome = Err(error);
            break;
        }
        loop {
            match decoder.read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => {
                    if !content.take(buffer.get(..count).unwrap_or_default()) {
                        return Ok(Frame::Stopped(End::TooMuch));
                    }
                }
                Err(error) => {
                    return Ok(Frame::Stopped(broken(reading.position(), error)));
                }
            }
        }
        if decoder.is_finished() {
            break;
        }
    }
    if let Err(error) = outcome {
        return reading.take_error().map_or_else(
            || Ok(Frame::Stopped(stopped(source, &reading, &error))),
            Err,
        );
    }
    let length = content.length - before;
    if let Some(said) = header.content_bytes.filter(|said| *said != length) {
        let why = format!(
            "the frame at byte {offset} says {said} bytes, it holds {length}",
            offset = grouped(offset),
            said = grouped(said),
            length = grouped(length)
        );
        return Ok(Frame::Stopped(End::Damaged(why)));
    }
    let said = decoder.get_checksum_from_data();
    if let (Some(said), Some(found)) = (said, decoder.get_calculated_checksum())
        && said != found
    {
        let why = format!(
            "the frame at byte {offset} says XXH64 {said:08X}, its content gives {found:08X}",
            offset = grouped(offset)
        );
        return Ok(Frame::Stopped(End::Damaged(why)));
    }
    Ok(Frame::Whole {
        end: reading.position(),
        summed: said.is_some(),
    })
}

/// What the library does not hand out of a frame's header (RFC 8878, 3.1.1.1).
struct Header {
    /// The size it announces; none when it does not.
    content_bytes: Option<u64>,
}

impl Header {
    fn read(source: &dyn Source, offset: u64) -> Result<Self, ImageError> {
        let bytes = read(source, offset + 4, 14)?;
        let content_bytes = (|| {
            let mut fields = Fields(&bytes);
            let descriptor = fields.u8()?;
            let single = descriptor & 0x20 != 0;
            if !single {
                fields.u8()?;
            }
            fields.bytes([0, 1, 2, 4][usize::from(descriptor & 3)])?;
            match descriptor >> 6 {
                0 if single => fields.u8().map(u64::from),
                1 => fields.u16().map(|size| u64::from(size) + 256),
                2 => fields.u32().map(u64::from),
                3 => fields.u64(),
                _ => None,
            }
        })();
        Ok(Self { content_bytes })
    }
}

fn stopped(source: &dyn Source, reading: &Reading<'_>, error: &FrameDecoderError) -> End {
    match error {
        _ if reading.has_ended() => cut_off(source),
        FrameDecoderError::WindowSizeTooBig { requested, .. } => End::NotMade(format!(
            "unpacking it takes {} MiB of memory",
            requested / MIB
        )),
        FrameDecoderError::DictNotProvided { dict_id } => {
            End::NotMade(format!("it was packed with a dictionary, number {dict_id}"))
        }
        error => broken(reading.position(), error),
    }
}
