//! Tests of UF2 files.

use super::*;
use crate::format::test_support::{failed, never_panics, warned};
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

fn inspected(bytes: impl Into<Vec<u8>>) -> Inspection {
    crate::inspect(&MemorySource::new(bytes)).unwrap()
}

#[test]
fn blocks_without_a_family_beside_others_and_blocks_that_are_no_page_are_warned_of() {
    let mut plain = block(0x2000, 0, 1);
    plain[8..12].fill(0);
    let found = inspected([plain, block(0x1000_0000, 0, 1)].concat());
    assert_eq!(found.integrity(), Integrity::Intact);
    assert!(warned(&found, "Families").starts_with("some blocks name no family"));

    let found = inspected([block(0x1000_0000, 0, 2), block(0x1000_0180, 1, 2)].concat());
    assert!(warned(&found, "Blocks of a page").contains("256 bytes for 0x10000180"));
    let mut short = block(0x1000_0000, 0, 1);
    short[16..20].copy_from_slice(&100_u32.to_le_bytes());
    assert!(warned(&inspected(short), "Blocks of a page").starts_with("block 0 at byte 0 has 100"));
    assert!(
        !inspected(three())
            .checks
            .iter()
            .any(|check| check.name == "Blocks of a page")
    );
}

#[test]
fn blocks_become_one_segment_and_the_family_is_named() {
    let found = inspected(three());
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
    assert_eq!(inspected(bytes).integrity(), Integrity::Intact);
}

#[test]
fn missing_double_and_cut_blocks_are_told() {
    let all = three();
    let why = failed(&inspected(&all[..1024]), "Block numbers");
    assert_eq!(why, "RP2040: 3 blocks are announced, number 2 is missing");
    let mut twice = all.clone();
    twice.extend(block(0x1000_0100, 1, 3));
    let found = inspected(twice.clone());
    assert_eq!(found.integrity(), Integrity::Intact);
    assert!(warned(&found, "Block numbers").contains("block 3 of the file is number 1 again"));
    assert!(warned(&found, "Addresses written once").contains("256 bytes from 0x10000100 on"));
    twice[3 * 512 + 40] ^= 1;
    let why = failed(&inspected(twice), "Addresses written once");
    assert!(
        why.contains("block 3 at byte 1,536 writes another value to 0x10000108: first 11, then 10"),
        "{why}"
    );
    let why = failed(&inspected(&all[..1100]), "Size");
    assert!(why.starts_with("76 bytes at byte 1,024"), "{why}");
    let short = crate::inspect(&MemorySource::new(&all[..100]));
    assert!(matches!(short, Err(ImageError::Truncated { .. })));
}

#[test]
fn files_for_two_families_may_share_addresses_and_numbers() {
    let mut bytes = three();
    let other: Vec<u8> = (0..3)
        .flat_map(|i| block(0x1000_0000 + i * 256, i, 3))
        .collect();
    for block in other.chunks(512) {
        let mut block = block.to_vec();
        block[28..32].copy_from_slice(&0xE48B_FF59_u32.to_le_bytes());
        bytes.extend(block);
    }
    let found = inspected(bytes);
    assert_eq!(found.integrity(), Integrity::Intact, "{found:#?}");
    assert_eq!(
        found.identity.target.as_deref(),
        Some("RP2040, RP2350 Arm secure")
    );
    let places: Vec<_> = found
        .segments
        .iter()
        .map(|s| (s.name.as_str(), s.length_bytes))
        .collect();
    assert_eq!(
        places,
        [
            ("flash of RP2040", 768),
            ("flash of RP2350 Arm secure", 768)
        ]
    );
}

#[test]
fn blocks_beside_the_flash_count_in_the_numbers_and_write_nothing() {
    let mut bytes = three();
    bytes[512 + 8] |= 1;
    let found = inspected(bytes.clone());
    assert_eq!(found.integrity(), Integrity::Intact, "{found:#?}");
    assert_eq!(found.segments.len(), 2);
    // A file in the container has no family, and its number is one of the whole file.
    bytes[512 + 8..512 + 12].copy_from_slice(&FLAG_FILE_CONTAINER.to_le_bytes());
    assert_eq!(inspected(bytes).integrity(), Integrity::Intact);
}

#[test]
fn files_one_behind_the_other_keep_their_own_numbers_and_each_is_checked() {
    let second = |count| -> Vec<u8> {
        (0..count)
            .flat_map(|i| block(0x1001_0000 + i * 256, i, 2))
            .collect()
    };
    let found = inspected([three(), second(2)].concat());
    assert_eq!(found.integrity(), Integrity::Intact, "{found:#?}");
    let why = warned(&found, "Block numbers");
    assert!(
        why.contains("2 files stand one behind the other, each with its own numbers (3, 2 blocks)"),
        "{why}"
    );
    let why = failed(&inspected([three(), second(1)].concat()), "Block numbers");
    assert_eq!(why, "RP2040: 2 blocks are announced, number 1 is missing");
    // A copy of the whole file behind it is two files as well.
    let found = inspected([three(), three()].concat());
    assert_eq!(found.integrity(), Integrity::Intact);
    // A file that is not whole yet cannot be followed by another.
    failed(
        &inspected([&three()[..1024], &second(2)].concat()),
        "Block numbers",
    );
}

#[test]
fn padding_behind_the_last_block_is_no_block_and_no_damage() {
    for padding in [vec![0; 4096], vec![0xFF; 1536], vec![0; 100]] {
        let found = inspected([three(), padding.clone()].concat());
        assert_eq!(found.integrity(), Integrity::Intact, "{found:#?}");
        assert_eq!(found.summary, "UF2 for RP2040, 3 blocks");
        let text = crate::format::test_support::fact(&found, "Padding");
        assert!(text.starts_with(&firmdrop_core::grouped(padding.len() as u64)));
    }
    let found = inspected([three(), b"readme".to_vec()].concat());
    assert!(warned(&found, "Size").contains("6 bytes from byte 1,536 on"));
    // In place of a block it is a block that is missing.
    let mut hole = three();
    hole[512..1024].fill(0);
    failed(&inspected(hole), "Block numbers");
}

#[test]
fn blocks_that_announce_no_number_are_sound_where_none_is_left_out() {
    let blocks = |numbers: &[u32]| -> Vec<u8> {
        let of = |i: &u32| block(0x1000_0000 + i * 256, *i, 0);
        numbers.iter().flat_map(of).collect()
    };
    let found = inspected(blocks(&[0, 1, 2]));
    assert_eq!(found.integrity(), Integrity::Intact, "{found:#?}");
    assert!(warned(&found, "Block numbers").contains("no block says how many"));
    failed(&inspected(blocks(&[0, 2])), "Block numbers");
}

#[test]
fn extension_tags_are_told() {
    let mut bytes = block(0, 0, 1);
    bytes[8..12].copy_from_slice(&(FLAG_FAMILY_ID | FLAG_EXTENSIONS).to_le_bytes());
    let tags = [
        &[9, 0xBC, 0xC7, 0x9F][..],
        b"0.1.2\0\0\0",
        &[0x14, 0x9D, 0x0D, 0x65],
        b"ACME Toaster mk3",
        &[0; 4],
    ]
    .concat();
    bytes[32 + 256..32 + 256 + tags.len()].copy_from_slice(&tags);
    let found = inspected(bytes);
    assert_eq!(found.identity.version.as_deref(), Some("0.1.2"));
    assert_eq!(found.identity.product.as_deref(), Some("ACME Toaster mk3"));
}

#[test]
fn broken_blocks_are_told_with_their_place() {
    for (at, what) in [
        (512, "block 1 at byte 512 has not the magic"),
        (1020, "block 1"),
        (512 + 17, "says 21,504 bytes"),
    ] {
        let mut bytes = three();
        bytes[at] ^= 0x55;
        let why = failed(&inspected(bytes), "Blocks");
        assert!(why.contains(what), "{why}");
    }
}

#[test]
fn the_count_of_blocks_is_not_believed_for_memory() {
    let found = inspected(block(0, 7, u32::MAX));
    assert!(failed(&found, "Block numbers").contains("4,294,967,295 blocks are announced"));
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

#[test]
fn a_block_without_bytes_counts_and_no_uf2_file_was_edited_as_text() {
    let mut empty = three();
    empty[512 + 16..512 + 20].fill(0);
    let found = inspected(empty);
    assert_eq!(found.integrity(), Integrity::Intact, "{found:#?}");
    let contradicting = [block(0x1000_0000, 0, 3), block(0x1000_0100, 1, 2)].concat();
    let advice = inspected(contradicting).advice().unwrap();
    assert!(!advice.cause.contains("text"), "{advice:?}");
}
