//! Lines of a text file, whatever ends them, with the place where each begins.
//!
//! LF, CR and CRLF end a line; a line without an end is cut where a record begins. It knows no format
//! but the character that records begin with.

use std::ops::ControlFlow;

use firmdrop_core::AlignedBuffer;
use memchr::memchr2;

use crate::bytes::fill;
use crate::limits::TEXT_LINE_BYTES;
use crate::{ImageError, Source};

/// UTF-8's byte order mark.
const BYTE_ORDER_MARK: [u8; 3] = [0xEF, 0xBB, 0xBF];

/// A line of text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Line<'a> {
    /// Without its end and without white space around it; not empty.
    Whole(&'a [u8]),
    /// Null bytes, FF or the end mark of CP/M, and nothing else.
    Padding,
    /// Longer than any record. Its text was let go.
    TooLong,
}

/// What becomes of each line: its number from 1, the byte its text begins at, and the text.
pub(crate) type Take<'a> = &'a mut dyn FnMut(u64, u64, Line<'_>) -> ControlFlow<()>;

/// Who takes the lines of a file.
pub(crate) trait TakeLines {
    /// Takes one line, as [`Take`] does.
    fn line(&mut self, number: u64, begin: u64, line: Line<'_>) -> ControlFlow<()>;

    /// Takes whole lines from the beginning of `text`, where one begins, as many as it knows without
    /// looking at each by itself. Returns how many bytes and lines these are; the next one is handed
    /// over by itself.
    fn block(&mut self, text: &[u8]) -> (usize, u64);
}

/// One line after the other.
struct Single<'a>(Take<'a>);

impl TakeLines for Single<'_> {
    fn line(&mut self, number: u64, begin: u64, line: Line<'_>) -> ControlFlow<()> {
        (self.0)(number, begin, line)
    }

    fn block(&mut self, _: &[u8]) -> (usize, u64) {
        (0, 0)
    }
}

/// Hands every line from `begin`, where one begins, to `take` until it breaks. Reads `piece_bytes` at
/// once; `mark` is what records begin with.
pub(crate) fn for_each_line_from(
    source: &dyn Source,
    begin: u64,
    mark: u8,
    piece_bytes: usize,
    take: Take<'_>,
) -> Result<(), ImageError> {
    for_each_block_from(source, begin, mark, piece_bytes, &mut Single(take))
}

/// As [`for_each_line_from`], for one who takes many lines at once.
pub(crate) fn for_each_block_from(
    source: &dyn Source,
    begin: u64,
    mark: u8,
    piece_bytes: usize,
    take: &mut dyn TakeLines,
) -> Result<(), ImageError> {
    let mut buffer = AlignedBuffer::new(piece_bytes);
    let buffer = buffer.bytes_mut();
    let mut lines = Lines {
        mark,
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

/// Cuts a stream into lines. Holds at most one piece and one line's beginning.
#[derive(Default)]
struct Lines {
    mark: u8,
    number: u64,
    /// Where the present line begins.
    begin: u64,
    /// Where the next piece begins.
    next: u64,
    carry: Vec<u8>,
    too_long: bool,
    after_return: bool,
}

impl Lines {
    fn feed(&mut self, piece: &[u8], take: &mut dyn TakeLines) -> ControlFlow<()> {
        let mut rest = piece;
        while !rest.is_empty() {
            if self.is_at_begin() {
                let (bytes, lines) = take.block(rest);
                rest = rest.get(bytes..).unwrap_or_default();
                self.number += lines;
                self.next += bytes as u64;
                self.begin = self.next;
                self.after_return &= bytes == 0;
                if rest.is_empty() {
                    break;
                }
            }
            let end = memchr2(b'\n', b'\r', rest).map_or(rest.len(), |at| at + 1);
            let (part, more) = rest.split_at(end);
            rest = more;
            self.next += part.len() as u64;
            let end = part.last().copied().unwrap_or_default();
            // The second half of CRLF ends nothing.
            if std::mem::replace(&mut self.after_return, end == b'\r') && part == b"\n" {
                self.begin = self.next;
                continue;
            }
            if end != b'\n' && end != b'\r' {
                self.keep(part, take)?;
            } else if self.is_at_begin() {
                self.number += 1;
                let begin = std::mem::replace(&mut self.begin, self.next);
                hand_over(self.number, begin, part, take)?;
            } else {
                self.keep(part, take)?;
                self.finish(take)?;
            }
        }
        ControlFlow::Continue(())
    }

    /// Whether nothing of a line was read yet.
    fn is_at_begin(&self) -> bool {
        self.carry.is_empty() && !self.too_long
    }

    fn keep(&mut self, part: &[u8], take: &mut dyn TakeLines) -> ControlFlow<()> {
        if self.too_long {
            return ControlFlow::Continue(());
        }
        self.carry.extend_from_slice(part);
        let mut done = 0;
        while let Some(rest) = self
            .carry
            .get(done..)
            .filter(|rest| rest.len() > TEXT_LINE_BYTES)
        {
            let beginning = rest.get(..TEXT_LINE_BYTES).unwrap_or_default();
            let cut = beginning.iter().rposition(|byte| *byte == self.mark);
            let cut = match cut.filter(|cut| *cut > 0) {
                Some(cut) => cut,
                None if beginning.iter().copied().all(is_padding) => TEXT_LINE_BYTES,
                None => {
                    self.too_long = true;
                    self.carry.clear();
                    return ControlFlow::Continue(());
                }
            };
            let begin = self.begin;
            self.begin += cut as u64;
            done += cut;
            hand_over(
                self.number + 1,
                begin,
                rest.get(..cut).unwrap_or_default(),
                take,
            )?;
        }
        self.carry.drain(..done);
        ControlFlow::Continue(())
    }

    fn finish(&mut self, take: &mut dyn TakeLines) -> ControlFlow<()> {
        self.number += 1;
        let begin = std::mem::replace(&mut self.begin, self.next);
        let too_long = std::mem::take(&mut self.too_long);
        let line = std::mem::take(&mut self.carry);
        if too_long {
            return take.line(self.number, begin, Line::TooLong);
        }
        hand_over(self.number, begin, &line, take)
    }
}

/// Bytes that fill sectors, and the end mark of CP/M and DOS.
fn is_padding(byte: u8) -> bool {
    matches!(byte, 0 | 0x1A | 0xFF)
}

fn hand_over(number: u64, begin: u64, line: &[u8], take: &mut dyn TakeLines) -> ControlFlow<()> {
    if line.len() > TEXT_LINE_BYTES {
        return take.line(number, begin, Line::TooLong);
    }
    let mark = match begin {
        0 if line.starts_with(&BYTE_ORDER_MARK) => BYTE_ORDER_MARK.len(),
        _ => 0,
    };
    let is_text = |byte: &u8| !byte.is_ascii_whitespace() && !is_padding(*byte);
    let line = line.get(mark..).unwrap_or_default();
    let first = line.iter().position(is_text);
    let last = line.iter().rposition(is_text);
    match (first, last) {
        (Some(first), Some(last)) => {
            let text = line.get(first..=last).unwrap_or_default();
            take.line(number, begin + (mark + first) as u64, Line::Whole(text))
        }
        _ if line.iter().copied().any(is_padding) => take.line(number, begin, Line::Padding),
        _ => ControlFlow::Continue(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MemorySource;
    use crate::limits::STREAM_BUFFER_BYTES;

    fn lines(text: impl Into<Vec<u8>>) -> Vec<(u64, String)> {
        let mut seen = Vec::new();
        let source = MemorySource::new(text);
        for_each_line_from(
            &source,
            0,
            b':',
            STREAM_BUFFER_BYTES,
            &mut |number, _, line| {
                let text = match line {
                    Line::Whole(line) => String::from_utf8_lossy(line).into_owned(),
                    Line::Padding => "padding".to_owned(),
                    Line::TooLong => "too long".to_owned(),
                };
                seen.push((number, text));
                ControlFlow::Continue(())
            },
        )
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
        assert_eq!(lines("a\r\rb\rc\r"), expected);
        assert_eq!(lines("\u{FEFF}a\r\n\nb\rc"), expected);
    }

    #[test]
    fn a_line_without_an_end_is_let_go_and_counted() {
        let text = format!("a\n{}\nb", "x".repeat(3 * STREAM_BUFFER_BYTES));
        let expected = [(1, "a"), (2, "too long"), (3, "b")];
        assert_eq!(lines(text), expected.map(|(n, t)| (n, t.to_owned())));
    }

    #[test]
    fn records_without_line_ends_are_cut_where_one_begins() {
        let record = format!(":{}", "0".repeat(99));
        let text = record.repeat(STREAM_BUFFER_BYTES / 30);
        let seen: Vec<_> = lines(text.clone());
        assert!(
            seen.iter()
                .all(|(number, line)| *number == 1 && line.starts_with(':'))
        );
        let whole: String = seen.into_iter().map(|(_, line)| line).collect();
        assert_eq!(whole, text);
    }

    #[test]
    fn padding_is_told_apart_from_text() {
        let mut text = b"a\n".to_vec();
        text.extend([0; 5000]);
        let seen = lines(text);
        assert_eq!(seen[0], (1, "a".to_owned()));
        assert!(seen[1..].iter().all(|(_, line)| line == "padding"));
        assert_eq!(lines("a\x1A\0\0"), [(1, "a".to_owned())]);
    }

    #[test]
    fn a_line_cut_by_the_buffer_is_put_together() {
        let text = format!("{}\n", "y".repeat(99)).repeat(STREAM_BUFFER_BYTES / 50);
        let seen = lines(text);
        assert_eq!(seen.len(), STREAM_BUFFER_BYTES / 50);
        assert!(seen.iter().all(|(_, line)| line.len() == 99));
    }
}
