//! Tests of archives as others write them: what real programs put into them, and what they read.

use super::*;
use crate::CheckResult;

#[test]
fn the_64_bit_form_beside_numbers_that_fit_is_read_as_info_zip_writes_it() {
    // `cat fw | zip out.zip -`: both end records have the numbers.
    let narrow = forge(&[manifest(), Forged::new("a.bin", b"abc")]);
    let end = narrow.len() - 22;
    let word = |at: usize| u32::from_le_bytes(narrow[at..at + 4].try_into().unwrap());
    let mut wide = narrow[..end].to_vec();
    wide.extend(b"PK\x06\x06");
    wide.extend(44_u64.to_le_bytes());
    wide.extend([45, 3, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    for value in [2, 2, u64::from(word(end + 12)), u64::from(word(end + 16))] {
        wide.extend(value.to_le_bytes());
    }
    wide.extend(b"PK\x06\x07\0\0\0\0");
    wide.extend((end as u64).to_le_bytes());
    wide.extend(1_u32.to_le_bytes());
    wide.extend(&narrow[end..]);
    let found = inspected(wide).unwrap();
    assert_eq!(found.format, Format::McumgrPackage, "{found:#?}");
    assert_eq!(found.segments[0].length_bytes, 3);
}

#[test]
fn an_end_record_inside_of_the_comment_is_part_of_the_comment() {
    let mut bytes = forge(&[Forged::new("a.bin", b"abc")]);
    let comment = [b"see ".to_vec(), b"PK\x05\x06".to_vec(), vec![b'y'; 40]].concat();
    let at = bytes.len() - 2;
    bytes[at..].copy_from_slice(&u16::try_from(comment.len()).unwrap().to_le_bytes());
    bytes.extend(comment);
    let found = inspected(bytes).unwrap();
    assert_eq!(found.integrity(), Integrity::Intact, "{found:#?}");
}

#[test]
fn a_part_of_a_split_archive_is_not_damaged_and_an_archive_that_fitted_into_one_is_whole() {
    let whole = forge(&[Forged::new("a.bin", b"abc")]);
    let mut last = whole.clone();
    let end = last.len() - 22;
    last[end + 4] = 1;
    let first = [b"PK\x07\x08".to_vec(), whole[..end - 20].to_vec()].concat();
    for part in [last, first] {
        let found = inspected(part).unwrap();
        assert_eq!(
            found.integrity(),
            Integrity::NotFullyCheckable,
            "{found:#?}"
        );
        assert!(found.missing()[0].contains("other parts are missing"));
    }
    for marker in [b"PK\x07\x08", b"PK00"] {
        let mut one = [marker.to_vec(), whole.clone()].concat();
        let directory = one.windows(4).rposition(|w| w == b"PK\x01\x02").unwrap();
        one[directory + 42] += 4;
        let end = one.len() - 22;
        one[end + 16] += 4;
        let found = inspected(one).unwrap();
        assert_eq!(found.integrity(), Integrity::Intact, "{found:#?}");
    }
}

#[test]
fn an_entry_that_is_not_unpacked_leaves_the_archive_unchecked_and_one_that_is_only_large_is_checked()
 {
    let large = vec![0; 65 << 20];
    let packed = zipped(&[("a.bin", &large)], CompressionMethod::Deflated);
    assert_eq!(
        inspected(packed.clone()).unwrap().integrity(),
        Integrity::Intact
    );
    let mut changed = packed;
    let directory = changed
        .windows(4)
        .rposition(|w| w == b"PK\x01\x02")
        .unwrap();
    changed[directory + 16] ^= 1;
    assert!(failed(&inspected(changed).unwrap(), "Entries").contains("CRC-32"));
    let huge = Forged {
        size: 600 << 20,
        ..Forged::new("a.bin", b"abc")
    };
    let found = inspected(forge(&[huge, Forged::new("b.bin", b"abc")])).unwrap();
    assert_eq!(found.integrity(), Integrity::NotFullyCheckable);
    assert!(found.missing()[0].contains("“a.bin” unpacks to more"));
}

#[test]
fn a_file_whose_name_leads_elsewhere_is_checked_all_the_same() {
    let mut bytes = forge(&[Forged::new("../a.bin", b"abcdefgh")]);
    let at = bytes.windows(8).position(|w| w == b"abcdefgh").unwrap();
    bytes[at] ^= 1;
    failed(&inspected(bytes).unwrap(), "Entries");
}

#[test]
fn two_files_of_one_name_and_a_file_of_two_names_are_warned_of() {
    let twice = |second: &'static [u8]| {
        let entries = [Forged::new("a.bin", b"abc"), Forged::new("a.bin", second)];
        inspected(forge(&entries)).unwrap()
    };
    assert!(
        warned(&twice(b"xyz"), "Files of one name").contains("“a.bin” is there more than once")
    );
    let same = twice(b"abc");
    assert!(
        same.checks
            .iter()
            .all(|check| check.result == CheckResult::Passed)
    );
    let mut bytes = forge(&[Forged::new("a.bin", b"abc")]);
    bytes[30] = b'X';
    let why = warned(&inspected(bytes).unwrap(), "Names in the directory");
    assert!(
        why.contains("the directory has the name “a.bin”, the header before the bytes “X.bin”"),
        "{why}"
    );
}
