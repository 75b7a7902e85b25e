//! Tests of ESP images.

use super::*;
use crate::format::test_support::{fact, failed, never_panics, passed};
use crate::{Integrity, MemorySource};
use proptest::prelude::*;

/// An application of the ESP32-S3 as the documents describe it, built byte by byte.
pub(crate) fn application(segments: &[(u32, Vec<u8>)], with_hash: bool) -> Vec<u8> {
    let mut bytes = vec![0xE9, u8::try_from(segments.len()).unwrap(), 2, 0x3F];
    bytes.extend(0x4037_5000_u32.to_le_bytes());
    bytes.extend([
        0xEE,
        0,
        0,
        0,
        9,
        0,
        0,
        1,
        0,
        99,
        0,
        0,
        0,
        0,
        0,
        u8::from(with_hash),
    ]);
    finish(bytes, segments, with_hash)
}

fn finish(mut bytes: Vec<u8>, segments: &[(u32, Vec<u8>)], with_hash: bool) -> Vec<u8> {
    let mut sum = 0xEF;
    for (place, data) in segments {
        bytes.extend(place.to_le_bytes());
        bytes.extend(u32::try_from(data.len()).unwrap().to_le_bytes());
        bytes.extend(data);
        sum = data.iter().fold(sum, |sum, byte| sum ^ byte);
    }
    while bytes.len() % 16 != 15 {
        bytes.push(0);
    }
    bytes.push(sum);
    if with_hash {
        let hash = Sha256::digest(&bytes);
        bytes.extend(hash);
    }
    bytes
}

/// What ESP-IDF puts at the start of an application.
pub(crate) fn description() -> Vec<u8> {
    let mut bytes = DESCRIPTION.to_le_bytes().to_vec();
    bytes.extend([4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    for (text, length) in [
        ("1.2.3", 32),
        ("lamp", 32),
        ("10:00:00", 16),
        ("Jan  1 2026", 16),
        ("v5.4", 32),
    ] {
        let mut field = text.as_bytes().to_vec();
        field.resize(length, 0);
        bytes.extend(field);
    }
    bytes.resize(256, 0);
    bytes
}

fn inspected(bytes: impl Into<Vec<u8>>) -> Inspection {
    crate::inspect(&MemorySource::new(bytes)).unwrap()
}

#[test]
fn a_length_no_flash_has_is_not_called_a_file_that_was_cut_off() {
    // As where the second half of a download is FF (espressif/esp-idf#8610), and in #15981.
    let whole = application(
        &[(0x3C00_0020, vec![7; 256]), (0x4037_4000, vec![8; 64])],
        true,
    );
    let mut blank = whole.clone();
    blank[300 - 24..].fill(0xFF);
    let mut wrong = whole.clone();
    wrong[28..32].copy_from_slice(&0x71EB_B4BA_u32.to_le_bytes());
    for bytes in [blank, wrong] {
        let found = crate::inspect(&MemorySource::new(bytes)).unwrap();
        let why = failed(&found, "Segments");
        assert!(
            why.ends_with("other bytes stand in place of its header"),
            "{why}"
        );
    }
    let cut = crate::inspect(&MemorySource::new(&whole[..whole.len() - 100])).unwrap();
    assert!(failed(&cut, "Segments").ends_with("it was cut off"));
}

#[test]
fn an_application_is_told_with_its_chip_version_and_both_checksums() {
    let found = inspected(application(
        &[(0x3C00_0020, description()), (0x4200_0020, vec![7; 100])],
        true,
    ));
    assert_eq!(found.format, Format::EspImage);
    assert_eq!(
        found.summary,
        "ESP32-S3 application, version 1.2.3, 2 segments"
    );
    assert_eq!(found.integrity(), Integrity::Intact);
    assert_eq!(found.identity.product.as_deref(), Some("lamp"));
    assert_eq!(fact(&found, "ESP-IDF"), "v5.4");
    assert_eq!(fact(&found, "Flash size"), "8 MiB");
    passed(&found, "Checksum");
    passed(&found, "SHA-256 behind the image");
}

#[test]
fn one_changed_bit_is_found_by_the_checksum_and_by_the_hash() {
    let mut bytes = application(&[(0x3C00_0020, vec![1; 64])], true);
    bytes[50] ^= 0x20;
    let found = inspected(bytes);
    assert!(failed(&found, "Checksum").contains("byte 111 says XOR EF, the segments give CF"));
    failed(&found, "SHA-256 behind the image");
}

#[test]
fn a_cut_image_is_told_with_its_place() {
    let bytes = application(&[(0x3C00_0020, vec![1; 64])], true);
    assert!(
        failed(&inspected(&bytes[..80]), "Segments").contains("ends at byte 96, the file at 80")
    );
    assert!(failed(&inspected(&bytes[..100]), "Checksum").contains("at byte 111"));
    assert!(failed(&inspected(&bytes[..120]), "SHA-256 behind the image").contains("cut off"));
}

#[test]
fn images_of_the_esp8266_have_no_chip_id_and_no_hash() {
    let mut bytes = vec![0xE9, 2, 0, 0x40];
    bytes.extend(0x4010_0004_u32.to_le_bytes());
    let segments = [(0x4010_0000, vec![3; 20]), (0x3FFE_8000, vec![4; 8])];
    let found = inspected(finish(bytes, &segments, false));
    assert_eq!(found.summary, "ESP8266 image, 2 segments");
    assert_eq!(found.integrity(), Integrity::Intact, "{found:#?}");
}

#[test]
fn images_of_the_esp8266_with_a_flash_part_have_two_headers_and_a_crc() {
    // As esptool 5.6 writes them with `elf2image --version 2`: the flash part is not in the checksum.
    let mut bytes = vec![0xEA, 4, 0, 0x40];
    bytes.extend(0x4010_0004_u32.to_le_bytes());
    bytes.extend([0; 4]);
    bytes.extend(600_u32.to_le_bytes());
    bytes.extend(vec![0x5A; 599]);
    bytes.push(0x5B);
    bytes.extend([0xE9, 1, 0, 0x40]);
    bytes.extend(0x4010_0004_u32.to_le_bytes());
    let mut bytes = finish(bytes, &[(0x4010_0000, vec![3; 20])], false);
    let plain = inspected(bytes.clone());
    assert_eq!(plain.summary, "ESP8266 image, 1 segment");
    assert_eq!(plain.integrity(), Integrity::Intact, "{plain:#?}");
    passed(&plain, "Checksum");
    let crc = CRC.checksum(&bytes);
    let crc = if crc >> 31 == 1 { !crc } else { crc + 1 };
    bytes.extend(crc.to_le_bytes());
    passed(&inspected(bytes.clone()), "CRC-32 behind the image");
    bytes[640] ^= 1;
    failed(&inspected(bytes.clone()), "Checksum");
    failed(&inspected(&bytes[..612]), "Segments");
}

#[test]
fn machine_code_that_begins_with_the_same_byte_is_no_image() {
    for head in [
        &[0xE9, 0x10, 0, 0, 0, 0, 0, 0][..],
        &[0xE9, 2, 2, 0x20, 0, 0, 8, 0x40],
    ] {
        let mut bytes = head.to_vec();
        bytes.resize(600, 0x90);
        assert_eq!(inspected(bytes).format, Format::Raw);
    }
}

proptest! {
    #[test]
    fn no_damage_makes_it_panic(at in 0usize..300, byte: u8, cut in 0usize..300) {
        let valid = application(&[(0x3C00_0020, vec![1; 64]), (0x4200_0020, vec![7; 30])], true);
        never_panics(|source| inspect(source).map(|found| found.unwrap_or_else(|| Inspection::new(Format::Raw, 0))), &valid, at, byte, cut);
    }
}

#[test]
fn an_image_for_a_chip_that_is_newer_than_the_list_is_read_like_others() {
    let data = vec![7; 40];
    let mut bytes = application(&[(0x3C00_0020, data.clone()), (0x4037_8000, data)], false);
    bytes[12..14].copy_from_slice(&0x99_u16.to_le_bytes());
    let found = crate::inspect(&MemorySource::new(bytes.clone())).unwrap();
    assert!(found.summary.starts_with("Newer ESP chip"), "{found:?}");
    let target = found.identity.target.as_deref();
    assert_eq!(target, Some("ESP chip with the id 153"));
    assert_eq!(found.integrity(), Integrity::Intact);
    bytes[60] ^= 1;
    let found = crate::inspect(&MemorySource::new(bytes.clone())).unwrap();
    assert_eq!(found.integrity(), Integrity::Damaged);
    // Bytes that have to be zero say that it is no such header.
    bytes[20] = 1;
    let found = crate::inspect(&MemorySource::new(bytes)).unwrap();
    assert_eq!(found.format, Format::Raw);
}
