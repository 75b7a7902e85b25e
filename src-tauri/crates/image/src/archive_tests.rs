//! Tests of hostile and damaged archives.

use std::io::{Cursor, Write as _};

use super::*;
use crate::format::test_support::{fact, failed, never_panics, warned};
use crate::{Format, Inspection, Integrity, MemorySource};
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

fn inspected(bytes: impl Into<Vec<u8>>) -> Result<Inspection, ImageError> {
    crate::inspect(&MemorySource::new(bytes))
}

/// Why a file that the manifest lists cannot be used.
fn unusable(entry: Forged) -> String {
    failed(
        &inspected(forge(&[manifest(), entry])).unwrap(),
        "File a.bin",
    )
}

#[test]
fn the_forged_archive_is_fine_as_long_as_nothing_is_forged() {
    let found = inspected(forge(&[manifest(), Forged::new("a.bin", b"abc")])).unwrap();
    assert_eq!(found.format, Format::McumgrPackage);
    assert_eq!(found.segments[0].length_bytes, 3);
}

#[test]
fn names_that_lead_elsewhere_are_warned_of() {
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
        let found = inspected(forge(&[Forged::new(name, b"x")])).unwrap();
        let why = warned(&found, "Names");
        assert!(why.contains(what), "{name}: {why}");
    }
    for name in ["console.bin", "a..b", "com.bin", "lpt12", "nul1.bin"] {
        let found = inspected(forge(&[Forged::new(name, b"x")])).unwrap();
        assert!(
            found.checks.iter().all(|check| check.name != "Names"),
            "{name}"
        );
    }
}

type Change = fn(&mut Forged);

#[test]
fn what_a_manifest_lists_and_cannot_be_used_is_told_and_what_it_does_not_list_is_not_opened() {
    let with = |change: fn(&mut Forged)| {
        let mut entry = Forged::new("a.bin", b"abc");
        change(&mut entry);
        entry
    };
    let changes: [(Change, &str); 4] = [
        (|entry| entry.flags = 1, "encrypted"),
        (|entry| entry.attributes = 0xA1FF_0000, "symbolic link"),
        (|entry| entry.method = 14, "method 14"),
        (
            |entry| entry.local = Some(7),
            "is not where the directory says",
        ),
    ];
    for (change, what) in changes {
        let why = unusable(with(change));
        assert!(why.contains(what), "{why}");
        let mut other = with(change);
        other.name = "b.bin";
        let entries = [manifest(), Forged::new("a.bin", b"abc"), other];
        let found = inspected(forge(&entries)).unwrap();
        assert_ne!(found.integrity(), Integrity::Damaged, "{what}: {found:#?}");
    }
    let twice = [
        manifest(),
        Forged::new("a.bin", b"abc"),
        Forged::new("a.bin", b"abc"),
    ];
    assert!(failed(&inspected(forge(&twice)).unwrap(), "File a.bin").contains("twice"));
}

#[test]
fn an_archive_of_many_files_is_no_attack() {
    let many: Vec<_> = std::iter::once(manifest())
        .chain(std::iter::once(Forged::new("a.bin", b"abc")))
        .chain((0..300).map(|i| Forged::new(format!("{i}").leak(), b"x")))
        .collect();
    assert_eq!(
        inspected(forge(&many)).unwrap().format,
        Format::McumgrPackage
    );
    let plain = inspected(forge(&many[1..])).unwrap();
    assert_eq!(
        (plain.format, plain.summary.as_str()),
        (Format::Archive, "Zip archive, 301 files")
    );
}

#[test]
fn padding_that_packs_well_is_no_bomb_and_no_more_is_unpacked_than_is_allowed() {
    let zeros = vec![0; 8 << 20];
    let padded = zipped(
        &[
            ("manifest.json", br#"{"files":[{"file":"a.bin"}]}"#),
            ("a.bin", &zeros),
        ],
        CompressionMethod::Deflated,
    );
    assert!(padded.len() < 100_000);
    assert_eq!(inspected(padded).unwrap().segments[0].length_bytes, 8 << 20);
    let listed = Forged {
        size: 600 << 20,
        ..Forged::new("a.bin", b"abc")
    };
    let refused = inspected(forge(&[manifest(), listed]));
    assert!(
        matches!(refused, Err(ImageError::TooLarge { .. })),
        "{refused:?}"
    );
    // A plain archive of one file that says it is huge: not opened.
    let bomb = Forged {
        size: u32::MAX,
        ..Forged::new("a.bin", b"abc")
    };
    let found = inspected(forge(&[bomb])).unwrap();
    assert!(found.missing()[0].contains("unpacks to more than is unpacked here"));
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
    let found = inspected(bytes).unwrap();
    assert!(failed(&found, "File a.bin").contains("unpacks to more than the 50 bytes"));
}

#[test]
fn an_archive_that_is_no_package_is_told_as_one_with_the_firmware_in_it() {
    let image = crate::format::mcuboot::tests::Build::default().bytes();
    let found = inspected(zipped(
        &[("readme.txt", b"hello"), ("out/app.bin", &image)],
        CompressionMethod::Deflated,
    ))
    .unwrap();
    assert_eq!(found.format, Format::Archive);
    assert_eq!(found.summary, "Zip archive, 2 files");
    assert_eq!(found.parts.len(), 1);
    assert_eq!(found.parts[0].name, "out/app.bin");
    assert_eq!(
        found.parts[0].inspection.identity.version.as_deref(),
        Some("1.2.3+4")
    );
    let empty = inspected(*b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0").unwrap();
    assert_eq!(empty.summary, "Zip archive, 0 files");
    for manifest in [&b"[1]"[..], b"{\"files\"", b"{\"name\": \"web page\"}"] {
        let entries = [("manifest.json", manifest)];
        let strange = inspected(zipped(&entries, CompressionMethod::Stored)).unwrap();
        assert_eq!(strange.format, Format::Archive);
        assert!(fact(&strange, "Manifest").contains("no firmware package"));
    }
}

#[test]
fn the_files_of_a_nordic_package_without_its_manifest_are_known() {
    // nordicsemi/Android-DFU-Library#360 and #235.
    let files = [("app.bin", &[7; 64][..]), ("app.dat", &[1; 14])];
    let found = inspected(zipped(&files, CompressionMethod::Stored)).unwrap();
    assert_eq!(found.integrity(), Integrity::Intact);
    assert!(fact(&found, "Looks like the content").contains("manifest.json is missing: app.dat"));
}

#[test]
fn a_manifest_one_folder_deep_and_with_a_byte_order_mark_is_found() {
    let text = "\u{FEFF}{\"files\":[{\"file\":\"a.bin\"}]}";
    for (folder, is_warned) in [("lamp_v3/", true), ("./", false), ("", false)] {
        let (manifest, image) = (format!("{folder}manifest.json"), format!("{folder}a.bin"));
        let entries = [
            (manifest.as_str(), text.as_bytes()),
            (image.as_str(), b"abc"),
        ];
        let found = inspected(zipped(&entries, CompressionMethod::Deflated)).unwrap();
        assert_eq!(found.format, Format::McumgrPackage, "{folder}");
        assert_eq!(found.segments[0].length_bytes, 3);
        assert!(fact(&found, "Manifest").contains("byte order mark"));
        let place = found
            .checks
            .iter()
            .find(|check| check.name == "Place of the manifest");
        assert_eq!(place.is_some(), is_warned, "{folder}");
        if let Some(place) = place {
            assert!(place.explanation.contains("lamp_v3/"));
        }
    }
}

#[test]
fn an_archive_in_the_64_bit_form_is_read_like_another_one() {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().large_file(true);
    for (name, bytes) in [
        ("manifest.json", &br#"{"files":[{"file":"a.bin"}]}"#[..]),
        ("a.bin", b"abc"),
    ] {
        writer.start_file(name, options).unwrap();
        writer.write_all(bytes).unwrap();
    }
    let narrow = writer.finish().unwrap().into_inner();
    assert_eq!(
        inspected(narrow.clone()).unwrap().format,
        Format::McumgrPackage
    );
    // As zip -fz writes it: the end record of 64 bits, its locator, and an old record full of FF.
    let end = narrow.len() - 22;
    let word = |at: usize| u32::from_le_bytes(narrow[at..at + 4].try_into().unwrap());
    let (size, offset) = (word(end + 12), word(end + 16));
    let mut wide = narrow[..end].to_vec();
    wide.extend(b"PK\x06\x06");
    wide.extend(44_u64.to_le_bytes());
    wide.extend([45, 3, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    for value in [2, 2, u64::from(size), u64::from(offset)] {
        wide.extend(value.to_le_bytes());
    }
    wide.extend(b"PK\x06\x07\0\0\0\0");
    wide.extend((end as u64).to_le_bytes());
    wide.extend(1_u32.to_le_bytes());
    wide.extend(b"PK\x05\x06\0\0\0\0");
    wide.extend([0xFF; 12]);
    wide.extend([0, 0]);
    let found = inspected(wide.clone()).unwrap();
    assert_eq!(
        (found.format, found.segments[0].length_bytes),
        (Format::McumgrPackage, 3)
    );
    wide[end + 48] ^= 1;
    failed(&inspected(wide).unwrap(), "Directory");
}

#[test]
fn a_cut_or_contradictory_archive_is_damaged_and_says_where() {
    let whole = forge(&[manifest(), Forged::new("a.bin", b"abc")]);
    let cut = inspected(&whole[..whole.len() - 30]).unwrap();
    assert!(failed(&cut, "Directory").contains("cut off"));
    for damaged in [&whole[..whole.len() - 5], &whole[1..]] {
        let mut bytes = damaged.to_vec();
        bytes[..4].copy_from_slice(b"PK\x03\x04");
        let found = inspected(bytes).unwrap();
        assert_eq!(found.format, Format::Archive);
        failed(&found, "Directory");
    }
}

#[test]
fn an_entry_whose_sizes_stand_behind_it_is_read_by_the_directory() {
    let mut bytes = forge(&[manifest(), Forged::new("a.bin", b"abc")]);
    let local = bytes
        .windows(4)
        .rposition(|window| window == b"PK\x03\x04")
        .unwrap();
    // Flag 3, and neither CRC-32 nor sizes in front of the bytes.
    bytes[local + 6] |= 8;
    bytes[local + 14..local + 26].fill(0);
    let found = inspected(bytes).unwrap();
    assert_eq!(found.format, Format::McumgrPackage);
    assert_eq!(found.segments[0].length_bytes, 3);
}

#[test]
fn bytes_behind_an_archive_are_told_and_change_nothing() {
    let mut bytes = forge(&[manifest(), Forged::new("a.bin", b"abc")]);
    bytes.extend([0; 100]);
    let found = inspected(bytes).unwrap();
    assert_eq!(found.format, Format::McumgrPackage);
    assert!(warned(&found, "End of the archive").starts_with("100 bytes"));
}

#[test]
fn entries_that_cannot_be_read_here_are_said_to_be_unchecked() {
    let mut secret = Forged::new("a.bin", b"abc");
    secret.flags = 1;
    let mut strange = Forged::new("b.bin", b"abc");
    strange.method = 14;
    let found = inspected(forge(&[secret, strange, Forged::new("c.txt", b"abc")])).unwrap();
    assert_eq!(found.integrity(), Integrity::NotFullyCheckable);
    let why = "“a.bin” is encrypted; “b.bin” is packed with method 14, which is not read here";
    assert_eq!(found.missing(), [why]);
}

#[test]
fn a_damaged_entry_is_told_by_name() {
    let mut whole = forge(&[manifest(), Forged::new("a.bin", b"abcdefgh")]);
    let at = whole
        .windows(8)
        .position(|window| window == b"abcdefgh")
        .unwrap();
    whole[at] ^= 1;
    let found = inspected(whole).unwrap();
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
            if buffer.len() < 2_000 && entry.contains(&offset) {
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
        never_panics(crate::inspect, &valid, at, byte, cut);
    }

    #[test]
    fn no_end_record_makes_it_panic(record in any::<[u8; 18]>(), front in prop::collection::vec(any::<u8>(), 0..120)) {
        let mut bytes = b"PK\x03\x04".to_vec();
        bytes.extend(front);
        bytes.extend(b"PK\x05\x06");
        bytes.extend(record);
        let _ = inspected(bytes);
    }
}

#[path = "archive_hunt_tests.rs"]
mod hunt;
