//! What Intel HEX and S-record files share: lines of hexadecimal records that write to addresses.
//!
//! One record at a time; a whole file is read by [`text_scan`](crate::text_scan).

use std::ops::ControlFlow;

use firmdrop_core::grouped;

use crate::limits::{STREAM_BUFFER_BYTES, TEXT_LINE_BYTES};
use crate::lines::{Line, for_each_line_from};
use crate::text_rows::{Rows, Shape, not_a_digit, value};
use crate::{ImageError, Source};

/// One record format.
pub(crate) trait Decoder: Default {
    /// The format's name in messages.
    const WHAT: &'static str;
    /// The character that records begin with.
    const MARK: u8;

    /// Takes the first record of a line, which is not empty, and returns what follows it there. The
    /// data lies in `buffer`.
    fn decode<'b, 'l>(
        &mut self,
        line: &'l [u8],
        buffer: &'b mut RecordBuffer,
    ) -> (Decoded<'b>, &'l [u8]);

    /// What the rows of a block have in common that begins with this line; none when it is no ordinary
    /// record of data.
    fn shape(&self, line: &[u8]) -> Option<Shape>;

    /// Takes note of rows that were read as a block.
    fn took(&mut self, _: &Rows) {}

    /// Whether the record that closes the file was seen: what follows is no part of the image.
    fn has_ended(&self) -> bool;

    /// What a group of addresses is called.
    fn group_name(&self, _: u32) -> String {
        String::new()
    }
}

/// Name of segments whose addresses count words: their bytes cannot be placed.
pub(crate) const WORDS: &str = "data, addresses of 16-bit words";

/// Room for the bytes of one record: as many as a line can have.
pub(crate) type RecordBuffer = [u8; TEXT_LINE_BYTES / 2];

/// An empty buffer.
pub(crate) fn new_record() -> RecordBuffer {
    [0; TEXT_LINE_BYTES / 2]
}

/// What a record says.
pub(crate) enum Decoded<'b> {
    /// Something that writes no byte.
    Nothing,
    /// Bytes for the target's memory.
    Data {
        /// The board they are for, in files for several.
        group: Option<u32>,
        /// Where they begin, and what they are; at most 255 bytes.
        piece: (u64, &'b [u8]),
        /// Where they continue when they run over the end of a segment.
        wrapped: Option<(u64, &'b [u8])>,
    },
    /// No record: a comment, or the text behind one.
    Comment,
    /// A sound record of a type the format's specification does not have.
    UnknownType(u8),
    /// The checksum disagrees. The record is not used further: nothing in it can be believed.
    Checksum(String),
    /// The record breaks the format's rules.
    Malformed(String),
}

/// What becomes of a piece of data: its line, group, address and bytes.
pub(crate) type TakePiece<'a> = &'a mut dyn FnMut(u64, Option<u32>, u64, &[u8]) -> ControlFlow<()>;

/// Hands every piece of data of the image to `take`.
pub(crate) fn each_piece<D: Decoder>(
    source: &dyn Source,
    take: TakePiece<'_>,
) -> Result<(), ImageError> {
    let mut decoder = D::default();
    let mut buffer = new_record();
    let each_line = &mut |number, _, line: Line<'_>| {
        let Line::Whole(mut rest) = line else {
            return ControlFlow::Continue(());
        };
        while !rest.is_empty() {
            if decoder.has_ended() {
                return ControlFlow::Break(());
            }
            let (decoded, more) = decoder.decode(rest, &mut buffer);
            rest = more.trim_ascii_start();
            if let Decoded::Data {
                group,
                piece,
                wrapped,
            } = decoded
            {
                for (at, data) in [Some(piece), wrapped].into_iter().flatten() {
                    take(number, group, at, data)?;
                }
            }
        }
        ControlFlow::Continue(())
    };
    for_each_line_from(source, 0, D::MARK, STREAM_BUFFER_BYTES, each_line)
}

/// The bytes of a stretch of the target's memory, for what lies inside of records.
pub(crate) fn collect<D: Decoder>(
    source: &dyn Source,
    group: Option<u32>,
    start: u64,
    length_bytes: usize,
) -> Result<Vec<u8>, ImageError> {
    let mut bytes = vec![0; length_bytes];
    each_piece::<D>(source, &mut |_, id, at, data| {
        if id == group {
            crate::bytes::place(&mut bytes, start, at, data);
        }
        ControlFlow::Continue(())
    })?;
    Ok(bytes)
}

/// A record's bytes, decoded from pairs of digits into `record`. Says what is wrong otherwise.
pub(crate) fn digits<'a>(text: &[u8], record: &'a mut RecordBuffer) -> Result<&'a [u8], String> {
    let (pairs, odd) = text.as_chunks::<2>();
    if !odd.is_empty() {
        return Err("an odd number of digits".to_owned());
    }
    if pairs.len() > record.len() {
        return Err(format!(
            "{} digits are more than a record can have",
            grouped(text.len())
        ));
    }
    let length = pairs.len();
    let decoded = record.get_mut(..length).unwrap_or_default();
    let (wide_text, rest_text) = text.as_chunks::<32>();
    let (wide, rest) = decoded.as_chunks_mut::<16>();
    let mut wrong = 0;
    for (text, bytes) in wide_text.iter().zip(wide) {
        wrong |= sixteen(text, bytes);
    }
    for ([high, low], byte) in rest_text.as_chunks::<2>().0.iter().zip(rest) {
        wrong |= not_a_digit(*high) | not_a_digit(*low);
        *byte = value(*high) << 4 | value(*low);
    }
    if wrong != 0 {
        return Err("a character that is no hexadecimal digit".to_owned());
    }
    Ok(record.get(..length).unwrap_or_default())
}

/// Sixteen bytes at once, in loops that the compiler makes vector instructions of. Not zero where a character
/// is no digit.
fn sixteen(text: &[u8; 32], bytes: &mut [u8; 16]) -> u8 {
    let values = text.map(value);
    for (pair, byte) in values.as_chunks::<2>().0.iter().zip(bytes) {
        let pair = u16::from_le_bytes(*pair);
        *byte = (pair << 4 | pair >> 8).to_le_bytes()[0];
    }
    text.iter()
        .fold(0, |wrong, character| wrong | not_a_digit(*character))
}

/// The value of a byte in two digits.
pub(crate) fn byte(text: &[u8]) -> Option<u8> {
    match text {
        [high, low, ..] => Some(digit(*high)? << 4 | digit(*low)?),
        _ => None,
    }
}

fn digit(character: u8) -> Option<u8> {
    match character {
        b'0'..=b'9' => Some(character - b'0'),
        b'a'..=b'f' => Some(character - b'a' + 10),
        b'A'..=b'F' => Some(character - b'A' + 10),
        _ => None,
    }
}

/// Splits a line where its first record ends, which is `length` characters long. What follows must not
/// look like more of it.
pub(crate) fn cut(line: &[u8], length: usize) -> Result<(&[u8], &[u8]), String> {
    let Some((record, rest)) = line.split_at_checked(length) else {
        return Err(String::new());
    };
    match rest.first() {
        Some(next) if next.is_ascii_alphanumeric() && next.is_ascii_hexdigit() => {
            Err(String::new())
        }
        _ => Ok((record, rest)),
    }
}
