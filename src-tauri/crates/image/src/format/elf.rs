//! ELF executables: headers only, segments by their physical address.
//!
//! The layouts come from the crate `object`; sections, symbols and the code itself are not read.
//! Constants are those of the *System V Application Binary Interface*, chapter 4.

use object::elf::{ELFMAG, FileHeader32, FileHeader64, PF_R, PF_W, PF_X, PT_LOAD};
use object::pod::slice_from_bytes;
use object::read::elf::{FileHeader, ProgramHeader};

use firmdrop_core::grouped;

use crate::bytes::{Window, address, read};
use crate::flaws::Flaws;
use crate::inner;
use crate::limits::ELF_PROGRAM_HEADERS;
use crate::overlaps::{Compared, Comparer};
use crate::registry;
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
        let article = if kind.starts_with('o') { "an" } else { "a" };
        let why = format!("it is {article} {kind}: a linker has not given it addresses");
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
    let Loads {
        mut loads,
        are_virtual,
    } = match read_loads(source, header, endian)? {
        Ok(loads) => loads,
        Err(why) => {
            inspection.check("Program headers", CheckResult::Failed, why);
            return Ok(());
        }
    };
    let flaws = sizes(&loads, size_bytes);
    loads.sort_by_key(|load| (load.address, load.index));
    let counts_bytes = addresses_count_bytes(header.e_machine(endian).0);
    let (overlap, listed) = if counts_bytes {
        (overlap(source, &loads, flaws.is_empty())?, listed(&loads))
    } else {
        let all = loads.iter().map(|load| (*load, load.length_bytes));
        (
            (CheckResult::Warning, OTHER_ADDRESSES.to_owned()),
            all.collect(),
        )
    };
    for (load, length_bytes) in &listed {
        let letter = |flag: object::elf::ProgramFlags, letter| {
            if load.flags & flag.0 == 0 {
                '-'
            } else {
                letter
            }
        };
        let name = format!(
            "load {} ({}{}{})",
            load.index,
            letter(PF_R, 'r'),
            letter(PF_W, 'w'),
            letter(PF_X, 'x')
        );
        inspection.segment(name, Some(load.address), *length_bytes);
    }
    let plural = if loads.len() == 1 {
        "segment"
    } else {
        "segments"
    };
    let inside = flaws.verdict(format!(
        "{} loaded {plural}, all inside the file",
        loads.len()
    ));
    inspection.verdict("Program segments", inside);
    if loads.is_empty() && matches!(header.e_type(endian).0, 2 | 3) {
        let why = "no segment that is loaded has bytes in the file: the file writes nothing";
        inspection.check("Data", CheckResult::Warning, why);
    }
    let (result, why) = overlap;
    inspection.check("Addresses written once", result, why);
    if are_virtual {
        let text = "virtual ones: every physical address is zero, as where they are not used";
        inspection.fact("Addresses", text);
    }
    if loads.iter().any(|load| load.offset < header_end::<Elf>()) {
        let text = "the first segment begins with the ELF header itself; tools that load segments write it to the flash";
        inspection.fact("ELF header", text);
    }
    for (load, length_bytes) in &listed {
        if counts_bytes && load.is_inside(size_bytes) {
            let content = Window::new(source, load.offset, *length_bytes);
            inner::of_stretch(&content, Some(load.address), load.offset, inspection)?;
        }
    }
    inner::adopt_the_only_image(inspection);
    Ok(())
}

/// What is said of the segments of such a machine.
const OTHER_ADDRESSES: &str = "the addresses of this machine count words, or those of several memories; whether two segments share one is not known here";

/// Whether addresses of this machine are those of bytes in one memory. Those of digital signal processors
/// and of microcontrollers with a bus for code and one for data are not (their ABI documents: dsPIC30F,
/// SHARC, C2000, C55x, 56800EX, 8051, PIC).
fn addresses_count_bytes(machine: u16) -> bool {
    !matches!(machine, 118 | 133 | 141 | 142 | 165 | 200 | 204)
}

/// Segments that lie outside of the file, or have more bytes in it than in memory.
fn sizes(loads: &[Load], size_bytes: u64) -> Flaws {
    let mut flaws = Flaws::default();
    for load in loads {
        let Load {
            index,
            offset,
            length_bytes,
            memory_bytes,
            ..
        } = *load;
        if !load.is_inside(size_bytes) {
            flaws.add(|| {
                format!("segment {index} is {length_bytes} bytes at offset {offset}, the file ends at {size_bytes}", length_bytes = grouped(length_bytes), offset = grouped(offset), size_bytes = grouped(size_bytes))
            });
        }
        if length_bytes > memory_bytes {
            flaws.add(|| {
                format!(
                    "segment {index} has {} bytes in the file and {} in memory",
                    grouped(length_bytes),
                    grouped(memory_bytes)
                )
            });
        }
    }
    flaws
}

fn header_end<Elf>() -> u64 {
    size_of::<Elf>() as u64
}

/// The segments in the order of their addresses, and how many bytes of each are not in one before.
fn listed(loads: &[Load]) -> Vec<(Load, u64)> {
    let mut end = 0;
    let mut listed = Vec::new();
    for load in loads {
        let load_end = load.end();
        if load_end > end {
            let twice = end.saturating_sub(load.address);
            let mut rest = *load;
            rest.address += twice;
            rest.offset = rest.offset.saturating_add(twice);
            listed.push((rest, load_end - rest.address));
            end = load_end;
        }
    }
    listed
}

/// Whether segments that share addresses have the same bytes there. Each is compared with the one before
/// it that reaches farthest; `readable` says whether all lie inside the file.
fn overlap(
    source: &dyn Source,
    loads: &[Load],
    readable: bool,
) -> Result<(CheckResult, String), ImageError> {
    let (mut different, mut same) = (Flaws::default(), Flaws::default());
    let mut not_compared = Flaws::default();
    let mut comparer = Comparer::new(source);
    let mut farthest: Option<Load> = None;
    for load in loads {
        let Some(before) = farthest else {
            farthest = Some(*load);
            continue;
        };
        let length = before.end().min(load.end()).saturating_sub(load.address);
        if length > 0 {
            let first = before.offset.saturating_add(load.address - before.address);
            let compared = if readable || first == load.offset {
                comparer.compare(load.address, [first, load.offset], length)?
            } else {
                Compared::TooMuch
            };
            let place = address(load.address);
            let (a, b) = (load.index, before.index);
            match compared {
                Compared::Same => {
                    same.add(|| format!("segment {a} repeats bytes of segment {b} at {place}"));
                }
                Compared::TooMuch => not_compared.add(|| {
                    format!("segments {b} and {a} share addresses from {place} on; their bytes were not compared")
                }),
                Compared::Different(difference) => different.add(|| {
                    format!("segments {b} and {a} have different bytes for {}", difference.words())
                }),
            }
        }
        if load.end() > before.end() {
            farthest = Some(*load);
        }
    }
    let once = "no two loaded segments share an address";
    let found = [
        (CheckResult::Failed, different),
        (CheckResult::NotMade, not_compared),
        (CheckResult::Warning, same),
    ];
    let mut found = found
        .iter()
        .filter_map(|(result, flaws)| Some((*result, flaws.verdict("").err()?)));
    Ok(found
        .next()
        .unwrap_or((CheckResult::Passed, once.to_owned())))
}

/// A program segment that is loaded and has bytes in the file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Load {
    /// Its number in the table.
    pub(crate) index: usize,
    /// Where its bytes are in the file.
    pub(crate) offset: u64,
    /// Its physical address; its virtual one where no segment has a physical one.
    pub(crate) address: u64,
    /// Its bytes in the file.
    pub(crate) length_bytes: u64,
    memory_bytes: u64,
    flags: u32,
}

/// The loaded segments of a file.
struct Loads {
    loads: Vec<Load>,
    /// Their addresses are virtual ones.
    are_virtual: bool,
}

impl Load {
    fn end(&self) -> u64 {
        self.address.saturating_add(self.length_bytes)
    }

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
    let machine = head.get(18..20).and_then(|bytes| bytes.first_chunk());
    let machine = machine.map(|bytes| match head.get(5) {
        Some(2) => u16::from_be_bytes(*bytes),
        _ => u16::from_le_bytes(*bytes),
    });
    if !machine.is_none_or(addresses_count_bytes) {
        let why = "The addresses of this machine do not count bytes of one memory, and where its segments belong is not known here.";
        return Err(ImageError::NotPlaced {
            why: why.to_owned(),
        });
    }
    let damaged = |why: String| ImageError::Damaged { what: WHAT, why };
    let Loads { mut loads, .. } = loads.map_err(|why| damaged(format!("It has {why}.")))?;
    if loads.iter().any(|load| !load.is_inside(source.len())) {
        return Err(damaged("A segment lies outside of the file.".to_owned()));
    }
    loads.sort_by_key(|load| (load.address, load.index));
    let listed = listed(&loads).into_iter();
    Ok(listed
        .map(|(load, length_bytes)| Load {
            length_bytes,
            ..load
        })
        .collect())
}

fn parse_loads<Elf: FileHeader<Endian = object::Endianness>>(
    source: &dyn Source,
    head: &[u8],
) -> Result<Result<Loads, String>, ImageError> {
    match Elf::parse(head).and_then(|header| Ok((header, header.endian()?))) {
        Ok((header, endian)) => read_loads(source, header, endian),
        Err(error) => Ok(Err(format!("a header that is not valid: {error}"))),
    }
}

fn read_loads<Elf: FileHeader<Endian = object::Endianness>>(
    source: &dyn Source,
    header: &Elf,
    endian: object::Endianness,
) -> Result<Result<Loads, String>, ImageError> {
    let table = match program_table(source.len(), header, endian) {
        Ok(table) => table,
        Err(why) => return Ok(Err(why)),
    };
    let bytes = read(source, table.offset, table.bytes)?;
    let Ok((segments, _)) = slice_from_bytes::<Elf::ProgramHeader>(&bytes, table.count) else {
        let why = "the table cannot be read where the header says it is";
        return Ok(Err(why.to_owned()));
    };
    let is_load = |segment: &&Elf::ProgramHeader| segment.p_type(endian) == PT_LOAD;
    // As BFD does: linkers that know no physical addresses leave all of them zero.
    let mut all = segments.iter().filter(is_load);
    let no_physical = all
        .clone()
        .all(|segment| segment.p_paddr(endian).into() == 0);
    let are_virtual = no_physical && all.any(|segment| segment.p_vaddr(endian).into() != 0);
    let loads = segments.iter().enumerate().filter_map(|(index, segment)| {
        let length_bytes: u64 = segment.p_filesz(endian).into();
        let physical: u64 = segment.p_paddr(endian).into();
        (segment.p_type(endian) == PT_LOAD && length_bytes > 0).then(|| Load {
            index,
            offset: segment.p_offset(endian).into(),
            address: if are_virtual {
                segment.p_vaddr(endian).into()
            } else {
                physical
            },
            length_bytes,
            memory_bytes: segment.p_memsz(endian).into(),
            flags: segment.p_flags(endian).0,
        })
    });
    let loads = loads.collect();
    Ok(Ok(Loads { loads, are_virtual }))
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
            "{count} program headers, at most {ELF_PROGRAM_HEADERS} are read",
            count = grouped(count)
        ));
    }
    if count > 0 && usize::from(header.e_phentsize(endian)) != entry {
        let said = header.e_phentsize(endian);
        return Err(format!(
            "entries of {} bytes, this class has {entry}",
            grouped(said)
        ));
    }
    let bytes = usize::from(count) * entry;
    match offset.checked_add(bytes as u64) {
        Some(end) if end <= size_bytes => Ok(Table {
            offset,
            bytes,
            count: count.into(),
        }),
        _ => Err(format!(
            "{count} program headers at offset {offset}, the file ends at {size_bytes}",
            count = grouped(count),
            offset = grouped(offset),
            size_bytes = grouped(size_bytes)
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
        Some(end) if end <= size_bytes => Ok(format!(
            "{count} sections, the table is inside",
            count = grouped(count)
        )),
        _ => Err(format!(
            "{count} sections listed at offset {offset}, the file ends at {size_bytes}: it was cut off",
            count = grouped(count),
            offset = grouped(offset),
            size_bytes = grouped(size_bytes)
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

/// `e_machine`.
fn machine_name(machine: u16) -> String {
    let known = registry::elf_machine(machine);
    known.map_or_else(|| format!("machine {machine}"), str::to_owned)
}

#[cfg(test)]
#[path = "elf_tests.rs"]
mod tests;
