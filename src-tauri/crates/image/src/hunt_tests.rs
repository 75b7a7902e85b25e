//! Files of others' bug reports (docs/field-reports/files.md), a few lines each: what was said of them elsewhere
//! was wrong.

use crate::format::test_support::{fact, failed, warned};
use crate::{Inspection, Integrity, MemorySource, inspect};

const END: &str = ":00000001FF\n";

fn inspected(text: impl AsRef<[u8]>) -> Inspection {
    inspect(&MemorySource::new(text.as_ref())).unwrap()
}

/// Where each run of an intact file lies, and how long it is.
fn runs(text: impl AsRef<[u8]>) -> Vec<(u64, u64)> {
    let found = inspected(text);
    assert_eq!(found.integrity(), Integrity::Intact, "{:?}", found.checks);
    let segments = found.segments.iter();
    segments
        .map(|segment| (segment.address.unwrap(), segment.length_bytes))
        .collect()
}

fn hex(records: &[&str]) -> String {
    records.join("\n") + "\n" + END
}

fn srec(records: &[&str]) -> String {
    records.join("\n") + "\n"
}

#[test]
fn start_records_may_stand_anywhere() {
    let data = ":0400000001020304F2";
    let more = ":0400040001020304EE";
    for records in [
        [data, ":040000051D0040009A", more],
        [":040000051D0040009A", data, more],
        [data, more, ":040000051D0040009A"],
    ] {
        let text = hex(&records);
        assert_eq!(runs(&text), [(0, 8)]);
        assert_eq!(fact(&inspected(&text), "Entry point"), "0x1D004000");
    }
}

#[test]
fn base_addresses_may_go_forth_and_back() {
    let text = hex(&[
        ":020000040000fa",
        ":020000041fc01b",
        ":042ffc00f7ffff7f5d",
        ":020000040000fa",
        ":020000041fc01b",
        ":080000000010400b000000009d",
    ]);
    assert_eq!(runs(text), [(0x1FC0_0000, 8), (0x1FC0_2FFC, 4)]);
}

#[test]
fn a_record_with_five_digits_of_address_is_damage_with_its_line() {
    let found = inspected(hex(&[":020000040001F9", ":041000E00A4CFFFDD9F"]));
    assert_eq!(
        failed(&found, "Record structure"),
        "line 2: an odd number of digits"
    );
}

#[test]
fn segment_records_are_bases_of_their_own() {
    let text = hex(&[
        ":020000025000AC",
        ":10000000A5A9AEFC5FAAB488B8A8860F8BC79C943C",
        ":0200000260009C",
        ":10000000F384980CA450DC26572ECE667CAF34DFE8",
    ]);
    assert_eq!(runs(text), [(0x5_0000, 16), (0x6_0000, 16)]);
    let text = hex(&[
        ":020000021000EC",
        ":1000540013051000970500009385C5011306E00001",
        ":040000031000005495",
    ]);
    assert_eq!(runs(&text), [(0x1_0054, 16)]);
    assert_eq!(fact(&inspected(text), "Entry point"), "1000:0054 (CS:IP)");
    // A linear base, and a segment behind it: the last one counts.
    let text = hex(&[
        ":020000040001F9",
        ":040000006162636472",
        ":020000021000EC",
        ":040010006566676852",
    ]);
    assert_eq!(runs(text), [(0x1_0000, 4), (0x1_0010, 4)]);
}

#[test]
fn comments_behind_records_may_have_colons_and_digits() {
    let text = hex(&[
        ":2000000033C0000041C000003FC000003DC000003BC0000039C0000037C0000035C0000010 // 00000> 3@..A@..?@..=@..;@..9@..7@..5@..",
        ":2000200033C0000031C000002FC000002DC000002BC0000043C0000027C0000025C0000046 // 00020> :00000001FF :10000000",
    ]);
    assert_eq!(runs(&text), [(0, 64)]);
    assert_eq!(
        fact(&inspected(text), "Comments"),
        "2 comments beside the records"
    );
}

#[test]
fn types_of_s_records_may_be_mixed() {
    let text = srec(&[
        "S0220000687474703A2F2F737265636F72642E736F75726365666F7267652E6E65742F1D",
        "S10780004242424270",
        "S208008004424242426B",
        "S309000080084242424266",
        "S5030003F9",
        "S9030000FC",
    ]);
    assert_eq!(runs(&text), [(0x8000, 12)]);
    assert!(warned(&inspected(text), "End record").starts_with("S9 ends a file of S3"));
}

#[test]
fn what_follows_the_end_record_is_no_part_of_the_image() {
    let text = srec(&["S10780004242424270", "S9030000FC"]);
    assert_eq!(runs(text.clone() + "\r\n\r\n\n"), [(0x8000, 4)]);
    let mut bytes = text.into_bytes();
    bytes.extend((0..=255).cycle().take(2048));
    assert_eq!(runs(&bytes), [(0x8000, 4)]);
    assert!(fact(&inspected(&bytes), "Behind the end record").contains("no part of the image"));
}

#[test]
fn the_longest_and_the_shortest_s_record_are_read() {
    let long = |at: u32| {
        let mut bytes = vec![0xFF];
        bytes.extend(at.to_be_bytes());
        bytes.extend([7; 250]);
        let sum = bytes.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
        bytes.push(!sum);
        format!("S3{}\n", crate::bytes::hex(&bytes).to_uppercase())
    };
    let text = long(0x4000_0000) + &long(0x4000_00FA) + "S70500000000FA\n";
    assert_eq!(runs(text), [(0x4000_0000, 500)]);
    let text = srec(&["S1048020E972", "S90380205C"]);
    assert_eq!(runs(&text), [(0x8020, 1)]);
    assert_eq!(fact(&inspected(text), "Entry point"), "0x00008020");
}

#[test]
fn an_empty_data_record_closes_a_file_of_cp_m() {
    let data = ":0400000001020304F2";
    let text = srec(&[data, ":0000000000"]);
    assert_eq!(runs(&text), [(0, 4)]);
    assert!(warned(&inspected(text), "End record").contains("CP/M"));
    // Data behind it: it closed nothing, and the end is missing.
    let cut = srec(&[data, ":0000000000", ":0400040001020304EE"]);
    failed(&inspected(cut), "End record");
}

#[test]
fn counts_and_ends_of_s_records_may_have_other_widths() {
    let data = "S10780004242424270";
    for (count, end) in [
        ("S5030001FB", "S9030000FC"),
        ("S504000001FA", "S9030000FC"),
        ("S50500000001F9", "S90500000000FA"),
        ("S6030001FB", "S9030000FC"),
    ] {
        let text = srec(&[data, count, end]);
        assert_eq!(runs(&text), [(0x8000, 4)], "{count}");
    }
    let wide = inspected(srec(&[data, "S90500000000FA"]));
    assert!(warned(&wide, "End record").contains("an address of 4 bytes, 2 are usual"));
    let wrong = inspected(srec(&[data, "S504000002F9", "S9030000FC"]));
    failed(&wrong, "Record count");
}

#[test]
fn null_bytes_at_the_end_of_a_header_are_no_text() {
    let text = srec(&["S009000066772E62000089", "S10780004242424270", "S9030000FC"]);
    assert_eq!(fact(&inspected(text), "Header"), "fw.b");
}

#[test]
fn addresses_of_words_are_those_of_their_bytes_from_the_first_one_on() {
    let text = "@00000040 1C2E2BB8 569D806C\n@00000042 A65845B8\n";
    let found = inspected(text);
    let places: Vec<_> = found
        .segments
        .iter()
        .map(|s| (s.address, s.length_bytes))
        .collect();
    assert_eq!(places, [(Some(0x100), 12)]);
}
