//! gzip streams, unpacked and compared with their checksums.
//!
//! Layout of RFC 1952.

use crc::{CRC_32_ISO_HDLC, Crc, Table};
use firmdrop_core::grouped;
use flate2::{Decompress, FlushDecompress, Status};

use super::content::{Content, End, broken, cut_off};
use crate::bytes::{Fields, read, shown};
use crate::limits::STREAM_BUFFER_BYTES;
use crate::{ImageError, Source};

const HEADER_BYTES: usize = 10;
/// Room for the name and the other optional fields of a header.
const OPTIONAL_BYTES: usize = 64 * 1024;
const FLAG_HEADER_CRC: u8 = 2;
const FLAG_EXTRA: u8 = 4;
const FLAG_NAME: u8 = 8;
const FLAG_COMMENT: u8 = 16;

static CRC: Crc<u32, Table<16>> = Crc::<u32, Table<16>>::new(&CRC_32_ISO_HDLC);

/// Whether a file that begins with `head` is a gzip stream.
pub(super) fn recognises(head: &[u8]) -> bool {
    head.starts_with(&[0x1F, 0x8B, 8])
}

/// Unpacks every member.
pub(super) fn unpack(source: &dyn Source, content: &mut Content<'_>) -> Result<End, ImageError> {
    let mut name = None;
    let (mut offset, mut members) = (0, 0_u64);
    loop {
        match member(source, offset, content)? {
            Member::Stopped(end) => return Ok(end),
            Member::Whole(end, found) => {
                members += 1;
                name = name.or(found);
                offset = end;
            }
        }
        if !recognises(&read(source, offset, 3)?) {
            let sums = if members == 1 {
                "length and CRC-32"
            } else {
                "length and CRC-32 of every member"
            };
            return Ok(End::Whole {
                end: offset,
                name,
                proof: Ok(sums),
            });
        }
    }
}

enum Member {
    /// Where it ends, and its name.
    Whole(u64, Option<String>),
    /// It could not be unpacked to its end.
    Stopped(End),
}

/// Unpacks the member at `offset`.
fn member(
    source: &dyn Source,
    offset: u64,
    content: &mut Content<'_>,
) -> Result<Member, ImageError> {
    let header = read(source, offset, HEADER_BYTES + OPTIONAL_BYTES)?;
    let Some((header_bytes, name)) = header_length(&header) else {
        let why = format!(
            "the header at byte {offset} is cut off",
            offset = grouped(offset)
        );
        return Ok(Member::Stopped(End::Damaged(why)));
    };
    if header
        .get(3)
        .is_some_and(|flags| flags & FLAG_HEADER_CRC != 0)
    {
        // The lower half of the CRC-32 of all before it.
        let covered = header.get(..header_bytes - 2).unwrap_or_default();
        let said = header
            .get(header_bytes - 2..header_bytes)
            .and_then(|said| Fields(said).u16());
        let [low, high, ..] = CRC.checksum(covered).to_le_bytes();
        let found = u16::from_le_bytes([low, high]);
        if said.is_some_and(|said| said != found) {
            let said = said.unwrap_or_default();
            let why = format!(
                "the header at byte {offset} says CRC-16 {said:04X}, its bytes give {found:04X}",
                offset = grouped(offset)
            );
            return Ok(Member::Stopped(End::Damaged(why)));
        }
    }
    let mut digest = CRC.digest();
    let mut length = 0_u32;
    let mut inflate = Decompress::new(false);
    let mut at = offset + header_bytes as u64;
    let mut output = vec![0; STREAM_BUFFER_BYTES];
    loop {
        let input = read(source, at, STREAM_BUFFER_BYTES)?;
        let mut used = 0;
        loop {
            let rest = input.get(used..).unwrap_or_default();
            let (before_in, before_out) = (inflate.total_in(), inflate.total_out());
            let status = match inflate.decompress(rest, &mut output, FlushDecompress::None) {
                Ok(status) => status,
                Err(error) => {
                    return Ok(Member::Stopped(broken(at + used as u64, error)));
                }
            };
            let taken = usize::try_from(inflate.total_in() - before_in).unwrap_or(0);
            let given = usize::try_from(inflate.total_out() - before_out).unwrap_or(0);
            used += taken;
            let piece = output.get(..given).unwrap_or_default();
            if !content.take(piece) {
                return Ok(Member::Stopped(End::TooMuch));
            }
            digest.update(piece);
            length = length.wrapping_add(u32::try_from(given).unwrap_or_default());
            if status == Status::StreamEnd {
                return trailer(source, at + used as u64, digest.finalize(), length, name);
            }
            if given < output.len() && used >= input.len() || (taken == 0 && given == 0) {
                break;
            }
        }
        if used == 0 {
            return Ok(Member::Stopped(cut_off(source)));
        }
        at += used as u64;
    }
}

/// CRC-32 and length of what was unpacked stand behind the stream.
fn trailer(
    source: &dyn Source,
    at: u64,
    found: u32,
    length: u32,
    name: Option<String>,
) -> Result<Member, ImageError> {
    let bytes = read(source, at, 8)?;
    let mut fields = Fields(&bytes);
    let (Some(said), Some(said_length)) = (fields.u32(), fields.u32()) else {
        let why = format!("the checksum at byte {at} is cut off", at = grouped(at));
        return Ok(Member::Stopped(End::Damaged(why)));
    };
    let damaged = |why| Member::Stopped(End::Damaged(why));
    Ok(if said != found {
        damaged(format!(
            "the stream says CRC-32 {said:08X}, its content gives {found:08X}"
        ))
    } else if said_length != length {
        damaged(format!(
            "the stream says {said_length} bytes, it holds {length}",
            said_length = grouped(said_length),
            length = grouped(length)
        ))
    } else {
        Member::Whole(at + 8, name)
    })
}

/// How long a header is, and the name in it.
fn header_length(header: &[u8]) -> Option<(usize, Option<String>)> {
    let flags = *header.get(3)?;
    let mut fields = Fields(header.get(HEADER_BYTES..)?);
    if flags & FLAG_EXTRA != 0 {
        let length = fields.u16()?;
        fields.bytes(length.into())?;
    }
    let mut text = |wanted: bool| -> Option<Option<String>> {
        if !wanted {
            return Some(None);
        }
        let length = fields.0.iter().position(|byte| *byte == 0)?;
        let text = latin(fields.bytes(length)?);
        fields.u8()?;
        Some(Some(text).filter(|text| !text.is_empty()))
    };
    let name = text(flags & FLAG_NAME != 0)?;
    text(flags & FLAG_COMMENT != 0)?;
    if flags & FLAG_HEADER_CRC != 0 {
        fields.u16()?;
    }
    Some((header.len() - fields.0.len(), name))
}

/// A name, which is ISO 8859-1 by RFC 1952 and UTF-8 on most systems.
fn latin(bytes: &[u8]) -> String {
    if std::str::from_utf8(bytes).is_ok() {
        return shown(bytes);
    }
    let text: String = bytes.iter().map(|byte| char::from(*byte)).collect();
    shown(text.as_bytes())
}
