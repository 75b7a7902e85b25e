//! A whole file of text records: what it writes, and what is wrong with it or beside the records.
//!
//! The file is streamed line by line; no byte of the image stays in memory. Only a checksum error, a
//! contradiction or a missing end is damage; everything else is said and changes nothing.

use std::ops::ControlFlow;

use firmdrop_core::grouped;

use crate::bytes::address;
use crate::flaws::Flaws;
use crate::limits::{PLACES_NAMED, STREAM_BUFFER_BYTES, TEXT_FILE_BYTES, TEXT_LINE_BYTES};
use crate::lines::{Line, TakeLines, for_each_block_from};
use crate::memory::Memory;
use crate::segment_map::SegmentMap;
use crate::text_compare::{Outcome, compare};
use crate::text_records::{Decoded, Decoder, RecordBuffer, WORDS, new_record};
use crate::text_rows;
use crate::{CheckResult, ImageError, Inspection, Source};

/// What a whole file of records says.
pub(crate) struct Scan<D> {
    /// The decoder as the last record of the image left it.
    pub(crate) decoder: D,
    /// Written addresses.
    pub(crate) memory: Memory,
    /// Data records.
    pub(crate) data_records: u64,
    /// What the comparison of addresses that are written twice says.
    compared: Outcome,
    checksums: Flaws,
    malformed: Flaws,
    unknown: Flaws,
    comments: u64,
    padding: bool,
    overlaps: u64,
    after: After<D>,
}

/// What stands behind the end record.
#[derive(Default)]
struct After<D> {
    decoder: D,
    first_line: Option<u64>,
    lines: u64,
    data_bytes: u64,
    map: SegmentMap,
}

/// Reads every line of the file.
pub(crate) fn scan<D: Decoder>(source: &dyn Source) -> Result<Scan<D>, ImageError> {
    if source.len() > TEXT_FILE_BYTES {
        return Err(ImageError::TooLarge {
            what: D::WHAT,
            unit: "bytes",
            limit: TEXT_FILE_BYTES,
            found: source.len(),
        });
    }
    let scan = Scan {
        decoder: D::default(),
        memory: Memory::default(),
        data_records: 0,
        compared: Outcome::Once,
        checksums: Flaws::default(),
        malformed: Flaws::default(),
        unknown: Flaws::default(),
        comments: 0,
        padding: false,
        overlaps: 0,
        after: After::default(),
    };
    let mut pass = Pass {
        scan,
        buffer: new_record(),
        failure: None,
    };
    for_each_block_from(source, 0, D::MARK, STREAM_BUFFER_BYTES, &mut pass)?;
    let Pass {
        mut scan, failure, ..
    } = pass;
    if let Some(error) = failure {
        return Err(error);
    }
    if scan.overlaps > 0 {
        scan.compared = compare::<D>(source, &scan.memory)?;
    }
    Ok(scan)
}

/// One way through the file.
struct Pass<D> {
    scan: Scan<D>,
    buffer: RecordBuffer,
    failure: Option<ImageError>,
}

impl<D: Decoder> TakeLines for Pass<D> {
    fn line(&mut self, number: u64, _: u64, line: Line<'_>) -> ControlFlow<()> {
        if self.failure.is_none() {
            self.failure = self.scan.take(number, line, &mut self.buffer).err();
        }
        match &self.failure {
            None => ControlFlow::Continue(()),
            Some(_) => ControlFlow::Break(()),
        }
    }

    fn block(&mut self, text: &[u8]) -> (usize, u64) {
        match self.scan.take_rows(text) {
            Ok(taken) => taken,
            Err(error) => {
                self.failure = Some(error);
                (0, 0)
            }
        }
    }
}

impl<D: Decoder> Scan<D> {
    /// Takes ordinary rows from the beginning of `text`; returns how many bytes and lines these are.
    fn take_rows(&mut self, text: &[u8]) -> Result<(usize, u64), ImageError> {
        if self.decoder.has_ended() {
            return Ok((0, 0));
        }
        let shape = self.decoder.shape(text);
        let Some(rows) = shape.and_then(|shape| text_rows::take(text, shape)) else {
            return Ok((0, 0));
        };
        self.decoder.took(&rows);
        self.data_records += rows.lines;
        let (group, at) = (rows.shape.group, rows.shape.address);
        let written = self.memory.write_run(D::WHAT, group, at, rows.run())?;
        self.overlaps += u64::from(written.is_some());
        Ok((rows.text_bytes, rows.lines))
    }

    fn take(
        &mut self,
        number: u64,
        line: Line<'_>,
        buffer: &mut RecordBuffer,
    ) -> Result<(), ImageError> {
        let mut rest = match line {
            Line::Whole(line) => line,
            Line::Padding => {
                self.padding = true;
                return Ok(());
            }
            Line::TooLong if self.decoder.has_ended() => {
                self.after.line(number);
                return Ok(());
            }
            Line::TooLong => {
                let place = || {
                    format!(
                        "line {number} is longer than {} characters",
                        grouped(TEXT_LINE_BYTES)
                    )
                };
                self.malformed.add(place);
                return Ok(());
            }
        };
        while !rest.is_empty() {
            if self.decoder.has_ended() {
                return self.after.take(number, rest, buffer);
            }
            let (decoded, more) = self.decoder.decode(rest, buffer);
            rest = more.trim_ascii_start();
            match decoded {
                Decoded::Nothing => {}
                Decoded::Comment => self.comments += 1,
                Decoded::UnknownType(kind) => {
                    self.unknown
                        .add(|| format!("line {number}: type {kind:02X}"));
                }
                Decoded::Checksum(why) => self.checksums.add(|| format!("line {number}: {why}")),
                Decoded::Malformed(why) => self.malformed.add(|| format!("line {number}: {why}")),
                Decoded::Data {
                    group,
                    piece,
                    wrapped,
                } => {
                    self.data_records += 1;
                    for (at, data) in [Some(piece), wrapped].into_iter().flatten() {
                        let twice = self.memory.write(D::WHAT, group, at, data)?;
                        self.overlaps += u64::from(twice.is_some());
                    }
                }
            }
        }
        Ok(())
    }

    /// Writes the segments and the checks every record format has.
    pub(crate) fn report(&self, inspection: &mut Inspection) {
        self.segments(inspection);
        let records = format!(
            "every record's own checksum, {} data records",
            grouped(self.data_records)
        );
        inspection.verdict("Record checksums", self.checksums.verdict(records));
        let lines = "every record follows the format";
        inspection.verdict("Record structure", self.malformed.verdict(lines));
        let (result, why) = self.compared.words();
        inspection.check("Addresses written once", result, why);
        if let Err(places) = self.unknown.verdict("") {
            let why = format!(
                "{places}: the specification has no such record. They are whole, and what they mean is not known here"
            );
            inspection.check("Record types", CheckResult::Warning, why);
        }
        let is_flawed = !self.checksums.is_empty() || !self.malformed.is_empty();
        if self.data_records == 0 && self.decoder.has_ended() && !is_flawed {
            // As objcopy writes a section without bytes.
            let why = "there is no data record: the file writes nothing";
            inspection.check("Data", CheckResult::Warning, why);
        } else if self.data_records == 0 {
            let why = "there is no data record in the file";
            inspection.check("Data", CheckResult::Failed, why);
        }
        self.after.report(inspection);
        if self.comments > 0 {
            let plural = if self.comments == 1 {
                "comment"
            } else {
                "comments"
            };
            let text = format!("{} {plural} beside the records", grouped(self.comments));
            inspection.fact("Comments", text);
        }
        if self.padding {
            let text = "null bytes, FF or an end mark of DOS stand between or behind the records";
            inspection.fact("Padding", text);
        }
        inspection.fact("Data records", grouped(self.data_records));
    }

    fn segments(&self, inspection: &mut Inspection) {
        if let Outcome::Words(words) = &self.compared {
            for (start, words) in words.runs() {
                inspection.segment(WORDS, Some(start), words * 2);
            }
            return;
        }
        for group in self.memory.groups() {
            let name = group
                .id
                .map_or_else(|| "data".to_owned(), |id| self.decoder.group_name(id));
            for (start, length_bytes) in group.map.runs() {
                inspection.segment(name.as_str(), Some(start), length_bytes);
            }
        }
    }

    /// How many runs the file writes.
    pub(crate) fn runs(&self) -> usize {
        match &self.compared {
            Outcome::Words(words) => words.len(),
            _ => self.memory.runs(),
        }
    }

    /// Whether addresses count words of 16 bits.
    pub(crate) fn has_words(&self) -> bool {
        matches!(self.compared, Outcome::Words(_))
    }
}

impl<D: Decoder> After<D> {
    fn line(&mut self, number: u64) {
        self.first_line.get_or_insert(number);
        self.lines += 1;
    }

    fn take(
        &mut self,
        number: u64,
        mut rest: &[u8],
        buffer: &mut RecordBuffer,
    ) -> Result<(), ImageError> {
        self.line(number);
        while !rest.is_empty() {
            let (decoded, more) = self.decoder.decode(rest, buffer);
            rest = more.trim_ascii_start();
            if let Decoded::Data { piece, wrapped, .. } = decoded {
                for (at, data) in [Some(piece), wrapped].into_iter().flatten() {
                    self.data_bytes += data.len() as u64;
                    let end = at.saturating_add(data.len() as u64);
                    self.map.add(D::WHAT, at, end)?;
                }
            }
        }
        Ok(())
    }

    fn report(&self, inspection: &mut Inspection) {
        let Some(first) = self.first_line else { return };
        if self.data_bytes == 0 {
            let plural = if self.lines == 1 { "line" } else { "lines" };
            let text = format!(
                "{} {plural} from line {first} on, without data: no part of the image",
                grouped(self.lines)
            );
            inspection.fact("Behind the end record", text);
            return;
        }
        let runs: Vec<_> = self
            .map
            .runs()
            .take(PLACES_NAMED)
            .map(|(start, length)| format!("{} bytes at {}", grouped(length), address(start)))
            .collect();
        let more = match self.map.len().saturating_sub(runs.len()) {
            0 => String::new(),
            more => format!(" and {more} more places"),
        };
        let why = format!(
            "a second part follows from line {first} on ({}{more}). Most tools ignore it, and it is no part of this image",
            runs.join(", ")
        );
        inspection.check("Behind the end record", CheckResult::Warning, why);
    }
}
