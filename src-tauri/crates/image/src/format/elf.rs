//! ELF executables: headers only, segments by their physical address.
//!
//! The layouts come from the crate `object`; sections, symbols and the code itself are not read.
//! Constants are those of the *System V Application Binary Interface*, chapter 4.

use object::elf::{ELFMAG, FileHeader32, FileHeader64, PF_R, PF_W, PF_X, PT_LOAD};
use object::pod::slice_from_bytes;
use object::read::elf::{FileHeader, ProgramHeader};

use crate::bytes::{address, read};
use crate::limits::ELF_PROGRAM_HEADERS;
use crate::segment_map::SegmentMap;
use crate::text_records::Flaws;
use crate::{CheckResult, Format, ImageError, Inspection, Source};

const WHAT: &str = "ELF file";

/// Size of the larger of the two file headers.
const HEADER_BYTES: usize = 64;

/// Whether a file that begins with `head` is ELF.
pub(crate) fn recognises(head: &[u8]) -> bool {
    head.starts_with(&ELFMAG)
}

/// Describes an ELF file.
pub(crate) fn inspect(source: &dyn Source) -> Result<Inspection, ImageError> {
    let head = read(source, 0, HEADER_BYTES)?;
    // e_ident[EI_CLASS]: 1 is 32 bits, 2 is 64 bits.
    if head.get(4) == Some(&2) {
        describe::<FileHeader64<object::Endianness>>(source, &head)
    } else {
        describe::<FileHeader32<object::Endianness>>(source, &head)
    }
}

fn describe<Elf: FileHeader<Endian = object::Endianness>>(
    source: &dyn Source,
    head: &[u8],
) -> Result<Inspection, ImageError> {
    let needs_bytes = size_of::<Elf>() as u64;
    if source.len() < needs_bytes {
        return Err(ImageError::Truncated {
            what: WHAT,
            part: "header",
            needs_bytes,
            size_bytes: source.len(),
        });
    }
    let mut inspection = Inspection::new(Format::Elf, source.len());
    let parsed = Elf::parse(head).and_then(|header| Ok((header, header.endian()?)));
    let Ok((header, endian)) = parsed else {
        "ELF file with a header that is not valid".clone_into(&mut inspection.summary);
        let why = "class, byte order or version in the first 16 bytes is none that exists";
        inspection.check("ELF header", CheckResult::Failed, why);
        return Ok(inspection);
    };
    let bits = if header.is_class_64() { 64 } else { 32 };
    let machine = machine_name(header.e_machine(endian).0);
    let kind = kind_name(header.e_type(endian).0);
    inspection.summary = format!("ELF {kind} for {machine}");
    inspection.identity.target = Some(machine.clone());
    inspection.fact("Machine", machine);
    inspection.fact("Class", format!("{bits} bit"));
    let order = match endian {
        object::Endianness::Little => "little-endian",
        object::Endianness::Big => "big-endian",
    };
    inspection.fact("Byte order", order);
    inspection.fact("Type", kind);
    inspection.fact("Entry point", address(header.e_entry(endian).into()));
    program_segments(source, header, endian, &mut inspection)?;
    let sections = section_table(source.len(), header, endian);
    inspection.verdict("Section table", sections);
    // e_type 2 is an executable, 3 position-independent.
    if !matches!(header.e_type(endian).0, 2 | 3) {
        let why = format!("it is a {kind}: a linker has not given it addresses");
        inspection.check("Executable", CheckResult::Warning, why);
    }
    Ok(inspection)
}

fn program_segments<Elf: FileHeader<Endian = object::Endianness>>(
    source: &dyn Source,
    header: &Elf,
    endian: object::Endianness,
    inspection: &mut Inspection,
) -> Result<(), ImageError> {
    let size_bytes = source.len();
    let segments = match read_loads(source, header, endian)? {
        Ok(segments) => segments,
        Err(why) => {
            inspection.check("Program headers", CheckResult::Failed, why);
            return Ok(());
        }
    };
    let (mut outside, mut overlaps) = (Flaws::default(), Flaws::default());
    let mut map = SegmentMap::default();
    for segment in &segments {
        let Load {
            index,
            offset,
            address: place,
            length_bytes,
            flags,
        } = *segment;
        if !segment.is_inside(size_bytes) {
            outside.add(|| {
                format!("segment {index} is {length_bytes} bytes at offset {offset}, the file ends at {size_bytes}")
            });
        }
        if let Some(twice) = map.add(WHAT, place, place.saturating_add(length_bytes))? {
            overlaps.add(|| format!("segment {index} writes {} again", address(twice)));
        }
        let letter = |flag: object::elf::ProgramFlags, letter| {
            if flags & flag.0 == 0 { '-' } else { letter }
        };
        let name = format!(
            "load {index} ({}{}{})",
            letter(PF_R, 'r'),
            letter(PF_W, 'w'),
            letter(PF_X, 'x')
        );
        inspection.segment(name, Some(place), length_bytes);
    }
    inspection.segments.sort_by_key(|segment| segment.address);
    let loaded = inspection.segments.len();
    let inside = outside.verdict(format!("{loaded} loaded segments, all inside the file"));
    inspection.verdict("Program segments", inside);
    inspection.verdict(
        "Addresses written once",
        overlaps.verdict("no two loaded segments share a physical address"),
    );
    Ok(())
}

/// A program segment that is loaded and has bytes in the file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Load {
    /// Its number in the table.
    pub(crate) index: usize,
    /// Where its bytes are in the file.
    pub(crate) offset: u64,
    /// Its physical address.
    pub(crate) address: u64,
    /// Its bytes in the file.
    pub(crate) length_bytes: u64,
    flags: u32,
}

impl Load {
    fn is_inside(&self, size_bytes: u64) -> bool {
        let end = self.offset.checked_add(self.length_bytes);
        end.is_some_and(|end| end <= size_bytes)
    }
}

/// The loaded segments of a file, in the order of their addresses.
pub(crate) fn loads(source: &dyn Source) -> Result<Vec<Load>, ImageError> {
    let head = read(source, 0, HEADER_BYTES)?;
    let loads = if head.get(4) == Some(&2) {
        parse_loads::<FileHeader64<object::Endianness>>(source, &head)?
    } else {
        parse_loads::<FileHeader32<object::Endianness>>(source, &head)?
    };
    let damaged = |why: String| ImageError::Damaged { what: WHAT, why };
    let mut loads = loads.map_err(|why| damaged(format!("It has {why}.")))?;
    if loads.iter().any(|load| !load.is_inside(source.len())) {
        return Err(damaged("A segment lies outside of the file.".to_owned()));
    }
    loads.sort_by_key(|load| load.address);
    Ok(loads)
}

fn parse_loads<Elf: FileHeader<Endian = object::Endianness>>(
    source: &dyn Source,
    head: &[u8],
) -> Result<Result<Vec<Load>, String>, ImageError> {
    match Elf::parse(head).and_then(|header| Ok((header, header.endian()?))) {
        Ok((header, endian)) => read_loads(source, header, endian),
        Err(error) => Ok(Err(format!("a header that is not valid: {error}"))),
    }
}

fn read_loads<Elf: FileHeader<Endian = object::Endianness>>(
    source: &dyn Source,
    header: &Elf,
    endian: object::Endianness,
) -> Result<Result<Vec<Load>, String>, ImageError> {
    let table = match program_table(source.len(), header, endian) {
        Ok(table) => table,
        Err(why) => return Ok(Err(why)),
    };
    let bytes = read(source, table.offset, table.bytes)?;
    let Ok((segments, _)) = slice_from_bytes::<Elf::ProgramHeader>(&bytes, table.count) else {
        let why = "the table cannot be read where the header says it is";
        return Ok(Err(why.to_owned()));
    };
    let loads = segments.iter().enumerate().filter_map(|(index, segment)| {
        let length_bytes: u64 = segment.p_filesz(endian).into();
        (segment.p_type(endian) == PT_LOAD && length_bytes > 0).then(|| Load {
            index,
            offset: segment.p_offset(endian).into(),
            address: segment.p_paddr(endian).into(),
            length_bytes,
            flags: segment.p_flags(endian).0,
        })
    });
    Ok(Ok(loads.collect()))
}

struct Table {
    offset: u64,
    bytes: usize,
    count: usize,
}

fn program_table<Elf: FileHeader<Endian = object::Endianness>>(
    size_bytes: u64,
    header: &Elf,
    endian: object::Endianness,
) -> Result<Table, String> {
    let entry = size_of::<Elf::ProgramHeader>();
    let count = header.e_phnum(endian);
    let offset: u64 = header.e_phoff(endian).into();
    if count > ELF_PROGRAM_HEADERS {
        return Err(format!(
            "{count} program headers, at most {ELF_PROGRAM_HEADERS} are read"
        ));
    }
    if count > 0 && usize::from(header.e_phentsize(endian)) != entry {
        let said = header.e_phentsize(endian);
        return Err(format!("entries of {said} bytes, this class has {entry}"));
    }
    let bytes = usize::from(count) * entry;
    match offset.checked_add(bytes as u64) {
        Some(end) if end <= size_bytes => Ok(Table {
            offset,
            bytes,
            count: count.into(),
        }),
        _ => Err(format!(
            "{count} program headers at offset {offset}, the file ends at {size_bytes}"
        )),
    }
}

/// The section table stands at the end of most files: where it is whole, the file was not cut off.
fn section_table<Elf: FileHeader<Endian = object::Endianness>>(
    size_bytes: u64,
    header: &Elf,
    endian: object::Endianness,
) -> Result<String, String> {
    let offset: u64 = header.e_shoff(endian).into();
    let count = header.e_shnum(endian);
    if offset == 0 {
        return Ok("the file has none".to_owned());
    }
    let bytes = u64::from(count) * u64::from(header.e_shentsize(endian));
    match offset.checked_add(bytes) {
        Some(end) if end <= size_bytes => Ok(format!("{count} sections, the table is inside")),
        _ => Err(format!(
            "{count} sections listed at offset {offset}, the file ends at {size_bytes}: it was cut off"
        )),
    }
}

/// `e_type`.
fn kind_name(kind: u16) -> &'static str {
    match kind {
        1 => "object file",
        2 => "executable",
        3 => "position-independent executable",
        4 => "core dump",
        _ => "file of unknown type",
    }
}

/// `e_machine`, registered at the generic ABI.
fn machine_name(machine: u16) -> String {
    let name = match machine {
        2 => "SPARC",
        3 => "x86",
        4 => "Motorola 68000",
        8 => "MIPS",
        20 => "PowerPC",
        21 => "PowerPC 64",
        40 => "Arm",
        42 => "SuperH",
        44 => "TriCore",
        62 => "x86-64",
        83 => "AVR",
        88 => "M32R",
        94 => "Xtensa",
        105 => "MSP430",
        106 => "Blackfin",
        113 => "Nios II",
        165 => "8051",
        173 => "RX",
        183 => "AArch64",
        185 => "AVR32",
        189 => "MicroBlaze",
        195 => "ARCompact",
        243 => "RISC-V",
        258 => "LoongArch",
        _ => return format!("machine {machine}"),
    };
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::test_support::{fact, failed, never_panics, passed};
    use crate::{Integrity, MemorySource};
    use proptest::prelude::*;

    /// A 32-bit little-endian Arm executable with these (file offset, physical address, size).
    fn arm(segments: &[(u32, u32, u32)]) -> Vec<u8> {
        let mut bytes = vec![0x7F, b'E', b'L', b'F', 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        for half in [2_u16, 40] {
            bytes.extend(half.to_le_bytes());
        }
        for word in [1_u32, 0x0800_0101, 52, 0, 0] {
            bytes.extend(word.to_le_bytes());
        }
        for half in [52, 32, u16::try_from(segments.len()).unwrap(), 40, 0, 0] {
            bytes.extend(half.to_le_bytes());
        }
        for (offset, place, size) in segments {
            for word in [1, *offset, 0x2000_0000, *place, *size, *size + 8, 5, 4] {
                bytes.extend(word.to_le_bytes());
            }
        }
        bytes.resize(bytes.len().max(1024), 0);
        bytes
    }

    fn look(bytes: impl Into<Vec<u8>>) -> Inspection {
        crate::inspect(&MemorySource::new(bytes)).unwrap()
    }

    #[test]
    fn segments_are_told_by_physical_address_and_size_in_the_file() {
        let found = look(arm(&[(512, 0x0800_0400, 64), (256, 0x0800_0000, 128)]));
        assert_eq!(found.format, Format::Elf);
        assert_eq!(found.integrity(), Integrity::Intact);
        assert_eq!(found.summary, "ELF executable for Arm");
        let places: Vec<_> = found
            .segments
            .iter()
            .map(|s| (s.address, s.length_bytes))
            .collect();
        assert_eq!(places, [(Some(0x0800_0000), 128), (Some(0x0800_0400), 64)]);
        assert_eq!(found.segments[0].name, "load 1 (r-x)");
        assert_eq!(fact(&found, "Entry point"), "0x08000101");
        passed(&found, "Section table");
    }

    #[test]
    fn a_segment_beyond_the_end_and_an_overlap_are_told() {
        let found = look(arm(&[(512, 0x100, 64), (1000, 0x120, 64)]));
        assert!(
            failed(&found, "Program segments").contains("segment 1 is 64 bytes at offset 1000")
        );
        assert_eq!(
            failed(&found, "Addresses written once"),
            "segment 1 writes 0x00000120 again"
        );
    }

    #[test]
    fn a_file_cut_inside_its_header_is_no_image_and_one_cut_later_is_damaged() {
        let whole = arm(&[(512, 0, 64)]);
        let cut = crate::inspect(&MemorySource::new(&whole[..40]));
        assert!(matches!(
            cut,
            Err(ImageError::Truncated {
                needs_bytes: 52,
                size_bytes: 40,
                ..
            })
        ));
        assert!(failed(&look(&whole[..60]), "Program headers").contains("the file ends at 60"));
        let mut sections = whole.clone();
        sections[32..36].copy_from_slice(&2000_u32.to_le_bytes());
        sections[48] = 3;
        assert!(failed(&look(sections), "Section table").contains("cut off"));
        let mut header = whole;
        header[4] = 9;
        failed(&look(header), "ELF header");
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(tail in prop::collection::vec(any::<u8>(), 0..200), class in 0u8..4, order in 0u8..4) {
            let mut bytes = vec![0x7F, b'E', b'L', b'F', class, order, 1];
            bytes.extend(tail);
            let _ = crate::inspect(&MemorySource::new(bytes));
        }

        #[test]
        fn no_damage_makes_it_panic(at in 0usize..120, byte: u8, cut in 0usize..200) {
            never_panics(inspect, &arm(&[(512, 0x100, 64), (256, 0, 8)]), at, byte, cut);
        }
    }
}
