//! Tests of `DfuSe` containers.

use super::*;
use crate::MemorySource;
use crate::format::dfu::tests::with_suffix;
use crate::format::test_support::{fact, failed, never_panics, passed, warned};
use proptest::prelude::*;

fn container(elements: &[(u32, usize)]) -> Vec<u8> {
    let mut body = Vec::new();
    for (place, size) in elements {
        body.extend(place.to_le_bytes());
        body.extend(u32::try_from(*size).unwrap().to_le_bytes());
        body.resize(body.len() + size, 0xAB);
    }
    let mut bytes = b"DfuSe\x01".to_vec();
    bytes.extend(u32::try_from(11 + 274 + body.len()).unwrap().to_le_bytes());
    bytes.push(1);
    bytes.extend(b"Target\x00\x01\x00\x00\x00");
    let mut name = b"ST...".to_vec();
    name.resize(255, 0);
    bytes.extend(name);
    bytes.extend(u32::try_from(body.len()).unwrap().to_le_bytes());
    bytes.extend(u32::try_from(elements.len()).unwrap().to_le_bytes());
    bytes.extend(body);
    bytes
}

fn finished(bytes: Vec<u8>) -> Vec<u8> {
    with_suffix(bytes, 0x011A, [0x0483, 0xDF11, 0xFFFF])
}

fn inspected(bytes: impl Into<Vec<u8>>) -> Inspection {
    crate::inspect(&MemorySource::new(bytes)).unwrap()
}

#[test]
fn elements_are_told_with_their_addresses_in_order() {
    let found = inspected(finished(container(&[
        (0x0801_0000, 32),
        (0x0800_0000, 100),
    ])));
    assert_eq!(found.format, Format::DfuSe);
    assert_eq!(found.integrity(), Integrity::Intact);
    let places: Vec<_> = found
        .segments
        .iter()
        .map(|s| (s.address, s.length_bytes))
        .collect();
    assert_eq!(places, [(Some(0x0800_0000), 100), (Some(0x0801_0000), 32)]);
    assert_eq!(fact(&found, "Name of alternate 0"), "ST...");
    assert_eq!(found.identity.target.as_deref(), Some("USB 0483:DF11"));
    passed(&found, "CRC in the suffix");
}

#[test]
fn two_targets_may_write_the_same_addresses() {
    let one = container(&[(0x0800_0000, 32)]);
    let mut two = [&one[..], &one[11..]].concat();
    let size = u32::try_from(two.len()).unwrap();
    two[6..10].copy_from_slice(&size.to_le_bytes());
    two[10] = 2;
    two[one.len() + 6] = 1;
    let found = inspected(finished(two));
    assert_eq!(found.integrity(), Integrity::Intact, "{found:#?}");
    let names: Vec<_> = found.segments.iter().map(|s| s.name.as_str()).collect();
    assert_eq!(names, ["alternate 0", "alternate 1"]);
}

#[test]
fn each_lie_in_a_length_is_told_with_its_place() {
    let two = container(&[(0, 32), (16, 32)]);
    let overlap = inspected(finished(two.clone()));
    assert!(
        warned(&overlap, "Addresses written once")
            .contains("at byte 325 repeats bytes from 0x00000010")
    );
    let mut other = two.clone();
    other[336] = 0;
    let why = failed(&inspected(finished(other)), "Addresses written once");
    assert!(
        why.contains("at byte 325 writes another value to 0x00000013"),
        "{why}"
    );
    for (at, value, check, what) in [
        (
            10,
            2,
            "Targets and elements",
            "target 1 at byte 365 is cut off",
        ),
        (
            11,
            b'X',
            "Targets and elements",
            "at byte 11 stands no target",
        ),
        (277, 1, "Targets and elements", "says 1 bytes"),
        (
            281,
            3,
            "Targets and elements",
            "an element at byte 365 is cut off",
        ),
        (
            290,
            1,
            "Targets and elements",
            "says 288 bytes, 72 are left",
        ),
        (
            281,
            1,
            "Targets and elements",
            "target 0 says 80 bytes, its elements have 40",
        ),
    ] {
        let mut bytes = two.clone();
        bytes[at] = value;
        let why = failed(&inspected(finished(bytes)), check);
        assert!(why.contains(what), "{at}: {why}");
    }
}

#[test]
fn a_size_that_counts_the_suffix_or_nothing_is_no_damage_while_the_checksum_holds() {
    let with_size = |said: u32| {
        let mut bytes = container(&[(0, 32)]);
        bytes[6..10].copy_from_slice(&said.to_le_bytes());
        finished(bytes)
    };
    let whole = 11 + 274 + 8 + 32 + 16;
    let found = inspected(with_size(whole));
    assert!(passed(&found, "Size in the prefix").contains("counts the suffix"));
    let mut zero = with_size(0);
    assert!(warned(&inspected(zero.clone()), "Size in the prefix").contains("says 0 bytes"));
    zero[300] ^= 1;
    failed(&inspected(zero), "Size in the prefix");
    let mut padded = container(&[(0, 32)]);
    padded.extend([0xFF; 5]);
    let found = inspected(finished(padded));
    assert_eq!(found.integrity(), Integrity::Intact, "{found:#?}");
    assert!(warned(&found, "End of the targets").starts_with("5 bytes"));
}

#[test]
fn a_whole_container_without_a_suffix_cannot_be_checked_and_a_cut_one_is_damaged() {
    let whole = container(&[(0, 32)]);
    let found = inspected(whole.clone());
    assert_eq!(found.integrity(), Integrity::NotFullyCheckable);
    let cut = inspected(&whole[..whole.len() - 9]);
    assert!(failed(&cut, "CRC in the suffix").contains("cut off"));
    let short = crate::inspect(&MemorySource::new(&container(&[])[..20]));
    assert!(matches!(short, Err(ImageError::Truncated { .. })));
}

proptest! {
    #[test]
    fn no_damage_makes_it_panic(at in 0usize..400, byte: u8, cut in 0usize..400) {
        never_panics(inspect, &finished(container(&[(0, 32), (64, 9)])), at, byte, cut);
    }
}
