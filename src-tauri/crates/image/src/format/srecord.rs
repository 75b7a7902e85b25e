//! Motorola S-record: lines of `S`, type, count, address, data, checksum.
//!
//! Record types are those of the format's manual page `srec(5)` and of Motorola's *M68000 Family
//! Programmer's Reference Manual*, appendix C.

use firmdrop_core::grouped;

use crate::bytes::{address, shown};
use crate::inner;
use crate::text_records::{Decoded, Decoder, RecordBuffer, byte, cut, digits, new_record};
use crate::text_rows::{Rows, Shape};
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
    if let Some(count) = &records.count {
        inspection.verdict("Record count", count.verdict());
    }
    match records.end {
        Some((kind, at)) => {
            let (result, why) = records.end_verdict(kind);
            inspection.check("End record", result, why);
            if at != 0 {
                inspection.fact("Entry point", address(at));
            }
        }
        None if records
            .count
            .as_ref()
            .is_some_and(|count| count.is_last(records.data)) =>
        {
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
    /// Data records so far.
    data: u64,
    count: Option<Count>,
    end: Option<(u8, u64)>,
    /// Bytes of the address in the record that closes the file.
    end_bytes: usize,
    widest: u8,
}

/// A count record, and the data records that were there before it.
#[derive(Debug, Clone)]
struct Count {
    said: u64,
    /// All of the file.
    total: u64,
    /// Those behind the count record before.
    since: u64,
    /// One more than the largest number that fits the record.
    modulus: u64,
}

impl Count {
    /// Some tools count each block of records by itself, some let the number of an S5 record begin again
    /// after 65,535.
    fn is_right(&self) -> bool {
        [self.total, self.since]
            .iter()
            .any(|count| count % self.modulus == self.said)
    }

    fn is_last(&self, data_records: u64) -> bool {
        self.is_right() && self.total == data_records
    }

    fn verdict(&self) -> Result<String, String> {
        let said = self.said;
        if !self.is_right() {
            return Err(format!(
                "the count record says {said} data records, {} are there",
                grouped(self.total),
                said = grouped(said)
            ));
        }
        Ok(if said == self.total {
            format!(
                "the count record says {said} data records, all are there",
                said = grouped(said)
            )
        } else if said == self.since {
            format!(
                "the last count record says {said} data records since the one before, all are there",
                said = grouped(said)
            )
        } else {
            let (total, modulus) = (grouped(self.total), grouped(self.modulus));
            format!(
                "the count record says {said}, {total} are there: the count begins again after {modulus}",
                said = grouped(said),
            )
        })
    }
}

impl SRecord {
    /// Takes a count record; the first that is wrong stays.
    fn counted(&mut self, said: u64, modulus: u64) {
        let before = self.count.as_ref();
        if before.is_some_and(|count| !count.is_right()) {
            return;
        }
        self.count = Some(Count {
            said,
            total: self.data,
            since: self.data - before.map_or(0, |count| count.total),
            modulus,
        });
    }

    /// Tools that mix S1, S2 and S3 close every file with S9; the bytes are the same.
    fn end_verdict(&self, kind: u8) -> (CheckResult, String) {
        if self.widest != 0 && kind != 10 - self.widest {
            let why = format!(
                "S{kind} ends a file of S{} records; some tools refuse that",
                self.widest
            );
            (CheckResult::Warning, why)
        } else if self.end_bytes != 11 - usize::from(kind) {
            let why = format!(
                "the S{kind} record that closes the file has an address of {} bytes, {} are usual; some tools refuse that",
                self.end_bytes,
                11 - usize::from(kind)
            );
            (CheckResult::Warning, why)
        } else {
            (
                CheckResult::Passed,
                format!("an S{kind} record closes the file"),
            )
        }
    }

    fn record<'b>(
        &mut self,
        kind: u8,
        (at, address_bytes): (u64, usize),
        data: &'b [u8],
    ) -> Decoded<'b> {
        match kind {
            b'0' => {
                let zeros = data.iter().rev().take_while(|byte| **byte == 0).count();
                let text = data.get(..data.len() - zeros).unwrap_or_default();
                self.header.get_or_insert_with(|| shown(text));
                Decoded::Nothing
            }
            b'1'..=b'3' => {
                self.widest = self.widest.max(kind - b'0');
                self.data += 1;
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
                self.counted(at, 1 << (8 * address_bytes));
                Decoded::Nothing
            }
            b'7'..=b'9' if data.is_empty() => {
                self.end = Some((kind - b'0', at));
                self.end_bytes = address_bytes;
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

    fn shape(&self, line: &[u8]) -> Option<Shape> {
        let (mark, address_bytes): (&[u8], usize) = match line {
            [b'S', b'1', ..] => (b"S1", 2),
            [b'S', b'2', ..] => (b"S2", 3),
            [b'S', b'3', ..] => (b"S3", 4),
            _ => return None,
        };
        let (pairs, _) = line.get(2..)?.as_chunks::<2>();
        let mut head = 0;
        for pair in pairs.get(..=address_bytes)? {
            head = head << 8 | u64::from(byte(pair)?);
        }
        let addresses = 1 << (8 * address_bytes);
        let (count, address) = (head / addresses, head % addresses);
        let data_bytes = usize::try_from(count)
            .ok()?
            .checked_sub(address_bytes + 1)?;
        (data_bytes > 0).then(|| Shape {
            mark,
            head,
            head_bytes: 1 + address_bytes,
            step: 1,
            data_bytes,
            sum: 0xFF,
            rows: (addresses - address) / data_bytes as u64,
            group: None,
            address,
        })
    }

    fn took(&mut self, rows: &Rows) {
        let kind = rows.shape.mark.last().copied().unwrap_or_default();
        self.widest = self.widest.max(kind.saturating_sub(b'0'));
        self.data += rows.lines;
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
            format!(
                "announces {count} bytes and has {}",
                grouped(rest.len()),
                count = grouped(*count)
            )
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
            // Some programs write counts and ends with as many bytes as their data records have.
            b'5'..=b'9' if (2..=4).contains(&rest.len()) => rest.len(),
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
        self.record(kind, (at, address_bytes), data)
    }
}

#[cfg(test)]
#[path = "srecord_tests.rs"]
mod tests;
