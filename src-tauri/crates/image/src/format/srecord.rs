//! Motorola S-record: lines of `S`, type, count, address, data, checksum.
//!
//! Record types are those of the format's manual page `srec(5)` and of Motorola's *M68000 Family
//! Programmer's Reference Manual*, appendix C.

use crate::bytes::{address, shown};
use crate::text_records::{Decoded, Decoder, RecordBuffer, digits, scan};
use crate::{CheckResult, Format, ImageError, Inspection, Source};

/// Whether a file that begins with `head` is S-record: `S`, a known type and six digits.
pub(crate) fn recognises(head: &[u8]) -> bool {
    let head = head.trim_ascii_start();
    matches!(head, [b'S', b'0'..=b'3' | b'5'..=b'9', ..])
        && head
            .get(2..8)
            .is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
}

/// Describes an S-record file.
pub(crate) fn inspect(source: &dyn Source) -> Result<Inspection, ImageError> {
    let scan = scan::<SRecord>(source)?;
    let mut inspection = Inspection::new(Format::SRecord, source.len());
    let segments = scan.segments.len();
    let plural = if segments == 1 { "" } else { "s" };
    inspection.summary = format!("Motorola S-record, {segments} segment{plural}");
    scan.report(source, &mut inspection)?;
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
            inspection.verdict("End record", records.end_verdict(kind));
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
    inspection.fact("Data records", scan.data_records.to_string());
    Ok(inspection)
}

/// What the lines so far said.
#[derive(Debug, Clone, Default)]
pub(crate) struct SRecord {
    header: Option<String>,
    count: Option<u64>,
    end: Option<(u8, u64)>,
    after_end: bool,
    widest: u8,
}

impl SRecord {
    fn end_verdict(&self, kind: u8) -> Result<String, String> {
        if self.after_end {
            Err("records follow the end record".to_owned())
        } else if self.widest != 0 && kind != 10 - self.widest {
            Err(format!("S{kind} ends a file of S{} records", self.widest))
        } else {
            Ok(format!("an S{kind} record closes the file"))
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
                Decoded::Data { address: at, data }
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

    fn decode<'b>(&mut self, line: &[u8], buffer: &'b mut RecordBuffer) -> Decoded<'b> {
        self.after_end |= self.end.is_some();
        let [b'S', kind, text @ ..] = line else {
            return Decoded::Malformed("does not begin with S and a type".to_owned());
        };
        let address_bytes = match kind {
            b'0' | b'1' | b'5' | b'9' => 2,
            b'2' | b'6' | b'8' => 3,
            b'3' | b'7' => 4,
            _ => return Decoded::Malformed("the record type is not known".to_owned()),
        };
        let record = match digits(text, buffer) {
            Ok(record) => record,
            Err(why) => return Decoded::Malformed(why),
        };
        let Some(([count, rest @ ..], &checksum)) =
            record.split_last().map(|(last, rest)| (rest, last))
        else {
            return Decoded::Malformed("shorter than the shortest record".to_owned());
        };
        if rest.len() + 1 != usize::from(*count) {
            return Decoded::Malformed(format!(
                "announces {count} bytes and has {}",
                rest.len() + 1
            ));
        }
        let sum = rest
            .iter()
            .fold(*count, |sum, byte| sum.wrapping_add(*byte));
        if checksum != !sum {
            return Decoded::Checksum(format!(
                "the checksum is {checksum:02X}, the bytes give {:02X}",
                !sum
            ));
        }
        let Some((at, data)) = rest.split_at_checked(address_bytes) else {
            return Decoded::Malformed("shorter than its address".to_owned());
        };
        let at = at.iter().fold(0, |at, byte| at << 8 | u64::from(*byte));
        self.record(*kind, at, data)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::test_support::{failed, never_panics, passed};
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
            ("T1", "does not begin"),
            ("S4050000", "not known"),
            ("S1", "shorter"),
            ("S105000000", "announces 5"),
            ("S10100FE", "announces 1"),
            ("S1020000", "announces 2 bytes and has 2"),
        ] {
            let why = look(valid() + line + "\n");
            let Some(check) = why.checks.iter().find(|c| c.explanation.contains("line 7")) else {
                panic!("{line} was not stated");
            };
            assert_eq!(check.result, CheckResult::Failed, "{line} {what}");
        }
    }

    #[test]
    fn overlap_end_and_wrong_end_are_told() {
        let twice = record('1', &[0, 0], &[1; 4])
            + &record('1', &[0, 3], &[1])
            + &record('9', &[0, 0], &[]);
        assert!(failed(&look(twice), "Addresses written once").contains("line 1 and line 2"));
        let one = record('1', &[0, 0], &[1; 4]);
        assert!(failed(&look(one.clone()), "End record").contains("cut off"));
        let wrong = one + &record('7', &[0, 0, 0, 0], &[]);
        assert_eq!(
            failed(&look(wrong), "End record"),
            "S7 ends a file of S1 records"
        );
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
