//! Bytes that a file writes more than once: are they the same every time?
//!
//! Known addresses, a second look at the file. It knows no format.

use crate::bytes::{address, read};
use crate::limits::{COMPARED_BYTES, STREAM_BUFFER_BYTES};
use crate::segment_map::SegmentMap;
use crate::{ImageError, Source};

/// The bytes at addresses that are written more than once.
#[derive(Debug, Default)]
pub(crate) struct Overlaps {
    runs: Vec<Run>,
    total_bytes: u64,
    compared_bytes: u64,
    different: u64,
}

#[derive(Debug)]
struct Run {
    start: u64,
    bytes: Vec<Option<u8>>,
}

/// One address with two values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Difference {
    /// Where.
    pub(crate) address: u64,
    /// What stood there first.
    pub(crate) before: u8,
    /// What it was overwritten with.
    pub(crate) after: u8,
}

impl Overlaps {
    /// For the addresses that `map` saw more than once.
    pub(crate) fn new(map: &SegmentMap) -> Self {
        let mut twice = Self::default();
        let mut room = COMPARED_BYTES;
        for (start, length_bytes) in map.twice() {
            let length = usize::try_from(length_bytes)
                .unwrap_or(usize::MAX)
                .min(room);
            room -= length;
            twice.total_bytes = twice.total_bytes.saturating_add(length_bytes);
            twice.compared_bytes += length as u64;
            if length > 0 {
                let bytes = vec![None; length];
                twice.runs.push(Run { start, bytes });
            }
        }
        twice
    }

    /// Takes what is written at `at`. Returns the first address of it that had another value.
    pub(crate) fn take(&mut self, at: u64, data: &[u8]) -> Option<Difference> {
        let end = at.saturating_add(data.len() as u64);
        let from = self.runs.partition_point(|run| run.end() <= at);
        let mut found = None;
        for run in self.runs.iter_mut().skip(from) {
            if run.start >= end {
                break;
            }
            for (address, &byte) in (at..).zip(data) {
                let slot = address
                    .checked_sub(run.start)
                    .and_then(|index| usize::try_from(index).ok())
                    .and_then(|index| run.bytes.get_mut(index));
                let Some(slot) = slot else { continue };
                let before = *slot.get_or_insert(byte);
                if before != byte {
                    self.different += 1;
                    let difference = Difference {
                        address,
                        before,
                        after: byte,
                    };
                    found = found.or(Some(difference));
                }
            }
        }
        found
    }

    /// How many bytes had another value when they were written again.
    pub(crate) fn different(&self) -> u64 {
        self.different
    }

    /// Where bytes stand more than once, in words.
    pub(crate) fn places(&self) -> String {
        let first = self.runs.first().map_or(0, |run| run.start);
        let plural = if self.total_bytes == 1 { "" } else { "s" };
        format!(
            "{} byte{plural} from {} on",
            firmdrop_core::grouped(self.total_bytes),
            address(first)
        )
    }

    /// Whether no byte stands more than once.
    pub(crate) fn is_empty(&self) -> bool {
        self.total_bytes == 0
    }

    /// Whether every byte that stands more than once was compared.
    pub(crate) fn is_whole(&self) -> bool {
        self.compared_bytes == self.total_bytes
    }
}

impl Run {
    fn end(&self) -> u64 {
        self.start.saturating_add(self.bytes.len() as u64)
    }
}

impl Difference {
    /// The two values and their place, in words.
    pub(crate) fn words(self) -> String {
        format!(
            "{}: first {:02X}, then {:02X}",
            address(self.address),
            self.before,
            self.after
        )
    }
}

/// Compares stretches of one file with each other, [`COMPARED_BYTES`] in all.
pub(crate) struct Comparer<'a> {
    source: &'a dyn Source,
    left: u64,
}

/// What a comparison of two stretches says.
pub(crate) enum Compared {
    /// The same bytes.
    Same,
    /// The first byte that is not the same.
    Different(Difference),
    /// More than is compared.
    TooMuch,
}

impl<'a> Comparer<'a> {
    /// For stretches of `source`.
    pub(crate) fn new(source: &'a dyn Source) -> Self {
        let left = COMPARED_BYTES as u64;
        Self { source, left }
    }

    /// Compares two stretches that lie inside the file and belong to address `at`.
    pub(crate) fn compare(
        &mut self,
        at: u64,
        [first, second]: [u64; 2],
        length_bytes: u64,
    ) -> Result<Compared, ImageError> {
        if first == second {
            return Ok(Compared::Same);
        }
        // A comparison costs more than its bytes.
        let Some(left) = self.left.checked_sub(length_bytes.saturating_add(64)) else {
            return Ok(Compared::TooMuch);
        };
        self.left = left;
        let mut done = 0;
        while done < length_bytes {
            let rest = usize::try_from(length_bytes - done).unwrap_or(usize::MAX);
            let count = rest.min(STREAM_BUFFER_BYTES);
            let before = read(self.source, first.saturating_add(done), count)?;
            let after = read(self.source, second.saturating_add(done), count)?;
            let pairs = before.iter().zip(&after);
            let mut different = pairs.zip(at + done..).filter(|((a, b), _)| a != b);
            if let Some(((before, after), address)) = different.next() {
                return Ok(Compared::Different(Difference {
                    address,
                    before: *before,
                    after: *after,
                }));
            }
            done += count as u64;
        }
        Ok(Compared::Same)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(pieces: &[(u64, &[u8])]) -> (Overlaps, Option<Difference>) {
        let mut map = SegmentMap::default();
        for (at, data) in pieces {
            map.add("x", *at, at + data.len() as u64).unwrap();
        }
        let mut twice = Overlaps::new(&map);
        let found = pieces.iter().filter_map(|(at, data)| twice.take(*at, data));
        let first = found.collect::<Vec<_>>().first().copied();
        (twice, first)
    }

    #[test]
    fn equal_bytes_are_no_difference_and_the_first_other_one_is_named() {
        let (same, first) = written(&[(0, &[1, 2, 3, 4]), (2, &[3, 4, 5])]);
        assert_eq!((first, same.different()), (None, 0));
        assert_eq!(same.places(), "2 bytes from 0x00000002 on");
        let (other, found) = written(&[(0, &[1, 2, 3, 4]), (2, &[3, 9, 5]), (3, &[8])]);
        let first = Difference {
            address: 3,
            before: 4,
            after: 9,
        };
        assert_eq!((found, other.different()), (Some(first), 2));
        assert!(other.is_whole());
    }

    #[test]
    fn more_bytes_than_are_compared_are_counted_and_not_stored() {
        let mut map = SegmentMap::default();
        for _ in 0..2 {
            map.add("x", 0, 1 << 31).unwrap();
        }
        let twice = Overlaps::new(&map);
        assert!(!twice.is_whole());
        assert_eq!(twice.compared_bytes, COMPARED_BYTES as u64);
    }
}
