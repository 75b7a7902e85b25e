//! Tests of S-record files.

use super::*;
use crate::format::test_support::{failed, never_panics, passed, warned};
use crate::{Integrity, MemorySource};
use proptest::prelude::*;

fn record(kind: char, at: &[u8], data: &[u8]) -> String {
    let mut bytes = vec![u8::try_from(at.len() + data.len() + 1).unwrap()];
    bytes.extend_from_slice(at);
    bytes.extend_from_slice(data);
    bytes.push(!bytes.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte)));
    format!("S{kind}{}\r\n", crate::bytes::hex(&bytes).to_uppercase())
}

fn valid() -> String {
    record('0', &[0, 0], b"toaster.srec")
        + &record('3', &[8, 0, 0, 0], &[1; 16])
        + &record('3', &[8, 0, 0, 16], &[2; 16])
        + &record('3', &[9, 0, 0, 0], &[3; 4])
        + &record('5', &[0, 3], &[])
        + &record('7', &[8, 0, 1, 1], &[])
}

fn inspected(text: impl Into<Vec<u8>>) -> Inspection {
    crate::inspect(&MemorySource::new(text)).unwrap()
}

#[test]
fn segments_header_count_and_entry_are_told() {
    let found = inspected(valid());
    assert_eq!(found.format, Format::SRecord);
    assert_eq!(found.integrity(), Integrity::Intact);
    let places: Vec<_> = found
        .segments
        .iter()
        .map(|s| (s.address, s.length_bytes))
        .collect();
    assert_eq!(places, [(Some(0x0800_0000), 32), (Some(0x0900_0000), 4)]);
    let value = |label: &str| {
        found
            .facts
            .iter()
            .find(|f| f.label == label)
            .map(|f| f.value.as_str())
    };
    assert_eq!(value("Header"), Some("toaster.srec"));
    assert_eq!(value("Entry point"), Some("0x08000101"));
    passed(&found, "Record count");
}

#[test]
fn a_missing_record_shows_in_the_count() {
    let mut lines: Vec<_> = valid().lines().map(str::to_owned).collect();
    lines.remove(2);
    let text = lines.join(
        "
",
    );
    assert_eq!(
        failed(&inspected(text), "Record count"),
        "the count record says 3 data records, 2 are there"
    );
}

#[test]
fn each_flaw_is_told_with_its_line() {
    let wrong = valid().replace("S31508000010", "S31508000011");
    assert!(failed(&inspected(wrong), "Record checksums").starts_with("line 3: the checksum is"));
    for (line, what) in [
        ("T104000001FA", "without its S"),
        ("S1", "shorter"),
        ("S105000000", "announces 5 bytes and has 3"),
        ("S10100FE", "announces 1 bytes and has 2"),
        ("S1020000", "shorter than its address"),
        ("S1ZZ0000", "no hexadecimal digit"),
    ] {
        let text = format!("{}\n{line}\n{}", record('0', &[0, 0], b"x").trim(), valid());
        let found = inspected(text);
        let told = |check: &&crate::Check| check.explanation.contains("line 2");
        let check = found.checks.iter().find(told).expect(line);
        assert_eq!(check.result, CheckResult::Failed, "{line}");
        assert!(
            check.explanation.contains(what) || line == "S1020000",
            "{check:?}"
        );
    }
}

#[test]
fn overlap_end_and_wrong_end_are_told() {
    let twice =
        record('1', &[0, 0], &[1; 4]) + &record('1', &[0, 3], &[2]) + &record('9', &[0, 0], &[]);
    assert!(failed(&inspected(twice), "Addresses written once").contains("line 1 and line 2"));
    let one = record('1', &[0, 0], &[1; 4]);
    assert!(failed(&inspected(one.clone()), "End record").contains("cut off"));
    let wrong = one + &record('7', &[0, 0, 0, 0], &[]);
    let found = inspected(wrong);
    assert!(warned(&found, "End record").starts_with("S7 ends a file of S1 records"));
    assert_eq!(found.integrity(), Integrity::Intact);
}

#[test]
fn symbols_before_the_records_and_reserved_types_change_nothing() {
    let symbols = format!("$$ lamp\n  main $8000100\n$$ \n{}", valid());
    let found = inspected(symbols);
    assert_eq!(found.format, Format::SRecord);
    assert_eq!(found.integrity(), Integrity::Intact);
    assert_eq!(found.segments.len(), 2);
    let reserved = record('4', &[0, 0], &[1]) + &valid();
    assert!(warned(&inspected(reserved), "Record types").contains("line 1: type 04"));
}

#[test]
fn a_count_may_begin_again_after_what_it_can_hold_and_be_that_of_a_block() {
    let rows = |first: u32, count: u32| -> String {
        (first..first + count)
            .map(|row| record('3', &(row * 4).to_be_bytes(), &[1; 4]))
            .collect()
    };
    let end = record('7', &[0; 4], &[]);
    let many = rows(0, 65_546) + &record('5', &10_u16.to_be_bytes(), &[]) + &end;
    let found = inspected(many);
    assert_eq!(found.integrity(), Integrity::Intact, "{:?}", found.checks);
    assert!(passed(&found, "Record count").contains("begins again after 65,536"));
    let count = |number: u16| record('5', &number.to_be_bytes(), &[]);
    let blocks = rows(0, 6) + &count(6) + &rows(6, 5) + &count(5) + &end;
    assert!(passed(&inspected(blocks), "Record count").contains("since the one before"));
    let wrong = rows(0, 6) + &count(7) + &rows(6, 5) + &count(5) + &end;
    assert!(failed(&inspected(wrong), "Record count").contains("says 7 data records, 6 are there"));
}

#[test]
fn a_file_that_writes_nothing_and_is_closed_is_whole() {
    let text = record('0', &[0, 0], b"empty") + &record('9', &[0, 0], &[]);
    let found = inspected(text);
    assert_eq!(found.integrity(), Integrity::Intact);
    assert!(warned(&found, "Data").contains("writes nothing"));
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "S[0-9][0-9A-F]{8}([S0-9A-Fa-fG \r\n]{0,60}){0,20}") {
        let _ = inspected(text);
    }

    #[test]
    fn no_damage_makes_it_panic(at in 0usize..300, byte: u8, cut in 0usize..300) {
        never_panics(inspect, valid().as_bytes(), at, byte, cut);
    }
}
