//! Tests of `MCUboot` images.

use sha2::{Digest as _, Sha256, Sha384, Sha512};

use super::*;
use crate::format::mcuboot_end::{TRAILER_MAGIC, TRAILER_MAGIC_WIDE};
use crate::format::mcuboot_header::{FLAG_ENCRYPTED_AES128, FLAG_RAM_LOAD, MAGIC};
use crate::format::test_support::{fact, failed, never_panics, passed, warned};
use crate::{Integrity, MemorySource};
use proptest::prelude::*;

/// An image as the bootloader's documents describe it, built byte by byte.
pub(crate) struct Build {
    pub(crate) version: (u8, u8, u16, u32),
    pub(crate) flags: u32,
    pub(crate) code: Vec<u8>,
    pub(crate) protected: Vec<(u16, Vec<u8>)>,
    pub(crate) plain: Vec<(u16, Vec<u8>)>,
    pub(crate) hash: u16,
}

impl Default for Build {
    fn default() -> Self {
        Self {
            version: (1, 2, 3, 4),
            flags: 0,
            code: vec![0xC3; 300],
            protected: Vec::new(),
            plain: Vec::new(),
            hash: 0x10,
        }
    }
}

fn area(magic: u16, tlvs: &[(u16, Vec<u8>)]) -> Vec<u8> {
    let mut body = Vec::new();
    for (kind, value) in tlvs {
        body.extend(kind.to_le_bytes());
        body.extend(u16::try_from(value.len()).unwrap().to_le_bytes());
        body.extend(value);
    }
    let mut bytes = magic.to_le_bytes().to_vec();
    bytes.extend(u16::try_from(body.len() + 4).unwrap().to_le_bytes());
    bytes.extend(body);
    bytes
}

impl Build {
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let protected = if self.protected.is_empty() {
            Vec::new()
        } else {
            area(0x6908, &self.protected)
        };
        let mut bytes = vec![0x3D, 0xB8, 0xF3, 0x96, 0, 0, 0, 0x20, 64, 0];
        bytes.extend(u16::try_from(protected.len()).unwrap().to_le_bytes());
        bytes.extend(u32::try_from(self.code.len()).unwrap().to_le_bytes());
        bytes.extend(self.flags.to_le_bytes());
        bytes.extend([self.version.0, self.version.1]);
        bytes.extend(self.version.2.to_le_bytes());
        bytes.extend(self.version.3.to_le_bytes());
        bytes.resize(64, 0);
        bytes.extend(&self.code);
        bytes.extend(protected);
        let hash = match self.hash {
            0x11 => Sha384::digest(&bytes).to_vec(),
            0x12 => Sha512::digest(&bytes).to_vec(),
            _ => Sha256::digest(&bytes).to_vec(),
        };
        let mut plain = vec![(self.hash, hash)];
        plain.extend(self.plain.clone());
        bytes.extend(area(0x6907, &plain));
        bytes
    }
}

fn inspected(bytes: impl Into<Vec<u8>>) -> Inspection {
    crate::inspect(&MemorySource::new(bytes)).unwrap()
}

#[test]
fn a_plain_image_tells_its_version_and_the_hash_bootloaders_know_it_by() {
    let bytes = Build::default().bytes();
    let found = inspected(bytes.clone());
    assert_eq!(found.format, Format::Mcuboot);
    assert_eq!(found.summary, "MCUboot image, version 1.2.3+4");
    assert_eq!(found.integrity(), Integrity::Intact);
    assert_eq!(found.signature, Signature::Absent);
    let expected = firmdrop_core::Sha256::of(&bytes[..364]);
    assert_eq!(found.image_hash, Some(expected.into()));
    let sizes: Vec<_> = found
        .segments
        .iter()
        .map(|s| (s.address, s.length_bytes))
        .collect();
    assert_eq!(sizes, [(None, 64), (None, 300)]);
}

#[test]
fn every_hash_kind_is_recomputed() {
    for (hash, name, length) in [
        (0x10, "SHA-256", 32),
        (0x11, "SHA-384", 48),
        (0x12, "SHA-512", 64),
    ] {
        let found = inspected(
            Build {
                hash,
                ..Build::default()
            }
            .bytes(),
        );
        assert!(passed(&found, "Hash inside the image").starts_with(name));
        assert_eq!(found.image_hash.unwrap().as_bytes().len(), length);
    }
}

#[test]
fn one_changed_byte_of_header_code_or_protected_entries_is_found() {
    let build = Build {
        protected: vec![(0x50, 7_u32.to_le_bytes().to_vec())],
        ..Build::default()
    };
    for at in [20, 40, 200, 364 + 8] {
        let mut bytes = build.bytes();
        bytes[at] ^= 0x40;
        let why = failed(&inspected(bytes), "Hash inside the image");
        assert!(
            why.starts_with("SHA-256 over the first 376 bytes is"),
            "{why}"
        );
        assert!(why.contains("the entry at byte 380 says"), "{why}");
    }
}

#[test]
fn dependency_counter_ids_and_strangers_are_facts() {
    let build = Build {
        protected: vec![
            (0x50, 7_u32.to_le_bytes().to_vec()),
            (0x40, vec![1, 0, 0, 0, 2, 1, 3, 0, 9, 0, 0, 0]),
            (0x75, (0..16).collect()),
            (0x00A0, vec![1, 2]),
        ],
        ..Build::default()
    };
    let found = inspected(build.bytes());
    assert_eq!(found.integrity(), Integrity::Intact);
    assert_eq!(fact(&found, "Security counter"), "7");
    assert_eq!(
        fact(&found, "Depends on"),
        "image 1, version 2.1.3+9 or newer"
    );
    assert_eq!(
        fact(&found, "Entry of unknown type"),
        "00A0, 2 bytes, protected"
    );
    let class = "class 00010203-0405-0607-0809-0a0b0c0d0e0f";
    assert_eq!(found.identity.target.as_deref(), Some(class));
}

#[test]
fn each_kind_of_signature_is_named_with_its_key_hash() {
    for (kind, hash, name) in [
        (0x20, 0x10, "RSA-2048"),
        (0x22, 0x10, "ECDSA P-256"),
        (0x22, 0x11, "ECDSA P-384"),
        (0x23, 0x10, "RSA-3072"),
        (0x24, 0x12, "Ed25519"),
    ] {
        let build = Build {
            hash,
            plain: vec![(0x01, vec![0xAB; 32]), (kind, vec![1; 70])],
            ..Build::default()
        };
        let expected = Signature::Present {
            algorithm: name.to_owned(),
            key_hash: Some("ab".repeat(32)),
        };
        assert_eq!(inspected(build.bytes()).signature, expected);
    }
}

#[test]
fn an_encrypted_image_is_described_and_its_hash_is_left_alone() {
    let build = Build {
        flags: FLAG_ENCRYPTED_AES128,
        plain: vec![(0x32, vec![0; 113])],
        ..Build::default()
    };
    let mut bytes = build.bytes();
    // Other code than the one that was hashed.
    bytes[100] ^= 1;
    let found = inspected(bytes);
    let hash = found
        .checks
        .iter()
        .find(|c| c.name == "Hash inside the image")
        .unwrap();
    assert_eq!(hash.result, CheckResult::NotMade);
    assert!(hash.explanation.contains("the key is missing"));
    assert_eq!(found.integrity(), Integrity::NotFullyCheckable);
    assert_eq!(fact(&found, "The image is"), "encrypted with AES-128");
    assert_eq!(fact(&found, "Encryption key"), "wrapped with ECIES P-256");
}

#[test]
fn an_image_for_a_big_endian_chip_is_read_like_another_one() {
    let mut bytes = vec![0x96, 0xF3, 0xB8, 0x3D, 0, 0, 0, 0, 0, 32, 0, 0, 0, 0, 0, 8];
    bytes.extend([0, 0, 0, 0, 1, 4, 0, 7, 0, 0, 0, 33, 0, 0, 0, 0]);
    bytes.extend([9; 8]);
    let hash = Sha256::digest(&bytes).to_vec();
    // The type as imgtool writes it, and as the byte order has it.
    bytes.extend([0x69, 0x07, 0, 48, 0x10, 0, 0, 32]);
    bytes.extend(hash);
    bytes.extend([0, 0x50, 0, 4]);
    bytes.extend([0, 0, 0, 5]);
    let found = inspected(bytes.clone());
    assert_eq!(found.integrity(), Integrity::Intact, "{found:#?}");
    assert_eq!(found.identity.version.as_deref(), Some("1.4.7+33"));
    assert_eq!(fact(&found, "Security counter"), "5");
    bytes[35] ^= 1;
    failed(&inspected(bytes), "Hash inside the image");
}

#[test]
fn a_ram_image_has_addresses() {
    let found = inspected(
        Build {
            flags: FLAG_RAM_LOAD,
            ..Build::default()
        }
        .bytes(),
    );
    assert_eq!(found.segments[1].address, Some(0x2000_0040));
}

#[test]
fn a_cut_image_is_described_and_the_place_is_told() {
    let bytes = Build::default().bytes();
    let why = failed(&inspected(&bytes[..200]), "Sizes in the header");
    assert_eq!(
        why,
        "the code ends at byte 364, the file at 200: it was cut off"
    );
    let why = failed(&inspected(&bytes[..364]), "Image metadata (TLV)");
    assert_eq!(
        why,
        "the area at byte 364 is not there, the file ends at 364"
    );
    let why = failed(&inspected(&bytes[..380]), "Image metadata (TLV)");
    assert!(why.ends_with("the file ends after 16"), "{why}");
    let short = crate::inspect(&MemorySource::new(&bytes[..31]));
    assert!(matches!(
        short,
        Err(ImageError::Truncated {
            needs_bytes: 32,
            ..
        })
    ));
}

#[test]
fn broken_areas_are_told_with_their_place() {
    let good = Build {
        protected: vec![(0x50, vec![7, 0, 0, 0])],
        ..Build::default()
    };
    for (at, value, what) in [
        (364, 0, "at byte 364 stands 6900, not 6908"),
        (366, 8, "the entry at byte 368 runs out"),
        (370, 5, "the entry at byte 368 runs out"),
        (10, 11, "is 12 bytes long, the header says 11"),
        (376, 0, "at byte 376 stands 6900, not 6907"),
        (382, 0xFF, "the entry at byte 380 runs out"),
        (8, 16, "16 bytes long, 32 is the least"),
    ] {
        let mut bytes = good.bytes();
        bytes[at] = value;
        let found = inspected(bytes);
        let stated = found
            .checks
            .iter()
            .any(|c| c.result == CheckResult::Failed && c.explanation.contains(what));
        assert!(stated, "{what}: {:#?}", found.checks);
    }
}

#[test]
fn a_padded_slot_is_told_apart_from_strange_bytes_at_the_end() {
    let mut padded = Build::default().bytes();
    padded.resize(4096 - 16, 0xFF);
    let strange = inspected([padded.clone(), vec![0x5A; 16]].concat());
    assert!(
        strange
            .checks
            .iter()
            .any(|c| c.result == CheckResult::Warning)
    );
    assert_eq!(strange.integrity(), Integrity::Intact);
    padded.extend(TRAILER_MAGIC);
    assert!(fact(&inspected(padded), "Trailer").contains("padded by"));
}

#[test]
fn a_slot_that_marks_itself_for_good_is_told_apart_from_one_that_asks_for_a_test() {
    // Writes of 8 and of 32 bytes: the flag stands one write before the magic's own.
    let wide: Vec<u8> = [32, 0].into_iter().chain(TRAILER_MAGIC_WIDE).collect();
    for (magic, before) in [(TRAILER_MAGIC.to_vec(), 24), (wide, 64)] {
        let mut slot = Build::default().bytes();
        slot.resize(4096 - 16, 0xFF);
        slot.extend(magic);
        assert!(fact(&inspected(slot.clone()), "Trailer").contains("for a test"));
        slot[4096 - before] = 1;
        assert!(fact(&inspected(slot), "Trailer").contains("for good"));
    }
}

#[test]
fn a_filter_for_arm_thumb_code_is_told() {
    let found = inspected(
        Build {
            flags: 0xC00,
            ..Build::default()
        }
        .bytes(),
    );
    let mut flags = found
        .facts
        .iter()
        .filter(|fact| fact.label == "The image is");
    assert!(flags.any(|fact| fact.value.contains("Arm Thumb")));
}

proptest! {
    #[test]
    fn no_header_makes_it_panic(tail in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut bytes = MAGIC.to_vec();
        bytes.extend(tail);
        let _ = crate::inspect(&MemorySource::new(bytes));
    }

    #[test]
    fn no_damage_makes_it_panic(at in 0usize..500, byte: u8, cut in 0usize..500) {
        let build = Build { protected: vec![(0x40, vec![0; 12]), (0x50, vec![1; 4])], ..Build::default() };
        never_panics(inspect, &build.bytes(), at, byte, cut);
    }
}

#[test]
fn a_copy_of_two_slots_is_not_called_padding() {
    let mut slots = Build::default().bytes();
    slots.resize(0x1000, 0xFF);
    slots.extend(Build::default().bytes());
    let found = inspected(slots);
    assert_eq!(found.integrity(), Integrity::Intact, "{found:#?}");
    let why = warned(&found, "End of the image");
    assert!(
        why.contains("version 1.2.3+4, begins at byte 4,096"),
        "{why}"
    );
}

#[test]
fn of_an_image_that_was_cut_in_its_entries_nothing_more_is_claimed() {
    let whole = Build::default().bytes();
    let found = inspected(&whole[..whole.len() - 3]);
    failed(&found, "Image metadata (TLV)");
    assert!(found.missing()[0].contains("cannot be read"), "{found:#?}");
    assert!(
        found
            .checks
            .iter()
            .all(|check| check.name != "End of the image")
    );
}

#[test]
fn every_hash_of_an_image_is_compared() {
    let mut build = Build::default();
    build.plain.push((0x12, vec![0; 64]));
    let found = inspect(&MemorySource::new(build.bytes())).unwrap();
    assert!(failed(&found, "Hash inside the image").contains("SHA-512"));
    // The hashes cover what stands before the entries.
    let code = build.bytes();
    let covered = code.get(..64 + build.code.len()).unwrap();
    let hash = Sha512::digest(covered).to_vec();
    build.plain = vec![(0x12, hash)];
    let found = inspect(&MemorySource::new(build.bytes())).unwrap();
    let why = passed(&found, "Hash inside the image");
    assert!(why.contains("SHA-256") && why.contains("SHA-512"), "{why}");
}

#[test]
fn a_slot_that_was_decrypted_in_place_is_compared_with_its_hash() {
    let build = Build {
        flags: 0x04,
        plain: vec![(0x32, vec![7; 113])],
        ..Build::default()
    };
    let mut bytes = build.bytes();
    let found = inspect(&MemorySource::new(bytes.clone())).unwrap();
    assert!(passed(&found, "Hash inside the image").contains("is decrypted"));
    assert_eq!(found.integrity(), Integrity::Intact);
    bytes[40] ^= 1;
    let found = inspect(&MemorySource::new(bytes)).unwrap();
    assert_eq!(found.integrity(), Integrity::NotFullyCheckable);
}

#[test]
fn flags_without_the_entries_that_belong_to_them_are_warned_of() {
    let key = (0x32, vec![7; 113]);
    let size = (0x70, vec![0; 4]);
    let hash = (0x71, vec![0; 32]);
    for (flags, plain, word) in [
        (0x04, vec![], "no entry has the key"),
        (0, vec![key.clone()], "says that the code is plain"),
        (0x0C, vec![key.clone()], "encrypted in two ways"),
        (0x400, vec![size.clone()], "after decompression"),
        (
            0x600,
            vec![size.clone(), hash.clone()],
            "compressed in two ways",
        ),
    ] {
        let build = Build {
            flags,
            plain,
            ..Build::default()
        };
        let mut bytes = build.bytes();
        // Other code than the one that was hashed, as encrypted code is.
        bytes[40] ^= u8::from(flags == 0x04);
        let found = inspect(&MemorySource::new(bytes)).unwrap();
        let why = warned(&found, "Flags in the header");
        assert!(why.contains(word), "{why}");
    }
    for (flags, plain) in [(0, vec![]), (0x04, vec![key]), (0x400, vec![size, hash])] {
        let build = Build {
            flags,
            plain,
            ..Build::default()
        };
        let found = inspect(&MemorySource::new(build.bytes())).unwrap();
        assert!(
            found
                .checks
                .iter()
                .all(|check| check.name != "Flags in the header")
        );
    }
}

#[test]
fn padding_behind_an_image_is_a_fact_and_a_second_file_is_no_padding() {
    let image = Build::default().bytes();
    for byte in [0, 0xFF] {
        let padded = [image.clone(), vec![byte; 5000]].concat();
        let found = inspect(&MemorySource::new(padded)).unwrap();
        assert!(fact(&found, "Padding").starts_with("5,000 bytes"));
    }
    let twice = [image.clone(), image].concat();
    let found = inspect(&MemorySource::new(twice)).unwrap();
    assert!(warned(&found, "End of the image").contains("another MCUboot image, version 1.2.3+4"));
}
