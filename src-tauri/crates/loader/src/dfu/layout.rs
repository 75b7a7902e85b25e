//! Where the bytes of an image go in a memory with sectors: what is erased, what is written. No I/O.

use firmdrop_image::PayloadSegment;

use super::memory::{Group, Memory};

/// The largest unit that flash of such processors is programmed in: the flash word of an STM32H7 (RM0433,
/// 4.3.1). Bytes that are missing of one are written as empty flash, so that none is begun twice.
const WORD_BYTES: u64 = 32;
/// Sectors of one load. A memory of 64 MiB has so many of 1 KiB.
const MOST_SECTORS: usize = 65_536;

/// Bytes of a segment of the image, and where they go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) segment: usize,
    pub(super) begin: u64,
    pub(super) end: u64,
}

/// A range of addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) begin: u64,
    pub(super) end: u64,
}

/// What goes to one alternate setting, in the order of addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) alternate: u8,
    pub(super) name: String,
    /// It decides how the processor starts: nothing is started from there.
    pub(super) is_option_bytes: bool,
    /// Sectors that are erased.
    pub(super) sectors: Vec<Range>,
    /// What is written: the runs, filled up to whole words where flash was erased.
    pub(super) stretches: Vec<Range>,
    /// The image's own bytes.
    pub(super) runs: Vec<Run>,
}

impl Part {
    /// Where writing has to begin so that everything from `address` on is new: the beginning of its sector.
    pub(super) fn restart(&self, address: u64) -> u64 {
        let sector = self
            .sectors
            .iter()
            .find(|sector| (sector.begin..sector.end).contains(&address));
        sector.map_or(address, |sector| sector.begin)
    }

    /// Bytes of the image below an address.
    pub(super) fn bytes_below(&self, address: u64) -> u64 {
        let below = |run: &Run| run.end.min(address).saturating_sub(run.begin);
        self.runs.iter().map(below).sum()
    }
}

/// Lays the segments out.
///
/// # Errors
/// Why they cannot go there, one sentence.
pub(super) fn lay_out(
    segments: &[PayloadSegment],
    memories: &[Memory],
    option_bytes: bool,
) -> Result<Vec<Part>, String> {
    let mut parts: Vec<Part> = Vec::new();
    let mut count = 0;
    for (index, segment) in segments
        .iter()
        .enumerate()
        .filter(|(_, one)| one.length_bytes > 0)
    {
        let begin = segment
            .address
            .ok_or("The file does not say at which address it belongs.")?;
        let run = Run {
            segment: index,
            begin,
            end: begin
                .checked_add(segment.length_bytes)
                .ok_or("An address is out of bounds.")?,
        };
        let memory = memory_for(&run, segment.alternate, memories)?;
        if memory.is_option_bytes() && !option_bytes {
            return Err(format!(
                "The image has bytes for {} at {begin:#010x}, which decide how the processor starts and protects itself. They are written only with the option option_bytes=write.",
                memory.name
            ));
        }
        let at = parts
            .iter()
            .position(|part| part.alternate == memory.alternate);
        let at = at.unwrap_or_else(|| {
            parts.push(Part {
                alternate: memory.alternate,
                name: memory.name.clone(),
                is_option_bytes: memory.is_option_bytes(),
                sectors: Vec::new(),
                stretches: Vec::new(),
                runs: Vec::new(),
            });
            parts.len() - 1
        });
        if let Some(part) = parts.get_mut(at) {
            part.runs.push(run);
        }
    }
    for part in &mut parts {
        part.runs.sort_by_key(|run| run.begin);
        let twice = part.runs.windows(2).find_map(|pair| match pair {
            [one, next] if next.begin < one.end => Some(next.begin),
            _ => None,
        });
        if let Some(address) = twice {
            return Err(format!(
                "The image has two values for address {address:#010x}."
            ));
        }
        if let Some(memory) = memories
            .iter()
            .find(|memory| memory.alternate == part.alternate)
        {
            fill(part, memory, &mut count)?;
        }
    }
    parts.sort_by_key(|part| part.alternate);
    Ok(parts)
}

/// The memory a run goes to: the one its file names, otherwise the one that has its address.
fn memory_for<'a>(
    run: &Run,
    alternate: Option<u8>,
    memories: &'a [Memory],
) -> Result<&'a Memory, String> {
    let named = memories
        .iter()
        .filter(|memory| alternate.is_none_or(|number| number == memory.alternate));
    let mut first = None;
    for memory in named {
        match writable(run, memory) {
            Ok(()) => return Ok(memory),
            Err(why) => {
                let is_near = memory.group_at(run.begin).is_some();
                if first.is_none() || is_near {
                    first = Some(why);
                }
            }
        }
    }
    Err(first.unwrap_or_else(|| match alternate {
        Some(number) => {
            format!("The file is for alternate setting {number}, which the reader does not have.")
        }
        None => "The reader lists no memory.".to_owned(),
    }))
}

/// Whether each byte of a run is in memory that can be written.
fn writable(run: &Run, memory: &Memory) -> Result<(), String> {
    let mut address = run.begin;
    while address < run.end {
        let group = memory.group_at(address);
        let group = group.ok_or_else(|| {
            format!("The image has bytes for address {address:#010x}, which is outside of the memory that the reader lists.")
        })?;
        if !group.is_writable {
            return Err(format!(
                "The image has bytes for address {address:#010x}, which the reader does not let be written."
            ));
        }
        address = group.end();
    }
    Ok(())
}

/// Finds what is erased and written of a part.
fn fill(part: &mut Part, memory: &Memory, count: &mut usize) -> Result<(), String> {
    for run in &part.runs {
        let mut address = run.begin;
        while let Some(group) = memory.group_at(address).filter(|_| address < run.end) {
            let end = run.end.min(group.end());
            add_stretch(&mut part.stretches, group, address, end);
            if group.is_erasable {
                add_sectors(&mut part.sectors, group, address, end, count)?;
            }
            address = end;
        }
    }
    Ok(())
}

fn add_stretch(stretches: &mut Vec<Range>, group: &Group, begin: u64, end: u64) {
    let (begin, end) = if group.is_erasable {
        let begin = (begin / WORD_BYTES * WORD_BYTES).max(group.begin);
        (begin, end.next_multiple_of(WORD_BYTES).min(group.end()))
    } else {
        (begin, end)
    };
    match stretches.last_mut() {
        Some(last) if begin <= last.end => last.end = last.end.max(end),
        _ => stretches.push(Range { begin, end }),
    }
}

fn add_sectors(
    sectors: &mut Vec<Range>,
    group: &Group,
    begin: u64,
    end: u64,
    count: &mut usize,
) -> Result<(), String> {
    let mut sector = group.sector_of(begin);
    while sector < end {
        let range = Range {
            begin: sector,
            end: sector + group.sector_bytes,
        };
        if sectors.last() != Some(&range) {
            *count += 1;
            if *count > MOST_SECTORS {
                return Err(format!("The image needs more than {MOST_SECTORS} sectors."));
            }
            sectors.push(range);
        }
        sector = range.end;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn segment(address: u64, length_bytes: u64, alternate: Option<u8>) -> PayloadSegment {
        PayloadSegment {
            name: "data".into(),
            file: None,
            address: Some(address),
            length_bytes,
            alternate,
            family: None,
        }
    }

    fn memories() -> Vec<Memory> {
        let texts = [
            "@Internal Flash  /0x08000000/01*016Ka,03*016Kg,01*064Kg",
            "@Option Bytes  /0x1FFFC000/01*016 e",
        ];
        let read = (0..)
            .zip(texts)
            .map(|(number, text)| Memory::read(number, text).unwrap());
        read.collect()
    }

    fn ranges(ranges: &[Range]) -> Vec<(u64, u64)> {
        ranges
            .iter()
            .map(|range| (range.begin, range.end))
            .collect()
    }

    #[test]
    fn sectors_are_erased_that_the_image_touches_and_whole_words_are_written() {
        let segments = [
            segment(0x0800_4010, 0x4000, None),
            segment(0x0801_0001, 3, None),
        ];
        let parts = lay_out(&segments, &memories(), false).unwrap();
        assert_eq!(
            ranges(&parts[0].sectors),
            [
                (0x0800_4000, 0x0800_8000),
                (0x0800_8000, 0x0800_C000),
                (0x0801_0000, 0x0802_0000)
            ]
        );
        assert_eq!(
            ranges(&parts[0].stretches),
            [(0x0800_4000, 0x0800_8020), (0x0801_0000, 0x0801_0020)]
        );
        assert_eq!(parts[0].bytes_below(0x0800_4020), 0x10);
        assert_eq!(parts[0].restart(0x0800_9000), 0x0800_8000);
    }

    #[test]
    fn two_runs_in_one_word_are_one_stretch() {
        let segments = [segment(0x0800_4000, 4, None), segment(0x0800_4010, 4, None)];
        let parts = lay_out(&segments, &memories(), false).unwrap();
        assert_eq!(ranges(&parts[0].stretches), [(0x0800_4000, 0x0800_4020)]);
        assert_eq!(parts[0].sectors.len(), 1);
    }

    #[test]
    fn what_lies_outside_of_writable_memory_is_refused_with_its_address() {
        for (address, length, alternate, why) in [
            (
                0x0800_0000,
                4,
                None,
                "0x08000000, which the reader does not let be written",
            ),
            (0x0802_0000, 4, None, "outside of the memory"),
            (0x0801_FFFC, 8, None, "0x08020000, which is outside"),
            (0x0800_4000, 4, Some(3), "alternate setting 3"),
            (0x0800_4000, 4, Some(1), "outside of the memory"),
            (0x1FFF_C000, 8, None, "option_bytes=write"),
        ] {
            let refused = lay_out(&[segment(address, length, alternate)], &memories(), false);
            let refused = refused.unwrap_err();
            assert!(refused.contains(why), "{address:#x}: {refused}");
        }
        let permitted = lay_out(&[segment(0x1FFF_C000, 8, None)], &memories(), true).unwrap();
        assert_eq!(
            ranges(&permitted[0].stretches),
            [(0x1FFF_C000, 0x1FFF_C008)]
        );
        assert!(permitted[0].sectors.is_empty());
        let twice = [segment(0x0800_4000, 8, None), segment(0x0800_4004, 8, None)];
        assert!(
            lay_out(&twice, &memories(), false)
                .unwrap_err()
                .contains("two values")
        );
    }

    proptest! {
        #[test]
        fn every_byte_is_in_a_stretch_and_every_stretch_in_erased_sectors(
            lengths in prop::collection::vec((0u64..200, 1u64..9000), 1..6),
        ) {
            let mut at = 0x0800_4000;
            let mut segments = Vec::new();
            for (gap, length) in lengths {
                segments.push(segment(at + gap, length, None));
                at += gap + length;
            }
            let parts = lay_out(&segments, &memories(), false).unwrap();
            let inside = |ranges: &[Range], begin: u64, end: u64| {
                let mut address = begin;
                while let Some(range) = ranges.iter().find(|range| (range.begin..range.end).contains(&address)) {
                    address = range.end;
                    if address >= end { return true; }
                }
                false
            };
            for run in &parts[0].runs {
                prop_assert!(inside(&parts[0].stretches, run.begin, run.end));
            }
            for stretch in &parts[0].stretches {
                prop_assert!(inside(&parts[0].sectors, stretch.begin, stretch.end));
            }
            prop_assert!(parts[0].stretches.windows(2).all(|pair| pair[0].end < pair[1].begin));
        }
    }
}
