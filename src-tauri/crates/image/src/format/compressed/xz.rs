//! xz streams, unpacked and compared with their checksums and their index.
//!
//! Layout of *The .xz File Format*, version 1.2.1. Unpacking and the checksums of headers and blocks are the
//! library's; that the index says the same as the streams is compared here.

use std::io::{self, ErrorKind, Read as _};

use firmdrop_core::{MIB, grouped};
use lzma_rust2::XzReader;

use super::content::{Content, End, broken, cut_off};
use crate::bytes::{Fields, read};
use crate::limits::STREAM_BUFFER_BYTES;
use crate::reading::Reading;
use crate::{ImageError, Source};

const MAGIC: [u8; 6] = [0xFD, b'7', b'z', b'X', b'Z', 0];
const HEADER_BYTES: u64 = 12;
const FOOTER_BYTES: u64 = 12;

/// Memory for one dictionary, KiB. `xz -9` takes 64 MiB and a little beside it.
const MEMORY_KIB: u32 = 72 * 1024;

/// Size of an index that is read again. It has some bytes for each block, and `xz` writes one block of a
/// file, or one for 24 MiB.
const INDEX_BYTES: u64 = MIB;

/// Whether a file that begins with `head` is an xz stream.
pub(super) fn recognises(head: &[u8]) -> bool {
    head.starts_with(&MAGIC)
}

/// Unpacks every stream.
pub(super) fn unpack(source: &dyn Source, content: &mut Content<'_>) -> Result<End, ImageError> {
    let mut reading = Reading::new(source, 0);
    let mut weakest = Sum::Strong;
    let mut buffer = vec![0; STREAM_BUFFER_BYTES];
    loop {
        let (start, before) = (reading.position(), content.length);
        weakest = weakest.min(Sum::of(read(source, start + 7, 1)?.first().copied()));
        let mut unpacker = XzReader::new_mem_limit(&mut reading, false, MEMORY_KIB);
        let outcome = loop {
            match unpacker.read(&mut buffer) {
                Ok(0) => break Ok(()),
                Ok(count) => {
                    if !content.take(buffer.get(..count).unwrap_or_default()) {
                        return Ok(End::TooMuch);
                    }
                }
                Err(error) => break Err(error),
            }
        };
        drop(unpacker);
        if let Err(error) = outcome {
            return reading
                .take_error()
                .map_or_else(|| Ok(stopped(source, &reading, &error)), Err);
        }
        let end = reading.position();
        if let Err(why) = compare_index(source, start, end, content.length - before)? {
            return Ok(End::Damaged(why));
        }
        let next = behind_padding(source, end)?;
        if !recognises(&read(source, next, MAGIC.len())?) {
            return Ok(End::Whole {
                end,
                name: None,
                proof: weakest.proof(),
            });
        }
        reading.seek(next);
    }
}

/// How the content of a stream is secured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Sum {
    Absent,
    Strong,
}

impl Sum {
    /// Of the second byte of the stream's flags.
    fn of(flags: Option<u8>) -> Self {
        if flags == Some(0) {
            Self::Absent
        } else {
            Self::Strong
        }
    }

    fn proof(self) -> Result<&'static str, &'static str> {
        match self {
            Self::Absent => Err("the stream was made without a checksum of its content"),
            Self::Strong => Ok("the checksum of every block and the sizes in the index"),
        }
    }
}

fn stopped(source: &dyn Source, reading: &Reading<'_>, error: &io::Error) -> End {
    let words = error.to_string();
    match error.kind() {
        _ if reading.has_ended() => cut_off(source),
        ErrorKind::OutOfMemory => End::NotMade(format!(
            "unpacking it takes more than {} MiB of memory",
            MEMORY_KIB / 1024
        )),
        ErrorKind::Unsupported => End::NotMade(format!("it cannot be unpacked here: {words}")),
        _ if words.contains("Unsupported filter") => {
            End::NotMade("it was packed with a filter that is not known here".to_owned())
        }
        _ => broken(reading.position(), words),
    }
}

/// Where the next stream would begin: padding between streams is zeros, four at a time.
fn behind_padding(source: &dyn Source, end: u64) -> Result<u64, ImageError> {
    let rest = read(source, end, STREAM_BUFFER_BYTES)?;
    let zeros = rest.iter().take_while(|byte| **byte == 0).count();
    Ok(end + (zeros - zeros % 4) as u64)
}

/// Whether the index gives the blocks the sizes they have together. The library has compared its checksum
/// and its number of records.
fn compare_index(
    source: &dyn Source,
    start: u64,
    end: u64,
    unpacked: u64,
) -> Result<Result<(), String>, ImageError> {
    let Some(footer) = end.checked_sub(FOOTER_BYTES) else {
        return Ok(Ok(()));
    };
    let words = read(source, footer + 4, 4)?;
    let index_bytes = (u64::from(Fields(&words).u32().unwrap_or_default()) + 1) * 4;
    if index_bytes > INDEX_BYTES {
        return Ok(Ok(()));
    }
    let Some(index) = footer.checked_sub(index_bytes).filter(|at| *at >= start) else {
        return Ok(Err(
            "its footer says an index larger than the stream".to_owned()
        ));
    };
    let bytes = read(
        source,
        index,
        usize::try_from(index_bytes).unwrap_or_default(),
    )?;
    let Some((packed, said)) = sums_of_index(&bytes) else {
        return Ok(Err(format!(
            "where its footer says, at byte {index}, stands no index",
            index = grouped(index)
        )));
    };
    let room = index - start - HEADER_BYTES.min(index - start);
    Ok(if said != unpacked {
        Err(format!(
            "its index says {said} bytes, its blocks hold {unpacked}",
            said = grouped(said)
        ))
    } else if packed != room {
        Err(format!(
            "its index says {packed} packed bytes, its blocks have {room}",
            packed = grouped(packed),
            room = grouped(room)
        ))
    } else {
        Ok(())
    })
}

/// Bytes of all blocks, padded to four, and of what they hold.
fn sums_of_index(bytes: &[u8]) -> Option<(u64, u64)> {
    let mut fields = Fields(bytes);
    (fields.u8()? == 0).then_some(())?;
    let (mut packed, mut unpacked) = (0_u64, 0_u64);
    for _ in 0..number(&mut fields)? {
        packed = packed.checked_add(number(&mut fields)?.checked_next_multiple_of(4)?)?;
        unpacked = unpacked.checked_add(number(&mut fields)?)?;
    }
    Some((packed, unpacked))
}

/// A number of one to nine bytes, seven bits in each, the lowest first.
fn number(fields: &mut Fields<'_>) -> Option<u64> {
    let mut value = 0;
    for at in 0..9 {
        let byte = fields.u8()?;
        value |= u64::from(byte & 0x7F) << (7 * at);
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}
