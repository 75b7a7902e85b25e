//! Intel HEX: lines of `:` length, address, type, data, checksum.
//!
//! An own reader: the crate `ihex` wants the whole text in memory as one string and names no line
//! for what it finds. Record types are those of Intel's *Hexadecimal Object File Format
//! Specification*, revision A (1988).

use firmdrop_core::grouped;

use crate::bytes::address;
use crate::format::hex_dialect;
use crate::inner;
use crate::text_records::{Decoded, Decoder, RecordBuffer, byte, cut, digits, new_record};
use crate::text_rows::{Rows, Shape};
use crate::text_scan::scan;
use crate::{CheckResult, Format, ImageError, Inspection, Source};

/// Shortest record: colon, length, address, type, checksum.
const SHORTEST: usize = 11;

/// Whether a file that begins with `head` is Intel HEX: a colon and the eight digits before the data, or
/// text with a sound record in it.
pub(crate) fn recognises(head: &[u8]) -> bool {
    let head = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head);
    let start = head.trim_ascii_start();
    let begins = start.first() == Some(&b':')
        && start
            .get(1..9)
            .is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit));
    (begins || (!head.contains(&0) && has_record(head))) && hex_dialect::name(head).is_none()
}

/// Whether one of the lines begins with a sound record.
fn has_record(head: &[u8]) -> bool {
    let lines = head.split(|byte| matches!(byte, b'\n' | b'\r'));
    lines
        .map(<[u8]>::trim_ascii)
        .any(|line| line.first() == Some(&b':') && is_record(line.get(1..).unwrap_or_default()))
}

/// Whether the text behind a colon is a sound record, and nothing else of it follows.
fn is_record(text: &[u8]) -> bool {
    let Some(count) = byte(text) else {
        return false;
    };
    let mut buffer = new_record();
    let length = SHORTEST - 1 + 2 * usize::from(count);
    cut(text, length).is_ok_and(|(record, _)| {
        digits(record, &mut buffer).is_ok_and(|record| {
            record
                .iter()
                .fold(0_u8, |sum, byte| sum.wrapping_add(*byte))
                == 0
        })
    })
}

/// Describes an Intel HEX file.
pub(crate) fn inspect(source: &dyn Source) -> Result<Inspection, ImageError> {
    let scan = scan::<IntelHex>(source)?;
    let mut inspection = Inspection::new(Format::IntelHex, source.len());
    let segments = scan.runs();
    let plural = if segments == 1 { "" } else { "s" };
    let hex = &scan.decoder;
    inspection.summary = match hex.boards.as_slice() {
        [] => format!("Intel HEX, {} segment{plural}", grouped(segments as u64)),
        boards => {
            let names: Vec<_> = boards.iter().map(|board| board_name(*board)).collect();
            inspection.identity.target = Some(names.join(", "));
            let plural = if boards.len() == 1 { "" } else { "s" };
            format!(
                "micro:bit Universal HEX, programs for {} board{plural}",
                grouped(boards.len())
            )
        }
    };
    scan.report(&mut inspection);
    let hex = &scan.decoder;
    let (result, why) = if hex.ended {
        (CheckResult::Passed, "the end record closes the file")
    } else if hex.is_closed_by_an_empty_record {
        (
            CheckResult::Warning,
            "an empty data record closes the file, as the assemblers of CP/M write it; newer programs look for a record of type 01",
        )
    } else {
        (
            CheckResult::Failed,
            "the end record is missing: the file was cut off",
        )
    };
    inspection.check("End record", result, why);
    match hex.entry {
        Some(Entry::Linear(at)) => inspection.fact("Entry point", address(at.into())),
        Some(Entry::Segmented(cs, ip)) => {
            inspection.fact("Entry point", format!("{cs:04X}:{ip:04X} (CS:IP)"));
        }
        None => {}
    }
    if hex.entries > 1 {
        let text = format!("{}; the last one counts", hex.entries);
        inspection.fact("Start records", text);
    }
    inner::of_records::<IntelHex>(source, &scan.memory, scan.has_words(), &mut inspection)?;
    Ok(inspection)
}

/// What the records so far said.
#[derive(Debug, Clone, Default)]
pub(crate) struct IntelHex {
    base: Base,
    entry: Option<Entry>,
    entries: u32,
    ended: bool,
    /// The last record so far is one of data, and has none.
    is_closed_by_an_empty_record: bool,
    /// Boards of a Universal HEX, in their order; the last one is that of the records that follow.
    boards: Vec<u16>,
    board: Option<u16>,
}

/// Boards of a Universal HEX that are told apart. Two exist.
const BOARDS: usize = 8;

/// The name of a board, by the ids of the micro:bit Foundation's Universal HEX specification.
fn board_name(id: u16) -> String {
    match id {
        0x9900 | 0x9901 => format!("micro:bit V1 ({id:04X})"),
        0x9903..=0x9906 => format!("micro:bit V2 ({id:04X})"),
        _ => format!("board {id:04X}"),
    }
}

#[derive(Debug, Clone, Copy)]
enum Base {
    Linear(u64),
    Segment(u64),
}

impl Default for Base {
    fn default() -> Self {
        Self::Linear(0)
    }
}

#[derive(Debug, Clone, Copy)]
enum Entry {
    Linear(u32),
    Segmented(u16, u16),
}

impl Decoder for IntelHex {
    const WHAT: &'static str = "Intel HEX file";
    const MARK: u8 = b':';

    fn decode<'b, 'l>(
        &mut self,
        line: &'l [u8],
        buffer: &'b mut RecordBuffer,
    ) -> (Decoded<'b>, &'l [u8]) {
        let Some((b':', text)) = line.split_first() else {
            return not_a_record(line);
        };
        let length = byte(text).map_or(0, |count| SHORTEST - 1 + 2 * usize::from(count));
        match cut(text, length) {
            Ok((record, rest)) if length > 0 => (self.decode_record(record, buffer), rest),
            _ => (Decoded::Malformed(malformed(text, buffer)), &[]),
        }
    }

    fn shape(&self, line: &[u8]) -> Option<Shape> {
        let digits = line.strip_prefix(b":")?.first_chunk::<8>()?;
        let [count, high, low, kind] = [
            byte(&digits[..2])?,
            byte(&digits[2..4])?,
            byte(&digits[4..6])?,
            byte(&digits[6..])?,
        ];
        let offset = u64::from(u16::from_be_bytes([high, low]));
        let (Base::Linear(base) | Base::Segment(base)) = self.base;
        (kind == 0 && count > 0).then(|| Shape {
            mark: b":",
            head: u32::from_be_bytes([count, high, low, kind]).into(),
            head_bytes: 4,
            step: 1 << 8,
            data_bytes: count.into(),
            sum: 0,
            rows: ((1 << 16) - offset) / u64::from(count),
            group: self.board.map(u32::from),
            address: base + offset,
        })
    }

    fn took(&mut self, _: &Rows) {
        self.is_closed_by_an_empty_record = false;
    }

    fn has_ended(&self) -> bool {
        self.ended
    }

    fn group_name(&self, id: u32) -> String {
        board_name(u16::try_from(id).unwrap_or_default())
    }
}

/// What is wrong with a record that has not as many digits as it announces.
fn malformed(text: &[u8], buffer: &mut RecordBuffer) -> String {
    let end = text.iter().position(u8::is_ascii_whitespace);
    let text = text.get(..end.unwrap_or(text.len())).unwrap_or_default();
    match digits(text, buffer) {
        Ok([count, _, _, _, rest @ .., _]) => {
            format!(
                "announces {count} data bytes and has {}",
                grouped(rest.len()),
                count = grouped(*count)
            )
        }
        Ok(_) => "shorter than the shortest record".to_owned(),
        Err(why) => why,
    }
}

/// A line that does not begin with a colon: a comment, characters before a record, or a record whose
/// colon was lost.
fn not_a_record(line: &[u8]) -> (Decoded<'static>, &[u8]) {
    let is_comment = matches!(line.first(), Some(b';' | b'#' | b'/' | b'*' | b'"'));
    let colon = line.iter().position(|byte| *byte == b':');
    match colon.and_then(|at| line.get(at..)) {
        Some(rest) if !is_comment && is_record(rest.get(1..).unwrap_or_default()) => {
            return (Decoded::Comment, rest);
        }
        _ => {}
    }
    let lost = |text: Option<&[u8]>| {
        text.is_some_and(|text| text.len() >= SHORTEST - 1 && is_record(text))
    };
    if lost(line.get(1..)) || lost(Some(line)) {
        let why = "a record without its colon";
        return (Decoded::Malformed(why.to_owned()), &[]);
    }
    (Decoded::Comment, &[])
}

impl IntelHex {
    fn decode_record<'b>(&mut self, text: &[u8], buffer: &'b mut RecordBuffer) -> Decoded<'b> {
        let record = match digits(text, buffer) {
            Ok(record) => record,
            Err(why) => return Decoded::Malformed(why),
        };
        let [_, high, low, kind, data @ .., checksum] = record else {
            return Decoded::Malformed("shorter than the shortest record".to_owned());
        };
        let sum = record
            .iter()
            .fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
        if sum != 0 {
            let right = checksum.wrapping_sub(sum);
            return Decoded::Checksum(format!(
                "the checksum is {checksum:02X}, the bytes give {right:02X}"
            ));
        }
        self.is_closed_by_an_empty_record = *kind == 0 && data.is_empty();
        self.record(*kind, u16::from_be_bytes([*high, *low]), data)
    }

    fn record<'b>(&mut self, kind: u8, offset: u16, data: &'b [u8]) -> Decoded<'b> {
        match (kind, data) {
            (0, _) => self.data(offset, data),
            (1, []) => {
                self.ended = true;
                Decoded::Nothing
            }
            (2, &[high, low]) => {
                self.base = Base::Segment(u64::from(u16::from_be_bytes([high, low])) << 4);
                Decoded::Nothing
            }
            (4, &[high, low]) => {
                self.base = Base::Linear(u64::from(u16::from_be_bytes([high, low])) << 16);
                Decoded::Nothing
            }
            (3, &[a, b, c, d]) => self.enter(Entry::Segmented(
                u16::from_be_bytes([a, b]),
                u16::from_be_bytes([c, d]),
            )),
            (5, &[a, b, c, d]) => self.enter(Entry::Linear(u32::from_be_bytes([a, b, c, d]))),
            (1..=5, _) => Decoded::Malformed(format!(
                "a record of type {kind:02X} cannot have {} data bytes",
                grouped(data.len())
            )),
            (0x0A, &[high, low, ..]) => self.block(u16::from_be_bytes([high, low])),
            // End of a block, padding, and data of other boards and uses.
            (0x0B | 0x0C | 0x0E, _) if self.board.is_some() => Decoded::Nothing,
            (0x0D, _) if self.board.is_some() => self.data(offset, data),
            _ => Decoded::UnknownType(kind),
        }
    }

    /// A block of a Universal HEX begins.
    fn block(&mut self, board: u16) -> Decoded<'static> {
        self.board = Some(board);
        if !self.boards.contains(&board) && self.boards.len() < BOARDS {
            self.boards.push(board);
        }
        Decoded::Nothing
    }

    fn enter(&mut self, entry: Entry) -> Decoded<'static> {
        self.entry = Some(entry);
        self.entries = self.entries.saturating_add(1);
        Decoded::Nothing
    }

    /// Data at an offset. It wraps at the end of its 64 KiB segment, and of the 4 GiB there are (Intel's
    /// specification, sections 4 and 5).
    fn data<'b>(&self, offset: u16, data: &'b [u8]) -> Decoded<'b> {
        let (base, size, begin) = match self.base {
            Base::Linear(base) => (0, 1 << 32, base + u64::from(offset)),
            Base::Segment(base) => (base, 1 << 16, u64::from(offset)),
        };
        let room = usize::try_from(size - begin).unwrap_or(usize::MAX);
        let (here, beyond) = data.split_at_checked(room).unwrap_or((data, &[]));
        Decoded::Data {
            group: self.board.map(u32::from),
            piece: (base + begin, here),
            wrapped: (!beyond.is_empty()).then_some((base, beyond)),
        }
    }
}

#[cfg(test)]
#[path = "intel_hex_tests.rs"]
pub(crate) mod tests;
