//! Tests of hostile and damaged archives.

use std::io::{Cursor, Write as _};

use super::*;
use crate::format::test_support::{fact, failed, never_panics};
use crate::{Format, Inspection, MemorySource};
use proptest::prelude::*;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// A zip archive of these entries, as the crate writes it.
pub(crate) fn zipped(entries: &[(&str, &[u8])], method: CompressionMethod) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        let options = SimpleFileOptions::default().compression_method(method);
        writer.start_file(*name, options).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// One entry of an archive that the crate would not write.
#[derive(Clone)]
struct Forged {
    name: &'static str,
    packed: Vec<u8>,
    size: u32,
    method: u16,
    flags: u16,
    attributes: u32,
    local: Option<u32>,
}

impl Forged {
    fn new(name: &'static str, bytes: &[u8]) -> Self {
        Self {
            name,
            packed: bytes.to_vec(),
            size: u32::try_from(bytes.len()).unwrap(),
            method: 0,
            flags: 0,
            attributes: 0,
            local: None,
        }
    }
}

const CRC: crc::Crc<u32> = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC);

fn forge(entries: &[Forged]) -> Vec<u8> {
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    for entry in entries {
        let at = u32::try_from(bytes.len()).unwrap();
        let mut shared = Vec::new();
        for half in [20, entry.flags, entry.method, 0, 0] {
            shared.extend(half.to_le_bytes());
        }
        let packed = u32::try_from(entry.packed.len()).unwrap();
        for word in [CRC.checksum(&entry.packed), packed, entry.size] {
            shared.extend(word.to_le_bytes());
        }
        shared.extend(u16::try_from(entry.name.len()).unwrap().to_le_bytes());
        shared.extend([0, 0]);
        bytes.extend(b"PK\x03\x04");
        bytes.extend(&shared);
        bytes.extend(entry.name.as_bytes());
        bytes.extend(&entry.packed);
        directory.extend(b"PK\x01\x02\x14\x03");
        directory.extend(&shared);
        directory.extend([0; 6]);
        directory.extend(entry.attributes.to_le_bytes());
        directory.extend(entry.local.unwrap_or(at).to_le_bytes());
        directory.extend(entry.name.as_bytes());
    }
    let count = u16::try_from(entries.len()).unwrap();
    let place = u32::try_from(bytes.len()).unwrap();
    let size = u32::try_from(directory.len()).unwrap();
    bytes.extend(directory);
    bytes.extend(b"PK\x05\x06\0\0\0\0");
    bytes.extend([count.to_le_bytes(), count.to_le_bytes()].concat());
    bytes.extend([size.to_le_bytes(), place.to_le_bytes()].concat());
    bytes.extend([0, 0]);
    bytes
}

fn manifest() -> Forged {
    Forged::new("manifest.json", br#"{"files":[{"file":"a.bin"}]}"#)
}

fn look(bytes: impl Into<Vec<u8>>) -> Result<Inspection, ImageError> {
    crate::inspect(&MemorySource::new(bytes))
}

fn refusal(entries: &[Forged]) -> String {
    match look(forge(entries)) {
        Err(ImageError::HostileArchive { why }) => why,
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn the_forged_archive_is_fine_as_long_as_nothing_is_forged() {
    let found = look(forge(&[manifest(), Forged::new("a.bin", b"abc")])).unwrap();
    assert_eq!(found.format, Format::McumgrPackage);
    assert_eq!(found.segments[0].length_bytes, 3);
}

#[test]
fn names_that_lead_elsewhere_are_refused() {
    for (name, what) in [
        ("/etc/passwd", "absolute"),
        ("\\a", "absolute"),
        ("C:a", "absolute"),
        ("../a", "leads out"),
        ("a/../../b", "leads out"),
        ("a\\..\\b", "leads out"),
        ("a\0b", "control"),
        ("", "no name"),
        ("NUL.bin", "device"),
        ("x/com1", "device"),
    ] {
        let why = refusal(&[Forged::new(name, b"x")]);
        assert!(why.contains(what), "{name}: {why}");
    }
    for name in ["console.bin", "a..b", "com.bin", "lpt12", "nul1.bin"] {
        assert!(look(forge(&[Forged::new(name, b"x")])).is_ok(), "{name}");
    }
}

#[test]
fn a_package_with_what_no_package_has_is_refused() {
    let with = |change: &dyn Fn(&mut Forged)| {
        let mut entry = Forged::new("a.bin", b"abc");
        change(&mut entry);
        refusal(&[manifest(), entry])
    };
    assert!(with(&|entry| entry.flags = 1).contains("encrypted"));
    assert!(with(&|entry| entry.attributes = 0xA1FF_0000).contains("symbolic link"));
    assert!(with(&|entry| entry.method = 14).contains("method 14"));
    assert!(with(&|entry| entry.name = "b.ZIP").contains("archive in the archive"));
    assert!(with(&|entry| entry.name = "MANIFEST.json").contains("twice"));
    assert!(with(&|entry| entry.local = Some(0)).contains("shares bytes"));
    let nested = Forged::new("a.bin", &b"PK\x03\x04".repeat(9));
    assert!(refusal(&[manifest(), nested]).contains("archive in the archive"));
    let many: Vec<_> = std::iter::once(manifest())
        .chain((0..64).map(|i| Forged::new(format!("{i}").leak(), b"x")))
        .collect();
    assert!(refusal(&many).contains("65 entries"));
    let large: Vec<_> = std::iter::once(manifest())
        .chain((0..2).map(|i| Forged {
            size: 300 << 20,
            packed: vec![0; 4 << 20],
            ..Forged::new(["a", "b"][i], b"")
        }))
        .collect();
    assert!(refusal(&large).contains("unpacks to"));
}

#[test]
fn a_bomb_is_refused_before_a_byte_is_unpacked_and_a_padded_image_is_not_one() {
    let zeros = vec![0; 8 << 20];
    let bomb = zipped(
        &[("manifest.json", b"{}"), ("a.bin", &zeros)],
        CompressionMethod::Deflated,
    );
    assert!(bomb.len() < 100_000);
    let refused = look(bomb);
    assert!(
        matches!(&refused, Err(ImageError::HostileArchive { why }) if why.contains("100 times")),
        "{refused:?}"
    );
    let padded = zipped(
        &[
            ("manifest.json", br#"{"files":[{"file":"a.bin"}]}"#),
            ("a.bin", &zeros[..1 << 20]),
        ],
        CompressionMethod::Deflated,
    );
    assert!(look(padded).is_ok());
}

#[test]
fn an_entry_that_unpacks_to_more_than_it_says_is_not_unpacked_further() {
    let mut bytes = zipped(
        &[
            ("manifest.json", br#"{"files":[{"file":"a.bin"}]}"#),
            ("a.bin", &[7; 5000]),
        ],
        CompressionMethod::Deflated,
    );
    let size = 5000_u32.to_le_bytes();
    while let Some(at) = bytes.windows(4).position(|window| window == size) {
        bytes[at..at + 4].copy_from_slice(&50_u32.to_le_bytes());
    }
    let found = look(bytes).unwrap();
    assert!(failed(&found, "File a.bin").contains("larger than its declared"));
}

#[test]
fn an_archive_that_is_no_package_is_a_raw_file_with_a_likeness() {
    let found = look(zipped(
        &[("readme.txt", b"hello")],
        CompressionMethod::Deflated,
    ))
    .unwrap();
    assert_eq!(found.format, Format::Raw);
    assert!(fact(&found, "Looks like").contains("1 entries without manifest.json"));
    let empty = look(*b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0").unwrap();
    assert_eq!(empty.format, Format::Raw);
    let strange = look(zipped(
        &[("manifest.json", b"[1]")],
        CompressionMethod::Stored,
    ))
    .unwrap();
    assert!(fact(&strange, "Looks like").contains("no known firmware package"));
    let broken = look(zipped(
        &[("manifest.json", b"{\"files\"")],
        CompressionMethod::Stored,
    ))
    .unwrap();
    assert!(failed(&broken, "Manifest").contains("no JSON"));
}

#[test]
fn a_cut_or_contradictory_archive_is_named_so() {
    let whole = forge(&[manifest(), Forged::new("a.bin", b"abc")]);
    assert!(matches!(
        look(&whole[..whole.len() - 30]),
        Err(ImageError::Truncated { .. })
    ));
    let mut trailing = whole.clone();
    trailing.push(0);
    for damaged in [&whole[..whole.len() - 5], &whole[1..], &trailing] {
        let mut bytes = damaged.to_vec();
        bytes[..4].copy_from_slice(b"PK\x03\x04");
        assert!(matches!(look(bytes), Err(ImageError::Damaged { .. })));
    }
}

#[test]
fn a_damaged_entry_is_told_by_name() {
    let mut whole = forge(&[manifest(), Forged::new("a.bin", b"abcdefgh")]);
    let at = whole
        .windows(8)
        .position(|window| window == b"abcdefgh")
        .unwrap();
    whole[at] ^= 1;
    let found = look(whole).unwrap();
    assert!(failed(&found, "File a.bin").contains("cannot be unpacked"));
}

#[test]
fn a_failing_disk_is_no_damaged_archive() {
    struct Failing(Vec<u8>);
    impl Source for Failing {
        fn len(&self) -> u64 {
            self.0.len() as u64
        }
        fn read_at(&self, offset: u64, buffer: &mut [u8]) -> std::io::Result<usize> {
            let entry = 100..110;
            if buffer.len() < 70_000 && entry.contains(&offset) {
                return Err(std::io::Error::other("I/O error"));
            }
            MemorySource::new(self.0.clone()).read_at(offset, buffer)
        }
    }
    let bytes = forge(&[manifest(), Forged::new("a.bin", &[1; 100])]);
    assert!(matches!(
        crate::inspect(&Failing(bytes)),
        Err(ImageError::Unreadable { .. })
    ));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]
    #[test]
    fn no_damage_makes_it_panic(at in 0usize..400, byte: u8, cut in 0usize..400) {
        let valid = zipped(&[
            ("manifest.json", br#"{"files":[{"file":"a.bin"}]}"#),
            ("a.bin", &[7; 500]),
        ], CompressionMethod::Deflated);
        never_panics(crate::format::package::inspect, &valid, at, byte, cut);
    }

    #[test]
    fn no_end_record_makes_it_panic(record in any::<[u8; 18]>(), front in prop::collection::vec(any::<u8>(), 0..120)) {
        let mut bytes = b"PK\x03\x04".to_vec();
        bytes.extend(front);
        bytes.extend(b"PK\x05\x06");
        bytes.extend(record);
        let _ = look(bytes);
    }
}
