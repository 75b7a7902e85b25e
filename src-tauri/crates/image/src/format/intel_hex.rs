//! Intel HEX: lines of `:` length, address, type, data, checksum.
//!
//! An own reader: the crate `ihex` wants the whole text in memory as one string and names no line
//! for what it finds. Record types are those of Intel's *Hexadecimal Object File Format
//! Specification*, revision A (1988).

use crate::bytes::address;
use crate::text_records::{Decoded, Decoder, RecordBuffer, digits, scan};
use crate::{CheckResult, Format, ImageError, Inspection, Source};

/// Whether a file that begins with `head` is Intel HEX: a colon and the eight digits before the data.
pub(crate) fn recognises(head: &[u8]) -> bool {
    let head = head.trim_ascii_start();
    head.first() == Some(&b':')
        && head
            .get(1..9)
            .is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
}

/// Describes an Intel HEX file.
pub(crate) fn inspect(source: &dyn Source) -> Result<Inspection, ImageError> {
    let scan = scan::<IntelHex>(source)?;
    let mut inspection = Inspection::new(Format::IntelHex, source.len());
    let segments = scan.segments.len();
    let plural = if segments == 1 { "" } else { "s" };
    inspection.summary = format!("Intel HEX, {segments} segment{plural}");
    scan.report(source, &mut inspection)?;
    let hex = &scan.decoder;
    let end = match (hex.ended, hex.after_end) {
        (true, false) => Ok("the end record closes the file".to_owned()),
        (true, true) => Err("records follow the end record".to_owned()),
        (false, _) => Err("the end record is missing: the file was cut off".to_owned()),
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
        let why = format!("{} start records; the last one counts", hex.entries);
        inspection.check("Start record", CheckResult::Warning, why);
    }
    inspection.fact("Data records", scan.data_records.to_string());
    Ok(inspection)
}

/// What the lines so far said.
#[derive(Debug, Clone, Default)]
pub(crate) struct IntelHex {
    base: Base,
    entry: Option<Entry>,
    entries: u32,
    ended: bool,
    after_end: bool,
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

    fn decode<'b>(&mut self, line: &[u8], buffer: &'b mut RecordBuffer) -> Decoded<'b> {
        self.after_end |= self.ended;
        let Some((b':', text)) = line.split_first() else {
            return Decoded::Malformed("does not begin with a colon".to_owned());
        };
        let record = match digits(text, buffer) {
            Ok(record) => record,
            Err(why) => return Decoded::Malformed(why),
        };
        let [count, high, low, kind, rest @ ..] = record else {
            return Decoded::Malformed("shorter than the shortest record".to_owned());
        };
        let Some((&checksum, data)) = rest.split_last() else {
            return Decoded::Malformed("shorter than the shortest record".to_owned());
        };
        if data.len() != usize::from(*count) {
            return Decoded::Malformed(format!(
                "announces {count} data bytes and has {}",
                data.len()
            ));
        }
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
}

impl IntelHex {
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
            _ => Decoded::Malformed(format!("record type {kind:02X} is not known")),
        }
    }

    fn enter(&mut self, entry: Entry) -> Decoded<'static> {
        self.entry = Some(entry);
        self.entries = self.entries.saturating_add(1);
        Decoded::Nothing
    }

    fn data<'b>(&self, offset: u16, data: &'b [u8]) -> Decoded<'b> {
        let (base, end) = match self.base {
            Base::Linear(base) => (base, 1 << 32),
            Base::Segment(base) => (base, base + (1 << 16)),
        };
        let address = base + u64::from(offset);
        if address + data.len() as u64 > end {
            return Decoded::Malformed(format!(
                "the data runs over the end of its address space, 0x{end:X}"
            ));
        }
        Decoded::Data { address, data }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::format::test_support::{failed, never_panics, passed};
    use crate::{Integrity, MemorySource};
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
        let places: Vec<_> = found
            .segments
            .iter()
            .map(|s| (s.address.unwrap(), s.length_bytes))
            .collect();
        assert_eq!(places, [(0x1_0004, 4), (0x0800_0010, 24)]);
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
            + &record(0, 0x2F, &[1; 2])
            + &record(0, 0, &[1])
            + END;
        let why = "line 2 and line 4 both write address 0x0000002F; and 1 more overlaps";
        assert_eq!(failed(&look(text), "Addresses written once"), why);
    }

    #[test]
    fn a_file_cut_off_or_going_on_after_its_end_is_damaged() {
        let cut = record(0, 0, &[1; 16]);
        assert!(failed(&look(cut.clone()), "End record").contains("cut off"));
        let more = cut.clone() + END + &record(0, 0x10, &[1]);
        assert!(failed(&look(more), "End record").contains("follow"));
        assert!(failed(&look(END), "Data").contains("no data"));
        passed(&look(cut + END), "End record");
    }

    #[test]
    fn every_broken_line_is_told_with_its_number() {
        let good = record(0, 0, &[1]);
        for (line, what) in [
            ("hello", "colon"),
            (":0", "odd"),
            (":0x000000", "no hexadecimal digit"),
            (":00", "shorter"),
            (":05000000AA51", "announces 5 data bytes and has 1"),
            (":0000000BF5", "record type 0B is not known"),
            (":0100000401FA", "type 04 cannot have 1"),
        ] {
            let why = failed(&look(format!("{good}{line}\n{END}")), "Record structure");
            assert!(why.starts_with("line 2: ") && why.contains(what), "{why}");
        }
        let long = format!("{good}:{}\n{END}", "0".repeat(5000));
        assert!(failed(&look(long), "Record structure").contains("line 2 is longer"));
    }

    #[test]
    fn data_over_the_end_of_the_address_space_is_refused() {
        let text = record(4, 0, &[0xFF, 0xFF]) + &record(0, 0xFFFF, &[1, 2]) + END;
        assert!(failed(&look(text), "Record structure").contains("0x100000000"));
    }

    #[test]
    fn many_flaws_are_counted_and_few_are_named() {
        let text = record(0, 0, &[1]) + &"oops\n".repeat(100_000) + END;
        let why = failed(&look(text), "Record structure");
        assert!(
            why.ends_with("; and 99995 more") && why.len() < 400,
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
