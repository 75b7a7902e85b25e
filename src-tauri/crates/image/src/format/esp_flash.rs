//! The flash of an Espressif chip as one file: bootloader, partition table, partitions. Or the table alone.
//!
//! Layout of ESP-IDF's *Partition Tables* guide and of its `gen_esp32part.py`. The images in it are those of
//! [`esp_image`].

use firmdrop_core::{Md5, grouped};

use crate::bytes::{Fields, Window, address, hex, read, shown};
use crate::format::esp_image;
use crate::registry;
use crate::segment_map::SegmentMap;
use crate::{CheckResult, Format, ImageError, Inspection, Integrity, Part, Source};

const ENTRY_MAGIC: [u8; 2] = [0xAA, 0x50];
const MD5_MAGIC: [u8; 2] = [0xEB, 0xEB];
const ENTRY_BYTES: usize = 32;
/// `ESP_PARTITION_TABLE_MAX_LEN`.
const TABLE_BYTES: usize = 0xC00;
/// The usual place, and those that larger bootloaders leave.
const TABLE_OFFSETS: std::ops::RangeInclusive<u64> = 0x8000..=0x1_0000;
const SECTOR_BYTES: usize = 0x1000;
/// Where bootloaders stand: ESP32-C3 and most others, ESP32 and ESP32-S2, ESP32-P4 and ESP32-C5.
const BOOTLOADERS: [u64; 3] = [0, 0x1000, 0x2000];

/// Whether a file that begins with `head` may be the flash of such a chip, or its partition table. What
/// stands before the bootloader is empty, and null bytes in images for an emulator.
pub(crate) fn recognises(head: &[u8]) -> bool {
    matches!(head.first(), Some(0xE9 | 0xFF | 0)) || head.starts_with(&ENTRY_MAGIC)
}

/// Describes a flash, or a partition table; none where there is no table.
pub(crate) fn inspect(source: &dyn Source) -> Result<Option<Inspection>, ImageError> {
    let alone = (source.len() <= SECTOR_BYTES as u64).then_some(0);
    for offset in alone.into_iter().chain(TABLE_OFFSETS.step_by(SECTOR_BYTES)) {
        let bytes = read(source, offset, TABLE_BYTES)?;
        if bytes.starts_with(&ENTRY_MAGIC)
            && let Some(table) = Table::read(&bytes)
        {
            return describe(source, offset, &table, 0).map(Some);
        }
    }
    // A file that begins with the bootloader, which belongs behind the start of the flash (`esptool merge-bin
    // --target-offset`).
    if esp_image::recognises(&read(source, 0, 64)?) {
        for base in BOOTLOADERS.into_iter().filter(|base| *base > 0) {
            let bytes = read(source, TABLE_OFFSETS.start() - base, TABLE_BYTES)?;
            if bytes.starts_with(&ENTRY_MAGIC)
                && let Some(table) = Table::read(&bytes)
            {
                return describe(source, *TABLE_OFFSETS.start(), &table, base).map(Some);
            }
        }
    }
    Ok(None)
}

struct Entry {
    kind: u8,
    subtype: u8,
    offset: u64,
    length_bytes: u64,
    label: String,
    is_encrypted: bool,
}

struct Table {
    entries: Vec<Entry>,
    /// What the MD5 entry says, and what the entries before it give.
    md5: Option<([u8; 16], [u8; 16])>,
    is_closed: bool,
}

impl Table {
    fn read(bytes: &[u8]) -> Option<Self> {
        let mut table = Self {
            entries: Vec::new(),
            md5: None,
            is_closed: false,
        };
        for (index, entry) in bytes.as_chunks::<ENTRY_BYTES>().0.iter().enumerate() {
            if entry.iter().all(|byte| *byte == 0xFF) {
                table.is_closed = true;
                break;
            }
            if entry.starts_with(&MD5_MAGIC) {
                let said = *entry.last_chunk::<16>()?;
                let before = bytes.get(..index * ENTRY_BYTES)?;
                table.md5 = Some((said, *Md5::of(before).as_bytes()));
                continue;
            }
            if !entry.starts_with(&ENTRY_MAGIC) {
                break;
            }
            table.entries.push(Entry::read(entry)?);
        }
        // The first entry has to make sense, or this is a coincidence.
        let first = table.entries.first()?;
        let is_sound = first.offset % 0x1000 == 0 && first.length_bytes > 0;
        is_sound.then_some(table)
    }
}

impl Entry {
    fn read(entry: &[u8; ENTRY_BYTES]) -> Option<Self> {
        let mut fields = Fields(entry.get(2..)?);
        let (kind, subtype) = (fields.u8()?, fields.u8()?);
        let (offset, length_bytes) = (fields.u32()?.into(), fields.u32()?.into());
        let label = fields.bytes(16)?;
        let label = label.split(|byte| *byte == 0).next().unwrap_or_default();
        Some(Self {
            kind,
            subtype,
            offset,
            length_bytes,
            label: shown(label),
            is_encrypted: fields.u32()? & 1 != 0,
        })
    }

    fn kind_name(&self) -> String {
        let known = registry::esp_partition(self.kind, self.subtype);
        known.map_or_else(
            || format!("type {:02X}, subtype {:02X}", self.kind, self.subtype),
            str::to_owned,
        )
    }
}

/// Describes a flash whose table is at address `offset`; `base` is that of the file's first byte.
fn describe(
    source: &dyn Source,
    offset: u64,
    table: &Table,
    base: u64,
) -> Result<Inspection, ImageError> {
    let mut inspection = Inspection::new(Format::EspFlash, source.len());
    let count = table.entries.len();
    let plural = if count == 1 { "" } else { "s" };
    check(table, &mut inspection);
    if offset == 0 {
        inspection.summary = format!("ESP partition table, {count} partition{plural}");
    } else {
        inspection.segment("partition table", Some(offset), TABLE_BYTES as u64);
        if base > 0 {
            let text = format!(
                "{}: write it there, not to the start of the flash",
                address(base)
            );
            inspection.fact("Address of the first byte", text);
        }
        for at in BOOTLOADERS.into_iter().filter(|at| *at >= base) {
            let content = Window::new(source, at - base, offset - at);
            if let Some(found) = image(&content)? {
                inspection.segment("bootloader", Some(at), offset - at);
                let part = Part::new("bootloader", Some(at), Some(at - base), found);
                inspection.part(part, true);
                break;
            }
        }
    }
    for entry in &table.entries {
        let encrypted = if entry.is_encrypted {
            ", encrypted"
        } else {
            ""
        };
        inspection.segment(
            format!("{} ({}{encrypted})", entry.label, entry.kind_name()),
            Some(entry.offset),
            entry.length_bytes,
        );
        if offset != 0 && entry.kind == 0 && !entry.is_encrypted {
            let begin = entry.offset.saturating_sub(base);
            let content = Window::new(source, begin, entry.length_bytes);
            if let Some(mut found) = image(&content)? {
                if let Some(whole) = longer(source, begin, entry.length_bytes, &found)? {
                    let why = format!(
                        "its image runs over the end of the partition, which has {} bytes",
                        grouped(entry.length_bytes)
                    );
                    let name = format!("Size of {}", entry.label);
                    inspection.check(&name, CheckResult::Failed, why);
                    found = whole;
                }
                let place = Some(entry.offset);
                inspection.part(Part::new(&entry.label, place, Some(begin), found), true);
            }
        }
    }
    inspection.segments.sort_by_key(|segment| segment.address);
    let chip = inspection
        .parts
        .first()
        .and_then(|part| part.inspection.identity.target.clone());
    if offset != 0 {
        let name = chip.as_deref().unwrap_or("ESP");
        let images = inspection.parts.len();
        let plural_images = if images == 1 { "" } else { "s" };
        inspection.summary =
            format!("Flash of an {name}: {count} partition{plural}, {images} image{plural_images}");
    }
    let application = inspection
        .parts
        .iter()
        .rfind(|part| part.name != "bootloader");
    if let Some(identity) = application.map(|part| part.inspection.identity.clone()) {
        inspection.identity = identity;
    }
    inspection.identity.target = chip;
    Ok(inspection)
}

/// The image at `begin`, where it is cut by the end of its partition and not by that of the file.
fn longer(
    source: &dyn Source,
    begin: u64,
    length_bytes: u64,
    found: &Inspection,
) -> Result<Option<Inspection>, ImageError> {
    let left = source.len().saturating_sub(begin);
    if found.integrity() != Integrity::Damaged || length_bytes >= left {
        return Ok(None);
    }
    let whole = image(&Window::new(source, begin, left))?;
    Ok(whole.filter(|whole| whole.integrity() != Integrity::Damaged))
}

/// The image a stretch begins with.
fn image(content: &Window<'_>) -> Result<Option<Inspection>, ImageError> {
    let head = read(content, 0, 64)?;
    if esp_image::recognises(&head) {
        esp_image::inspect(content)
    } else {
        Ok(None)
    }
}

fn check(table: &Table, inspection: &mut Inspection) {
    const NAME: &str = "MD5 of the partition table";
    match table.md5 {
        Some((said, found)) if said == found => {
            inspection.check(
                NAME,
                CheckResult::Passed,
                "over its entries, recomputed here",
            );
        }
        Some((said, found)) => {
            let why = format!(
                "the table says {}, its entries give {}",
                hex(&said),
                hex(&found)
            );
            inspection.check(NAME, CheckResult::Failed, why);
        }
        None => inspection.fact("MD5 of the partition table", "the table has none"),
    }
    if !table.is_closed {
        let why = "no empty entry closes the table";
        inspection.check("End of the partition table", CheckResult::Warning, why);
    }
    let mut map = SegmentMap::default();
    for entry in &table.entries {
        let end = entry.offset.saturating_add(entry.length_bytes);
        if let Ok(Some(twice)) = map.add("partition table", entry.offset, end) {
            let why = format!(
                "{} shares {} bytes from 0x{twice:08X} on with another partition",
                entry.label,
                grouped(end.saturating_sub(twice))
            );
            inspection.check("Places of the partitions", CheckResult::Warning, why);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MemorySource;
    use crate::format::esp_image::tests::{application, description};
    use crate::format::test_support::{failed, never_panics, passed};
    use proptest::prelude::*;

    fn entry(kind: u8, subtype: u8, offset: u32, length: u32, label: &str) -> Vec<u8> {
        let mut bytes = vec![0xAA, 0x50, kind, subtype];
        bytes.extend(offset.to_le_bytes());
        bytes.extend(length.to_le_bytes());
        bytes.extend(label.as_bytes());
        bytes.resize(32, 0);
        bytes
    }

    fn table() -> Vec<u8> {
        let mut bytes = entry(1, 2, 0x9000, 0x6000, "nvs");
        bytes.extend(entry(0, 0, 0x1_0000, 0x1000, "factory"));
        let sum = Md5::of(&bytes);
        bytes.extend([0xEB, 0xEB]);
        bytes.extend([0xFF; 14]);
        bytes.extend(sum.as_bytes());
        bytes.resize(TABLE_BYTES, 0xFF);
        bytes
    }

    fn flash() -> Vec<u8> {
        let mut bytes = application(&[(0x403C_8000, vec![2; 80])], true);
        bytes.resize(0x8000, 0xFF);
        bytes.extend(table());
        bytes.resize(0x1_0000, 0xFF);
        bytes.extend(application(&[(0x3C00_0020, description())], true));
        bytes
    }

    fn inspected(bytes: impl Into<Vec<u8>>) -> Inspection {
        crate::inspect(&MemorySource::new(bytes)).unwrap()
    }

    #[test]
    fn a_whole_flash_is_told_as_its_parts() {
        let found = inspected(flash());
        assert_eq!(found.format, Format::EspFlash);
        assert_eq!(
            found.summary,
            "Flash of an ESP32-S3: 2 partitions, 2 images"
        );
        assert_eq!(found.integrity(), Integrity::Intact, "{found:#?}");
        let parts: Vec<_> = found
            .parts
            .iter()
            .map(|part| (part.name.as_str(), part.address))
            .collect();
        assert_eq!(
            parts,
            [("bootloader", Some(0)), ("factory", Some(0x1_0000))]
        );
        assert_eq!(found.identity.version.as_deref(), Some("1.2.3"));
        let names: Vec<_> = found
            .segments
            .iter()
            .map(|segment| segment.name.as_str())
            .collect();
        assert_eq!(
            names,
            [
                "bootloader",
                "partition table",
                "nvs (data, NVS)",
                "factory (app, factory)"
            ]
        );
        passed(&found, "MD5 of the partition table");
    }

    #[test]
    fn a_table_alone_is_named_and_its_sum_is_checked() {
        let found = inspected(table());
        assert_eq!(found.summary, "ESP partition table, 2 partitions");
        let mut damaged = table();
        damaged[5] ^= 0x10;
        failed(&inspected(damaged), "MD5 of the partition table");
    }

    #[test]
    fn a_flash_that_begins_with_its_bootloader_has_the_addresses_of_its_table() {
        for base in [0x1000, 0x2000] {
            let mut bytes = application(&[(0x403C_8000, vec![2; 80])], true);
            bytes.resize(0x8000 - base, 0xFF);
            bytes.extend(table());
            bytes.resize(0x1_0000 - base, 0xFF);
            bytes.extend(application(&[(0x3C00_0020, description())], true));
            let found = inspected(bytes.clone());
            assert_eq!(found.format, Format::EspFlash);
            assert_eq!(found.integrity(), Integrity::Intact, "{found:#?}");
            let places: Vec<_> = found
                .parts
                .iter()
                .map(|part| (part.address, part.offset))
                .collect();
            let base = base as u64;
            let expected = [
                (Some(base), Some(0)),
                (Some(0x1_0000), Some(0x1_0000 - base)),
            ];
            assert_eq!(places, expected);
            // The same behind null bytes, as for an emulator.
            let whole = [vec![0; usize::try_from(base).unwrap()], bytes].concat();
            assert_eq!(inspected(whole).parts[0].address, Some(base));
        }
    }

    #[test]
    fn an_image_that_is_larger_than_its_partition_is_not_called_cut_off() {
        let mut bytes = flash();
        bytes.truncate(0x1_0000);
        let large = vec![(0x3C00_0020, [description(), vec![3; 0x1800]].concat())];
        bytes.extend(application(&large, true));
        let found = inspected(bytes);
        let why = failed(&found, "Size of factory");
        assert_eq!(
            why,
            "its image runs over the end of the partition, which has 4,096 bytes"
        );
        assert_eq!(found.parts[1].integrity, Integrity::Intact);
        assert!(
            found
                .advice()
                .unwrap()
                .cause
                .contains("larger than its place")
        );
    }

    #[test]
    fn damage_in_one_image_is_damage_of_the_flash() {
        let mut bytes = flash();
        bytes[0x1_0000 + 60] ^= 1;
        assert!(failed(&inspected(bytes), "Factory").starts_with("Checksum: "));
    }

    proptest! {
        #[test]
        fn no_damage_makes_it_panic(at in 0x8000usize..0x8080, byte: u8, cut in 0usize..0x1_0100) {
            never_panics(|source| inspect(source).map(|found| found.unwrap_or_else(|| Inspection::new(Format::Raw, 0))), &flash(), at, byte, cut);
        }
    }
}
