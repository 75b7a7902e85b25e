//! Firmware and dumps written as text, other than Intel HEX and S-record.

use std::ops::ControlFlow;

use firmdrop_core::grouped;

use super::cyacd;
use super::heading::named;
use crate::format::hex_dialect;
use crate::limits::{STREAM_BUFFER_BYTES, TEXT_FILE_BYTES};
use crate::lines::{Line, for_each_line_from};
use crate::segment_map::SegmentMap;
use crate::text_records::byte;
use crate::{Format, ImageError, Inspection, Source};

/// Names a file by its first line.
pub(super) fn describe(head: &[u8], source: &dyn Source) -> Result<Option<Inspection>, ImageError> {
    let mut lines = head
        .split(|byte| matches!(byte, b'\n' | b'\r'))
        .map(<[u8]>::trim_ascii)
        .filter(|line| !is_comment(line));
    let Some(first) = lines.next() else {
        return Ok(None);
    };
    let word = first.split(u8::is_ascii_whitespace).next();
    let place = word.and_then(|word| word.strip_prefix(b"@"));
    if place.is_some_and(is_hex) {
        return memory_text(source);
    }
    let second = lines.next().unwrap_or_default();
    if let Some(found) = cyacd::describe(first, second, source)? {
        return Ok(Some(found));
    }
    let summary = tektronix(first)
        .or_else(|| dump(first))
        .or_else(|| hex_dialect::name(head).map(str::to_owned))
        .or_else(|| other(head, first).map(str::to_owned));
    Ok(summary.map(|summary| named(Format::Named, source, summary)))
}

/// Nothing, or a comment of Verilog on a line of its own.
fn is_comment(line: &[u8]) -> bool {
    line.is_empty() || line.starts_with(b"//") || (line.starts_with(b"/*") && line.ends_with(b"*/"))
}

fn is_hex(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(u8::is_ascii_hexdigit)
}

/// Tektronix extended: `%`, the number of characters, a type, a checksum (`srec_tektronix_extended(5)`).
fn tektronix(first: &[u8]) -> Option<String> {
    let [b'%', rest @ ..] = first else {
        return None;
    };
    let length = std::str::from_utf8(rest.get(..2)?).ok()?;
    let length = usize::from_str_radix(length, 16).ok()?;
    let is_record = length == rest.len() && matches!(rest.get(2), Some(b'3' | b'6' | b'8'));
    is_record.then(|| "Tektronix extended HEX".to_owned())
}

/// What `hexdump -C`, `xxd` and `od` print: an offset, and bytes.
fn dump(first: &[u8]) -> Option<String> {
    let end = first.iter().position(|byte| !byte.is_ascii_hexdigit())?;
    let (offset, rest) = first.split_at_checked(end)?;
    let rest = rest.strip_prefix(b":").unwrap_or(rest);
    let mut words = rest
        .split(|byte| *byte == b' ')
        .filter(|word| !word.is_empty());
    let is_dump = (7..=8).contains(&offset.len())
        && offset.iter().all(|byte| *byte == b'0')
        && rest.starts_with(b" ")
        && words
            .next()
            .is_some_and(|word| word.len() <= 8 && word.len() >= 2 && is_hex(word));
    is_dump.then(|| {
        "Hexadecimal dump as text, not the firmware itself: turn it back into bytes with xxd -r"
            .to_owned()
    })
}

/// Formats that say no more here than their name, by their first line or a word near it (their pages in
/// srecord 1.64, `srec_NAME(5)`).
fn other(head: &[u8], first: &[u8]) -> Option<&'static str> {
    let has = |word: &[u8]| head.windows(word.len()).any(|window| window == word);
    let record = |mark: u8, beside: usize| {
        let text = first.strip_prefix(&[mark]).unwrap_or_default();
        let count = byte(text).map(usize::from);
        is_hex(text) && count.is_some_and(|count| text.len() == 2 * (count + beside))
    };
    if record(b';', 5) {
        return Some("MOS Technology hex");
    }
    let text = first.strip_prefix(b"/").unwrap_or_default();
    let count = text.get(4..6).and_then(byte).map(usize::from);
    if is_hex(text) && count.is_some_and(|count| text.len() == 2 * (count + 5)) {
        return Some("Tektronix hex");
    }
    if has(b"DEPTH") && has(b"WIDTH") && has(b"CONTENT BEGIN") {
        return Some("Memory initialization file (.mif)");
    }
    if has(b"memory_initialization_radix") {
        return Some("Coefficient file (.coe)");
    }
    if first.starts_with(b"v2.0 raw") || first.starts_with(b"v3.0 hex") {
        return Some("Logisim memory image");
    }
    if first.starts_with(b"\x02 $A") || first.starts_with(b"$A0") {
        return Some("ASCII-Hex");
    }
    let is_source = (has(b"char ") || has(b"uint8_t ")) && has(b"[") && has(b"{") && has(b"0x");
    is_source.then_some("Source text with the bytes of an array, not the firmware itself")
}

/// `@address` and bytes: `$readmemh` of Verilog (as `objcopy -O verilog` writes it), or TI-TXT, which a `q`
/// closes.
fn memory_text(source: &dyn Source) -> Result<Option<Inspection>, ImageError> {
    if source.len() > TEXT_FILE_BYTES {
        return Ok(None);
    }
    let mut scan = Scan::default();
    let each = &mut |_, _, line: Line<'_>| {
        if let Line::Whole(line) = line {
            scan.take(line);
        }
        if scan.is_other || scan.failure.is_some() {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    };
    for_each_line_from(source, 0, b'@', STREAM_BUFFER_BYTES, each)?;
    if let Some(error) = scan.failure {
        return Err(error);
    }
    if scan.is_other || scan.map.len() == 0 {
        return Ok(None);
    }
    let kind = if scan.is_closed {
        "TI-TXT"
    } else {
        "Verilog hex (as objcopy -O verilog writes it)"
    };
    let runs = scan.map.len();
    let plural = if runs == 1 { "" } else { "s" };
    let summary = format!("{kind}, {} segment{plural}", grouped(runs as u64));
    let mut inspection = named(Format::Named, source, summary);
    for (start, length_bytes) in scan.map.runs() {
        let place = crate::bytes::address(start);
        inspection.segment(format!("data at {place}"), Some(start), length_bytes);
    }
    Ok(Some(inspection))
}

#[derive(Default)]
struct Scan {
    map: SegmentMap,
    at: u64,
    /// An address before the first word says how many bytes it counts.
    first_words: Option<u64>,
    width: Option<usize>,
    is_closed: bool,
    is_other: bool,
    failure: Option<ImageError>,
}

impl Scan {
    fn take(&mut self, line: &[u8]) {
        if is_comment(line) {
            return;
        }
        let line = line.split(|byte| *byte == b'/').next().unwrap_or_default();
        for word in line
            .split(u8::is_ascii_whitespace)
            .filter(|word| !word.is_empty())
        {
            self.word(word);
        }
    }

    fn word(&mut self, word: &[u8]) {
        let text = std::str::from_utf8(word).unwrap_or_default();
        if let Some(address) = text.strip_prefix('@') {
            match (u32::from_str_radix(address, 16), self.width) {
                (Ok(at), Some(width)) => self.at = u64::from(at) * width as u64,
                (Ok(at), None) => self.first_words = Some(at.into()),
                (Err(_), _) => self.is_other = true,
            }
        } else if text.eq_ignore_ascii_case("q") {
            self.is_closed = true;
        } else if is_hex(word) && word.len() <= 16 && word.len().is_multiple_of(2) {
            let bytes = word.len() / 2;
            let width = *self.width.get_or_insert(bytes);
            if width != bytes {
                self.is_other = true;
                return;
            }
            if let Some(at) = self.first_words.take() {
                self.at = at * width as u64;
            }
            let end = self.at + bytes as u64;
            self.failure = self.map.add("text file", self.at, end).err();
            self.at = end;
        } else {
            self.is_other = true;
        }
    }
}
