//! What a file writes to the memory of each kind of chip it is for, and the first bytes of every run.
//!
//! One map for each group (a UF2 family, a board): the same address in two of them is no overlap.

use crate::ImageError;
use crate::limits::{HEADS, UF2_FAMILIES};
use crate::segment_map::SegmentMap;

/// First bytes of a run that are stored: an `MCUboot` header, or a vector table.
pub(crate) const HEAD_BYTES: usize = 32;

/// Groups and what is written in each.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    groups: Vec<Group>,
    last: usize,
}

/// What is written for one kind of chip.
#[derive(Debug, Default)]
pub(crate) struct Group {
    /// Its number; `None` where a file names none.
    pub(crate) id: Option<u32>,
    /// Written addresses.
    pub(crate) map: SegmentMap,
    heads: Vec<Head>,
    next: u64,
}

/// The first bytes of a run, as they come in the file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Head {
    /// Where it begins.
    pub(crate) address: u64,
    bytes: [u8; HEAD_BYTES],
    length: usize,
}

/// Bytes that follow each other, of which the beginning is at hand.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Prefix<'a> {
    /// All of them, or at least the first [`HEAD_BYTES`].
    pub(crate) begin: &'a [u8],
    pub(crate) length_bytes: u64,
}

impl Memory {
    /// Adds bytes. Returns the lowest address that was written before, if any.
    ///
    /// # Errors
    /// [`ImageError::TooLarge`] for more groups or runs than any image has.
    pub(crate) fn write(
        &mut self,
        what: &'static str,
        id: Option<u32>,
        at: u64,
        data: &[u8],
    ) -> Result<Option<u64>, ImageError> {
        let length_bytes = data.len() as u64;
        let begin = data;
        self.write_run(
            what,
            id,
            at,
            Prefix {
                begin,
                length_bytes,
            },
        )
    }

    /// As [`Memory::write`], for bytes of which only the beginning is at hand.
    pub(crate) fn write_run(
        &mut self,
        what: &'static str,
        id: Option<u32>,
        at: u64,
        bytes: Prefix<'_>,
    ) -> Result<Option<u64>, ImageError> {
        let group = self.group(what, id)?;
        let end = at.saturating_add(bytes.length_bytes);
        group.head(at, bytes.begin, end);
        group.map.add(what, at, end)
    }

    fn group(&mut self, what: &'static str, id: Option<u32>) -> Result<&mut Group, ImageError> {
        let is_last = self
            .groups
            .get(self.last)
            .is_some_and(|group| group.id == id);
        if !is_last {
            let known = self.groups.iter().position(|group| group.id == id);
            self.last = known.unwrap_or(self.groups.len());
            if known.is_none() {
                self.groups.push(Group {
                    id,
                    ..Group::default()
                });
            }
        }
        let found = self.groups.len();
        let too_many = ImageError::TooLarge {
            what,
            unit: "families",
            limit: UF2_FAMILIES as u64,
            found: found as u64,
        };
        if found > UF2_FAMILIES {
            return Err(too_many);
        }
        self.groups.get_mut(self.last).ok_or(too_many)
    }

    /// The groups in the order in which the file begins them.
    pub(crate) fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// How many runs there are in all groups.
    pub(crate) fn runs(&self) -> usize {
        self.groups.iter().map(|group| group.map.len()).sum()
    }
}

impl Group {
    fn head(&mut self, at: u64, data: &[u8], end: u64) {
        let follows = at == self.next && !self.heads.is_empty();
        self.next = end;
        if !follows {
            if self.heads.len() >= HEADS {
                return;
            }
            self.heads.push(Head {
                address: at,
                bytes: [0; HEAD_BYTES],
                length: 0,
            });
        }
        if let Some(head) = self.heads.last_mut() {
            head.append(at, data);
        }
    }

    /// The first bytes of the first runs.
    pub(crate) fn heads(&self) -> &[Head] {
        &self.heads
    }
}

impl Head {
    fn append(&mut self, at: u64, data: &[u8]) {
        if self.length >= HEAD_BYTES || at != self.address + self.length as u64 {
            return;
        }
        let count = data.len().min(HEAD_BYTES - self.length);
        let room = self.bytes.get_mut(self.length..self.length + count);
        if let (Some(room), Some(data)) = (room, data.get(..count)) {
            room.copy_from_slice(data);
            self.length += count;
        }
    }

    /// The bytes, at most thirty-two.
    pub(crate) fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_address_in_two_groups_is_no_overlap_and_twice_in_one_is() {
        let mut memory = Memory::default();
        for id in [Some(1), Some(2), None] {
            assert_eq!(memory.write("x", id, 16, &[1; 8]).unwrap(), None);
        }
        assert_eq!(memory.write("x", Some(1), 20, &[1; 8]).unwrap(), Some(20));
        assert_eq!(memory.groups().len(), 3);
        assert_eq!(memory.runs(), 3);
    }

    #[test]
    fn the_first_bytes_of_each_run_are_put_together_from_its_records() {
        let mut memory = Memory::default();
        for at in (0..64).step_by(4) {
            memory.write("x", None, at, &[7; 4]).unwrap();
        }
        memory.write("x", None, 0x100, &[9; 3]).unwrap();
        let heads = memory.groups()[0].heads();
        assert_eq!(heads.len(), 2);
        assert_eq!(heads[0].bytes(), [7; 32]);
        assert_eq!((heads[1].address, heads[1].bytes()), (0x100, &[9; 3][..]));
    }
}
