//! Files of others that were reported as trouble, rebuilt small: each is what its kind is, and no more.
//!
//! One line for each: what it is, its bytes, its format, the word for its integrity, its segments, and what
//! has to be said of it.

use serde_json::json;
use zip::CompressionMethod;

use crate::archive::tests::zipped;
use crate::format::dfu::tests::with_suffix;
use crate::format::esp_image::tests::{application, description};
use crate::format::intel_hex::tests::record;
use crate::format::mcuboot::tests::Build;
use crate::{Format, Integrity, MemorySource, inspect};

const END: &str = ":00000001FF\n";

struct Case {
    name: &'static str,
    bytes: Vec<u8>,
    format: Format,
    integrity: Integrity,
    /// `None` where they do not matter.
    segments: Option<Vec<(u64, u64)>>,
    says: &'static [&'static str],
}

fn case(
    name: &'static str,
    bytes: impl Into<Vec<u8>>,
    format: Format,
    integrity: Integrity,
) -> Case {
    Case {
        name,
        bytes: bytes.into(),
        format,
        integrity,
        segments: None,
        says: &[],
    }
}

impl Case {
    fn at(mut self, segments: &[(u64, u64)]) -> Self {
        self.segments = Some(segments.to_vec());
        self
    }

    fn says(mut self, says: &'static [&'static str]) -> Self {
        self.says = says;
        self
    }

    fn check(self) {
        let found = inspect(&MemorySource::new(self.bytes))
            .unwrap_or_else(|error| panic!("{}: {error}", self.name));
        let stated = (found.format, found.integrity());
        assert_eq!(
            stated,
            (self.format, self.integrity),
            "{}: {found:#?}",
            self.name
        );
        if let Some(segments) = self.segments {
            let places: Vec<_> = found
                .segments
                .iter()
                .map(|segment| (segment.address.unwrap_or_default(), segment.length_bytes))
                .collect();
            assert_eq!(places, segments, "{}", self.name);
        }
        let text = serde_json::to_string(&found).unwrap();
        for words in self.says {
            assert!(
                text.contains(words),
                "{}: {words} is not said: {text}",
                self.name
            );
        }
    }
}

fn uf2(flags: u32, place: u32, (index, count): (u32, u32), family: u32) -> Vec<u8> {
    let head = [
        0x0A32_4655,
        0x9E5D_5157,
        flags,
        place,
        256,
        index,
        count,
        family,
    ];
    let mut bytes: Vec<u8> = head.iter().flat_map(|word| word.to_le_bytes()).collect();
    bytes.resize(508, 0x33);
    bytes.extend(0x0AB1_6F30_u32.to_le_bytes());
    bytes
}

/// A base, ninety-six bytes behind it, and the end.
fn ninety_six(high: u8, low: u8) -> String {
    let rows = (0..6_u16).map(|row| record(0, row * 16, &[u8::try_from(row).unwrap(); 16]));
    record(4, 0, &[high, low]) + &rows.collect::<String>() + END
}

fn srecord(kind: char, at: &[u8], data: &[u8]) -> String {
    let mut bytes = vec![u8::try_from(at.len() + data.len() + 1).unwrap()];
    bytes.extend([at, data].concat());
    bytes.push(!bytes.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte)));
    format!("S{kind}{}\n", crate::bytes::hex(&bytes).to_uppercase())
}

#[test]
fn uf2_files_are_judged_family_by_family_and_by_all_their_numbers() {
    const FAMILY: u32 = 0x2000;
    let at = |i: u32| 0x1000_0000 + i * 256;
    let absolute = uf2(FAMILY, 0x10FF_FF00, (0, 2), 0xE48B_FF57);
    let front: Vec<u8> = (0..4)
        .flat_map(|i| uf2(FAMILY, at(i), (i, 4), 0xE48B_FF59))
        .collect();
    let comment: Vec<u8> = (0..4)
        .flat_map(|i| uf2(FAMILY | u32::from(i == 3), at(i), (i, 4), 0xE48B_FF56))
        .collect();
    for case in [
        case(
            "block of an erratum in front",
            [absolute, front].concat(),
            Format::Uf2,
            Integrity::Intact,
        )
        .at(&[(0x1000_0000, 1024)])
        .says(&["RP2350 Arm secure"]),
        case(
            "comment block that is counted",
            comment,
            Format::Uf2,
            Integrity::Intact,
        )
        .at(&[(0x1000_0000, 768)]),
        case(
            "family by its registered number",
            uf2(FAMILY, 0, (0, 1), 0x6D09_22FA),
            Format::Uf2,
            Integrity::Intact,
        )
        .says(&["STM32F407"]),
        case(
            "MD5 of flash regions",
            uf2(FAMILY | 0x4000, 0, (0, 1), 0xC47E_5767),
            Format::Uf2,
            Integrity::Intact,
        )
        .says(&["ESP32-S3", "MD5"]),
    ] {
        case.check();
    }
}

#[test]
fn text_files_are_read_however_editors_and_tools_leave_them() {
    let plain = ninety_six(8, 0);
    let place = [(0x0800_0000, 96)];
    let two_parts = record(0, 0, &[1; 16]) + END + &record(0, 0, &[2; 8]) + END;
    let symbols = plain.clone() + ":02000000FE\n".repeat(3).as_str();
    let pieces: String = (0..5000_u16)
        .map(|i| record(0, i * 3, &[1]))
        .collect::<String>()
        + END;
    let starts = record(3, 0, &[0; 4]) + &record(5, 0, &[8, 0, 0, 0]) + &plain;
    let hex = |name, bytes: String| case(name, bytes, Format::IntelHex, Integrity::Intact);
    for case in [
        hex("comments after the end", plain.clone() + ";chip\n;more\n").at(&place),
        hex("comment before", "# made by hand\n".to_owned() + &plain).at(&place),
        hex("annotated records", plain.replace('\n', " // 0> ..:.\n")).at(&place),
        hex("only carriage returns", plain.replace('\n', "\r")).at(&place),
        hex("end mark of DOS", plain.clone() + "\x1A").at(&place),
        hex("byte order mark", format!("\u{FEFF}{plain}")).at(&place),
        hex("no line ends", plain.replace('\n', "")).at(&place),
        hex("null padded", plain.clone() + &"\0".repeat(400)).at(&place),
        hex("two start records", starts).at(&place),
        hex("symbols behind the end", symbols).at(&place),
        hex("two parts", two_parts)
            .at(&[(0, 16)])
            .says(&["second part", "8 bytes at 0x00000000"]),
        hex("five thousand pieces", pieces).says(&["5,000 segments"]),
        hex("type FD", record(0xFD, 0, &[1; 8]) + &plain)
            .at(&place)
            .says(&["type FD"]),
        case(
            "missing end",
            plain.replace(END, ""),
            Format::IntelHex,
            Integrity::Damaged,
        )
        .says(&["end record is missing"]),
    ] {
        case.check();
    }
}

#[test]
fn srecords_of_every_width_are_read_with_the_end_their_tools_write() {
    let mixed = srecord('1', &[0xFF, 0xF0], &[1; 16]) + &srecord('2', &[1, 0, 0], &[2; 16]);
    let counted = srecord('1', &[0x80, 0], &[1; 4])
        + &srecord('2', &[0, 0x80, 4], &[2; 4])
        + &srecord('3', &[0, 0, 0x80, 8], &[3; 4])
        + &srecord('5', &[0, 3], &[]);
    let longest = srecord('3', &[0x80, 0, 0, 0], &[1; 250]) + &srecord('7', &[0x80, 0, 0, 0], &[]);
    let no_data = srecord('0', &[0, 0], b"data") + &srecord('5', &[0, 3], &[]);
    for case in [
        case(
            "S9 behind S2",
            mixed + &srecord('9', &[0, 0], &[]),
            Format::SRecord,
            Integrity::Intact,
        )
        .at(&[(0xFFF0, 32)])
        .says(&["S9 ends a file of S2 records"]),
        case(
            "a count and no end",
            counted,
            Format::SRecord,
            Integrity::Intact,
        )
        .at(&[(0x8000, 12)]),
        case(
            "longest record",
            longest,
            Format::SRecord,
            Integrity::Intact,
        )
        .at(&[(0x8000_0000, 250)])
        .says(&["Entry point"]),
        case(
            "header as data",
            no_data,
            Format::SRecord,
            Integrity::Damaged,
        )
        .says(&["no data record"]),
    ] {
        case.check();
    }
}

#[test]
fn signed_encrypted_and_compressed_images_say_what_was_checked() {
    let with = |flags, hash, plain: Vec<(u16, Vec<u8>)>| {
        Build {
            flags,
            plain,
            hash,
            ..Build::default()
        }
        .bytes()
    };
    let pure = vec![(0x24, vec![1; 64]), (0x25, vec![1])];
    let mut padded = with(0, 0x10, Vec::new());
    padded.resize(2048 - 16, 0xFF);
    padded.extend(b"\x77\xC2\x95\xF3\x60\xD2\xEF\x7F\x35\x52\x50\x0F\x2C\xB6\x79\x80");
    let intact = Integrity::Intact;
    let mut encrypted = with(4, 0x10, vec![(0x30, vec![0; 256])]);
    encrypted[100] ^= 1;
    for case in [
        case(
            "P-384",
            with(0, 0x11, vec![(0x22, vec![1; 103])]),
            Format::Mcuboot,
            intact,
        )
        .says(&["ECDSA P-384", "SHA-384"]),
        case("pure Ed25519", with(0, 0x12, pure), Format::Mcuboot, intact)
            .says(&["Ed25519", "over the image itself"]),
        case(
            "RSA with the key",
            with(0, 0x10, vec![(2, vec![1; 422]), (0x23, vec![1; 384])]),
            Format::Mcuboot,
            intact,
        )
        .says(&["RSA-3072", "Public key"]),
        case(
            "LZMA2",
            with(0x400 | 0x800, 0x10, vec![(0x70, vec![0, 1, 0, 0])]),
            Format::Mcuboot,
            intact,
        )
        .says(&["LZMA2", "Arm Thumb", "256 bytes"]),
        case("padded slot", padded, Format::Mcuboot, intact).says(&["Trailer"]),
        case(
            "encrypted",
            encrypted,
            Format::Mcuboot,
            Integrity::NotFullyCheckable,
        )
        .says(&["the key is missing"]),
    ] {
        case.check();
    }
}

#[test]
fn images_inside_of_other_formats_are_named_and_their_damage_is_found() {
    let image = Build::default().bytes();
    let rows = |bytes: &[u8]| -> String {
        let rows = bytes.chunks(16).zip(0_u16..);
        rows.map(|(data, row)| record(0, 0xC000 + row * 16, data))
            .collect::<String>()
            + END
    };
    let mut broken = image.clone();
    broken[100] ^= 1;
    let blocks = u32::try_from(image.len().div_ceil(256)).unwrap();
    let padded: Vec<u8> = image
        .iter()
        .copied()
        .chain(std::iter::repeat(0xFF))
        .take(blocks as usize * 256)
        .collect();
    let drive: Vec<u8> = (0..blocks)
        .flat_map(|i| {
            let mut block = uf2(0x2000, 0x1000_0000 + i * 256, (i, blocks), 0xE48B_FF56);
            block[32..288].copy_from_slice(&padded[i as usize * 256..][..256]);
            block
        })
        .collect();
    let said: &[&str] = &["MCUboot image, version 1.2.3+4"];
    for case in [
        case("HEX", rows(&image), Format::IntelHex, Integrity::Intact).says(said),
        case(
            "HEX with a broken image",
            rows(&broken),
            Format::IntelHex,
            Integrity::Damaged,
        )
        .says(said),
        case("UF2", drive, Format::Uf2, Integrity::Intact).says(said),
        case(
            "DFU",
            with_suffix(image.clone(), 0x0100, [1, 2, 3]),
            Format::Dfu,
            Integrity::Intact,
        )
        .says(said),
        case(
            "zip",
            zipped(&[("a/app.bin", &image)], CompressionMethod::Deflated),
            Format::Archive,
            Integrity::Intact,
        )
        .says(said),
    ] {
        case.check();
    }
}

#[test]
fn packages_are_told_image_by_image() {
    let image = Build::default().bytes();
    let mut slot = image.clone();
    slot.resize(2 << 20, 0xFF);
    let pack = |files: serde_json::Value, entries: &[(&str, &[u8])]| {
        let manifest = json!({"format-version": 1, "files": files}).to_string();
        let other = ("build.json", &b"[]"[..]);
        let mut all = vec![other, ("manifest.json", manifest.as_bytes())];
        all.extend(entries);
        zipped(&all, CompressionMethod::Deflated)
    };
    let two = pack(
        json!([{"file": "a.bin", "image_index": "0", "load_address": "0xC000"}, {"file": "b.bin", "image_index": 1}]),
        &[("a.bin", &image), ("b.bin", &image)],
    );
    let one = |bytes: &[u8]| pack(json!([{"file": "a.bin"}]), &[("a.bin", bytes)]);
    let package = |name, bytes| case(name, bytes, Format::McumgrPackage, Integrity::Intact);
    for case in [
        package("two images", two).says(&["2 MCUboot images", "a.bin", "b.bin"]),
        package("no index", one(&image)).says(&["1 MCUboot image"]),
        package("padding that packs well", one(&slot)).says(&["1 MCUboot image"]),
    ] {
        case.check();
    }
}

#[test]
fn an_application_of_an_esp_chip_is_checked_wholly() {
    let bytes = application(&[(0x3C00_0020, description())], true);
    case("application", bytes, Format::EspImage, Integrity::Intact)
        .says(&["ESP32-S3", "SHA-256", "1 segment"])
        .check();
}
