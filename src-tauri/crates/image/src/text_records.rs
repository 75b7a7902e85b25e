//! What Intel HEX and S-record files share: lines of hexadecimal records that write to addresses.
//!
//! The file is streamed line by line; no byte of the image stays in memory. To name the line that wrote an
//! address first, the file is read a second time, and only then.

use std::ops::ControlFlow;

use crate::bytes::{address, fill};
use crate::limits::{PLACES_NAMED, STREAM_BUFFER_BYTES, TEXT_FILE_BYTES, TEXT_LINE_BYTES};
use crate::segment_map::SegmentMap;
use crate::{CheckResult, ImageError, Inspection, Source};

/// One record format.
pub(crate) trait Decoder: Default {
    /// The format's name in messages.
    const WHAT: &'static str;

    /// Takes one line without its line end; never an empty one. The data lies in `buffer`.
    fn decode<'b>(&mut self, line: &[u8], buffer: &'b mut RecordBuffer) -> Decoded<'b>;
}

/// Room for the bytes of one record: twice as many as the longest has.
pub(crate) type RecordBuffer = [u8; 512];

/// An empty buffer.
pub(crate) fn new_record() -> RecordBuffer {
    [0; 512]
}

/// What a line says.
pub(crate) enum Decoded<'b> {
    /// Something that writes no byte.
    Nothing,
    /// Bytes for the target's memory.
    Data {
        /// Where they begin.
        address: u64,
        /// What they are; at most 255.
        data: &'b [u8],
    },
    /// The checksum disagrees. The line is not used further: nothing in it can be believed.
    Checksum(String),
    /// The line breaks the format's rules.
    Malformed(String),
}

/// Places where something is wrong: the first few in words, all of them counted.
#[derive(Debug, Default)]
pub(crate) struct Flaws {
    named: Vec<String>,
    count: u64,
}

impl Flaws {
    /// Adds one.
    pub(crate) fn add(&mut self, place: impl FnOnce() -> String) {
        self.count += 1;
        if self.named.len() < PLACES_NAMED {
            self.named.push(place());
        }
    }

    /// `good` when there are none, otherwise the places.
    pub(crate) fn verdict(&self, good: impl Into<String>) -> Result<String, String> {
        if self.count == 0 {
            return Ok(good.into());
        }
        let more = self.count - self.named.len() as u64;
        let named = self.named.join("; ");
        Err(match more {
            0 => named,
            more => format!("{named}; and {more} more"),
        })
    }
}

/// What a whole file of records says.
pub(crate) struct Scan<D> {
    /// The decoder as the last line left it.
    pub(crate) decoder: D,
    /// Written addresses.
    pub(crate) segments: SegmentMap,
    /// Data records.
    pub(crate) data_records: u64,
    checksums: Flaws,
    malformed: Flaws,
    overlap: Option<(u64, u64)>,
    overlaps: u64,
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
    let mut scan = Scan {
        decoder: D::default(),
        segments: SegmentMap::default(),
        data_records: 0,
        checksums: Flaws::default(),
        malformed: Flaws::default(),
        overlap: None,
        overlaps: 0,
    };
    let mut failure = None;
    let mut buffer = new_record();
    for_each_line(
        source,
        &mut |number, line| match scan.take(number, line, &mut buffer) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                failure = Some(error);
                ControlFlow::Break(())
            }
        },
    )?;
    failure.map_or(Ok(scan), Err)
}

impl<D: Decoder> Scan<D> {
    fn take(
        &mut self,
        number: u64,
        line: Line<'_>,
        buffer: &mut RecordBuffer,
    ) -> Result<(), ImageError> {
        let Line::Whole(line) = line else {
            let place = || format!("line {number} is longer than {TEXT_LINE_BYTES} characters");
            self.malformed.add(place);
            return Ok(());
        };
        match self.decoder.decode(line, buffer) {
            Decoded::Nothing => {}
            Decoded::Checksum(why) => self.checksums.add(|| format!("line {number}: {why}")),
            Decoded::Malformed(why) => self.malformed.add(|| format!("line {number}: {why}")),
            Decoded::Data { address, data } => {
                self.data_records += 1;
                let end = address.saturating_add(data.len() as u64);
                if let Some(twice) = self.segments.add(D::WHAT, address, end)? {
                    self.overlaps += 1;
                    self.overlap.get_or_insert((twice, number));
                }
            }
        }
        Ok(())
    }

    /// Writes the segments and the checks every record format has.
    pub(crate) fn report(
        &self,
        source: &dyn Source,
        inspection: &mut Inspection,
    ) -> Result<(), ImageError> {
        for (start, length_bytes) in self.segments.runs() {
            inspection.segment("data", Some(start), length_bytes);
        }
        let records = format!(
            "every record's own checksum, {} data records",
            self.data_records
        );
        inspection.verdict("Record checksums", self.checksums.verdict(records));
        let lines = "every line is a record of the format";
        inspection.verdict("Record structure", self.malformed.verdict(lines));
        inspection.verdict("Addresses written once", self.overlap_verdict(source)?);
        if self.data_records == 0 {
            let why = "there is no data record in the file";
            inspection.check("Data", CheckResult::Failed, why);
        }
        Ok(())
    }

    fn overlap_verdict(&self, source: &dyn Source) -> Result<Result<String, String>, ImageError> {
        let Some((twice, second)) = self.overlap else {
            return Ok(Ok("no two records write the same address".to_owned()));
        };
        let mut first = None;
        let mut decoder = D::default();
        let mut buffer = new_record();
        for_each_line(source, &mut |number, line| {
            if let Line::Whole(line) = line
                && let Decoded::Data { address, data } = decoder.decode(line, &mut buffer)
                && (address..address.saturating_add(data.len() as u64)).contains(&twice)
            {
                first = Some(number);
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(())
        })?;
        let first = first.map_or_else(|| "an earlier line".to_owned(), |n| format!("line {n}"));
        let why = format!(
            "{first} and line {second} both write address {}",
            address(twice)
        );
        Ok(Err(match self.overlaps {
            1 => why,
            count => format!("{why}; and {} more overlaps", count - 1),
        }))
    }
}

/// A line of text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Line<'a> {
    /// Without its end and without white space around it; not empty.
    Whole(&'a [u8]),
    /// Longer than any record. Its text was let go.
    TooLong,
}

/// Hands every line that is not empty to `take`, with its number from 1, until it breaks.
fn for_each_line(
    source: &dyn Source,
    take: &mut dyn FnMut(u64, Line<'_>) -> ControlFlow<()>,
) -> Result<(), ImageError> {
    let pieces = STREAM_BUFFER_BYTES;
    for_each_line_from(source, 0, pieces, &mut |number, _, line| take(number, line))
}

/// Hands every line from `begin`, where one begins, to `take` until it breaks: its number from 1, the
/// byte it begins at, and its text. Reads `piece_bytes` at once.
pub(crate) fn for_each_line_from(
    source: &dyn Source,
    begin: u64,
    piece_bytes: usize,
    take: Take<'_>,
) -> Result<(), ImageError> {
    let mut buffer = vec![0; piece_bytes];
    let mut lines = Lines {
        begin,
        next: begin,
        ..Lines::default()
    };
    let mut offset = begin;
    while offset < source.len() {
        let left = usize::try_from(source.len() - offset).unwrap_or(usize::MAX);
        let count = left.min(buffer.len());
        let Some(piece) = buffer.get_mut(..count) else {
            break;
        };
        fill(source, offset, piece)?;
        offset += count as u64;
        if lines.feed(piece, take).is_break() {
            return Ok(());
        }
    }
    let _ = lines.finish(take);
    Ok(())
}

/// Cuts a stream into lines. Holds at most one line's beginning.
#[derive(Default)]
struct Lines {
    number: u64,
    /// Where the present line begins.
    begin: u64,
    /// Where the next piece begins.
    next: u64,
    carry: Vec<u8>,
    too_long: bool,
}

type Take<'a> = &'a mut dyn FnMut(u64, u64, Line<'_>) -> ControlFlow<()>;

impl Lines {
    fn feed(&mut self, piece: &[u8], take: Take<'_>) -> ControlFlow<()> {
        for part in piece.split_inclusive(|&byte| byte == b'\n') {
            self.next += part.len() as u64;
            if part.last() != Some(&b'\n') {
                self.keep(part);
            } else if self.carry.is_empty() && !self.too_long {
                self.number += 1;
                let begin = std::mem::replace(&mut self.begin, self.next);
                hand_over(self.number, begin, part, take)?;
            } else {
                self.keep(part);
                self.finish(take)?;
            }
        }
        ControlFlow::Continue(())
    }

    fn keep(&mut self, part: &[u8]) {
        if self.carry.len() + part.len() > TEXT_LINE_BYTES {
            self.too_long = true;
            self.carry.clear();
        } else if !self.too_long {
            self.carry.extend_from_slice(part);
        }
    }

    fn finish(&mut self, take: Take<'_>) -> ControlFlow<()> {
        self.number += 1;
        let begin = std::mem::replace(&mut self.begin, self.next);
        let too_long = std::mem::take(&mut self.too_long);
        let line = std::mem::take(&mut self.carry);
        if too_long {
            return take(self.number, begin, Line::TooLong);
        }
        hand_over(self.number, begin, &line, take)
    }
}

fn hand_over(number: u64, begin: u64, line: &[u8], take: Take<'_>) -> ControlFlow<()> {
    if line.len() > TEXT_LINE_BYTES {
        return take(number, begin, Line::TooLong);
    }
    match line.trim_ascii() {
        [] => ControlFlow::Continue(()),
        line => take(number, begin, Line::Whole(line)),
    }
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
            text.len()
        ));
    }
    for ([high, low], byte) in pairs.iter().zip(record.iter_mut()) {
        match (digit(*high), digit(*low)) {
            (Some(high), Some(low)) => *byte = high << 4 | low,
            _ => return Err("a character that is no hexadecimal digit".to_owned()),
        }
    }
    Ok(record.get(..pairs.len()).unwrap_or_default())
}

fn digit(character: u8) -> Option<u8> {
    match character {
        b'0'..=b'9' => Some(character - b'0'),
        b'a'..=b'f' => Some(character - b'a' + 10),
        b'A'..=b'F' => Some(character - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MemorySource;

    fn lines(text: impl Into<Vec<u8>>) -> Vec<(u64, String)> {
        let mut seen = Vec::new();
        for_each_line(&MemorySource::new(text), &mut |number, line| {
            seen.push((
                number,
                match line {
                    Line::Whole(line) => String::from_utf8_lossy(line).into_owned(),
                    Line::TooLong => "too long".to_owned(),
                },
            ));
            ControlFlow::Continue(())
        })
        .unwrap();
        seen
    }

    #[test]
    fn lines_keep_their_numbers_over_empty_ones_and_any_line_end() {
        let expected = [
            (1, "a".to_owned()),
            (3, "b".to_owned()),
            (4, "c".to_owned()),
        ];
        assert_eq!(lines("a\r\n\r\n b \nc"), expected);
        assert_eq!(lines("a\n\nb\nc\n"), expected);
    }

    #[test]
    fn a_line_without_an_end_is_let_go_and_counted() {
        let text = format!("a\n{}\nb", "x".repeat(3 * STREAM_BUFFER_BYTES));
        let expected = [(1, "a"), (2, "too long"), (3, "b")];
        assert_eq!(lines(text), expected.map(|(n, t)| (n, t.to_owned())));
    }

    #[test]
    fn a_line_cut_by_the_buffer_is_put_together() {
        let text = format!("{}\n", "y".repeat(99)).repeat(STREAM_BUFFER_BYTES / 50);
        let seen = lines(text);
        assert_eq!(seen.len(), STREAM_BUFFER_BYTES / 50);
        assert!(seen.iter().all(|(_, line)| line.len() == 99));
    }
}
