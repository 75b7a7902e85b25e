//! Blocks: how long they are, and ids that say what is in them.
//!
//! An id holds the block's place and a hash of the file up to its end. The storage checked the bytes as it took
//! them, so a block that is found there under such an id is that part of the file, whoever sent it.

use firmdrop_core::{MIB, Sha256};

/// Length of a block, unless there would be too many of them.
pub const BLOCK_BYTES: u64 = 8 * MIB;

/// A blob has so many blocks at most.
/// Source: learn.microsoft.com, "Scalability and performance targets for Blob storage".
pub(super) const MOST_BLOCKS: u64 = 50_000;

/// Blocks that are under way together have so many bytes at most.
pub(super) const IN_FLIGHT_BYTES: u64 = 64 * MIB;

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

    proptest! {
        #[test]
        fn no_file_has_more_blocks_than_a_blob(size_bytes in 1_u64..MOST_BLOCKS * IN_FLIGHT_BYTES) {
            let length = block_bytes(size_bytes).unwrap();
            prop_assert!(size_bytes.div_ceil(length) <= MOST_BLOCKS);
        }
    }
}
