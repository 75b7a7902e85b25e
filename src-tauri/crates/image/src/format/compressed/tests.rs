//! Tests of compressed files: what `gzip`, `xz` and `zstd` write, and what nobody should.

use crate::format::mcuboot::tests::Build;
use crate::format::test_support::{fact, failed, passed, warned};
use crate::{Inspection, Integrity, MemorySource};
use flate2::Compression;
use proptest::prelude::*;

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut deflate = flate2::Compress::new(Compression::default(), false);
    let mut body = Vec::with_capacity(bytes.len() + 100);
    deflate
        .compress_vec(bytes, &mut body, flate2::FlushCompress::Finish)
        .unwrap();
    let mut out = b"\x1F\x8B\x08\x08\0\0\0\0\0\x03lamp.bin\0".to_vec();
    out.extend(body);
    out.extend(
        crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC)
            .checksum(bytes)
            .to_le_bytes(),
    );
    out.extend(u32::try_from(bytes.len()).unwrap().to_le_bytes());
    out
}

fn inspected(bytes: impl Into<Vec<u8>>) -> Inspection {
    crate::inspect(&MemorySource::new(bytes)).unwrap()
}

#[test]
fn a_page_that_was_packed_in_place_of_a_file_is_said_to_be_one() {
    let page = b"<!DOCTYPE html><html><title>Sign in</title></html>";
    let found = inspected(packed(page));
    assert!(
        found.summary.ends_with("HTML page, no firmware"),
        "{found:?}"
    );
    assert_eq!(fact(&found.parts[0].inspection, "Title"), "Sign in");
}

#[test]
fn the_image_inside_is_named_and_its_checks_are_made() {
    let found = inspected(packed(&Build::default().bytes()));
    assert_eq!(found.summary, "gzip stream: MCUboot image, version 1.2.3+4");
    assert_eq!(found.integrity(), Integrity::Intact);
    assert_eq!(found.parts[0].name, "lamp.bin");
    passed(&found.parts[0].inspection, "Hash inside the image");
    let mut image = Build::default().bytes();
    image[100] ^= 1;
    assert_eq!(inspected(packed(&image)).integrity(), Integrity::Damaged);
}

#[test]
fn a_wrong_checksum_a_wrong_length_and_a_cut_are_damage() {
    let whole = packed(&[7; 5000]);
    passed(&inspected(whole.clone()), "Content");
    let end = whole.len();
    let mut bytes = whole.clone();
    bytes[end - 8] ^= 1;
    assert!(failed(&inspected(bytes), "Content").contains("says CRC-32"));
    let mut bytes = whole.clone();
    bytes[end - 1] ^= 1;
    assert!(failed(&inspected(bytes), "Content").contains("it holds 5,000"));
    assert!(failed(&inspected(&whole[..end - 12]), "Content").contains("cut off"));
}

#[test]
fn the_checksum_of_a_header_is_compared_and_a_name_in_latin_1_is_read() {
    let plain = packed(b"abc");
    let mut header = plain[..10].to_vec();
    header[3] |= 2;
    header.extend(b"f\xFC.bin\0");
    let crc = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC).checksum(&header);
    header.extend(&crc.to_le_bytes()[..2]);
    let mut bytes = [header, plain[19..].to_vec()].concat();
    let found = inspected(bytes.clone());
    assert_eq!(found.integrity(), Integrity::Intact, "{found:#?}");
    assert_eq!(fact(&found, "Name inside"), "fü.bin");
    bytes[4] ^= 1;
    assert!(failed(&inspected(bytes), "Content").contains("header at byte 0 says CRC-16"));
}

#[test]
fn several_members_are_one_content_and_strangers_behind_them_are_told() {
    let mut bytes = packed(b"abc");
    bytes.extend(packed(b"def"));
    assert!(passed(&inspected(bytes.clone()), "Content").contains("6 bytes"));
    bytes.extend([0; 9]);
    assert!(fact(&inspected(bytes.clone()), "Padding").contains("9 bytes"));
    bytes.push(5);
    assert!(warned(&inspected(bytes), "End of the stream").contains("10 bytes follow"));
}

#[test]
fn what_is_packed_deeper_than_is_opened_is_left_alone() {
    let mut bytes = Build::default().bytes();
    for _ in 0..6 {
        bytes = packed(&bytes);
    }
    assert_eq!(inspected(bytes).integrity(), Integrity::Intact);
}

/// Bytes written as hexadecimal.
fn bytes_of(hex: &str) -> Vec<u8> {
    let digits = hex.as_bytes().chunks(2);
    digits
        .map(|two| u8::from_str_radix(std::str::from_utf8(two).unwrap(), 16).unwrap())
        .collect()
}

/// What every stream below holds.
const TEXT: &[u8] = b"firmware firmware firmware 1234567890\n";

/// What `xz` 5.4 writes of it with CRC-64, with SHA-256 and without a checksum.
const XZ: &str = "fd377a585a000004e6d6b4460200210116000000742fe5a3e00025001b5d00331a4aab8e77d7eb7253de7a6cc1d67c416ac92e1b5fdec1bbe4000000795bb42a3dd3abd800013726e2908c621fb6f37d010000000004595a";
const XZ_SHA256: &str = "fd377a585a00000ae1fb0ca10200210116000000742fe5a3e00025001b5d00331a4aab8e77d7eb7253de7a6cc1d67c416ac92e1b5fdec1bbe400000015d93afe5885e7435cd0c0e78ec3165efc1fa48a9919e673161bbab3634e21e400014f261c636a85189b4b9a01000000000a595a";
const XZ_NO_SUM: &str = "fd377a585a000000ff12d9410200210116000000742fe5a3e00025001b5d00331a4aab8e77d7eb7253de7a6cc1d67c416ac92e1b5fdec1bbe400000000012f26bb0897e006729e7a010000000000595a";
/// What `zstd` 1.5 writes, and without a checksum.
const ZSTD: &str = "28b52ffd2426d50000a06669726d7761726520313233343536373839300a0100f4ca11b88b5de0";
const ZSTD_NO_SUM: &str = "28b52ffd2026d50000a06669726d7761726520313233343536373839300a0100f4ca11";

fn content_of(bytes: &[u8]) -> Option<Vec<u8>> {
    super::content(&MemorySource::new(bytes)).unwrap()
}

#[test]
fn streams_of_xz_and_zstd_are_unpacked_and_compared_with_their_checksums() {
    for (stream, sums) in [
        (XZ, "checksum of every block"),
        (XZ_SHA256, "checksum of every block"),
        (ZSTD, "checksum of every frame"),
    ] {
        let bytes = bytes_of(stream);
        let found = inspected(bytes.clone());
        assert!(passed(&found, "Content").contains(sums), "{found:#?}");
        assert_eq!(fact(&found, "Unpacked"), "38 bytes");
        assert_eq!(content_of(&bytes).as_deref(), Some(TEXT));
    }
    for stream in [XZ_NO_SUM, ZSTD_NO_SUM] {
        let bytes = bytes_of(stream);
        let found = inspected(bytes.clone());
        assert_eq!(found.integrity(), Integrity::NotFullyCheckable);
        assert!(found.missing()[0].contains("without a checksum"));
        assert_eq!(content_of(&bytes).as_deref(), Some(TEXT));
    }
}

#[test]
fn one_changed_byte_or_a_cut_anywhere_in_a_stream_with_a_checksum_is_damage() {
    for stream in [XZ, XZ_SHA256, ZSTD] {
        let whole = bytes_of(stream);
        for at in 6..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 0x20;
            let found = inspected(bytes);
            let integrity = found.integrity();
            // A changed descriptor of a frame may ask for a dictionary; that is no damage yet.
            let expected = [Integrity::Damaged, Integrity::NotFullyCheckable];
            assert!(expected.contains(&integrity), "{at}: {found:#?}");
            let cut = inspected(&whole[..at]);
            assert!(
                failed(&cut, "Content").contains("cut off"),
                "{at}: {cut:#?}"
            );
        }
    }
}

#[test]
fn streams_behind_one_another_are_one_content_and_frames_of_others_are_passed_over() {
    let mut xz = bytes_of(XZ);
    xz.extend([0; 8]);
    xz.extend(bytes_of(XZ_SHA256));
    let mut zstd = [0x50, 0x2A, 0x4D, 0x18, 3, 0, 0, 0, 7, 7, 7].to_vec();
    zstd.extend(bytes_of(ZSTD));
    zstd.extend(bytes_of(ZSTD));
    for bytes in [xz, zstd] {
        passed(&inspected(bytes.clone()), "Content");
        assert_eq!(content_of(&bytes), Some([TEXT, TEXT].concat()));
        let mut strangers = bytes.clone();
        strangers.extend(b"strangers");
        assert!(warned(&inspected(strangers), "End of the stream").contains("9 bytes follow"));
    }
}

/// A Zstandard frame of blocks that each repeat one byte 128 KiB long.
fn bomb(blocks: usize) -> Vec<u8> {
    let mut bytes = bytes_of("28b52ffd0088");
    for block in (0..blocks).rev() {
        let header = (0x2_0000_u32 << 3) | (1 << 1) | u32::from(block == 0);
        bytes.extend(&header.to_le_bytes()[..3]);
        bytes.push(0);
    }
    bytes
}

#[test]
fn a_bomb_is_unpacked_as_far_as_is_unpacked_of_any_file() {
    let found = inspected(bomb(64));
    assert_eq!(fact(&found, "Unpacked"), "8,388,608 bytes");
    let found = inspected(bomb(400_000));
    assert_eq!(found.integrity(), Integrity::NotFullyCheckable);
    assert!(found.missing()[0].contains("more than is unpacked here"));
}

#[test]
fn a_stream_that_takes_more_memory_than_is_given_is_not_damaged() {
    // A window of 256 MiB; a dictionary of 1.5 GiB.
    let mut wide = bomb(1);
    wide[5] = 0x90;
    assert!(inspected(wide).missing()[0].contains("256 MiB of memory"));
    let mut large = bytes_of(XZ);
    large[16] = 37;
    let crc = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC).checksum(&large[12..20]);
    large[20..24].copy_from_slice(&crc.to_le_bytes());
    assert!(inspected(large).missing()[0].contains("72 MiB of memory"));
}

#[test]
fn an_index_that_contradicts_its_blocks_is_damage() {
    let mut bytes = bytes_of(XZ);
    let end = bytes.len();
    // The last record: 38 bytes unpacked, padded to four, CRC-32, and the footer of 12 bytes.
    assert_eq!(bytes[end - 17], 38);
    bytes[end - 17] = 39;
    let crc = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC).checksum(&bytes[end - 20..end - 16]);
    bytes[end - 16..end - 12].copy_from_slice(&crc.to_le_bytes());
    assert!(failed(&inspected(bytes), "Content").contains("index says 39 bytes"));
}

proptest! {
    #[test]
    fn no_damage_makes_it_panic(kind in 0usize..5, at in 0usize..120, byte: u8, cut in 0usize..120) {
        let mut bytes = match kind {
            0 => packed(&[7; 500]),
            1 => bytes_of(XZ),
            2 => bytes_of(XZ_NO_SUM),
            3 => bytes_of(ZSTD),
            _ => bytes_of(ZSTD_NO_SUM),
        };
        if let Some(slot) = bytes.get_mut(at) {
            *slot = byte;
        }
        let _ = crate::inspect(&MemorySource::new(bytes.clone()));
        let _ = crate::inspect(&MemorySource::new(&bytes[..cut.min(bytes.len())]));
    }
}
