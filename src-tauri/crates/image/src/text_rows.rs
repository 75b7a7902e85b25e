//! Ordinary data records, one below the other, read many at a time.
//!
//! Nearly all of a file of records are lines of one length whose addresses follow each other. They are
//! checked here as a whole: the same digits, the same checksum, the same place as the careful reader of
//! one record would find. The first line that is anything else is left to that reader.

use crate::memory::Prefix;

/// What every row of a block has in common, derived from its first one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape {
    /// Characters before the first digit.
    pub(crate) mark: &'static [u8],
    /// Bytes before the data: count, address and type, as one number of `head_bytes` bytes.
    pub(crate) head: u64,
    pub(crate) head_bytes: usize,
    /// What is added to `head` from row to row, for one byte of data.
    pub(crate) step: u64,
    /// Data bytes of each row.
    pub(crate) data_bytes: usize,
    /// What the bytes of a row give together, its checksum included.
    pub(crate) sum: u8,
    /// Rows that may follow before the address is at the end of what it can hold, the first included.
    pub(crate) rows: u64,
    /// Board and place of the first row's data.
    pub(crate) group: Option<u32>,
    pub(crate) address: u64,
}

/// Rows that were taken.
#[derive(Debug)]
pub(crate) struct Rows {
    pub(crate) shape: Shape,
    pub(crate) lines: u64,
    /// Characters with the line ends.
    pub(crate) text_bytes: usize,
    begin: [u8; BEGIN_BYTES],
    begin_bytes: usize,
}

/// Bytes of the data that are decoded: as many as of a run are looked at.
const BEGIN_BYTES: usize = crate::memory::HEAD_BYTES;

/// Digits that are read at once.
const LANES: usize = 8;

/// Longest row in digits: 255 data bytes, and count, address, type and checksum.
const DIGITS: usize = 2 * (255 + 6);

impl Rows {
    /// Bytes that the rows write.
    pub(crate) fn data_bytes(&self) -> u64 {
        self.lines * self.shape.data_bytes as u64
    }

    /// These bytes, as far as they are decoded.
    pub(crate) fn run(&self) -> Prefix<'_> {
        Prefix {
            begin: self.begin.get(..self.begin_bytes).unwrap_or_default(),
            length_bytes: self.data_bytes(),
        }
    }
}

/// Takes rows of one shape from the beginning of `text`, where a line begins; none when even the first
/// is not one.
pub(crate) fn take(text: &[u8], shape: Shape) -> Option<Rows> {
    let digits = 2 * (shape.head_bytes + shape.data_bytes + 1);
    if !(2 * LANES..=DIGITS).contains(&digits) || shape.head_bytes > size_of::<u64>() {
        return None;
    }
    let end: &[u8] = match text.get(shape.mark.len() + digits..)? {
        [b'\n', ..] => b"\n",
        [b'\r', b'\n', ..] => b"\r\n",
        _ => return None,
    };
    // What the widest used tools write: rows of 16 and 32 bytes, with a loop for each length.
    let count = match digits {
        40 => count::<40>,
        42 => count::<42>,
        44 => count::<44>,
        72 => count::<72>,
        74 => count::<74>,
        76 => count::<76>,
        _ => count::<0>,
    };
    let length = shape.mark.len() + digits + end.len();
    let lines = count(text, &shape, (digits, end));
    if lines == 0 {
        return None;
    }
    let text_bytes = length * usize::try_from(lines).unwrap_or_default();
    let mut rows = Rows {
        shape,
        lines,
        text_bytes,
        begin: [0; BEGIN_BYTES],
        begin_bytes: 0,
    };
    let taken = text.get(..text_bytes).unwrap_or_default();
    for row in taken.chunks_exact(length) {
        let from = shape.mark.len() + 2 * shape.head_bytes;
        let data = row.get(from..from + 2 * shape.data_bytes);
        let room = rows.begin.get_mut(rows.begin_bytes..).unwrap_or_default();
        if room.is_empty() {
            break;
        }
        let pairs = data.unwrap_or_default().as_chunks::<2>().0;
        for (byte, [high, low]) in room.iter_mut().zip(pairs) {
            *byte = value(*high) << 4 | value(*low);
        }
        rows.begin_bytes += room.len().min(shape.data_bytes);
    }
    Some(rows)
}

/// How many rows of `digits` digits follow each other. `DIGITS` is the same number, or zero for any.
fn count<const DIGITS: usize>(text: &[u8], shape: &Shape, (digits, end): (usize, &[u8])) -> u64 {
    let digits = if DIGITS == 0 { digits } else { DIGITS };
    let step = shape.step.wrapping_mul(shape.data_bytes as u64);
    let shift = 64 - 8 * shape.head_bytes;
    let mut head = shape.head;
    let mut lines = 0;
    for row in text.chunks_exact(shape.mark.len() + digits + end.len()) {
        let (mark, row) = row.split_at(shape.mark.len());
        let (row, row_end) = row.split_at(digits);
        let is_framed = lines < shape.rows && is_same(mark, shape.mark) && is_same(row_end, end);
        let Some(first) = row.first_chunk().filter(|_| is_framed) else {
            break;
        };
        if sum(row) != Some(shape.sum) || eight(first) >> shift != head {
            break;
        }
        lines += 1;
        head = head.wrapping_add(step);
    }
    lines
}

/// Whether two texts of one or two characters are the same.
fn is_same(one: &[u8], other: &[u8]) -> bool {
    match (one, other) {
        ([a], [b]) => a == b,
        ([a, c], [b, d]) => a == b && c == d,
        _ => false,
    }
}

/// The sum of the bytes of a row; none when a character is no digit.
#[inline]
fn sum(row: &[u8]) -> Option<u8> {
    let (whole, rest) = row.as_chunks::<LANES>();
    let mut last = [b'0'; LANES];
    if let Some(last) = last.get_mut(..rest.len()) {
        last.copy_from_slice(rest);
    }
    let last = Digits::of(last);
    let (mut sums, mut wrong) = (last.bytes(), last.wrong);
    for text in whole {
        let digits = Digits::of(*text);
        sums += digits.bytes();
        wrong |= digits.wrong;
    }
    // The four sums, of at most 66 bytes each, together in the highest sixteen bits.
    let [_, sum, ..] = sums.wrapping_mul(EACH_PAIR).to_be_bytes();
    (wrong == 0).then_some(sum)
}

/// Eight characters at once, each in a byte of one number, the first one lowest.
#[derive(Clone, Copy)]
struct Digits {
    values: u64,
    /// Not zero where one is no hexadecimal digit.
    wrong: u64,
}

const EACH: u64 = 0x0101_0101_0101_0101;
const EACH_PAIR: u64 = 0x0001_0001_0001_0001;

impl Digits {
    #[inline]
    fn of(text: [u8; LANES]) -> Self {
        let text = u64::from_le_bytes(text);
        let high = EACH << 7;
        let (ascii, small) = (text & !high, (text | EACH << 5) & !high);
        // Adding what is missing to 128 sets the highest bit from that character on.
        let from = |characters: u64, first: u8| characters + EACH * u64::from(0x80 - first);
        let is_decimal = from(ascii, b'0') & !from(ascii, b'9' + 1);
        let is_letter = from(small, b'a') & !from(small, b'f' + 1) & high;
        Self {
            values: (text & (EACH * 0x0F)) + (is_letter >> 7) * 9,
            wrong: (!(is_decimal | is_letter) | text) & high,
        }
    }

    /// The four bytes they are, sixteen bits each.
    #[inline]
    fn bytes(self) -> u64 {
        const FIRST: u64 = EACH_PAIR * 0xFF;
        ((self.values & FIRST) << 4) + ((self.values >> 8) & FIRST)
    }
}

/// The bytes of sixteen digits as one number, the first one highest.
#[inline]
fn eight(text: &[u8; 2 * LANES]) -> u64 {
    const PAIRS: u64 = 0x0000_FFFF_0000_FFFF;
    let ([first, last], _) = text.as_chunks::<LANES>() else {
        return 0;
    };
    let four = |text: &[u8; LANES]| {
        let bytes = Digits::of(*text).bytes();
        let words = ((bytes << 8) | (bytes >> 16)) & PAIRS;
        (words << 16 | words >> 32) & 0xFFFF_FFFF
    };
    four(first) << 32 | four(last)
}

/// The value of a hexadecimal digit: letters have bit 6, and their lower half begins at one.
pub(crate) const fn value(character: u8) -> u8 {
    (character & 0x0F).wrapping_add((character >> 6).wrapping_mul(9))
}

/// One where a character is no hexadecimal digit, otherwise zero.
pub(crate) const fn not_a_digit(character: u8) -> u8 {
    let is_decimal = character.wrapping_sub(b'0') < 10;
    let is_letter = (character | 0x20).wrapping_sub(b'a') < 6;
    !(is_decimal | is_letter) as u8
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use proptest::prelude::*;

    use super::*;
    use crate::{Inspection, MemorySource, inspect};

    /// A record with its checksum, Intel's or Motorola's.
    fn record(mark: &str, head: &[u8], data: &[u8], complement: u8) -> String {
        let bytes: Vec<u8> = head.iter().chain(data).copied().collect();
        let sum = bytes.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
        let mut text = mark.to_owned();
        for byte in bytes.iter().chain([&complement.wrapping_sub(sum)]) {
            write!(text, "{byte:02X}").unwrap();
        }
        text
    }

    /// A file of `rows` records of `data` bytes each, one behind the other from `at` on.
    fn file(kind: u8, at: u32, data: u8, rows: u32, end: &str) -> String {
        let mut text = String::new();
        for row in 0..rows {
            let bytes: Vec<u8> = (0..data).map(|n| n ^ row.to_le_bytes()[0]).collect();
            let address = at.wrapping_add(row * u32::from(data)).to_be_bytes();
            if kind == 0 {
                let head = [data, address[2], address[3], 0];
                if row == 0 || (address[2], address[3]) < (0, data) {
                    text += &record(":", &[2, 0, 0, 4], &address[..2], 0);
                    text += end;
                }
                text += &record(":", &head, &bytes, 0);
            } else {
                let mut head = vec![data + kind + 2];
                head.extend(&address[usize::from(3 - kind)..]);
                text += &record(&format!("S{kind}"), &head, &bytes, 0xFF);
            }
            text += end;
        }
        let last = match kind {
            0 => ":00000001FF",
            1 => "S9030000FC",
            2 => "S804000000FB",
            _ => "S70500000000FA",
        };
        text + last + end
    }

    /// What is said of a text. Blanks before the line ends let the careful reader take every record.
    fn both(text: &[u8], end: &str) -> [Option<Inspection>; 2] {
        let blanks = String::from_utf8_lossy(text).replace(end, &format!(" {end}"));
        [text.to_vec(), blanks.into_bytes()].map(|text| {
            let mut found = inspect(&MemorySource::new(text)).ok()?;
            found.size_bytes = 0;
            Some(found)
        })
    }

    #[test]
    fn rows_are_taken_until_one_is_another() {
        let shape = |text: &str| {
            use crate::text_records::Decoder as _;
            crate::format::intel_hex::IntelHex::default().shape(text.as_bytes())
        };
        let rows: Vec<_> = (0..3)
            .map(|row| record(":", &[16, 0, row * 16, 0], &[row; 16], 0) + "\r\n")
            .collect();
        let text = rows.concat() + &record(":", &[16, 1, 0, 0], &[9; 16], 0) + "\r\n";
        let taken = take(text.as_bytes(), shape(&text).unwrap()).unwrap();
        assert_eq!((taken.lines, taken.data_bytes()), (3, 48));
        assert_eq!(taken.text_bytes, rows.concat().len());
        assert_eq!(taken.run().begin, [[0; 16], [1; 16]].concat());
        let cut = &text[..text.len() / 4 - 1];
        assert!(take(cut.as_bytes(), shape(cut).unwrap()).is_none());
        assert!(shape(":00000001FF\r\n").is_none());
    }

    #[test]
    fn every_changed_character_is_seen() {
        for kind in 0..4 {
            let text = file(kind, 0x1000, 16, 4, "\n");
            let sound = inspect(&MemorySource::new(text.clone())).unwrap();
            for at in text.find('\n').unwrap() + 1..text.rfind('\n').unwrap() {
                let mut changed = text.clone().into_bytes();
                changed[at] = if changed[at] == b'7' { b'8' } else { b'7' };
                let found = inspect(&MemorySource::new(changed)).unwrap();
                assert_ne!(found, sound, "kind {kind}, character {at}");
            }
        }
    }

    proptest! {
        #[test]
        fn a_block_says_what_its_lines_say_one_by_one(
            kind in 0u8..4,
            data in 1u8..=40,
            rows in 1u32..60,
            edge in prop::sample::select(vec![0u32, 0x1_0000, 0x0800_0000, 0xFFFF_F800]),
            before in 0u32..600,
            end in prop::sample::select(vec!["\n", "\r\n"]),
            lower: bool,
            change in prop::option::of((any::<prop::sample::Index>(), prop::sample::select(b"0123456789abcdefABCDEF:S xG".to_vec()))),
        ) {
            let text = file(kind, edge.saturating_sub(before), data, rows, end);
            let mut text = if lower { text.to_lowercase().replace('s', "S") } else { text }.into_bytes();
            if let Some((at, character)) = change {
                let at = at.index(text.len());
                if !matches!(text[at], b'\r' | b'\n') {
                    text[at] = character;
                }
            }
            let [block, lines] = both(&text, end);
            prop_assert_eq!(block, lines);
        }
    }
}
