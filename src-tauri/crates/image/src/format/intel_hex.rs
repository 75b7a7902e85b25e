//! Intel HEX: lines of `:` length, address, type, data, checksum.
//!
//! An own reader: the crate `ihex` wants the whole text in memory as one string and names no line
//! for what it finds. Record types are those of Intel's *Hexadecimal Object File Format
//! Specification*, revision A (1988).

use firmdrop_core::grouped;

use crate::bytes::address;
use crate::inner;
use crate::text_records::{Decoded, Decoder, RecordBuffer, byte, cut, digits, new_record};
use crate::text_scan::scan;
use crate::{Format, ImageError, Inspection, Source};

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
    begins || (!head.contains(&0) && has_record(head))
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
            format!(
                "micro:bit Universal HEX, programs for {} boards",
                boards.len()
            )
        }
    };
    scan.report(&mut inspection);
    let hex = &scan.decoder;
    let end = if hex.ended {
        Ok("the end record closes the file".to_owned())
    } else {
        Err("the end record is missing: the file was cut off".to_owned())
    };
    inspection.verdict("End record", end);
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
            format!("announces {count} data bytes and has {}", rest.len())
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
                data.len()
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
pub(crate) mod tests {
    use super::*;
    use crate::format::test_support::{failed, never_panics, passed, warned};
    use crate::{CheckResult, Integrity, MemorySource};
    use proptest::prelude::*;

    /// One record with its right checksum.
    pub(crate) fn record(kind: u8, offset: u16, data: &[u8]) -> String {
        let [high, low] = offset.to_be_bytes();
        let mut bytes = vec![u8::try_from(data.len()).unwrap(), high, low, kind];
        bytes.extend_from_slice(data);
        let sum = bytes.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
        bytes.push(sum.wrapping_neg());
        format!(":{}\n", crate::bytes::hex(&bytes).to_uppercase())
    }

    const END: &str = ":00000001FF\n";

    fn look(text: impl Into<Vec<u8>>) -> Inspection {
        let source = MemorySource::new(text);
        crate::inspect(&source).unwrap()
    }

    /// Where each segment lies, and how long it is.
    fn places(found: &Inspection) -> Vec<(u64, u64)> {
        let segments = found.segments.iter();
        segments
            .map(|segment| (segment.address.unwrap(), segment.length_bytes))
            .collect()
    }

    #[test]
    fn addresses_of_linear_and_segmented_records_and_the_entry_are_told() {
        let text = record(4, 0, &[0x08, 0x00])
            + &record(0, 0x0010, &[1; 16])
            + &record(0, 0x0020, &[2; 8])
            + &record(2, 0, &[0x10, 0x00])
            + &record(0, 0x0004, &[3; 4])
            + &record(5, 0, &[0x08, 0, 0, 0x11])
            + END;
        let found = look(text);
        assert_eq!(found.format, Format::IntelHex);
        assert_eq!(found.integrity(), Integrity::Intact);
        assert_eq!(places(&found), [(0x1_0004, 4), (0x0800_0010, 24)]);
        assert!(found.facts.iter().any(|f| f.value == "0x08000011"));
    }

    #[test]
    fn a_wrong_checksum_is_told_with_its_line_and_the_right_value() {
        let found = look(record(0, 0, &[1]) + ":0100010002FD\n" + END);
        let why = failed(&found, "Record checksums");
        assert_eq!(why, "line 2: the checksum is FD, the bytes give FC");
        assert_eq!(found.integrity(), Integrity::Damaged);
    }

    #[test]
    fn overlapping_records_are_told_with_both_lines() {
        let text = record(0, 0, &[1; 16])
            + &record(0, 0x20, &[1; 16])
            + &record(0, 0x10, &[1; 16])
            + &record(0, 0x2F, &[2; 2])
            + &record(0, 0, &[3])
            + END;
        let why = "line 2 and line 4 write different values to 0x0000002F: first 01, then 02; 2 bytes in all";
        assert_eq!(failed(&look(text), "Addresses written once"), why);
    }

    #[test]
    fn the_same_bytes_written_twice_are_a_warning() {
        let text = record(0, 0x1000, &[1; 16]) + &record(0, 0x1008, &[1; 16]) + END;
        let found = look(text);
        assert_eq!(found.integrity(), Integrity::Intact);
        let check = &found.checks[2];
        assert_eq!(check.result, CheckResult::Warning);
        let why = "8 bytes from 0x00001008 on are written twice, with the same values";
        assert_eq!(check.explanation, why);
    }

    #[test]
    fn addresses_of_16_bit_words_are_told_from_overlaps() {
        let text: String = (0..6_u8)
            .map(|i| record(0, 0x2000 + u16::from(i) * 8, &[i + 1; 16]))
            .collect();
        let found = look(text + END);
        assert_eq!(found.integrity(), Integrity::Intact, "{found:#?}");
        assert_eq!(places(&found), [(0x2000, 96)]);
        assert!(found.segments[0].name.contains("16-bit words"));
    }

    #[test]
    fn a_file_without_its_end_is_damaged_and_a_second_part_behind_it_is_a_warning() {
        let cut = record(0, 0, &[1; 16]);
        assert!(failed(&look(cut.clone()), "End record").contains("cut off"));
        let more = cut.clone() + END + &record(0, 0, &[2]) + END;
        let found = look(more);
        assert_eq!(found.integrity(), Integrity::Intact);
        assert_eq!(found.segments.len(), 1);
        assert!(
            warned(&found, "Behind the end record")
                .contains("from line 3 on (1 bytes at 0x00000000)")
        );
        assert!(failed(&look(END), "Data").contains("no data"));
        passed(&look(cut + END), "End record");
    }

    #[test]
    fn comments_padding_and_line_ends_of_any_kind_change_nothing() {
        let plain =
            record(4, 0, &[0x08, 0]) + &record(0, 0, &[1; 16]) + &record(0, 16, &[2; 16]) + END;
        let joined: String = plain.lines().collect();
        let behind = plain.replace('\n', " // 00: a :b\n");
        for text in [
            plain.replace('\n', "\r"),
            plain.replace('\n', "\r\n\r\n"),
            joined,
            behind,
            format!("\u{FEFF}{plain}"),
            format!("; chip\n// more\n\n{plain}; the end\nhello"),
            format!("{plain}\x1A"),
            format!("{plain}\0\0\0"),
            format!("{plain}{}", "\0".repeat(5000)),
            format!("abc{plain}"),
        ] {
            let found = look(text.clone());
            assert_eq!(found.format, Format::IntelHex, "{text}");
            assert_eq!(found.integrity(), Integrity::Intact, "{text}: {found:#?}");
            assert!(
                found
                    .checks
                    .iter()
                    .all(|check| check.result == CheckResult::Passed),
                "{text}"
            );
            assert_eq!(places(&found), [(0x0800_0000, 32)], "{text}");
        }
    }

    #[test]
    fn a_record_whose_colon_was_lost_is_no_comment() {
        let text = record(0, 0, &[1; 16]) + &record(0, 16, &[2; 16]).replace(':', ";") + END;
        assert!(
            failed(&look(text), "Record structure").contains("line 2: a record without its colon")
        );
    }

    #[test]
    fn records_of_types_the_specification_has_not_are_told_and_no_damage() {
        let text = record(0, 0, &[1; 16]) + &record(0xFD, 0, &[9; 4]) + END;
        let found = look(text);
        assert_eq!(found.integrity(), Integrity::Intact);
        assert!(warned(&found, "Record types").starts_with("line 2: type FD"));
    }

    #[test]
    fn data_wraps_at_the_end_of_its_segment() {
        let text = record(2, 0, &[0x10, 0]) + &record(0, 0xFFFC, &[1, 2, 3, 4, 5, 6]) + END;
        let found = look(text);
        assert_eq!(found.integrity(), Integrity::Intact);
        assert_eq!(places(&found), [(0x1_0000, 2), (0x1_FFFC, 4)]);
    }

    #[test]
    fn a_universal_hex_has_one_program_for_each_board() {
        let block = |board: u16, kind: u8, byte: u8| {
            let [high, low] = board.to_be_bytes();
            record(4, 0, &[0, 0])
                + &record(0x0A, 0, &[high, low, 0xC0, 0xDE])
                + &record(kind, 0, &[byte; 16])
                + &record(0x0C, 0, &[0xFF; 8])
                + &record(0x0B, 0, &[])
        };
        let found = look(block(0x9901, 0, 1) + &block(0x9903, 0x0D, 2) + END);
        assert_eq!(found.integrity(), Integrity::Intact, "{found:#?}");
        let names: Vec<_> = found.segments.iter().map(|s| s.name.as_str()).collect();
        assert_eq!(names, ["micro:bit V1 (9901)", "micro:bit V2 (9903)"]);
        assert!(
            found
                .checks
                .iter()
                .all(|check| check.result == CheckResult::Passed)
        );
    }

    #[test]
    fn every_broken_line_is_told_with_its_number() {
        let good = record(0, 0, &[1]);
        for (line, what) in [
            (":0", "odd"),
            (":0x000000", "no hexadecimal digit"),
            (":00", "shorter"),
            (":05000000AA51", "announces 5 data bytes and has 1"),
            (":0100000401FA", "type 04 cannot have 1"),
        ] {
            let why = failed(&look(format!("{good}{line}\n{END}")), "Record structure");
            assert!(why.starts_with("line 2: ") && why.contains(what), "{why}");
        }
        let long = format!("{good}:{}\n{END}", "0".repeat(5000));
        assert!(failed(&look(long), "Record structure").contains("line 2 is longer"));
    }

    #[test]
    fn data_wraps_at_the_end_of_the_address_space() {
        let text = record(4, 0, &[0xFF, 0xFF]) + &record(0, 0xFFFF, &[1, 2]) + END;
        let found = look(text);
        assert_eq!(places(&found), [(0, 1), (0xFFFF_FFFF, 1)]);
    }

    #[test]
    fn many_flaws_are_counted_and_few_are_named() {
        let text = record(0, 0, &[1]) + &":00\n".repeat(100_000) + END;
        let why = failed(&look(text), "Record structure");
        assert!(
            why.ends_with("; and 99,995 more") && why.len() < 400,
            "{why}"
        );
    }

    #[test]
    fn a_text_larger_than_the_limit_is_refused_unread() {
        struct Huge;
        impl Source for Huge {
            fn len(&self) -> u64 {
                crate::limits::TEXT_FILE_BYTES + 1
            }
            fn read_at(&self, offset: u64, buffer: &mut [u8]) -> std::io::Result<usize> {
                assert!(offset == 0 || offset > crate::limits::TEXT_FILE_BYTES - 1024);
                buffer.fill(b'0');
                if let Some(first) = buffer.first_mut() {
                    *first = b':';
                }
                Ok(buffer.len())
            }
        }
        assert!(matches!(
            crate::inspect(&Huge),
            Err(ImageError::TooLarge { .. })
        ));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in ":[0-9A-F]{8}([:0-9A-Fa-fG \r\n]{0,60}){0,20}") {
            let _ = look(text);
        }

        #[test]
        fn no_damage_makes_it_panic(at in 0usize..400, byte: u8, cut in 0usize..400) {
            let valid: String = (0..8).map(|i| record(0, i * 16, &[7; 16])).collect::<String>() + END;
            never_panics(inspect, valid.as_bytes(), at, byte, cut);
        }
    }
}
