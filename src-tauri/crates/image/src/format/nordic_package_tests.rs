//! Tests of Nordic packages.

use serde_json::json;
use zip::CompressionMethod;

use super::*;
use crate::archive::tests::zipped;
use crate::format::test_support::{fact, failed, never_panics, passed};
use crate::{Integrity, MemorySource};
use proptest::prelude::*;

fn number(field: u8, value: u64) -> Vec<u8> {
    let (mut bytes, mut left) = (vec![field << 3], value);
    while left > 0x7F {
        bytes.push((left & 0x7F) as u8 | 0x80);
        left >>= 7;
    }
    bytes.push(u8::try_from(left).unwrap());
    bytes
}

fn bytes(field: u8, value: &[u8]) -> Vec<u8> {
    let length = number(field, value.len() as u64);
    let mut out = vec![field << 3 | 2];
    out.extend(&length[1..]);
    out.extend(value);
    out
}

/// An init packet as `dfu-cc.proto` describes it, signed or not, for an application.
fn packet(firmware: &[u8], size: u64, signed: bool) -> Vec<u8> {
    let mut reversed = firmdrop_core::Sha256::of(firmware).as_bytes().to_vec();
    reversed.reverse();
    let hash = [number(1, 3), bytes(2, &reversed)].concat();
    let init = [
        number(1, 300),
        number(2, 52),
        bytes(3, &[0xB6, 0x01, 0xCB, 0x01]),
        number(4, 0),
        number(7, size),
        bytes(8, &hash),
        number(9, 0),
    ]
    .concat();
    let command = [number(1, 1), bytes(2, &init)].concat();
    if signed {
        let signed = [bytes(1, &command), number(2, 0), bytes(3, &[9; 64])].concat();
        bytes(2, &signed)
    } else {
        bytes(1, &command)
    }
}

fn package(firmware: &[u8], dat: &[u8]) -> Vec<u8> {
    let manifest =
        json!({"manifest": {"application": {"bin_file": "app.bin", "dat_file": "app.dat"}}});
    zipped(
        &[
            ("app.bin", firmware),
            ("app.dat", dat),
            ("manifest.json", manifest.to_string().as_bytes()),
        ],
        CompressionMethod::Deflated,
    )
}

fn inspected(bytes: Vec<u8>) -> Inspection {
    crate::inspect(&MemorySource::new(bytes)).unwrap()
}

#[test]
fn version_hardware_softdevices_size_and_hash_are_told() {
    let firmware = vec![0x42; 3000];
    let found = inspected(package(&firmware, &packet(&firmware, 3000, true)));
    assert_eq!(found.format, Format::NordicPackage);
    assert_eq!(found.integrity(), Integrity::Intact);
    assert_eq!(found.summary, "Nordic DFU package: application");
    assert_eq!(found.identity.version.as_deref(), Some("300"));
    assert_eq!(
        found.identity.target.as_deref(),
        Some("hardware version 52")
    );
    assert_eq!(
        fact(&found, "SoftDevices the application needs"),
        "0xB6, 0xCB"
    );
    assert_eq!(found.segments[0].length_bytes, 3000);
    passed(&found, "Hash of the application");
    let Signature::Present { algorithm, .. } = found.signature else {
        panic!("unsigned");
    };
    assert_eq!(algorithm, "ECDSA P-256");
}

#[test]
fn a_wrong_hash_a_wrong_size_and_no_signature_are_told() {
    let firmware = vec![0x42; 3000];
    let found = inspected(package(&[0x43; 3000], &packet(&firmware, 2999, false)));
    assert!(failed(&found, "Hash of the application").contains("the firmware gives"));
    let why = "the init packet says 2,999 bytes, the firmware has 3,000";
    assert_eq!(failed(&found, "Size of the application"), why);
    assert_eq!(found.signature, Signature::Absent);
}

#[test]
fn missing_files_and_broken_packets_are_told() {
    let manifest = json!({"manifest": {
        "application": {"bin_file": "gone.bin", "dat_file": "app.dat"},
        "bootloader": {"bin_file": "app.bin"},
        "softdevice": {"bin_file": "app.bin", "dat_file": "app.dat"},
    }});
    let found = inspected(zipped(
        &[
            ("manifest.json", manifest.to_string().as_bytes()),
            ("app.bin", b"x"),
            ("app.dat", b"\xFF"),
        ],
        CompressionMethod::Stored,
    ));
    assert!(
        failed(&found, "Files of the application").contains("“gone.bin” is not in the archive")
    );
    assert!(failed(&found, "Manifest").contains("the bootloader names no"));
    assert!(failed(&found, "Init packet of the SoftDevice").starts_with("app.dat: "));
    assert_eq!(found.signature, Signature::Absent);
    let empty = inspected(zipped(
        &[("manifest.json", br#"{"manifest":{}}"#)],
        CompressionMethod::Stored,
    ));
    assert_eq!(empty.format, Format::Archive);
}

fn legacy(crc: u16) -> Vec<u8> {
    let mut dat = Vec::new();
    for half in [0x0052_u16, 0xFFFF, 7, 0, 2, 0x0064, 0xFFFE, crc] {
        dat.extend(half.to_le_bytes());
    }
    let manifest = json!({"manifest": {
        "application": {"bin_file": "app.bin", "dat_file": "app.dat",
            "init_packet_data": {"firmware_crc16": crc}},
        "dfu_version": 0.5,
    }});
    zipped(
        &[
            ("manifest.json", manifest.to_string().as_bytes()),
            ("app.bin", b"123456789"),
            ("app.dat", &dat),
        ],
        CompressionMethod::Stored,
    )
}

#[test]
fn the_legacy_form_is_checked_by_its_crc() {
    // 29B1 is the published check value of this CRC for "123456789".
    let found = inspected(legacy(0x29B1));
    assert_eq!(found.integrity(), Integrity::Intact);
    assert_eq!(found.identity.version.as_deref(), Some("7"));
    let target = "device type 0x0052, revision any";
    assert_eq!(found.identity.target.as_deref(), Some(target));
    assert_eq!(fact(&found, "Legacy DFU"), "0.5");
    passed(&found, "CRC of the application");
    let why = failed(&inspected(legacy(0x29B0)), "CRC of the application");
    assert_eq!(
        why,
        "the init packet says CRC-16 29B0, the firmware gives 29B1"
    );
}

proptest! {
    #[test]
    fn no_init_packet_makes_it_panic(dat in prop::collection::vec(any::<u8>(), 0..120)) {
        let _ = InitPacket::parse(&dat);
        let _ = LegacyPacket::parse(&dat);
        let _ = inspected(package(b"x", &dat));
    }

    #[test]
    fn no_damage_makes_it_panic(at in 0usize..500, byte: u8, cut in 0usize..500) {
        let valid = package(b"firmware", &packet(b"firmware", 8, true));
        never_panics(crate::inspect, &valid, at, byte, cut);
    }
}
