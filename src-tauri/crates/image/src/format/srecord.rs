//! Motorola S-record: lines of `S`, type, count, address, data, checksum.
//!
//! Record types are those of the format's manual page `srec(5)` and of Motorola's *M68000 Family
//! Programmer's Reference Manual*, appendix C.

use firmdrop_core::grouped;

use crate::bytes::{address, shown};
use crate::inner;
use crate::text_records::{Decoded, Decoder, RecordBuffer, byte, cut, digits, new_record};
use crate::text_scan::scan;
use crate::{CheckResult, Format, ImageError, Inspection, Source};

/// Whether a file that begins with `head` is S-record: `S`, a known type and six digits; or text with a
/// sound record in it.
pub(crate) fn recognises(head: &[u8]) -> bool {
    let head = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head);
    let start = head.trim_ascii_start();
    let begins = matches!(start, [b'S', b'0'..=b'3' | b'5'..=b'9', ..])
        && start
            .get(2..8)
            .is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit));
    let mut lines = head.split(|byte| matches!(byte, b'\n' | b'\r'));
    begins
        || (!head.contains(&0)
            && lines.any(|line| {
                let line = line.trim_ascii();
                line.first() == Some(&b'S') && is_record(line.get(1..).unwrap_or_default())
            }))
}

/// Whether the text behind an `S` is a sound record, and nothing else of it follows.
fn is_record(text: &[u8]) -> bool {
    let Some((b'0'..=b'9', text)) = text.split_first() else {
        return false;
    };
    let length = byte(text).map_or(0, |count| 2 + 2 * usize::from(count));
    let mut buffer = new_record();
    length > 2
        && cut(text, length).is_ok_and(|(record, _)| {
            digits(record, &mut buffer).is_ok_and(|record| {
                record
                    .iter()
                    .fold(0_u8, |sum, byte| sum.wrapping_add(*byte))
                    == 0xFF
            })
        })
}

/// Describes an S-record file.
pub(crate) fn inspect(source: &dyn Source) -> Result<Inspection, ImageError> {
    let scan = scan::<SRecord>(source)?;
    let mut inspection = Inspection::new(Format::SRecord, source.len());
    let segments = scan.runs();
    let plural = if segments == 1 { "" } else { "s" };
    let many = grouped(segments as u64);
    inspection.summary = format!("Motorola S-record, {many} segment{plural}");
    scan.report(&mut inspection);
    let records = &scan.decoder;
    if let Some(count) = records.count {
        let verdict = if count == scan.data_records {
            Ok(format!(
                "the count record says {count} data records, all are there"
            ))
        } else {
            Err(format!(
                "the count record says {count} data records, {} are there",
                scan.data_records
            ))
        };
        inspection.verdict("Record count", verdict);
    }
    match records.end {
        Some((kind, at)) => {
            let (result, why) = records.end_verdict(kind);
            inspection.check("End record", result, why);
            if at != 0 {
                inspection.fact("Entry point", address(at));
            }
        }
        None if records.count == Some(scan.data_records) => {
            let why = "there is none; the count record says that nothing is missing";
            inspection.check("End record", CheckResult::Warning, why);
        }
        None => {
            let why = "the end record is missing: the file was cut off";
            inspection.check("End record", CheckResult::Failed, why);
        }
    }
    if let Some(header) = records.header.as_ref().filter(|header| !header.is_empty()) {
        inspection.fact("Header", header.clone());
    }
    inner::of_records::<SRecord>(source, &scan.memory, scan.has_words(), &mut inspection)?;
    Ok(inspection)
}

/// What the lines so far said.
#[derive(Debug, Clone, Default)]
pub(crate) struct SRecord {
    header: Option<String>,
    count: Option<u64>,
    end: Option<(u8, u64)>,
    widest: u8,
}

impl SRecord {
    /// Tools that mix S1, S2 and S3 close every file with S9; the bytes are the same.
    fn end_verdict(&self, kind: u8) -> (CheckResult, String) {
        if self.widest != 0 && kind != 10 - self.widest {
            let why = format!(
                "S{kind} ends a file of S{} records; some tools refuse that",
                self.widest
            );
            (CheckResult::Warning, why)
        } else {
            (
                CheckResult::Passed,
                format!("an S{kind} record closes the file"),
            )
        }
    }

    fn record<'b>(&mut self, kind: u8, at: u64, data: &'b [u8]) -> Decoded<'b> {
        match kind {
            b'0' => {
                self.header.get_or_insert_with(|| shown(data));
                Decoded::Nothing
            }
            b'1'..=b'3' => {
                self.widest = self.widest.max(kind - b'0');
                if at + data.len() as u64 > 1 << 32 {
                    return Decoded::Malformed("the data runs over 32 bits of address".to_owned());
                }
                Decoded::Data {
                    group: None,
                    piece: (at, data),
                    wrapped: None,
                }
            }
            b'5' | b'6' if data.is_empty() => {
                self.count = Some(at);
                Decoded::Nothing
            }
            b'7'..=b'9' if data.is_empty() => {
                self.end = Some((kind - b'0', at));
                Decoded::Nothing
            }
            _ => Decoded::Malformed(format!("an S{} record with data", char::from(kind))),
        }
    }
}

impl Decoder for SRecord {
    const WHAT: &'static str = "S-record file";
    const MARK: u8 = b'S';

    fn decode<'b, 'l>(
        &mut self,
        line: &'l [u8],
        buffer: &'b mut RecordBuffer,
    ) -> (Decoded<'b>, &'l [u8]) {
        let [b'S', kind @ b'0'..=b'9', text @ ..] = line else {
            return (not_a_record(line), &[]);
        };
        let length = byte(text).map_or(0, |count| 2 + 2 * usize::from(count));
        match cut(text, length) {
            Ok((record, rest)) if length > 0 => (self.decode_record(*kind, record, buffer), rest),
            _ => (Decoded::Malformed(malformed(text, buffer)), &[]),
        }
    }

    fn has_ended(&self) -> bool {
        self.end.is_some()
    }
}

/// What is wrong with a record that has not as many digits as it announces.
fn malformed(text: &[u8], buffer: &mut RecordBuffer) -> String {
    let end = text.iter().position(u8::is_ascii_whitespace);
    let text = text.get(..end.unwrap_or(text.len())).unwrap_or_default();
    match digits(text, buffer) {
        Ok([count, rest @ ..]) if !rest.is_empty() => {
            format!("announces {count} bytes and has {}", rest.len())
        }
        Ok(_) => "shorter than the shortest record".to_owned(),
        Err(why) => why,
    }
}

/// A line that does not begin with S and a digit: a comment, a table of symbols, or a record whose S was
/// lost.
fn not_a_record(line: &[u8]) -> Decoded<'static> {
    let lost = line.get(1..).is_some_and(is_record) || is_record(line);
    if lost {
        Decoded::Malformed("a record without its S".to_owned())
    } else {
        Decoded::Comment
    }
}

impl SRecord {
    fn decode_record<'b>(
        &mut self,
        kind: u8,
        text: &[u8],
        buffer: &'b mut RecordBuffer,
    ) -> Decoded<'b> {
        let record = match digits(text, buffer) {
            Ok(record) => record,
            Err(why) => return Decoded::Malformed(why),
        };
        let [count, rest @ .., checksum] = record else {
            return Decoded::Malformed("shorter than the shortest record".to_owned());
        };
        let sum = rest
            .iter()
            .fold(*count, |sum, byte| sum.wrapping_add(*byte));
        if *checksum != !sum {
            return Decoded::Checksum(format!(
                "the checksum is {checksum:02X}, the bytes give {:02X}",
                !sum
            ));
        }
        let address_bytes = match kind {
            b'0' | b'1' | b'5' | b'9' => 2,
            b'2' | b'6' | b'8' => 3,
            b'3' | b'7' => 4,
            // S4 is reserved.
            _ => return Decoded::UnknownType(kind - b'0'),
        };
        let Some((at, data)) = rest.split_at_checked(address_bytes) else {
            return Decoded::Malformed("shorter than its address".to_owned());
        };
        let at = at.iter().fold(0, |at, byte| at << 8 | u64::from(*byte));
        self.record(kind, at, data)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::test_support::{failed, never_panics, passed, warned};
    use crate::{Integrity, MemorySource};
    use proptest::prelude::*;

    fn record(kind: char, at: &[u8], data: &[u8]) -> String {
        let mut bytes = vec![u8::try_from(at.len() + data.len() + 1).unwrap()];
        bytes.extend_from_slice(at);
        bytes.extend_from_slice(data);
        bytes.push(!bytes.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte)));
        format!("S{kind}{}\r\n", crate::bytes::hex(&bytes).to_uppercase())
    }

    fn valid() -> String {
        record('0', &[0, 0], b"toaster.srec")
            + &record('3', &[8, 0, 0, 0], &[1; 16])
            + &record('3', &[8, 0, 0, 16], &[2; 16])
            + &record('3', &[9, 0, 0, 0], &[3; 4])
            + &record('5', &[0, 3], &[])
            + &record('7', &[8, 0, 1, 1], &[])
    }

    fn look(text: impl Into<Vec<u8>>) -> Inspection {
        crate::inspect(&MemorySource::new(text)).unwrap()
    }

    #[test]
    fn segments_header_count_and_entry_are_told() {
        let found = look(valid());
        assert_eq!(found.format, Format::SRecord);
        assert_eq!(found.integrity(), Integrity::Intact);
        let places: Vec<_> = found
            .segments
            .iter()
            .map(|s| (s.address, s.length_bytes))
            .collect();
        assert_eq!(places, [(Some(0x0800_0000), 32), (Some(0x0900_0000), 4)]);
        let value = |label: &str| {
            found
                .facts
                .iter()
                .find(|f| f.label == label)
                .map(|f| f.value.as_str())
        };
        assert_eq!(value("Header"), Some("toaster.srec"));
        assert_eq!(value("Entry point"), Some("0x08000101"));
        passed(&found, "Record count");
    }

    #[test]
    fn a_missing_record_shows_in_the_count() {
        let mut lines: Vec<_> = valid().lines().map(str::to_owned).collect();
        lines.remove(2);
        let text = lines.join(
            "
",
        );
        assert_eq!(
            failed(&look(text), "Record count"),
            "the count record says 3 data records, 2 are there"
        );
    }

    #[test]
    fn each_flaw_is_told_with_its_line() {
        let wrong = valid().replace("S31508000010", "S31508000011");
        assert!(failed(&look(wrong), "Record checksums").starts_with("line 3: the checksum is"));
        for (line, what) in [
            ("T104000001FA", "without its S"),
            ("S1", "shorter"),
            ("S105000000", "announces 5 bytes and has 3"),
            ("S10100FE", "announces 1 bytes and has 2"),
            ("S1020000", "shorter than its address"),
            ("S1ZZ0000", "no hexadecimal digit"),
        ] {
            let text = format!("{}\n{line}\n{}", record('0', &[0, 0], b"x").trim(), valid());
            let found = look(text);
            let told = |check: &&crate::Check| check.explanation.contains("line 2");
            let check = found.checks.iter().find(told).expect(line);
            assert_eq!(check.result, CheckResult::Failed, "{line}");
            assert!(
                check.explanation.contains(what) || line == "S1020000",
                "{check:?}"
            );
        }
    }

    #[test]
    fn overlap_end_and_wrong_end_are_told() {
        let twice = record('1', &[0, 0], &[1; 4])
            + &record('1', &[0, 3], &[2])
            + &record('9', &[0, 0], &[]);
        assert!(failed(&look(twice), "Addresses written once").contains("line 1 and line 2"));
        let one = record('1', &[0, 0], &[1; 4]);
        assert!(failed(&look(one.clone()), "End record").contains("cut off"));
        let wrong = one + &record('7', &[0, 0, 0, 0], &[]);
        let found = look(wrong);
        assert!(warned(&found, "End record").starts_with("S7 ends a file of S1 records"));
        assert_eq!(found.integrity(), Integrity::Intact);
    }

    #[test]
    fn symbols_before_the_records_and_reserved_types_change_nothing() {
        let symbols = format!("$$ lamp\n  main $8000100\n$$ \n{}", valid());
        let found = look(symbols);
        assert_eq!(found.format, Format::SRecord);
        assert_eq!(found.integrity(), Integrity::Intact);
        assert_eq!(found.segments.len(), 2);
        let reserved = record('4', &[0, 0], &[1]) + &valid();
        assert!(warned(&look(reserved), "Record types").contains("line 1: type 04"));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "S[0-9][0-9A-F]{8}([S0-9A-Fa-fG \r\n]{0,60}){0,20}") {
            let _ = look(text);
        }

        #[test]
        fn no_damage_makes_it_panic(at in 0usize..300, byte: u8, cut in 0usize..300) {
            never_panics(inspect, valid().as_bytes(), at, byte, cut);
        }
    }
}
