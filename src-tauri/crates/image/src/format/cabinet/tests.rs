//! Tests of cabinets, written byte by byte. `tests/real_firmware` has those of `gcab`.

use super::*;
use crate::format::mcuboot::tests::Build;
use crate::format::test_support::{failed, never_panics, passed, warned};
use crate::{Integrity, MemorySource};
use flate2::{Compress, Compression, FlushCompress};
use proptest::prelude::*;

/// Exclusive or of words, as the specification writes it: the last one to three bytes with the highest first.
fn sum(bytes: &[u8]) -> u32 {
    let whole = bytes.len() / 4 * 4;
    let mut sum = 0;
    for at in (0..whole).step_by(4) {
        sum ^= u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
    }
    let rest = &bytes[whole..];
    sum ^ rest
        .iter()
        .fold(0, |word, byte| word << 8 | u32::from(*byte))
}

struct Cabinet {
    files: Vec<(&'static str, Vec<u8>)>,
    method: u16,
    summed: bool,
}

impl Cabinet {
    fn of(files: &[(&'static str, &[u8])], method: u16) -> Self {
        let files = files.iter().map(|(name, bytes)| (*name, bytes.to_vec()));
        Self {
            files: files.collect(),
            method,
            summed: true,
        }
    }

    /// The blocks of its one folder.
    fn blocks(&self) -> Vec<Vec<u8>> {
        let content: Vec<u8> = self
            .files
            .iter()
            .flat_map(|(_, bytes)| bytes.clone())
            .collect();
        let mut before: &[u8] = &[];
        let mut blocks = Vec::new();
        for piece in content.chunks(32 * 1024) {
            let data = if self.method == 1 {
                let mut deflate = Compress::new(Compression::default(), false);
                if !before.is_empty() {
                    deflate.set_dictionary(before).unwrap();
                }
                let mut data = Vec::with_capacity(40 * 1024);
                deflate
                    .compress_vec(piece, &mut data, FlushCompress::Finish)
                    .unwrap();
                [b"CK".to_vec(), data].concat()
            } else {
                piece.to_vec()
            };
            let mut sizes = u16::try_from(data.len()).unwrap().to_le_bytes().to_vec();
            sizes.extend(u16::try_from(piece.len()).unwrap().to_le_bytes());
            let sum = if self.summed {
                sum(&data) ^ sum(&sizes)
            } else {
                0
            };
            blocks.push([sum.to_le_bytes().to_vec(), sizes, data].concat());
            before = piece;
        }
        blocks
    }

    fn bytes(&self) -> Vec<u8> {
        let blocks = self.blocks();
        let (mut entries, mut offset) = (Vec::new(), 0_u32);
        for (name, bytes) in &self.files {
            let size = u32::try_from(bytes.len()).unwrap();
            entries.extend(size.to_le_bytes());
            entries.extend(offset.to_le_bytes());
            entries.extend([0; 8]);
            entries.extend(name.as_bytes());
            entries.push(0);
            offset += size;
        }
        let first = 36 + 8 + entries.len();
        let all = first + blocks.iter().map(Vec::len).sum::<usize>();
        let mut bytes = b"MSCF\0\0\0\0".to_vec();
        bytes.extend(u32::try_from(all).unwrap().to_le_bytes());
        bytes.extend([0, 0, 0, 0, 44, 0, 0, 0, 0, 0, 0, 0, 3, 1, 1, 0]);
        bytes.extend(u16::try_from(self.files.len()).unwrap().to_le_bytes());
        bytes.extend([0; 6]);
        bytes.extend(u32::try_from(first).unwrap().to_le_bytes());
        bytes.extend(u16::try_from(blocks.len()).unwrap().to_le_bytes());
        bytes.extend(self.method.to_le_bytes());
        bytes.extend(entries);
        bytes.extend(blocks.concat());
        bytes
    }
}

fn inspected(bytes: impl Into<Vec<u8>>) -> Inspection {
    crate::inspect(&MemorySource::new(bytes)).unwrap()
}

/// An image longer than a block, whose second block repeats the first.
fn image() -> Vec<u8> {
    let code = (0..50_000_u32).map(|at| u8::try_from(at % 251).unwrap());
    Build {
        code: code.collect(),
        ..Build::default()
    }
    .bytes()
}

#[test]
fn images_inside_are_named_and_come_out_as_they_went_in() {
    let image = image();
    for method in [0, 1] {
        let files: &[(&str, &[u8])] = &[
            ("org.lamp.metainfo.xml", b"<component/>"),
            ("lamp.bin", &image),
            ("readme", b"x"),
        ];
        let bytes = Cabinet::of(files, method).bytes();
        let found = inspected(bytes.clone());
        assert_eq!(found.summary, "LVFS cabinet, 3 files");
        assert_eq!(found.integrity(), Integrity::Intact);
        assert_eq!(
            passed(&found, "Blocks"),
            "2 unpacked, each with its checksum"
        );
        let [lamp] = found.parts.as_slice() else {
            panic!("{found:#?}");
        };
        assert_eq!(lamp.name, "lamp.bin");
        assert_eq!(lamp.inspection.summary, "MCUboot image, version 1.2.3+4");
        let taken = content(&MemorySource::new(bytes), "lamp.bin").unwrap();
        assert_eq!(taken, Some(image.clone()));
    }
}

#[test]
fn a_changed_byte_of_a_block_and_a_cut_are_damage() {
    let whole = Cabinet::of(&[("lamp.bin", &image())], 1).bytes();
    let mut bytes = whole.clone();
    *bytes.last_mut().unwrap() ^= 1;
    assert!(failed(&inspected(bytes), "Blocks").contains("says checksum"));
    let found = inspected(&whole[..whole.len() - 1]);
    assert!(failed(&found, "Size in the header").contains("cut off"));
    assert!(failed(&found, "Blocks").contains("block 1 at byte"));
    assert!(failed(&inspected(&whole[..50]), "Headers").contains("entry 0 of its 1 files"));
}

#[test]
fn a_damaged_image_inside_is_a_warning_of_the_cabinet() {
    let mut image = image();
    image[100] ^= 1;
    let found = inspected(Cabinet::of(&[("lamp.bin", &image)], 1).bytes());
    assert!(warned(&found, "lamp.bin").starts_with("Hash inside the image"));
    assert_eq!(found.integrity(), Integrity::Intact);
}

#[test]
fn without_checksums_and_packed_in_other_ways_it_is_not_fully_checkable() {
    let mut cabinet = Cabinet::of(&[("lamp.bin", &image())], 0);
    cabinet.summed = false;
    let found = inspected(cabinet.bytes());
    assert!(found.missing()[0].contains("made without checksums"));
    assert_eq!(found.parts.len(), 1);
    cabinet.method = 0x1503;
    let found = inspected(cabinet.bytes());
    assert!(found.missing()[0].contains("packed with LZX"));
}

#[test]
fn a_file_that_ends_behind_its_folder_or_lies_in_none_contradicts_the_cabinet() {
    let whole = Cabinet::of(&[("lamp.bin", &[7; 100])], 0).bytes();
    let mut longer = whole.clone();
    longer[44] = 101;
    assert!(failed(&inspected(longer), "Blocks").contains("“lamp.bin” ends at byte 101"));
    let mut elsewhere = whole;
    elsewhere[52] = 3;
    assert!(failed(&inspected(elsewhere), "Blocks").contains("lies in folder 3 of 1"));
}

#[test]
fn folders_that_name_the_same_blocks_are_read_once() {
    let whole = Cabinet::of(&[("lamp.bin", &vec![7; 30_000])], 0).bytes();
    let mut bytes = whole.clone();
    bytes[26] = 200;
    let folder = whole[36..44].to_vec();
    bytes.splice(36..44, folder.repeat(200));
    let moved = 8 * 199;
    bytes[16..20].copy_from_slice(&(44_u32 + moved).to_le_bytes());
    for folder in 0..200 {
        let at = 36 + folder * 8;
        let offset = u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) + moved;
        bytes[at..at + 4].copy_from_slice(&offset.to_le_bytes());
    }
    assert!(failed(&inspected(bytes), "Blocks").contains("lies in another folder too"));
}

#[test]
fn a_cabinet_is_unpacked_as_far_as_is_unpacked_of_any_file() {
    let files = vec![("zeros.bin", vec![0; 32 * 1024]); 1];
    let cabinet = Cabinet {
        files,
        method: 1,
        summed: true,
    };
    let mut bytes = cabinet.bytes();
    let block = cabinet.blocks().concat();
    // 65,535 blocks of 32 KiB are 2 GiB.
    bytes.extend(block.repeat(65_534));
    bytes[40..42].copy_from_slice(&[0xFF, 0xFF]);
    let found = inspected(bytes);
    assert!(found.missing()[0].contains("more than is unpacked here"));
}

proptest! {
    #[test]
    fn no_damage_makes_it_panic(at: usize, byte: u8, cut in 0usize..400, method in 0_u16..2) {
        let whole = Cabinet::of(&[("a.bin", &[1; 200]), ("b", b"hello")], method).bytes();
        never_panics(|source| inspect(source, &mut Budget::unpacking()), &whole, at, byte, cut);
    }
}
