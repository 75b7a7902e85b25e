//! What lies inside of address-mapped content: `MCUboot` images and vector tables.
//!
//! It looks only where runs of bytes begin. What it finds is described by the reader of its format.

use firmdrop_core::grouped;

use crate::bytes::{address, read};
use crate::format::{mcuboot, vector_table};
use crate::limits::INNER_BYTES;
use crate::memory::Memory;
use crate::segment_map::SegmentMap;
use crate::text_records::{Decoder, collect};
use crate::{ImageError, Inspection, MemorySource, Part, Source};

/// Images inside of one file that are described. Files for two cores have two, with a bootloader.
const IMAGES: usize = 8;

/// Reads a stretch of one group's memory: group, address, length.
type Collect<'a> = &'a mut dyn FnMut(Option<u32>, u64, usize) -> Result<Vec<u8>, ImageError>;

/// Inside of text records. Addresses of words are not looked into.
pub(crate) fn of_records<D: Decoder>(
    source: &dyn Source,
    memory: &Memory,
    words: bool,
    inspection: &mut Inspection,
) -> Result<(), ImageError> {
    if words {
        return Ok(());
    }
    of_memory(memory, inspection, &mut |group, start, length| {
        collect::<D>(source, group, start, length)
    })
}

/// Inside of what a file writes to memory.
pub(crate) fn of_memory(
    memory: &Memory,
    inspection: &mut Inspection,
    collect: Collect<'_>,
) -> Result<(), ImageError> {
    for group in memory.groups() {
        avr_memories(&group.map, inspection);
        let table = group
            .heads()
            .iter()
            .find_map(|head| vector_table::describe(head.bytes(), head.address));
        if let Some(table) = table {
            inspection.fact("Vector table", table);
        }
        for head in group.heads() {
            if !mcuboot::recognises(head.bytes()) || inspection.parts.len() >= IMAGES {
                continue;
            }
            let runs = group.map.runs();
            let end = runs
                .map(|(start, length)| (start, start.saturating_add(length)))
                .find(|(start, end)| (*start..*end).contains(&head.address))
                .map_or(head.address, |(_, end)| end);
            let length = end.saturating_sub(head.address).min(INNER_BYTES);
            let length = usize::try_from(length).unwrap_or_default();
            if length < head.bytes().len() {
                continue;
            }
            let bytes = collect(group.id, head.address, length)?;
            mcuboot_part(
                &MemorySource::new(bytes),
                Some(head.address),
                None,
                inspection,
            )?;
        }
    }
    Ok(())
}

/// What a file for an AVR writes beside the flash, at the addresses that avr-gcc gives these memories (user
/// manual of avr-libc, *Memory Sections*). Programmers that write the flash alone refuse such a file.
fn avr_memories(map: &SegmentMap, inspection: &mut Inspection) {
    const MEMORIES: [(u64, &str); 5] = [
        (0x81_0000, "EEPROM"),
        (0x82_0000, "fuses"),
        (0x83_0000, "lock bits"),
        (0x84_0000, "signature"),
        (0x85_0000, "user signatures"),
    ];
    /// Above the largest flash of an AVR.
    const FLASH: u64 = 0x80_0000;
    let mut found = Vec::new();
    let mut has_flash = false;
    for (start, length) in map.runs() {
        let end = start.saturating_add(length);
        let memory = MEMORIES
            .iter()
            .rfind(|(at, _)| (*at..at + 0x1_0000).contains(&start) && end <= at + 0x1_0000);
        match memory {
            Some((_, name)) => found.push(format!("{name} ({} bytes)", grouped(length))),
            None if end <= FLASH => has_flash = true,
            None => return,
        }
    }
    if has_flash && !found.is_empty() {
        let text = format!("{}, as avr-gcc places them", found.join(", "));
        inspection.fact("Beside the flash of an AVR", text);
    }
}

/// Inside of a stretch of the file that belongs at `at`.
pub(crate) fn of_stretch(
    content: &dyn Source,
    at: Option<u64>,
    offset: u64,
    inspection: &mut Inspection,
) -> Result<(), ImageError> {
    let head = read(content, 0, 32)?;
    if let Some(table) = vector_table::describe(&head, at.unwrap_or_default()) {
        let known = inspection
            .facts
            .iter()
            .any(|fact| fact.label == "Vector table");
        if !known {
            inspection.fact("Vector table", table);
        }
    }
    if mcuboot::recognises(&head)
        && content.len() >= mcuboot::HEADER_BYTES
        && inspection.parts.len() < IMAGES
    {
        mcuboot_part(content, at, Some(offset), inspection)?;
    }
    Ok(())
}

fn mcuboot_part(
    image: &dyn Source,
    at: Option<u64>,
    offset: Option<u64>,
    inspection: &mut Inspection,
) -> Result<(), ImageError> {
    let name = at.map_or_else(
        || "image".to_owned(),
        |at| format!("image at {}", address(at)),
    );
    let found = mcuboot::inspect(image)?;
    inspection.part(Part::new(name, at, offset, found), true);
    Ok(())
}

/// Where one image lies inside, its version, signature and hash are those of the whole.
pub(crate) fn adopt_the_only_image(inspection: &mut Inspection) {
    if let [part] = inspection.parts.as_slice() {
        let inner = &part.inspection;
        let (version, signature) = (inner.identity.version.clone(), inner.signature.clone());
        inspection.image_hash = inner.image_hash;
        inspection.identity.version = version.or(inspection.identity.version.take());
        inspection.signature = signature;
    }
}
