//! Tests of tar archives: what programs write, and what they should not.

use super::*;
use crate::format::mcuboot::tests::Build;
use crate::format::test_support::{fact, failed, passed, warned};
use crate::{Integrity, MemorySource};
use proptest::prelude::*;

fn archive(files: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (name, content) in files {
        let mut header = name.as_bytes().to_vec();
        header.resize(124, 0);
        header.extend(format!("{:011o}\0{:011o}\0", content.len(), 0).as_bytes());
        header.extend(b"        0");
        header.resize(512, 0);
        let sum: u64 = header.iter().map(|byte| u64::from(*byte)).sum();
        header[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
        bytes.extend(header);
        bytes.extend(content);
        bytes.resize(bytes.len().next_multiple_of(512), 0);
    }
    bytes.resize(bytes.len() + 1024, 0);
    bytes
}

fn inspected(bytes: impl Into<Vec<u8>>) -> Inspection {
    crate::inspect(&MemorySource::new(bytes)).unwrap()
}

#[test]
fn images_inside_are_named_and_damage_of_one_is_a_warning() {
    let mut image = Build::default().bytes();
    let found = inspected(archive(&[
        ("readme", b"hello".to_vec()),
        ("app.bin", image.clone()),
    ]));
    assert_eq!(found.summary, "tar archive, 2 files");
    assert_eq!(found.integrity(), Integrity::Intact);
    assert_eq!(found.parts.len(), 1);
    assert_eq!(
        found.parts[0].inspection.identity.version.as_deref(),
        Some("1.2.3+4")
    );
    passed(&found, "Headers");
    image[80] ^= 1;
    let found = inspected(archive(&[("app.bin", image)]));
    assert!(warned(&found, "app.bin").starts_with("Hash inside the image"));
}

#[test]
fn a_cut_archive_and_a_broken_header_are_told_with_their_place() {
    let whole = archive(&[("a", vec![1; 600]), ("b", vec![2; 600])]);
    assert!(failed(&inspected(&whole[..1000]), "Headers").contains("“a” ends at byte 1,112"));
    let mut broken = whole;
    broken[1536 + 3] = 9;
    assert!(failed(&inspected(broken), "Headers").contains("at byte 1,536 stands no header"));
}

#[test]
fn a_mender_artifact_is_named_with_its_format() {
    let version = br#"{"format":"mender","version":3}"#.to_vec();
    let found = inspected(archive(&[
        ("version", version),
        ("manifest", b"x".to_vec()),
    ]));
    assert_eq!(
        found.summary,
        "Mender artifact, format 3: tar archive, 2 files"
    );
    assert_eq!(found.integrity(), Integrity::NotFullyCheckable);
}

/// A header as GNU `tar` writes it, with its sum made anew.
fn header(name: &str, kind: u8, length: u64, change: impl Fn(&mut [u8])) -> Vec<u8> {
    let mut header = archive(&[(name, Vec::new())])[..512].to_vec();
    header[124..136].copy_from_slice(format!("{length:011o}\0").as_bytes());
    header[156] = kind;
    header[257..265].copy_from_slice(b"ustar  \0");
    change(&mut header);
    header[148..156].fill(b' ');
    let sum: u64 = header.iter().map(|byte| u64::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    header
}

fn closed(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.resize(bytes.len().next_multiple_of(512) + 1024, 0);
    bytes
}

#[test]
fn the_map_of_a_sparse_file_is_no_entry_and_the_file_is_counted() {
    let mut bytes = header("flash.bin", b'S', 700, |header| header[482] = 1);
    let mut map = vec![b'7'; 512];
    map[504] = 0;
    bytes.extend(map);
    bytes.extend(vec![9; 1024]);
    bytes.extend(archive(&[("b", vec![1])]));
    let found = inspected(bytes);
    assert_eq!(found.integrity(), Integrity::Intact, "{found:#?}");
    assert_eq!(found.summary, "tar archive, 2 files");
    assert!(fact(&found, "Sparse files").starts_with('1'));
}

#[test]
fn folders_and_links_with_a_size_and_no_bytes_are_read() {
    for kind in [b'1', b'2', b'5'] {
        let bytes = header("a/", kind, 4096, |_| {});
        let found = inspected([bytes, archive(&[("b", vec![1; 9])])].concat());
        assert_eq!(found.integrity(), Integrity::Intact, "{found:#?}");
        assert_eq!(found.summary, "tar archive, 1 file");
    }
    // As pax writes a hard link with what it links to.
    let mut bytes = header("a", b'1', 600, |_| {});
    bytes.extend(vec![7; 1024]);
    let found = inspected([bytes, archive(&[("b", vec![1; 9])])].concat());
    assert_eq!(found.integrity(), Integrity::Intact, "{found:#?}");
}

#[test]
fn sums_of_signed_characters_and_labels_are_read() {
    let mut bytes = header("f\u{FC}.bin", b'0', 0, |_| {});
    let signed: i64 = bytes.iter().map(|byte| i64::from(byte.cast_signed())).sum();
    let field: i64 = bytes[148..156].iter().map(|byte| i64::from(*byte)).sum();
    bytes[148..156].copy_from_slice(format!("{:06o}\0 ", signed - field + 256).as_bytes());
    assert_eq!(inspected(closed(bytes)).integrity(), Integrity::Intact);
    let label = header("lamp", b'V', 0, |header| header[124..136].fill(0));
    let found = inspected([label, archive(&[("b", vec![1])])].concat());
    assert_eq!(found.summary, "tar archive, 1 file");
    assert_eq!(fact(&found, "Label"), "lamp");
}

#[test]
fn long_names_sizes_and_prefixes_are_those_of_the_entry_behind() {
    let image = Build::default().bytes();
    let long = format!("{}/app.bin", "d".repeat(110));
    let entry = |kind: u8, text: &str| {
        let mut bytes = header("x", kind, text.len() as u64, |_| {});
        bytes.extend(text.as_bytes());
        bytes.resize(bytes.len().next_multiple_of(512), 0);
        bytes
    };
    let path = format!("{} path={long}\n", long.len() + 10);
    let size = format!(
        "{:02} size={}\n",
        9 + image.len().to_string().len(),
        image.len()
    );
    for front in [entry(b'L', &long), entry(b'x', &(path + &size))] {
        let mut bytes = front;
        let mut rest = archive(&[("short", image.clone())]);
        if bytes[156] == b'x' {
            let zero = header("short", b'0', 0, |_| {});
            rest[..512].copy_from_slice(&zero);
        }
        bytes.extend(rest);
        let found = inspected(bytes);
        assert_eq!(found.integrity(), Integrity::Intact, "{found:#?}");
        assert_eq!(found.parts[0].name, long);
    }
    let mut bytes = header("app.bin", b'0', image.len() as u64, |header| {
        header[257..265].copy_from_slice(b"ustar\x0000");
        header[345..349].copy_from_slice(b"lamp");
    });
    bytes.extend(image);
    assert_eq!(inspected(closed(bytes)).parts[0].name, "lamp/app.bin");
}

#[test]
fn what_stands_behind_the_end_is_told_and_an_archive_without_an_end_is_warned_of() {
    let whole = archive(&[("a", vec![1; 600])]);
    passed(&inspected(whole.clone()), "End of the archive");
    let open = &whole[..whole.len() - 1024];
    assert!(warned(&inspected(open), "End of the archive").starts_with("no empty blocks"));
    let twice = inspected([whole.clone(), whole.clone()].concat());
    let place = format!(
        "another archive begins at byte {}",
        firmdrop_core::grouped(whole.len())
    );
    assert!(warned(&twice, "End of the archive").contains(&place));
    let signed = inspected([whole, b"signature".to_vec()].concat());
    assert!(warned(&signed, "End of the archive").starts_with("9 bytes follow"));
    assert_eq!(signed.integrity(), Integrity::Intact);
}

#[test]
fn a_sum_that_is_no_number_is_a_wrong_one_and_an_empty_one_is_none() {
    let whole = archive(&[("a", vec![1; 60])]);
    let with_sum = |field: &[u8; 8]| {
        let mut bytes = whole.clone();
        // What says that it is an archive although the sum does not.
        bytes[257..263].copy_from_slice(b"ustar\0");
        bytes[148..156].copy_from_slice(field);
        inspected(bytes)
    };
    for wrong in [b"01x345\0 ", b"99999999"] {
        assert_eq!(with_sum(wrong).integrity(), Integrity::Damaged, "{wrong:?}");
    }
    for empty in [[0; 8], [b' '; 8]] {
        let found = with_sum(&empty);
        assert_eq!(found.integrity(), Integrity::NotFullyCheckable);
        let why = found.checks.iter().find(|check| check.name == "Headers");
        assert_eq!(why.unwrap().explanation, "one header has no sum");
    }
}

#[test]
fn a_later_part_of_an_archive_in_several_is_not_damaged() {
    let mut bytes = header("a", b'M', 9000, |_| {});
    bytes.extend(vec![3; 2000]);
    let found = inspected(bytes);
    assert_eq!(
        found.integrity(),
        Integrity::NotFullyCheckable,
        "{found:#?}"
    );
}

proptest! {
    #[test]
    fn no_damage_makes_it_panic(at in 0usize..1600, byte: u8, cut in 0usize..1600) {
        let mut bytes = archive(&[("a", vec![1; 60]), ("b", vec![2; 6])]);
        bytes[at] = byte;
        let _ = crate::inspect(&MemorySource::new(bytes.clone()));
        let _ = crate::inspect(&MemorySource::new(&bytes[..cut]));
    }
}
