//! Cypress's files for bootloaders of `PSoC`: a line about the chip, and a line for each row of its flash.
//!
//! `.cyacd` as in Cypress's *AN60317* and its article on the format: array, row, length, data, and a checksum
//! that makes the bytes of a row give zero. `.cyacd2` as in the *DFU Software Development Kit Guide*: an
//! address, lowest byte first, and data; it has no checksum.

use std::ops::ControlFlow;

use firmdrop_core::grouped;

use super::heading::named;
use crate::bytes::address;
use crate::flaws::Flaws;
use crate::limits::{STREAM_BUFFER_BYTES, TEXT_FILE_BYTES};
use crate::lines::{Line, for_each_line_from};
use crate::segment_map::SegmentMap;
use crate::text_records::{RecordBuffer, digits, new_record};
use crate::{CheckResult, Format, ImageError, Inspection, Source};

/// Bytes of a row of the first version besides its data: array, number, length, checksum.
const FRAME_BYTES: usize = 6;

/// Bytes of the address of a row of the second version.
const ADDRESS_BYTES: usize = 4;

/// Digits of the first line, by version.
const DIGITS: usize = 12;
const DIGITS_2: usize = 24;

/// Describes one of these files by its first line of digits and the line behind it, which is a row or, in
/// the second version, a note that begins with an at sign.
pub(super) fn describe(
    first: &[u8],
    second: &[u8],
    source: &dyn Source,
) -> Result<Option<Inspection>, ImageError> {
    let is_row = second.starts_with(b":") || second.starts_with(b"@");
    let mut buffer = new_record();
    let header = match digits(first, &mut buffer) {
        Ok(header) if is_row && source.len() <= TEXT_FILE_BYTES => header,
        _ => return Ok(None),
    };
    match (first.len(), header) {
        (DIGITS, &[a, b, c, d, revision, kind]) => {
            let id = [a, b, c, d];
            rows(source, ".cyacd", id, revision, Kind::Sum(kind)).map(Some)
        }
        (DIGITS_2, &[1 | 2, d, c, b, a, revision, ..]) => {
            rows(source, ".cyacd2", [a, b, c, d], revision, Kind::Addressed).map(Some)
        }
        _ => Ok(None),
    }
}

/// How rows are written.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    /// With a checksum; the number of the one that packets to the chip have.
    Sum(u8),
    Addressed,
}

fn rows(
    source: &dyn Source,
    name: &str,
    id: [u8; 4],
    revision: u8,
    kind: Kind,
) -> Result<Inspection, ImageError> {
    let id = u32::from_be_bytes(id);
    let summary = format!(
        "Cypress/Infineon bootloader file ({name}), silicon id {id:08X}, revision {revision:02X}"
    );
    let mut scan = Scan::new(kind);
    let mut buffer = new_record();
    let mut failure = None;
    let each = &mut |number, _, line: Line<'_>| {
        let taken = match line {
            Line::Whole([b':', row @ ..]) => scan.take(number, row, &mut buffer),
            _ => Ok(()),
        };
        failure = taken.err();
        match failure {
            None => ControlFlow::Continue(()),
            Some(_) => ControlFlow::Break(()),
        }
    };
    for_each_line_from(source, 0, b':', STREAM_BUFFER_BYTES, each)?;
    if let Some(error) = failure {
        return Err(error);
    }
    let mut inspection = named(Format::Named, source, summary);
    inspection.identity.target = Some(format!("silicon id {id:08X}"));
    scan.report(&mut inspection);
    Ok(inspection)
}

struct Scan {
    kind: Kind,
    map: SegmentMap,
    rows: u64,
    data_bytes: u64,
    malformed: Flaws,
    sums: Flaws,
    right: u64,
}

impl Scan {
    fn new(kind: Kind) -> Self {
        Self {
            kind,
            map: SegmentMap::default(),
            rows: 0,
            data_bytes: 0,
            malformed: Flaws::default(),
            sums: Flaws::default(),
            right: 0,
        }
    }

    fn take(
        &mut self,
        number: u64,
        row: &[u8],
        buffer: &mut RecordBuffer,
    ) -> Result<(), ImageError> {
        self.rows += 1;
        let row = match digits(row, buffer) {
            Ok(row) => row,
            Err(why) => {
                self.malformed.add(|| format!("line {number}: {why}"));
                return Ok(());
            }
        };
        if self.kind == Kind::Addressed {
            let Some((at, data)) = row.split_first_chunk::<ADDRESS_BYTES>() else {
                let why = "shorter than its address";
                self.malformed.add(|| format!("line {number}: {why}"));
                return Ok(());
            };
            let at = u64::from(u32::from_le_bytes(*at));
            self.data_bytes += data.len() as u64;
            return self
                .map
                .add(".cyacd2 file", at, at + data.len() as u64)
                .map(|_| ());
        }
        let said = match row {
            [_, _, _, high, low, ..] => usize::from(u16::from_be_bytes([*high, *low])),
            _ => 0,
        };
        let found = row.len().saturating_sub(FRAME_BYTES);
        if row.len() < FRAME_BYTES || found != said {
            let place = || {
                format!(
                    "line {number}: announces {said} data bytes and has {found}",
                    said = grouped(said),
                    found = grouped(found)
                )
            };
            self.malformed.add(place);
            return Ok(());
        }
        self.data_bytes += said as u64;
        let sum = row.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
        if sum == 0 {
            self.right += 1;
        } else {
            let checksum = row.last().copied().unwrap_or_default();
            let right = checksum.wrapping_sub(sum);
            self.sums.add(|| {
                format!("line {number}: the checksum is {checksum:02X}, the bytes give {right:02X}")
            });
        }
        Ok(())
    }

    fn report(&self, inspection: &mut Inspection) {
        if let Err(places) = self.malformed.verdict("") {
            inspection.check("Row structure", CheckResult::Failed, places);
        }
        if self.right > 0 {
            let good = format!("every row's own checksum, {} rows", grouped(self.rows));
            inspection.verdict("Row checksums", self.sums.verdict(good));
        } else if !self.sums.is_empty() {
            // Which checksum rows have is a setting of the bootloader.
            let why = "not those of the documented sum in any row: they were not checked";
            inspection.fact("Row checksums", why);
        }
        if let Kind::Sum(kind) = self.kind {
            let name = match kind {
                0 => "sum (00)".to_owned(),
                1 => "CRC-16 (01)".to_owned(),
                _ => format!("{kind:02X}"),
            };
            inspection.fact("Checksum of packets", name);
        }
        for (start, length_bytes) in self.map.runs() {
            let name = format!("data at {}", address(start));
            inspection.segment(name, Some(start), length_bytes);
        }
        inspection.fact("Flash rows", grouped(self.rows));
        inspection.fact_bytes("Data", self.data_bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::test_support::{failed, passed};
    use crate::{Integrity, MemorySource, inspect};
    use proptest::prelude::*;

    fn inspected(text: &str) -> Inspection {
        inspect(&MemorySource::new(text.as_bytes())).unwrap()
    }

    fn row(number: u8, data: &[u8]) -> String {
        let mut bytes = vec![0, 0, number, 0, u8::try_from(data.len()).unwrap()];
        bytes.extend_from_slice(data);
        let sum = bytes.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
        bytes.push(sum.wrapping_neg());
        format!(":{}\r\n", crate::bytes::hex(&bytes).to_uppercase())
    }

    fn file() -> String {
        "190411D31100\r\n".to_owned() + &row(15, &[0x9F, 0x60, 1, 2]) + &row(16, &[7; 64])
    }

    #[test]
    fn each_row_has_a_checksum_and_a_length() {
        let found = inspected(&file());
        assert_eq!(found.integrity(), Integrity::Intact, "{found:?}");
        assert_eq!(
            passed(&found, "Row checksums"),
            "every row's own checksum, 2 rows"
        );
        let wrong = inspected(&file().replacen("9F60", "9F61", 1));
        assert!(failed(&wrong, "Row checksums").starts_with("line 2: the checksum is"));
        let cut = file();
        let cut = inspected(&cut[..cut.len() - 12]);
        assert_eq!(
            failed(&cut, "Row structure"),
            "line 3: announces 64 data bytes and has 59"
        );
    }

    #[test]
    fn rows_of_which_none_has_the_documented_sum_are_not_called_damaged() {
        let found = inspected("190411D31100\r\n:00000F00089F60D352B50D1218A0\r\n");
        assert_eq!(found.integrity(), Integrity::Unknown);
        assert!(found.facts.iter().any(|fact| fact.label == "Row checksums"));
    }

    #[test]
    fn the_second_version_has_addresses_and_no_checksum() {
        let text = "0106A100E2220100000000AA\n@APPINFO:0x10010000,0x8\n:0000011001020304\n:0400011005060708\n";
        let text = text.replace("0106A100E2220100000000AA", "0106A100E222010001020304");
        let found = inspected(&text);
        assert!(
            found
                .summary
                .contains(".cyacd2), silicon id E200A106, revision 22")
        );
        let places: Vec<_> = found
            .segments
            .iter()
            .map(|s| (s.address, s.length_bytes))
            .collect();
        assert_eq!(places, [(Some(0x1001_0000), 8)]);
        assert_eq!(found.integrity(), Integrity::Unknown);
        let cut = inspected(&text[..text.len() - 11]);
        assert!(
            failed(&cut, "Row structure").contains("shorter than its address"),
            "{cut:?}"
        );
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[0-9A-F]{12}\n(:[0-9A-F]{0,40}\n){0,20}") {
            let _ = inspected(&text);
        }
    }
}
