//! Tests of Intel HEX files.

use super::*;
use crate::format::test_support::{fact, failed, never_panics, passed, warned};
use crate::{CheckResult, Integrity, MemorySource};
use proptest::prelude::*;

/// One record with its right checksum.
pub(crate) fn record(kind: u8, offset: u16, data: &[u8]) -> String {
    let [high, low] = offset.to_be_bytes();
    let mut bytes = vec![u8::try_from(data.len()).unwrap(), high, low, kind];
    bytes.extend_from_slice(data);
    let sum = bytes.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
    bytes.push(sum.wrapping_neg());
    format!(":{}\n", crate::bytes::hex(&bytes).to_uppercase())
}

const END: &str = ":00000001FF\n";

fn inspected(text: impl Into<Vec<u8>>) -> Inspection {
    let source = MemorySource::new(text);
    crate::inspect(&source).unwrap()
}

/// Where each segment lies, and how long it is.
fn places(found: &Inspection) -> Vec<(u64, u64)> {
    let segments = found.segments.iter();
    segments
        .map(|segment| (segment.address.unwrap(), segment.length_bytes))
        .collect()
}

#[test]
fn memories_of_an_avr_beside_its_flash_are_named() {
    let flash = record(0, 0, &[7; 16]);
    let at = |high: u8| record(4, 0, &[0, high]);
    // avrdudes/avrdude#1204 and Optiboot/optiboot#224.
    let both =
        flash.clone() + &at(0x81) + &record(0, 0, &[1; 32]) + &at(0x84) + &record(0, 0, &[2; 3]);
    let label = "Beside the flash of an AVR";
    let found = inspected(both + END);
    assert_eq!(
        fact(&found, label),
        "EEPROM (32 bytes), signature (3 bytes), as avr-gcc places them"
    );
    for other in [
        at(0x90) + &record(0, 0, &[1]),
        at(0x81) + &record(0, 0, &[1]) + &at(0x86) + &record(0, 0, &[1]),
    ] {
        let found = inspected(flash.clone() + &other + END);
        assert!(!found.facts.iter().any(|fact| fact.label == label));
    }
}

#[test]
fn addresses_of_linear_and_segmented_records_and_the_entry_are_told() {
    let text = record(4, 0, &[0x08, 0x00])
        + &record(0, 0x0010, &[1; 16])
        + &record(0, 0x0020, &[2; 8])
        + &record(2, 0, &[0x10, 0x00])
        + &record(0, 0x0004, &[3; 4])
        + &record(5, 0, &[0x08, 0, 0, 0x11])
        + END;
    let found = inspected(text);
    assert_eq!(found.format, Format::IntelHex);
    assert_eq!(found.integrity(), Integrity::Intact);
    assert_eq!(places(&found), [(0x1_0004, 4), (0x0800_0010, 24)]);
    assert!(found.facts.iter().any(|f| f.value == "0x08000011"));
}

#[test]
fn a_wrong_checksum_is_told_with_its_line_and_the_right_value() {
    let found = inspected(record(0, 0, &[1]) + ":0100010002FD\n" + END);
    let why = failed(&found, "Record checksums");
    assert_eq!(why, "line 2: the checksum is FD, the bytes give FC");
    assert_eq!(found.integrity(), Integrity::Damaged);
}

#[test]
fn overlapping_records_are_told_with_both_lines() {
    let text = record(0, 0, &[1; 16])
        + &record(0, 0x20, &[1; 16])
        + &record(0, 0x10, &[1; 16])
        + &record(0, 0x2F, &[2; 2])
        + &record(0, 0, &[3])
        + END;
    let why =
        "line 2 and line 4 write different values to 0x0000002F: first 01, then 02; 2 bytes in all";
    assert_eq!(failed(&inspected(text), "Addresses written once"), why);
}

#[test]
fn the_same_bytes_written_twice_are_a_warning() {
    let text = record(0, 0x1000, &[1; 16]) + &record(0, 0x1008, &[1; 16]) + END;
    let found = inspected(text);
    assert_eq!(found.integrity(), Integrity::Intact);
    let check = &found.checks[2];
    assert_eq!(check.result, CheckResult::Warning);
    let why = "8 bytes from 0x00001008 on are written twice, with the same values";
    assert_eq!(check.explanation, why);
}

#[test]
fn addresses_of_16_bit_words_are_told_from_overlaps() {
    let text: String = (0..6_u8)
        .map(|i| record(0, 0x2000 + u16::from(i) * 8, &[i + 1; 16]))
        .collect();
    let found = inspected(text + END);
    assert_eq!(found.integrity(), Integrity::Intact, "{found:#?}");
    assert_eq!(places(&found), [(0x2000, 96)]);
    assert!(found.segments[0].name.contains("16-bit words"));
}

#[test]
fn a_file_without_its_end_is_damaged_and_a_second_part_behind_it_is_a_warning() {
    let cut = record(0, 0, &[1; 16]);
    assert!(failed(&inspected(cut.clone()), "End record").contains("cut off"));
    let more = cut.clone() + END + &record(0, 0, &[2]) + END;
    let found = inspected(more);
    assert_eq!(found.integrity(), Integrity::Intact);
    assert_eq!(found.segments.len(), 1);
    assert!(
        warned(&found, "Behind the end record").contains("from line 3 on (1 bytes at 0x00000000)")
    );
    passed(&inspected(cut + END), "End record");
}

#[test]
fn comments_padding_and_line_ends_of_any_kind_change_nothing() {
    let plain = record(4, 0, &[0x08, 0]) + &record(0, 0, &[1; 16]) + &record(0, 16, &[2; 16]) + END;
    let joined: String = plain.lines().collect();
    let behind = plain.replace('\n', " // 00: a :b\n");
    for text in [
        plain.replace('\n', "\r"),
        plain.replace('\n', "\r\n\r\n"),
        joined,
        behind,
        format!("\u{FEFF}{plain}"),
        format!("; chip\n// more\n\n{plain}; the end\nhello"),
        format!("{plain}\x1A"),
        format!("{plain}\0\0\0"),
        format!("{plain}{}", "\0".repeat(5000)),
        format!("abc{plain}"),
    ] {
        let found = inspected(text.clone());
        assert_eq!(found.format, Format::IntelHex, "{text}");
        assert_eq!(found.integrity(), Integrity::Intact, "{text}: {found:#?}");
        assert!(
            found
                .checks
                .iter()
                .all(|check| check.result == CheckResult::Passed),
            "{text}"
        );
        assert_eq!(places(&found), [(0x0800_0000, 32)], "{text}");
    }
}

#[test]
fn a_record_whose_colon_was_lost_is_no_comment() {
    let text = record(0, 0, &[1; 16]) + &record(0, 16, &[2; 16]).replace(':', ";") + END;
    assert!(
        failed(&inspected(text), "Record structure").contains("line 2: a record without its colon")
    );
}

#[test]
fn records_of_types_the_specification_has_not_are_told_and_no_damage() {
    let text = record(0, 0, &[1; 16]) + &record(0xFD, 0, &[9; 4]) + END;
    let found = inspected(text);
    assert_eq!(found.integrity(), Integrity::Intact);
    assert!(warned(&found, "Record types").starts_with("line 2: type FD"));
}

#[test]
fn data_wraps_at_the_end_of_its_segment() {
    let text = record(2, 0, &[0x10, 0]) + &record(0, 0xFFFC, &[1, 2, 3, 4, 5, 6]) + END;
    let found = inspected(text);
    assert_eq!(found.integrity(), Integrity::Intact);
    assert_eq!(places(&found), [(0x1_0000, 2), (0x1_FFFC, 4)]);
}

#[test]
fn a_universal_hex_has_one_program_for_each_board() {
    let block = |board: u16, kind: u8, byte: u8| {
        let [high, low] = board.to_be_bytes();
        record(4, 0, &[0, 0])
            + &record(0x0A, 0, &[high, low, 0xC0, 0xDE])
            + &record(kind, 0, &[byte; 16])
            + &record(0x0C, 0, &[0xFF; 8])
            + &record(0x0B, 0, &[])
    };
    let found = inspected(block(0x9901, 0, 1) + &block(0x9903, 0x0D, 2) + END);
    assert_eq!(found.integrity(), Integrity::Intact, "{found:#?}");
    let names: Vec<_> = found.segments.iter().map(|s| s.name.as_str()).collect();
    assert_eq!(names, ["micro:bit V1 (9901)", "micro:bit V2 (9903)"]);
    assert!(
        found
            .checks
            .iter()
            .all(|check| check.result == CheckResult::Passed)
    );
}

#[test]
fn every_broken_line_is_told_with_its_number() {
    let good = record(0, 0, &[1]);
    for (line, what) in [
        (":0", "odd"),
        (":0x000000", "no hexadecimal digit"),
        (":00", "shorter"),
        (":05000000AA51", "announces 5 data bytes and has 1"),
        (":0100000401FA", "type 04 cannot have 1"),
    ] {
        let why = failed(
            &inspected(format!("{good}{line}\n{END}")),
            "Record structure",
        );
        assert!(why.starts_with("line 2: ") && why.contains(what), "{why}");
    }
    let long = format!("{good}:{}\n{END}", "0".repeat(5000));
    assert!(failed(&inspected(long), "Record structure").contains("line 2 is longer"));
}

#[test]
fn data_wraps_at_the_end_of_the_address_space() {
    let text = record(4, 0, &[0xFF, 0xFF]) + &record(0, 0xFFFF, &[1, 2]) + END;
    let found = inspected(text);
    assert_eq!(places(&found), [(0, 1), (0xFFFF_FFFF, 1)]);
}

#[test]
fn many_flaws_are_counted_and_few_are_named() {
    let text = record(0, 0, &[1]) + &":00\n".repeat(100_000) + END;
    let why = failed(&inspected(text), "Record structure");
    assert!(
        why.ends_with("; and 99,995 more") && why.len() < 400,
        "{why}"
    );
}

#[test]
fn a_text_larger_than_the_limit_is_refused_unread() {
    struct Huge;
    impl Source for Huge {
        fn len(&self) -> u64 {
            crate::limits::TEXT_FILE_BYTES + 1
        }
        fn read_at(&self, offset: u64, buffer: &mut [u8]) -> std::io::Result<usize> {
            assert!(offset == 0 || offset > crate::limits::TEXT_FILE_BYTES - 1024);
            buffer.fill(b'0');
            if let Some(first) = buffer.first_mut() {
                *first = b':';
            }
            Ok(buffer.len())
        }
    }
    assert!(matches!(
        crate::inspect(&Huge),
        Err(ImageError::TooLarge { .. })
    ));
}

#[test]
fn a_file_of_nothing_but_its_end_is_whole_and_writes_nothing() {
    let found = inspected(END);
    assert_eq!(found.integrity(), Integrity::Intact);
    assert!(warned(&found, "Data").contains("writes nothing"));
    failed(&inspected(record(4, 0, &[8, 0])), "Data");
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in ":[0-9A-F]{8}([:0-9A-Fa-fG \r\n]{0,60}){0,20}") {
        let _ = inspected(text);
    }

    #[test]
    fn no_damage_makes_it_panic(at in 0usize..400, byte: u8, cut in 0usize..400) {
        let valid: String = (0..8).map(|i| record(0, i * 16, &[7; 16])).collect::<String>() + END;
        never_panics(inspect, valid.as_bytes(), at, byte, cut);
    }
}
