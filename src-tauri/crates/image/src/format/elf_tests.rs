//! Tests of ELF files.

use super::*;
use crate::format::test_support::{fact, failed, never_panics, passed, warned};
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

fn inspected(bytes: impl Into<Vec<u8>>) -> Inspection {
    crate::inspect(&MemorySource::new(bytes)).unwrap()
}

#[test]
fn segments_are_told_by_physical_address_and_size_in_the_file() {
    let found = inspected(arm(&[(512, 0x0800_0400, 64), (256, 0x0800_0000, 128)]));
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
    let found = inspected(arm(&[(512, 0x100, 64), (1000, 0x120, 64)]));
    assert!(failed(&found, "Program segments").contains("segment 1 is 64 bytes at offset 1,000"));
    let found = inspected(arm(&[(512, 0x100, 64), (600, 0x120, 64)]));
    let why = "segment 1 repeats bytes of segment 0 at 0x00000120";
    assert_eq!(warned(&found, "Addresses written once"), why);
    let mut bytes = arm(&[(512, 0x100, 64), (600, 0x120, 64)]);
    bytes[601] = 7;
    let why = "segments 0 and 1 have different bytes for 0x00000121: first 00, then 07";
    assert_eq!(failed(&inspected(bytes), "Addresses written once"), why);
}

#[test]
fn addresses_that_count_words_are_no_overlap_and_place_no_byte() {
    // TMS320C2000: 256 bytes at 0x80000 are 128 words, and 0x80080 follows.
    let mut bytes = arm(&[(512, 0x8_0000, 256), (768, 0x8_0080, 256)]);
    bytes[18..20].copy_from_slice(&141_u16.to_le_bytes());
    bytes[700] = 7;
    let found = inspected(bytes.clone());
    assert_eq!(found.integrity(), Integrity::Intact, "{found:#?}");
    assert!(warned(&found, "Addresses written once").contains("count words"));
    let lengths: Vec<_> = found.segments.iter().map(|s| s.length_bytes).collect();
    assert_eq!(lengths, [256, 256]);
    let refused = loads(&MemorySource::new(bytes.clone()));
    assert!(matches!(refused, Err(ImageError::NotPlaced { .. })));
    // The same bytes for a machine whose addresses count bytes.
    bytes[18..20].copy_from_slice(&40_u16.to_le_bytes());
    failed(&inspected(bytes), "Addresses written once");
}

#[test]
fn big_endian_files_with_their_headers_at_the_end_are_read_like_others() {
    let mut bytes = vec![0x7F, b'E', b'L', b'F', 1, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    for half in [2_u16, 20] {
        bytes.extend(half.to_be_bytes());
    }
    for word in [1_u32, 0x100, 1024, 0, 0] {
        bytes.extend(word.to_be_bytes());
    }
    for half in [52_u16, 32, 2, 40, 0, 0] {
        bytes.extend(half.to_be_bytes());
    }
    bytes.resize(1024, 0);
    for (offset, place, size) in [(64_u32, 0_u32, 768_u32), (832, 0x300, 64)] {
        for word in [1, offset, place, place, size, size, 5, 4] {
            bytes.extend(word.to_be_bytes());
        }
    }
    let found = inspected(bytes);
    assert_eq!(found.summary, "ELF executable for PowerPC");
    assert_eq!(fact(&found, "Byte order"), "big-endian");
    assert_eq!(found.integrity(), Integrity::Intact, "{found:#?}");
    let places: Vec<_> = found
        .segments
        .iter()
        .map(|s| (s.address, s.length_bytes))
        .collect();
    assert_eq!(places, [(Some(0), 768), (Some(0x300), 64)]);
}

#[test]
fn segments_without_physical_addresses_stand_at_their_virtual_ones() {
    let found = inspected(arm(&[(512, 0, 64)]));
    assert_eq!(found.segments[0].address, Some(0x2000_0000));
    assert!(fact(&found, "Addresses").starts_with("virtual"));
}

#[test]
fn a_segment_with_more_bytes_in_the_file_than_in_memory_is_damaged() {
    let mut bytes = arm(&[(512, 0x100, 1 << 9)]);
    bytes[52 + 20..52 + 24].copy_from_slice(&256_u32.to_le_bytes());
    let why = failed(&inspected(bytes), "Program segments");
    assert_eq!(why, "segment 0 has 512 bytes in the file and 256 in memory");
}

#[test]
fn a_file_that_loads_nothing_is_warned_of() {
    for nothing in [&[][..], &[(512, 0x0800_0000, 0)]] {
        let found = inspected(arm(nothing));
        assert!(warned(&found, "Data").contains("writes nothing"));
        assert_eq!(found.integrity(), Integrity::Intact);
    }
}

#[test]
fn a_segment_that_begins_with_the_elf_header_is_told() {
    assert!(fact(&inspected(arm(&[(0, 0x100, 64)])), "ELF header").contains("flash"));
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
    assert!(failed(&inspected(&whole[..60]), "Program headers").contains("the file ends at 60"));
    let mut sections = whole.clone();
    sections[32..36].copy_from_slice(&2000_u32.to_le_bytes());
    sections[48] = 3;
    assert!(failed(&inspected(sections), "Section table").contains("cut off"));
    let mut header = whole;
    header[4] = 9;
    failed(&inspected(header), "ELF header");
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
