//! The memory of a pretend reader, filled by UF2 blocks and shown as such.

use std::collections::BTreeMap;

const MAGIC: [u32; 2] = [0x0A32_4655, 0x9E5D_5157];
const MAGIC_END: u32 = 0x0AB1_6F30;
const FAMILY_IS_THERE: u32 = 0x2000;
/// The family of SAMD21, whose bootloader shows its memory.
const FAMILY: u32 = 0x68ED_2B88;
const PAGE: usize = 256;
/// Where the application lies on one.
const START: u32 = 0x2000;

/// Bytes as a UF2 file for a SAMD21.
pub fn uf2_file(bytes: &[u8]) -> Vec<u8> {
    let mut memory = Memory::default();
    for (number, page) in bytes.chunks(PAGE).enumerate() {
        let address = START + u32::try_from(number * PAGE).unwrap_or(u32::MAX);
        memory.store(address, page);
    }
    memory.shown()
}

/// Pages by their addresses.
#[derive(Debug, Clone, Default)]
pub(super) struct Memory(BTreeMap<u32, Vec<u8>>);

/// A block that arrived.
pub(super) struct Arrived {
    pub(super) address: u32,
    pub(super) data: Vec<u8>,
    pub(super) is_first: bool,
    pub(super) is_last: bool,
}

impl Memory {
    pub(super) fn erase(&mut self) {
        self.0.clear();
    }

    pub(super) fn store(&mut self, address: u32, data: &[u8]) {
        let mut page = data.to_vec();
        page.resize(PAGE, 0);
        self.0.insert(address, page);
    }

    /// As a UF2 file.
    pub(super) fn shown(&self) -> Vec<u8> {
        let count = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
        let mut file = Vec::new();
        for (number, (address, page)) in (0..).zip(&self.0) {
            let [first, second] = MAGIC;
            let size = u32::try_from(page.len()).unwrap_or(0);
            let words = [
                first,
                second,
                FAMILY_IS_THERE,
                *address,
                size,
                number,
                count,
                FAMILY,
            ];
            let begin = file.len();
            file.extend(words.iter().flat_map(|word| word.to_le_bytes()));
            file.extend_from_slice(page);
            file.resize(begin + 508, 0);
            file.extend(MAGIC_END.to_le_bytes());
        }
        file
    }
}

/// Reads a block that is for this reader.
pub(super) fn arrived(block: &[u8]) -> Option<Arrived> {
    let word = |at: usize| {
        let bytes = block.get(at..)?.first_chunk::<4>()?;
        Some(u32::from_le_bytes(*bytes))
    };
    let marks = [word(0)?, word(4)?];
    if marks != MAGIC || word(508)? != MAGIC_END || word(28)? != FAMILY {
        return None;
    }
    let length = usize::try_from(word(16)?).ok()?;
    Some(Arrived {
        address: word(12)?,
        data: block.get(32..32 + length)?.to_vec(),
        is_first: word(20)? == 0,
        is_last: word(20)? + 1 == word(24)?,
    })
}
