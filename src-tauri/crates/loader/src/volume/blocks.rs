//! The blocks of `CURRENT.UF2`, as a drive shows its memory. No I/O.
//!
//! Layout of the *UF2 File Format* specification (`microsoft/uf2`).

/// Size of a block.
pub(super) const BLOCK_BYTES: u64 = 512;
const MAGIC: [u32; 2] = [0x0A32_4655, 0x9E5D_5157];
const MAGIC_END: u32 = 0x0AB1_6F30;
const DATA_AT: usize = 32;
const FAMILY_IS_THERE: u32 = 0x2000;
const MOST_DATA_BYTES: u32 = 476;

/// Where a block's bytes belong, and the bytes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Block<'a> {
    pub(super) address: u64,
    /// The family it is for, when it names one.
    pub(super) family: Option<u32>,
    pub(super) data: &'a [u8],
}

/// Reads one block; `None` when it is none.
pub(super) fn read(block: &[u8; 512]) -> Option<Block<'_>> {
    let word = |at: usize| {
        let bytes = block.get(at..)?.first_chunk::<4>()?;
        Some(u32::from_le_bytes(*bytes))
    };
    let [first, second] = MAGIC;
    if (word(0)?, word(4)?, word(508)?) != (first, second, MAGIC_END) {
        return None;
    }
    let flags = word(8)?;
    let length = word(16).filter(|length| (1..=MOST_DATA_BYTES).contains(length))?;
    Some(Block {
        address: word(12)?.into(),
        family: word(28).filter(|_| flags & FAMILY_IS_THERE != 0),
        data: block.get(DATA_AT..DATA_AT + usize::try_from(length).ok()?)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn block() -> [u8; 512] {
        let mut block = [0x11; 512];
        let words = [MAGIC[0], MAGIC[1], 0, 0x1000_0100, 256, 1, 2, 0];
        for (at, word) in words.iter().enumerate() {
            block[at * 4..at * 4 + 4].copy_from_slice(&word.to_le_bytes());
        }
        block[508..].copy_from_slice(&MAGIC_END.to_le_bytes());
        block
    }

    #[test]
    fn a_block_says_its_address_and_has_its_bytes() {
        let block = block();
        let read = read(&block).unwrap();
        assert_eq!(
            (read.address, read.data),
            (0x1000_0100, [0x11; 256].as_slice())
        );
    }

    #[test]
    fn a_block_without_its_marks_or_with_too_many_bytes_is_none() {
        for (at, byte) in [(0, 0), (4, 0), (508, 0), (17, 0xFF), (17, 0)] {
            let mut block = block();
            block[at] = byte;
            assert_eq!(read(&block), None, "{at}");
        }
    }

    proptest! {
        #[test]
        fn no_damage_makes_it_panic(at in 0usize..512, byte: u8) {
            let mut block = block();
            block[at] = byte;
            let _ = read(&block);
        }
    }
}
