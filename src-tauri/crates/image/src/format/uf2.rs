//! Microsoft UF2: blocks of 512 bytes that each say where they belong.
//!
//! Layout of the public *UF2 File Format* specification (`microsoft/uf2`), family names of its
//! registry. An own reader: the crates for it panic on blocks in descending order.

use firmdrop_core::grouped;

use crate::bytes::{Fields, hex, place, read, shown, stream};
use crate::flaws::Flaws;
use crate::format::uf2_family::{self, Family, family_name};
use crate::inner;
use crate::limits::{UF2_FAMILIES, UF2_FILE_BYTES};
use crate::memory::Memory;
use crate::overlaps::Overlaps;
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
/// The last 24 of the bytes for data are an MD5 sum, not data.
const FLAG_MD5: u32 = 0x0000_4000;
const FLAG_EXTENSIONS: u32 = 0x0000_8000;

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
    each_block(source, &mut |block| file.take(block))?;
    let compared = file.compare(source)?;
    let tail = read(source, blocks * BLOCK_BYTES, 512)?;
    let mut inspection = file.report(source.len(), &tail, &compared);
    inner::of_memory(
        &file.memory,
        &mut inspection,
        &mut |family, start, length| collect(source, family, start, length),
    )?;
    inner::adopt_the_only_image(&mut inspection);
    Ok(inspection)
}

/// Whether the bytes are all 00 or all FF, as where a drive filled its last sectors.
pub(crate) fn is_padding(bytes: &[u8]) -> bool {
    let first = bytes.first().copied().unwrap_or_default();
    matches!(first, 0 | 0xFF) && bytes.iter().all(|byte| *byte == first)
}

/// Hands every whole block of the file to `take`, until it says that the file cannot be read.
fn each_block(
    source: &dyn Source,
    take: &mut dyn FnMut(&[u8; 512]) -> Result<(), ImageError>,
) -> Result<(), ImageError> {
    let mut failure = None;
    let whole = source.len() / BLOCK_BYTES * BLOCK_BYTES;
    stream(source, 0, whole, &mut |piece| {
        for block in piece.as_chunks::<512>().0 {
            if failure.is_none() {
                failure = take(block).err();
            }
        }
    })?;
    failure.map_or(Ok(()), Err)
}

/// The bytes that blocks of a family write to a stretch of the flash.
fn collect(
    source: &dyn Source,
    family: Option<u32>,
    start: u64,
    length_bytes: usize,
) -> Result<Vec<u8>, ImageError> {
    let mut bytes = vec![0; length_bytes];
    each_block(source, &mut |block| {
        if let Ok(block) = Block::parse(block, 0)
            && block.is_flash
            && block.family == family
        {
            place(&mut bytes, start, block.address.into(), block.data);
        }
        Ok(())
    })?;
    Ok(bytes)
}

/// One block.
pub(crate) struct Block<'a> {
    /// It writes to the main flash.
    pub(crate) is_flash: bool,
    /// The family it is for, when it names one.
    pub(crate) family: Option<u32>,
    /// Where its bytes belong.
    pub(crate) address: u32,
    /// Its bytes.
    pub(crate) data: &'a [u8],
    /// Its number; none for the block that tools put in front because of an erratum.
    number: Option<(u32, u32)>,
    flags: u32,
    /// What stands behind the bytes.
    behind: &'a [u8],
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
                "block {number} at byte {at} has not the magic numbers of UF2",
                at = grouped(at)
            ));
        }
        let family = (flags & FLAG_FAMILY_ID != 0).then_some(family);
        let is_workaround = uf2_family::is_workaround_block(family, index, count);
        let is_flash = flags & (FLAG_NOT_MAIN_FLASH | FLAG_FILE_CONTAINER) == 0 && !is_workaround;
        let length = usize::try_from(size).unwrap_or(usize::MAX);
        // A block without bytes writes nothing, and counts.
        let fits = length <= PAYLOAD_MOST_BYTES;
        let data = match fields.bytes(length).filter(|_| fits) {
            Some(data) => data,
            None if !is_flash => &[],
            None => {
                return Err(format!(
                    "block {number} at byte {at} says {size} bytes, 476 is the most",
                    at = grouped(at),
                    size = grouped(size)
                ));
            }
        };
        Ok(Self {
            is_flash,
            family,
            address,
            data,
            number: (!is_workaround).then_some((index, count)),
            flags,
            behind: fields
                .0
                .split_last_chunk::<4>()
                .map_or(&[], |(behind, _)| behind),
        })
    }
}

#[derive(Default)]
struct Blocks {
    /// Blocks in the file.
    total: u64,
    seen: u64,
    families: Vec<Family>,
    memory: Memory,
    malformed: Flaws,
    /// Blocks of nothing but 00 or FF, which bootloaders skip.
    padding: u64,
    overlaps: u64,
    beside_flash: u64,
    sums: u64,
    /// Blocks that the boot ROM of their chip does not take.
    off_page: Flaws,
    tags: Tags,
}

impl Blocks {
    fn take(&mut self, block: &[u8; 512]) -> Result<(), ImageError> {
        let number = self.seen;
        self.seen += 1;
        let at = number * BLOCK_BYTES;
        if is_padding(block) {
            self.padding += 1;
            return Ok(());
        }
        let block = match Block::parse(block, number) {
            Ok(block) => block,
            Err(why) => {
                self.malformed.add(|| why);
                return Ok(());
            }
        };
        self.beside_flash += u64::from(!block.is_flash);
        if let Some((index, count)) = block.number {
            let total = self.total;
            self.family(block.family)?.take(number, index, count, total);
        }
        if block.flags & FLAG_EXTENSIONS != 0 {
            self.tags.read(block.data.len(), block.behind);
        }
        if !block.is_flash {
            return Ok(());
        }
        self.sums += u64::from(block.flags & FLAG_MD5 != 0);
        if let Some(why) = uf2_family::refusal(block.family, block.address, block.data.len()) {
            self.off_page
                .add(|| format!("block {number} at byte {at} {why}", at = grouped(at)));
        }
        let start = u64::from(block.address);
        if start + block.data.len() as u64 > 1 << 32 {
            self.malformed.add(|| {
                format!(
                    "block {number} at byte {at} runs over 32 bits of address",
                    at = grouped(at)
                )
            });
            return Ok(());
        }
        let twice = self.memory.write(WHAT, block.family, start, block.data)?;
        self.overlaps += u64::from(twice.is_some());
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

    /// Compares what is written twice; reads the file again only when something is.
    fn compare(&self, source: &dyn Source) -> Result<(CheckResult, String), ImageError> {
        if self.overlaps == 0 {
            let once = "no two blocks of a family write the same address";
            return Ok((CheckResult::Passed, once.to_owned()));
        }
        let mut twice: Vec<_> = self
            .memory
            .groups()
            .iter()
            .map(|group| (group.id, Overlaps::new(&group.map)))
            .collect();
        let mut flaws = Flaws::default();
        let mut number = 0;
        each_block(source, &mut |block| {
            let place = number;
            number += 1;
            let Ok(block) = Block::parse(block, place) else {
                return Ok(());
            };
            let known = twice.iter_mut().find(|(id, _)| *id == block.family);
            if let Some((_, twice)) = known.filter(|_| block.is_flash)
                && let Some(difference) = twice.take(block.address.into(), block.data)
            {
                flaws.add(|| {
                    let at = place * BLOCK_BYTES;
                    format!(
                        "block {place} at byte {at} writes another value to {}",
                        difference.words(),
                        at = grouped(at)
                    )
                });
            }
            Ok(())
        })?;
        if let Err(why) = flaws.verdict("") {
            return Ok((CheckResult::Failed, why));
        }
        let all = twice.iter().map(|(_, twice)| twice);
        let places: Vec<_> = all
            .clone()
            .filter(|twice| !twice.is_empty())
            .map(Overlaps::places)
            .collect();
        let places = places.join(", ");
        Ok(if all.clone().all(Overlaps::is_whole) {
            let why = format!("{places} are written twice, with the same values");
            (CheckResult::Warning, why)
        } else {
            let why = format!("{places} are written twice; that is more than is compared here");
            (CheckResult::NotMade, why)
        })
    }

    fn report(&self, size_bytes: u64, tail: &[u8], compared: &(CheckResult, String)) -> Inspection {
        let mut inspection = Inspection::new(Format::Uf2, size_bytes);
        let several = self.memory.groups().len() > 1;
        for group in self.memory.groups() {
            let family = group.id.filter(|_| several).map(family_name);
            let name = family.map_or_else(|| "flash".to_owned(), |name| format!("flash of {name}"));
            for (start, length_bytes) in group.map.runs() {
                inspection.segment(name.as_str(), Some(start), length_bytes);
            }
        }
        let names: Vec<_> = self.families.iter().filter_map(Family::name).collect();
        inspection.identity.target = (!names.is_empty()).then(|| names.join(", "));
        inspection.identity.version.clone_from(&self.tags.version);
        inspection.identity.product.clone_from(&self.tags.product);
        let target = names.join(", ");
        let blocks = self.total - self.padding;
        let total = grouped(blocks);
        let plural = if blocks == 1 { "" } else { "s" };
        inspection.summary = match names.len() {
            0 => format!("UF2, {total} block{plural}"),
            _ => format!("UF2 for {target}, {total} block{plural}"),
        };
        let magic = format!("{total} blocks, each with its magic numbers and a size that fits");
        inspection.verdict("Blocks", self.malformed.verdict(magic));
        let is_complete = self.sequence(&mut inspection);
        let (result, why) = compared;
        inspection.check("Addresses written once", *result, why.as_str());
        self.size(size_bytes, tail, is_complete, &mut inspection);
        let for_all = self.families.iter().any(|family| family.id.is_none());
        if several && for_all {
            let why = "some blocks name no family: a device takes these beside those of its own, whatever chip they were made for";
            inspection.check("Families", CheckResult::Warning, why);
        } else if several {
            let text = format!("{}; a device takes the blocks of its own", names.len());
            inspection.fact("Families", text);
        }
        if let Err(places) = self.off_page.verdict("") {
            let why = format!(
                "{places}: the boot ROM of this chip takes 256 bytes at multiples of 256 alone"
            );
            inspection.check("Blocks of a page", CheckResult::Warning, why);
        }
        if self.beside_flash > 0 {
            inspection.fact("Blocks beside the flash", grouped(self.beside_flash));
        }
        if self.sums > 0 {
            let text = format!(
                "in {} blocks, for the device to skip what it holds",
                grouped(self.sums)
            );
            inspection.fact("MD5 of flash regions", text);
        }
        self.tags.report(&mut inspection);
        inspection.fact("Blocks", total);
        inspection
    }

    /// What is no block. Bootloaders skip what has not the magic numbers (section "File format" of the
    /// specification), so that it matters only where announced blocks are missing.
    fn size(&self, size_bytes: u64, tail: &[u8], is_complete: bool, inspection: &mut Inspection) {
        let rest = tail.len() as u64;
        let at = size_bytes - rest;
        if rest != 0 && !is_complete {
            let why = format!(
                "{rest} bytes at byte {at} are no whole block: the file was cut off",
                rest = grouped(rest),
                at = grouped(at)
            );
            inspection.check("Size", CheckResult::Failed, why);
        } else if rest != 0 && !is_padding(tail) {
            let why = format!(
                "{rest} bytes from byte {at} on follow the last block",
                rest = grouped(rest),
                at = grouped(at)
            );
            inspection.check("Size", CheckResult::Warning, why);
        }
        let padding = self.padding * BLOCK_BYTES + if is_padding(tail) { rest } else { 0 };
        if padding != 0 {
            let text = format!("{} bytes of 00 or FF, no blocks", grouped(padding));
            inspection.fact("Padding", text);
        }
    }

    /// Checks the numbers, and says whether every announced block is there.
    fn sequence(&self, inspection: &mut Inspection) -> bool {
        let (mut flaws, mut noted) = (Flaws::default(), Flaws::default());
        for family in &self.families {
            family.check(&self.families, &mut flaws, &mut noted);
        }
        let all = "every announced block is there, once";
        match (flaws.verdict(all), noted.verdict(all)) {
            (Ok(_), Err(why)) => inspection.check("Block numbers", CheckResult::Warning, why),
            (verdict, _) => inspection.verdict("Block numbers", verdict),
        }
        flaws.is_empty()
    }
}

/// What extension tags say: text and numbers behind the data of a block, each with a length and a type
/// (section "Extension tags" of the specification).
#[derive(Default)]
struct Tags {
    version: Option<String>,
    product: Option<String>,
    page_bytes: Option<u32>,
    sum: Option<String>,
    device: Option<String>,
}

impl Tags {
    /// Reads the tags behind `used` bytes of data. The first value of each counts.
    fn read(&mut self, used: usize, behind: &[u8]) {
        let mut rest = behind
            .get(used.next_multiple_of(4) - used..)
            .unwrap_or_default();
        while let [size, kind @ ..] = rest {
            let length = usize::from(*size);
            // The last tag has no length.
            if length < 5 {
                return;
            }
            let (Some(kind), Some(value)) = (kind.first_chunk::<3>(), rest.get(4..length)) else {
                return;
            };
            match kind {
                [0xBC, 0xC7, 0x9F] => _ = self.version.get_or_insert_with(|| shown(value)),
                [0x9D, 0x0D, 0x65] => _ = self.product.get_or_insert_with(|| shown(value)),
                [0xF7, 0xE9, 0x0B] => self.page_bytes = self.page_bytes.or(Fields(value).u32()),
                [0xB0, 0x6D, 0xB4] => _ = self.sum.get_or_insert_with(|| hex(value)),
                [0x29, 0xA7, 0xC8] => {
                    let number = || value.iter().rev().copied().collect::<Vec<_>>();
                    self.device
                        .get_or_insert_with(|| format!("0x{}", hex(&number())));
                }
                _ => {}
            }
            rest = rest.get(length.next_multiple_of(4)..).unwrap_or_default();
        }
    }

    fn report(&self, inspection: &mut Inspection) {
        if let Some(bytes) = self.page_bytes {
            inspection.fact_bytes("Page size of the device", bytes.into());
        }
        if let Some(device) = &self.device {
            inspection.fact("Kind of device", device.as_str());
        }
        if let Some(sum) = &self.sum {
            inspection.fact("SHA-2 of the firmware", sum.as_str());
        }
    }
}

#[cfg(test)]
#[path = "uf2_tests.rs"]
mod tests;
