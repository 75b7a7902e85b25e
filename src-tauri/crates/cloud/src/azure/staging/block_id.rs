//! Blocks: how long they are, and ids that say what is in them.
//!
//! An id holds the block's place and a hash of the file up to its end. The storage checked the bytes as it took
//! them, so a block that is found there under such an id is that part of the file, whoever sent it.

use firmdrop_core::{MIB, Sha256};

/// Length of a block, unless there would be too many of them.
pub const BLOCK_BYTES: u64 = 8 * MIB;

/// A blob has so many blocks at most.
/// Source: learn.microsoft.com, "Scalability and performance targets for Blob storage".
const BLOBS_BLOCKS: u64 = 50_000;

/// Short blocks at the end of a file: of each length, at most as many as parts, and one.
const MOST_SHORT_BLOCKS: u64 = (PARTS_OF_THE_REST + 1) * IN_FLIGHT_BYTES / SHORTEST_BLOCK_BYTES;

/// Blocks of full length that a file may have.
pub(super) const MOST_BLOCKS: u64 = BLOBS_BLOCKS - MOST_SHORT_BLOCKS;

/// Blocks that are under way together have so many bytes at most.
pub(super) const IN_FLIGHT_BYTES: u64 = 64 * MIB;

/// Length of the shortest block but the last. Towards the end blocks get shorter, so that those that are under way
/// together end together: over 100 Mbit/s at 150 ms the last blocks of 8 MiB ended a second apart.
pub(super) const SHORTEST_BLOCK_BYTES: u64 = MIB;

/// Parts of what is left of a file that one block may have.
const PARTS_OF_THE_REST: u64 = 8;

/// Ids of one blob have one length; the storage refuses others.
const ID_BYTES: usize = 24;

/// Who made the id, and in which form. The first form held the MD5 of the block.
const MAKER: [u8; 4] = *b"fd2-";

/// The length of the blocks of a file; `None` when it is too long for a blob of ours.
pub(super) fn block_bytes(size_bytes: u64) -> Option<u64> {
    let least = size_bytes.div_ceil(MOST_BLOCKS).next_multiple_of(MIB);
    let length = least.max(BLOCK_BYTES);
    (length <= IN_FLIGHT_BYTES).then_some(length)
}

/// How a file is divided. The same file is divided the same way by every run of an upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Division {
    /// Length of the first blocks, bytes.
    pub(super) block_bytes: u64,
    /// Length that blocks do not fall below towards the end, but for the last one.
    pub(super) shortest_bytes: u64,
}

impl Division {
    /// Length of the block that begins where so much is left.
    pub(super) fn next(self, left_bytes: u64) -> u64 {
        let longest = self.block_bytes.max(1);
        let shortest = self.shortest_bytes.clamp(1, longest);
        let part = (left_bytes / PARTS_OF_THE_REST).next_multiple_of(shortest);
        part.clamp(shortest, longest).min(left_bytes)
    }
}

/// The name of a block within its blob.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct BlockId([u8; ID_BYTES]);

impl BlockId {
    /// `until`: the SHA-256 of the file from its beginning to the end of the block. The id has half of it.
    pub(super) fn new(index: u32, until: &Sha256) -> Self {
        let mut id = [0; ID_BYTES];
        let bytes = MAKER.into_iter().chain(index.to_be_bytes());
        let bytes = bytes.chain(*until.as_bytes());
        for (to, from) in id.iter_mut().zip(bytes) {
            *to = from;
        }
        Self(id)
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_id_says_place_and_bytes() {
        let until = Sha256::of(b"block");
        let id = BlockId::new(7, &until);
        assert_eq!(id.as_bytes().get(..8), Some(&b"fd2-\0\0\0\x07"[..]));
        assert_eq!(id.as_bytes().get(8..), until.as_bytes().get(..16));
        assert_ne!(id, BlockId::new(8, &until));
        assert_ne!(id, BlockId::new(7, &Sha256::of(b"other")));
    }

    #[test]
    fn blocks_grow_only_where_there_would_be_too_many() {
        assert_eq!(block_bytes(1), Some(BLOCK_BYTES));
        assert_eq!(block_bytes(MOST_BLOCKS * BLOCK_BYTES), Some(BLOCK_BYTES));
        assert_eq!(
            block_bytes(MOST_BLOCKS * BLOCK_BYTES + 1),
            Some(BLOCK_BYTES + MIB)
        );
        assert_eq!(block_bytes(MOST_BLOCKS * IN_FLIGHT_BYTES + 1), None);
    }

    #[test]
    fn blocks_get_shorter_towards_the_end_down_to_the_shortest() {
        let division = Division {
            block_bytes: 8,
            shortest_bytes: 1,
        };
        let mut left = 100;
        let mut lengths = Vec::new();
        while left > 0 {
            lengths.push(division.next(left));
            left -= lengths.last().unwrap();
        }
        assert_eq!(
            lengths,
            [8, 8, 8, 8, 8, 7, 6, 5, 5, 4, 4, 3, 3, 2, 2, 2, 2]
                .into_iter()
                .chain([1; 15])
                .collect::<Vec<u64>>()
        );
    }

    #[test]
    fn an_upload_that_an_older_program_began_has_blocks_of_one_length() {
        let division = Division {
            block_bytes: 8,
            shortest_bytes: 8,
        };
        assert_eq!([20, 12, 4].map(|left| division.next(left)), [8, 8, 4]);
    }

    proptest! {
        #[test]
        fn the_blocks_of_a_file_are_the_file(size in 0_u64..5_000, block in 1_u64..400, shortest in 1_u64..500) {
            let division = Division { block_bytes: block, shortest_bytes: shortest };
            let mut left = size;
            while left > 0 {
                let next = division.next(left);
                prop_assert!(next > 0 && next <= left && next <= block);
                left -= next;
            }
        }

        #[test]
        fn no_file_has_more_blocks_than_a_blob(size_bytes in 1_u64..MOST_BLOCKS * IN_FLIGHT_BYTES) {
            let length = block_bytes(size_bytes).unwrap();
            let division = Division { block_bytes: length, shortest_bytes: SHORTEST_BLOCK_BYTES };
            let (mut left, mut blocks) = (size_bytes, 0);
            while left > 0 {
                left -= division.next(left);
                blocks += 1;
            }
            prop_assert!(blocks <= BLOBS_BLOCKS);
        }
    }
}
