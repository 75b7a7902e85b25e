//! Microsoft UF2: blocks of 512 bytes that each say where they belong.
//!
//! Layout of the public *UF2 File Format* specification (`microsoft/uf2`), family names of its
//! registry. An own reader: the crates for it panic on blocks in descending order.

use crate::bytes::{Fields, address, stream};
use crate::format::uf2_family::{self, Family};
use crate::limits::{UF2_FAMILIES, UF2_FILE_BYTES};
use crate::segment_map::SegmentMap;
use crate::text_records::Flaws;
use crate::{CheckResult, Format, ImageError, Inspection, Source};

/// The format's name in messages.
pub(crate) const WHAT: &str = "UF2 file";
/// Size of a block.
pub(crate) const BLOCK_BYTES: u64 = 512;
const MAGIC_0: u32 = 0x0A32_4655;
const MAGIC_1: u32 = 0x9E5D_5157;
const MAGIC_END: u32 = 0x0AB1_6F30;
const PAYLOAD_MOST_BYTES: usize = 476;
const FLAG_NOT_MAIN_FLASH: u32 = 0x0000_0001;
const FLAG_FILE_CONTAINER: u32 = 0x0000_1000;
const FLAG_FAMILY_ID: u32 = 0x0000_2000;

/// Whether a file that begins with `head` is UF2.
pub(crate) fn recognises(head: &[u8]) -> bool {
    let mut fields = Fields(head);
    fields.u32() == Some(MAGIC_0) && fields.u32() == Some(MAGIC_1)
}

/// Describes a UF2 file.
pub(crate) fn inspect(source: &dyn Source) -> Result<Inspection, ImageError> {
    let blocks = source.len() / BLOCK_BYTES;
    if source.len() > UF2_FILE_BYTES {
        return Err(ImageError::TooLarge {
            what: WHAT,
            unit: "bytes",
            limit: UF2_FILE_BYTES,
            found: source.len(),
        });
    }
    if blocks == 0 {
        return Err(ImageError::Truncated {
            what: WHAT,
            part: "first block",
            needs_bytes: BLOCK_BYTES,
            size_bytes: source.len(),
        });
    }
    let mut file = Blocks {
        total: blocks,
        ..Blocks::default()
    };
    let mut failure = None;
    stream(source, 0, blocks * BLOCK_BYTES, &mut |piece| {
        for block in piece.as_chunks::<512>().0 {
            if failure.is_none() {
                failure = file.take(block).err();
            }
        }
    })?;
    if let Some(error) = failure {
        return Err(error);
    }
    Ok(file.report(source.len()))
}

/// One block.
pub(crate) enum Block<'a> {
    /// It writes to the main flash.
    Flash(FlashBlock<'a>),
    /// It writes elsewhere, or nothing.
    Beside,
}

/// A block that writes to the main flash.
pub(crate) struct FlashBlock<'a> {
    /// The family it is for, when it names one.
    pub(crate) family: Option<u32>,
    /// Where its bytes belong.
    pub(crate) address: u32,
    /// Its bytes.
    pub(crate) data: &'a [u8],
    index: u32,
    count: u32,
}

impl<'a> Block<'a> {
    /// Reads block `number` of the file. Says what is wrong with it otherwise.
    pub(crate) fn parse(block: &'a [u8; 512], number: u64) -> Result<Self, String> {
        let at = number * BLOCK_BYTES;
        let mut fields = Fields(block);
        let words: [u32; 8] = std::array::from_fn(|_| fields.u32().unwrap_or_default());
        let [first, second, flags, address, size, index, count, family] = words;
        let last = block.last_chunk().copied().map(u32::from_le_bytes);
        if (first, second, last) != (MAGIC_0, MAGIC_1, Some(MAGIC_END)) {
            return Err(format!(
                "block {number} at byte {at} has not the magic numbers of UF2"
            ));
        }
        if flags & (FLAG_NOT_MAIN_FLASH | FLAG_FILE_CONTAINER) != 0 {
            return Ok(Self::Beside);
        }
        let length = usize::try_from(size).unwrap_or(usize::MAX);
        let data = Some(length)
            .filter(|length| (1..=PAYLOAD_MOST_BYTES).contains(length))
            .and_then(|length| fields.bytes(length))
            .ok_or_else(|| {
                format!("block {number} at byte {at} says {size} bytes, 476 is the most")
            })?;
        let family = (flags & FLAG_FAMILY_ID != 0).then_some(family);
        if uf2_family::is_workaround_block(family, index, count) {
            return Ok(Self::Beside);
        }
        Ok(Self::Flash(FlashBlock {
            family,
            address,
            data,
            index,
            count,
        }))
    }
}

#[derive(Default)]
struct Blocks {
    /// Blocks in the file.
    total: u64,
    seen: u64,
    families: Vec<Family>,
    map: SegmentMap,
    malformed: Flaws,
    overlaps: Flaws,
    beside_flash: u64,
}

impl Blocks {
    fn take(&mut self, block: &[u8; 512]) -> Result<(), ImageError> {
        let number = self.seen;
        self.seen += 1;
        let at = number * BLOCK_BYTES;
        let block = match Block::parse(block, number) {
            Ok(Block::Flash(block)) => block,
            Ok(Block::Beside) => {
                self.beside_flash += 1;
                return Ok(());
            }
            Err(why) => {
                self.malformed.add(|| why);
                return Ok(());
            }
        };
        let total = self.total;
        self.family(block.family)?
            .take(number, block.index, block.count, total);
        let start = u64::from(block.address);
        let end = start + block.data.len() as u64;
        if end > 1 << 32 {
            self.malformed
                .add(|| format!("block {number} at byte {at} runs over 32 bits of address"));
            return Ok(());
        }
        if let Some(twice) = self.map.add(WHAT, start, end)? {
            self.overlaps.add(|| {
                format!(
                    "block {number} at byte {at} writes {} again",
                    address(twice)
                )
            });
        }
        Ok(())
    }

    fn family(&mut self, id: Option<u32>) -> Result<&mut Family, ImageError> {
        let found = self.families.iter().position(|family| family.id == id);
        let index = found.unwrap_or(self.families.len());
        if found.is_none() {
            self.families.push(Family::new(id));
        }
        let many = ImageError::TooLarge {
            what: WHAT,
            unit: "families",
            limit: UF2_FAMILIES as u64,
            found: self.families.len() as u64,
        };
        if index >= UF2_FAMILIES {
            return Err(many);
        }
        self.families.get_mut(index).ok_or(many)
    }

    fn report(self, size_bytes: u64) -> Inspection {
        let mut inspection = Inspection::new(Format::Uf2, size_bytes);
        for (start, length_bytes) in self.map.runs() {
            inspection.segment("flash", Some(start), length_bytes);
        }
        let names: Vec<_> = self.families.iter().filter_map(Family::name).collect();
        inspection.identity.target = (!names.is_empty()).then(|| names.join(", "));
        let target = names.join(", ");
        inspection.summary = match names.len() {
            0 => format!("UF2, {} blocks", self.total),
            _ => format!("UF2 for {target}, {} blocks", self.total),
        };
        let magic = format!(
            "{} blocks, each with its magic numbers and a size that fits",
            self.total
        );
        inspection.verdict("Blocks", self.malformed.verdict(magic));
        let mut sequence = Flaws::default();
        for family in &self.families {
            family.check(&mut sequence);
        }
        let all = "every announced block is there, once";
        inspection.verdict("Block numbers", sequence.verdict(all));
        let once = "no two blocks write the same address";
        inspection.verdict("Addresses written once", self.overlaps.verdict(once));
        let rest = size_bytes % BLOCK_BYTES;
        if rest != 0 {
            let at = size_bytes - rest;
            let why = format!("{rest} bytes at byte {at} are no whole block: the file was cut off");
            inspection.check("Size", CheckResult::Failed, why);
        }
        if self.families.len() > 1 {
            let why = format!(
                "blocks for {} families; a drive takes those of its own",
                self.families.len()
            );
            inspection.check("One family", CheckResult::Warning, why);
        }
        if self.beside_flash > 0 {
            inspection.fact("Blocks beside the flash", self.beside_flash.to_string());
        }
        inspection.fact("Blocks", self.total.to_string());
        inspection
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::test_support::{failed, never_panics};
    use crate::{Integrity, MemorySource};
    use proptest::prelude::*;

    const RP2040: u32 = 0xE48B_FF56;

    fn block(place: u32, index: u32, count: u32) -> Vec<u8> {
        let mut bytes = Vec::new();
        for word in [
            MAGIC_0,
            MAGIC_1,
            FLAG_FAMILY_ID,
            place,
            256,
            index,
            count,
            RP2040,
        ] {
            bytes.extend(word.to_le_bytes());
        }
        bytes.resize(508, 0x11);
        bytes.extend(MAGIC_END.to_le_bytes());
        bytes
    }

    fn three() -> Vec<u8> {
        (0..3)
            .flat_map(|i| block(0x1000_0000 + i * 256, i, 3))
            .collect()
    }

    fn look(bytes: impl Into<Vec<u8>>) -> Inspection {
        crate::inspect(&MemorySource::new(bytes)).unwrap()
    }

    #[test]
    fn blocks_become_one_segment_and_the_family_is_named() {
        let found = look(three());
        assert_eq!(found.format, Format::Uf2);
        assert_eq!(found.integrity(), Integrity::Intact);
        assert_eq!(found.identity.target.as_deref(), Some("RP2040"));
        assert_eq!(found.segments.len(), 1);
        assert_eq!(found.segments[0].length_bytes, 768);
    }

    #[test]
    fn blocks_in_descending_order_are_as_good() {
        let bytes: Vec<u8> = (0..3)
            .rev()
            .flat_map(|i| block(0x1000 + i * 256, i, 3))
            .collect();
        assert_eq!(look(bytes).integrity(), Integrity::Intact);
    }

    #[test]
    fn missing_double_and_cut_blocks_are_told() {
        let all = three();
        let why = failed(&look(&all[..1024]), "Block numbers");
        assert_eq!(why, "RP2040: 3 blocks are announced, number 2 is missing");
        let mut twice = all.clone();
        twice.extend(block(0x1000_0100, 1, 3));
        let found = look(twice);
        assert!(failed(&found, "Block numbers").contains("block 3 of the file is number 1 again"));
        assert!(failed(&found, "Addresses written once").contains("writes 0x10000100 again"));
        let why = failed(&look(&all[..1100]), "Size");
        assert!(why.starts_with("76 bytes at byte 1024"), "{why}");
        let short = crate::inspect(&MemorySource::new(&all[..100]));
        assert!(matches!(short, Err(ImageError::Truncated { .. })));
    }

    #[test]
    fn broken_blocks_are_told_with_their_place() {
        for (at, what) in [
            (512, "block 1 at byte 512 has not the magic"),
            (1020, "block 1"),
            (512 + 17, "says 21504 bytes"),
        ] {
            let mut bytes = three();
            bytes[at] ^= 0x55;
            let why = failed(&look(bytes), "Blocks");
            assert!(why.contains(what), "{why}");
        }
    }

    #[test]
    fn the_count_of_blocks_is_not_believed_for_memory() {
        let found = look(block(0, 7, u32::MAX));
        assert!(failed(&found, "Block numbers").contains("4294967295 blocks are announced"));
    }

    proptest! {
        #[test]
        fn no_blocks_make_it_panic(words in prop::collection::vec(any::<[u32; 6]>(), 1..12)) {
            let bytes: Vec<u8> = words.iter().flat_map(|words| {
                let mut bytes = block(0, 0, 1);
                for (i, word) in words.iter().enumerate() {
                    bytes[8 + i * 4..12 + i * 4].copy_from_slice(&word.to_le_bytes());
                }
                bytes
            }).collect();
            let _ = crate::inspect(&MemorySource::new(bytes));
        }

        #[test]
        fn no_damage_makes_it_panic(at in 0usize..1600, byte: u8, cut in 0usize..1600) {
            never_panics(inspect, &three(), at, byte, cut);
        }
    }
}
