//! Tests of payloads: the bytes that come out are those that were put in, wherever they are read.

use std::collections::BTreeMap;
use std::io;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU64, Ordering};

use proptest::prelude::*;
use serde_json::json;
use zip::CompressionMethod;

use super::*;
use crate::archive::tests::zipped;
use crate::format::dfu::tests::with_suffix;
use crate::format::intel_hex::tests::record;
use crate::format::mcuboot::tests::Build;
use crate::limits::PAYLOAD_RUNS;
use crate::{MemorySource, inspect};

fn of(bytes: impl Into<Vec<u8>>, address: Option<u64>) -> Result<Payload, ImageError> {
    let source = Arc::new(MemorySource::new(bytes));
    let inspection = inspect(source.as_ref())?;
    payload(source, &inspection, address)
}

/// The bytes of a segment, taken from the stream and checked against reads at odd places.
fn bytes_of(payload: &Payload, segment: usize) -> Vec<u8> {
    let mut all = Vec::new();
    let ended = payload.stream(segment, 0, &mut |piece| {
        all.extend_from_slice(piece);
        ControlFlow::Continue(())
    });
    assert_eq!(ended.unwrap(), ControlFlow::Continue(()));
    assert_eq!(all.len() as u64, payload.segments()[segment].length_bytes);
    for at in [all.len() / 2, all.len() / 3, 0, all.len().saturating_sub(3)] {
        let mut buffer = [0; 700];
        let count = payload.read_at(segment, at as u64, &mut buffer).unwrap();
        assert_eq!(count, (all.len() - at).min(700));
        assert_eq!(&buffer[..count], &all[at..at + count], "at {at}");
    }
    all
}

/// Everything with an address, byte by byte.
fn memory(payload: &Payload) -> BTreeMap<u64, u8> {
    let mut memory = BTreeMap::new();
    for (number, segment) in payload.segments().iter().enumerate() {
        let begin = segment.address.unwrap();
        for (offset, byte) in bytes_of(payload, number).into_iter().enumerate() {
            assert_eq!(memory.insert(begin + offset as u64, byte), None);
        }
    }
    memory
}

fn noise(length: usize, seed: u32) -> Vec<u8> {
    (0..u32::try_from(length).unwrap())
        .map(|i| {
            i.wrapping_mul(2_654_435_761)
                .wrapping_add(seed)
                .to_be_bytes()[0]
        })
        .collect()
}

fn hex(pieces: &[(u32, Vec<u8>)]) -> String {
    let mut text = String::new();
    for (at, data) in pieces {
        let [high, mid, rest @ ..] = at.to_be_bytes();
        text += &record(4, 0, &[high, mid]);
        text += &record(0, u16::from_be_bytes(rest), data);
    }
    text + ":00000001FF\n"
}

fn srecord(pieces: &[(u32, Vec<u8>)]) -> String {
    let mut text = String::new();
    for (at, data) in pieces {
        let mut bytes = vec![u8::try_from(data.len() + 5).unwrap()];
        bytes.extend(at.to_be_bytes());
        bytes.extend(data);
        bytes.push(!bytes.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte)));
        text.extend(["S3", &crate::bytes::hex(&bytes).to_uppercase(), "\n"]);
    }
    text + "S70500000000FA\n"
}

fn uf2(pieces: &[(u32, Vec<u8>)]) -> Vec<u8> {
    let count = u32::try_from(pieces.len()).unwrap();
    let blocks = (0..).zip(pieces).map(|(index, (at, data))| {
        let mut block = Vec::new();
        let size = u32::try_from(data.len()).unwrap();
        for word in [
            0x0A32_4655_u32,
            0x9E5D_5157,
            0x2000,
            *at,
            size,
            index,
            count,
            0xE48B_FF56,
        ] {
            block.extend(word.to_le_bytes());
        }
        block.extend(data);
        block.resize(508, 0);
        block.extend(0x0AB1_6F30_u32.to_le_bytes());
        block
    });
    blocks.flatten().collect()
}

fn written(pieces: &[(u32, Vec<u8>)]) -> BTreeMap<u64, u8> {
    let mut memory = BTreeMap::new();
    for (at, data) in pieces {
        memory.extend((u64::from(*at)..).zip(data.iter().copied()));
    }
    memory
}

#[test]
fn a_file_without_addresses_is_one_segment_at_the_address_that_was_given() {
    let raw = noise(1000, 1);
    let payload = of(raw.clone(), Some(0x0800_0000)).unwrap();
    assert_eq!(payload.segments()[0].address, Some(0x0800_0000));
    assert_eq!(payload.total_bytes(), 1000);
    assert_eq!(bytes_of(&payload, 0), raw);
    let image = Build::default().bytes();
    assert_eq!(bytes_of(&of(image.clone(), None).unwrap(), 0), image);
    let dfu = of(with_suffix(raw.clone(), 0x0110, [1, 2, 3]), None).unwrap();
    assert_eq!(bytes_of(&dfu, 0), raw);
    assert_eq!(dfu.segments()[0].address, None);
    let mut nothing = [0; 4];
    assert_eq!(dfu.read_at(0, 1000, &mut nothing).unwrap(), 0);
    assert_eq!(dfu.read_at(1, 0, &mut nothing).unwrap(), 0);
}

#[test]
fn elements_of_dfuse_are_segments_with_their_alternate() {
    let (one, two) = (noise(100, 1), noise(50, 2));
    let mut body = Vec::new();
    for (place, data) in [(0x0801_0000_u32, &one), (0x0800_0000, &two)] {
        body.extend(place.to_le_bytes());
        body.extend(u32::try_from(data.len()).unwrap().to_le_bytes());
        body.extend(data);
    }
    let mut bytes = b"DfuSe\x01".to_vec();
    bytes.extend(u32::try_from(11 + 274 + body.len()).unwrap().to_le_bytes());
    bytes.extend(b"\x01Target\x07\x00\x00\x00\x00");
    bytes.extend([0; 255]);
    bytes.extend(u32::try_from(body.len()).unwrap().to_le_bytes());
    bytes.extend(2_u32.to_le_bytes());
    bytes.extend(body);
    let payload = of(with_suffix(bytes, 0x011A, [0x0483, 0xDF11, 0]), None).unwrap();
    let found: Vec<_> = payload
        .segments()
        .iter()
        .map(|segment| (segment.alternate, segment.address))
        .collect();
    assert_eq!(
        found,
        [(Some(7), Some(0x0800_0000)), (Some(7), Some(0x0801_0000))]
    );
    assert_eq!(bytes_of(&payload, 0), two);
    assert_eq!(bytes_of(&payload, 1), one);
}

#[test]
fn long_files_of_records_are_read_forward_in_little_work() {
    struct Counting(MemorySource, AtomicU64);
    impl Source for Counting {
        fn len(&self) -> u64 {
            self.0.len()
        }
        fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
            self.1.fetch_add(buffer.len() as u64, Ordering::Relaxed);
            self.0.read_at(offset, buffer)
        }
    }
    let data = noise(300_000, 3);
    let pieces: Vec<_> = (0..)
        .step_by(16)
        .zip(data.chunks(16))
        .map(|(offset, piece)| (0x0800_0000 + offset, piece.to_vec()))
        .collect();
    let files = [
        hex(&pieces).into_bytes(),
        srecord(&pieces).into_bytes(),
        uf2(&pieces),
    ];
    for file in files {
        let source = Arc::new(Counting(MemorySource::new(file), AtomicU64::new(0)));
        let inspection = inspect(source.as_ref()).unwrap();
        let payload = payload(Arc::clone(&source) as _, &inspection, None).unwrap();
        assert_eq!(payload.segments().len(), 1);
        source.1.store(0, Ordering::Relaxed);
        let mut found = Vec::new();
        let mut buffer = [0; 1000];
        loop {
            let count = payload.read_at(0, found.len() as u64, &mut buffer).unwrap();
            if count == 0 {
                break;
            }
            found.extend_from_slice(&buffer[..count]);
        }
        assert!(found == data);
        let read = source.1.load(Ordering::Relaxed);
        assert!(read < source.len() * 2, "{read} of {}", source.len());
        let digest = crate::sha256_only(&payload.segment(0).unwrap(), &mut |_| {
            ControlFlow::Continue(())
        });
        assert_eq!(
            digest.unwrap(),
            Some(firmdrop_core::Sha256::of(&data)),
            "as a source of its own"
        );
    }
}

#[test]
fn the_files_of_a_package_are_read_without_unpacking_them_first() {
    let (app, net) = (noise(300_000, 4), vec![7; 200_000]);
    let files = json!({"files": [{"file": "net.bin"}, {"file": "app.bin"}, {"file": "net.bin"}]});
    for method in [CompressionMethod::Deflated, CompressionMethod::Stored] {
        let package = zipped(
            &[
                ("manifest.json", files.to_string().as_bytes()),
                ("app.bin", &app),
                ("net.bin", &net),
            ],
            method,
        );
        let payload = of(package, None).unwrap();
        let names: Vec<_> = payload
            .segments()
            .iter()
            .map(|segment| segment.file.as_deref().unwrap())
            .collect();
        assert_eq!(names, ["net.bin", "app.bin"]);
        assert!(bytes_of(&payload, 1) == app);
        assert!(bytes_of(&payload, 0) == net);
    }
}

#[test]
fn a_nordic_package_gives_the_init_packet_before_its_firmware() {
    let part = json!({"bin_file": "a.bin", "dat_file": "a.dat", "init_packet_data": {}});
    let manifest = json!({"manifest": {"application": part}}).to_string();
    // Device type, revision, version, no SoftDevice, no CRC.
    let packet = [0; 10];
    let package = zipped(
        &[
            ("manifest.json", manifest.as_bytes()),
            ("a.bin", b"firmware"),
            ("a.dat", &packet),
        ],
        CompressionMethod::Deflated,
    );
    let payload = of(package, None).unwrap();
    let names: Vec<_> = payload.segments().iter().map(|one| &*one.name).collect();
    assert_eq!(names, ["init packet of the application", "application"]);
    assert_eq!(bytes_of(&payload, 0), packet);
    assert_eq!(bytes_of(&payload, 1), b"firmware");
}

#[test]
fn a_file_that_is_damaged_or_became_so_has_no_payload() {
    let mut text = hex(&[(0, noise(16, 1)), (0x100, noise(16, 2))]);
    let good = Arc::new(MemorySource::new(text.clone()));
    let inspection = inspect(good.as_ref()).unwrap();
    // Another address, which the record's checksum does not cover.
    text = text.replacen(":10010000", ":1001FE00", 1);
    let refused = of(text.clone(), None);
    assert!(
        matches!(refused, Err(ImageError::Damaged { .. })),
        "{refused:?}"
    );
    let changed = payload(Arc::new(MemorySource::new(text)), &inspection, None);
    assert!(matches!(changed, Err(ImageError::Damaged { .. })));
    let overlap = hex(&[(0, noise(16, 1)), (8, noise(16, 2))]);
    assert!(of(overlap, None).is_err());
    let words: String = (0..6_u8)
        .map(|i| record(0, u16::from(i) * 8, &[i; 16]))
        .collect();
    let refused = of(words + ":00000001FF\n", None);
    assert!(
        matches!(refused, Err(ImageError::NotPlaced { .. })),
        "{refused:?}"
    );
}

#[test]
fn bytes_that_are_written_twice_with_the_same_values_are_there_once() {
    let data = noise(64, 3);
    let pieces = [
        (0, &data[..32]),
        (16, &data[16..48]),
        (8, &data[8..16]),
        (40, &data[40..]),
    ];
    let text = hex(&pieces.map(|(at, data)| (at, data.to_vec())));
    let payload = of(text, None).unwrap();
    assert_eq!(payload.segments().len(), 1);
    assert_eq!(bytes_of(&payload, 0), data);
}

#[test]
fn data_that_wraps_and_records_on_one_line_and_comments_are_placed() {
    let wrapped = record(2, 0, &[0x10, 0]) + &record(0, 0xFFFC, &[1, 2, 3, 4, 5, 6]);
    let plain = record(4, 0, &[0, 2]) + &record(0, 0, &[7; 4]) + &record(0, 4, &[8; 4]);
    let text = wrapped + "; comment\n" + &plain.replace('\n', " ") + "\n:00000001FF\n:not read";
    let payload = of(text, None).unwrap();
    let expected = [
        (0x1_0000, vec![5, 6]),
        (0x1_FFFC, vec![1, 2, 3, 4, 7, 7, 7, 7, 8, 8, 8, 8]),
    ];
    for (number, (address, bytes)) in expected.into_iter().enumerate() {
        assert_eq!(payload.segments()[number].address, Some(address));
        assert_eq!(bytes_of(&payload, number), bytes);
    }
}

#[test]
fn records_that_jump_without_end_are_refused_in_bounded_memory() {
    struct Jumps;
    impl records::Records for Jumps {
        const WHAT: &'static str = "test file";
        const SEGMENT: &'static str = "data";
        type Mark = ();
        fn each(
            _: &dyn Source,
            _: Option<&()>,
            take: records::Take<'_, ()>,
        ) -> Result<(), ImageError> {
            for address in (0..u64::MAX).step_by(2) {
                let record = records::Record {
                    group: None,
                    address,
                    data: &[1],
                    mark: (),
                };
                if take(record).is_break() {
                    return Ok(());
                }
            }
            Ok(())
        }
    }
    let refused = Indexed::<Jumps>::payload(Arc::new(MemorySource::new([])));
    let expected = PAYLOAD_RUNS as u64;
    assert!(matches!(refused, Err(ImageError::TooLarge { limit, .. }) if limit == expected));
}

/// Pieces of memory in any order, none over another.
fn pieces() -> impl Strategy<Value = Vec<(u32, Vec<u8>)>> {
    let piece = prop::collection::vec(any::<u8>(), 1..60);
    let gaps = prop::collection::vec((0_u32..3, piece), 1..40);
    let placed = gaps.prop_map(|gaps| {
        let mut at = 0x0800_FF00_u32;
        let mut pieces = Vec::new();
        for (gap, data) in gaps {
            at += gap * 16;
            // Records of Intel HEX do not cross 64 KiB.
            if at & 0xFFFF_0000 != (at + 59) & 0xFFFF_0000 {
                at = (at + 59) & 0xFFFF_0000;
            }
            let next = at + u32::try_from(data.len()).unwrap();
            pieces.push((at, data));
            at = next;
        }
        pieces
    });
    placed.prop_shuffle()
}

proptest! {
    #[test]
    fn records_in_any_order_give_the_memory_they_write(pieces in pieces()) {
        let expected = written(&pieces);
        for file in [hex(&pieces).into_bytes(), srecord(&pieces).into_bytes(), uf2(&pieces)] {
            let payload = of(file, None).unwrap();
            prop_assert_eq!(memory(&payload), expected.clone());
            let places: Vec<_> = payload.segments().iter().map(|one| one.address).collect();
            prop_assert!(places.is_sorted());
        }
    }

    #[test]
    fn no_damage_makes_a_payload_panic(at in 0_usize..1200, byte: u8, format in 0_usize..4) {
        let pieces = [(0x100, noise(16, 1)), (0x200, noise(20, 2))];
        let package = zipped(
            &[("manifest.json", br#"{"files":[{"file":"a.bin"}]}"#), ("a.bin", &noise(400, 1))],
            CompressionMethod::Deflated,
        );
        let files = [hex(&pieces).into_bytes(), srecord(&pieces).into_bytes(), uf2(&pieces), package];
        let mut file = files[format].clone();
        let sound = Arc::new(MemorySource::new(file.clone()));
        let inspection = inspect(sound.as_ref()).unwrap();
        let at = at % file.len();
        file[at] = byte;
        // Described while it was sound, read when it no longer was.
        if let Ok(payload) = payload(Arc::new(MemorySource::new(file)), &inspection, None) {
            for segment in 0..payload.segments().len() {
                let _ = payload.stream(segment, 0, &mut |_| ControlFlow::Continue(()));
            }
        }
    }
}

#[test]
fn padding_between_blocks_is_passed_over_and_a_file_that_writes_nothing_is_refused() {
    let head = [
        0x0A32_4655,
        0x9E5D_5157,
        0,
        0x2000,
        4,
        0,
        1,
        0,
        0x0403_0201_u32,
    ];
    let mut block: Vec<u8> = head.iter().flat_map(|word| word.to_le_bytes()).collect();
    block.resize(508, 0);
    block.extend(0x0AB1_6F30_u32.to_le_bytes());
    block.extend([0xFF; 1024]);
    let payload = of(block, None).unwrap();
    assert_eq!(memory(&payload).len(), 4);
    let empty = of(":00000001FF\n", None).unwrap_err();
    assert!(matches!(empty, ImageError::NotPlaced { .. }), "{empty:?}");
}
