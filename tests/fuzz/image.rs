//! Images and archives: work, memory and what is said of a file are bounded.

use std::io::{Cursor, Write as _};
use std::sync::Arc;

use firmdrop_image::{Inspection, MemorySource, Source as _, inspect, payload};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::harness::fuzz;

/// Largest description of a file, bytes of JSON. The journal stores it with every plan.
const LARGEST_DESCRIPTION: usize = 128 << 10;

/// Sizes and places above 999 have their thousands set apart wherever a check says why.
fn numbers_have_one_style(inspection: &Inspection) {
    for check in &inspection.checks {
        let words: Vec<&str> = check.explanation.split_whitespace().collect();
        for (at, word) in words.iter().enumerate() {
            let number = word.trim_end_matches([',', ':', ';', '.']);
            let is_long = number.len() > 3 && number.bytes().all(|byte| byte.is_ascii_digit());
            let before = at.checked_sub(1).and_then(|at| words.get(at));
            let is_place = before.is_some_and(|before| matches!(*before, "byte" | "at" | "offset"));
            let is_size = words
                .get(at + 1)
                .is_some_and(|unit| unit.starts_with("bytes"));
            assert!(!is_long || !(is_place || is_size), "{}", check.explanation);
        }
    }
}

fn describe(bytes: &[u8]) {
    let source = Arc::new(MemorySource::new(bytes));
    let Ok(inspection) = inspect(source.as_ref()) else {
        return;
    };
    numbers_have_one_style(&inspection);
    let described = serde_json::to_vec(&inspection).unwrap();
    assert!(
        described.len() <= LARGEST_DESCRIPTION,
        "{}",
        described.len()
    );
    let Ok(payload) = payload(source, &inspection, None) else {
        return;
    };
    let mut buffer = [0; 4096];
    for number in 0..payload.segments().len() {
        let source = payload.segment(number).unwrap();
        let _ = source.read_at(0, &mut buffer);
        let _ = source.read_at(source.len().saturating_sub(1), &mut buffer);
    }
}

#[test]
fn no_image_panics_hangs_or_grows() {
    fuzz("image", images(), describe);
}

#[test]
fn no_archive_panics_hangs_or_grows() {
    fuzz("archive", archives(), describe);
}

/// What `xz` and `zstd` write of one line of text.
const XZ: &[u8] = b"\xfd\x37\x7a\x58\x5a\x00\x00\x04\xe6\xd6\xb4\x46\x02\x00\x21\x01\x16\x00\x00\x00\x74\x2f\xe5\xa3\xe0\x00\x25\x00\x1b\x5d\x00\x33\x1a\x4a\xab\x8e\x77\xd7\xeb\x72\x53\xde\x7a\x6c\xc1\xd6\x7c\x41\x6a\xc9\x2e\x1b\x5f\xde\xc1\xbb\xe4\x00\x00\x00\x79\x5b\xb4\x2a\x3d\xd3\xab\xd8\x00\x01\x37\x26\xe2\x90\x8c\x62\x1f\xb6\xf3\x7d\x01\x00\x00\x00\x00\x04\x59\x5a";
const ZSTD: &[u8] = b"\x28\xb5\x2f\xfd\x24\x26\xd5\x00\x00\xa0\x66\x69\x72\x6d\x77\x61\x72\x65\x20\x31\x32\x33\x34\x35\x36\x37\x38\x39\x30\x0a\x01\x00\xf4\xca\x11\xb8\x8b\x5d\xe0";

/// What `gcab --zip` writes of it, without the checksum, so that a change reaches what unpacks.
const CABINET: &[u8] = b"\x4d\x53\x43\x46\x00\x00\x00\x00\x65\x00\x00\x00\x00\x00\x00\x00\x2c\x00\x00\x00\x00\x00\x00\x00\x03\x01\x01\x00\x01\x00\x00\x00\x00\x00\x00\x00\x42\x00\x00\x00\x01\x00\x01\x00\x26\x00\x00\x00\x00\x00\x00\x00\x00\x00\x7d\x5d\x97\x46\x20\x00\x74\x2e\x74\x78\x74\x00\x00\x00\x00\x00\x1b\x00\x26\x00\x43\x4b\x4b\xcb\x2c\xca\x2d\x4f\x2c\x4a\x55\x48\xc3\x60\x18\x1a\x19\x9b\x98\x9a\x99\x5b\x58\x1a\x70\x01\x00";

/// One of each kind, as small as it can be.
fn images() -> Vec<Vec<u8>> {
    let mut all = of_one_image();
    all.extend(of_parts());
    all
}

/// Flashes and files that others lie in.
fn of_parts() -> Vec<Vec<u8>> {
    let mut esp = vec![0xE9, 1, 2, 0x3F];
    esp.extend(0x4037_5000_u32.to_le_bytes());
    esp.extend([0xEE, 0, 0, 0, 9, 0, 0, 1, 0, 99, 0, 0, 0, 0, 0, 1]);
    esp.extend([0x20, 0, 0, 0x3C, 16, 0, 0, 0]);
    esp.extend(0xABCD_5432_u32.to_le_bytes());
    esp.resize(128, 0);
    let mut table = vec![0xAA, 0x50, 1, 2, 0, 0x90, 0, 0, 0, 0x60, 0, 0];
    table.extend(b"nvs\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
    table.extend([0xEB, 0xEB]);
    table.resize(96, 0xFF);
    let mut zigbee = 0x0BEE_F11E_u32.to_le_bytes().to_vec();
    zigbee.extend([0, 1, 56, 0, 0, 0, 0x7C, 0x11, 1, 0x21, 1, 0, 0, 0, 2, 0]);
    zigbee.extend([0; 32]);
    zigbee.extend([66, 0, 0, 0, 0, 0, 4, 0, 0, 0, 1, 2, 3, 4]);
    let mut tar = b"version".to_vec();
    tar.resize(124, 0);
    tar.extend(b"00000000037\x0000000000000\x00000000\x000");
    tar.resize(257, 0);
    tar.extend(b"ustar");
    tar.resize(512, 0);
    tar.extend(br#"{"format":"mender","version":3}"#);
    tar.resize(2048, 0);
    vec![esp, table, zigbee, tar]
}

fn of_one_image() -> Vec<Vec<u8>> {
    let mcuboot = firmdrop_simulator::reader::demo_image((1, 2, 3), 2048);
    let hex =
        b":020000040800F2\n:10010000214601360121470136007EFE09D2190140\n:00000001FF\n".to_vec();
    let srec = b"S00F000068656C6C6F202020202000003C\nS11F00007C0802A6900100049421FFF07C6C1B787C8C23783C6000003863000026\nS9030000FC\n".to_vec();
    let mut uf2 = vec![0; 512];
    for (at, word) in [
        0x0a32_4655_u32,
        0x9e5d_5157,
        0x2000,
        0x1000_0000,
        256,
        0,
        1,
        0xe48b_ff56,
    ]
    .iter()
    .enumerate()
    {
        uf2[at * 4..at * 4 + 4].copy_from_slice(&word.to_le_bytes());
    }
    uf2[508..].copy_from_slice(&0x0ab1_6f30_u32.to_le_bytes());
    let mut dfu = vec![0x55; 256];
    dfu.extend([
        0xff, 0xff, 0xdf, 0x11, 0x83, 0x04, 0x00, 0x01, b'U', b'F', b'D', 16, 0, 0, 0, 0,
    ]);
    let mut dfuse = b"DfuSe\x01\x00\x00\x00\x00\x01Target\x00".to_vec();
    dfuse.extend(vec![0; 300]);
    let mut elf = b"\x7fELF\x01\x01\x01".to_vec();
    elf.extend(vec![0; 9]);
    elf.extend([
        2, 0, 40, 0, 1, 0, 0, 0, 0, 0, 0, 8, 52, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 52, 0, 32, 0, 1,
        0, 40, 0, 0, 0, 0, 0,
    ]);
    elf.extend([
        1, 0, 0, 0, 84, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 8, 16, 0, 0, 0, 16, 0, 0, 0, 5, 0, 0, 0, 4,
        0, 0, 0,
    ]);
    elf.extend([0xaa; 16]);
    let universal = b":0400000A9901C0DEBA\n:10000000A7CC60749BF44A53D72E96AA90E2CA1AE2\n:0000000BF5\n:00000001FF\n; text\n".to_vec();
    let page = b"<!DOCTYPE html><title>Not Found</title>".to_vec();
    let px4 = br#"{"magic": "PX4FWv1", "board_id": 9, "image": "eNo="}"#.to_vec();
    let verilog = b"@00000100\nEA C7 CA 43\n59 77\nq\n".to_vec();
    let mut big = vec![0x96, 0xF3, 0xB8, 0x3D, 0, 0, 0, 0, 0, 32, 0, 0, 0, 0, 0, 8];
    big.extend([
        0, 0, 0, 0, 1, 4, 0, 7, 0, 0, 0, 33, 0, 0, 0, 0, 9, 9, 9, 9, 9, 9, 9, 9,
    ]);
    big.extend([0x69, 0x07, 0, 12, 0x50, 0, 0, 4, 0, 0, 0, 5]);
    let gzip = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x4b\x4c\x4a\x06\x00\xc2\x41\x24\x35\x03\x00\x00\x00".to_vec();
    vec![
        mcuboot,
        hex,
        srec,
        uf2,
        dfu,
        dfuse,
        elf,
        gzip,
        universal,
        page,
        px4,
        verilog,
        big,
        XZ.to_vec(),
        ZSTD.to_vec(),
        CABINET.to_vec(),
        vec![0xff; 64],
    ]
}

fn archives() -> Vec<Vec<u8>> {
    let image = firmdrop_simulator::reader::demo_image((1, 2, 3), 1024);
    let mcumgr = br#"{"format-version":0,"time":1,"files":[{"type":"application","board":"b","file":"app.bin","size":1024,"image_index":"0","version_MCUBOOT":"1.2.3"},{"file":"app.bin"}],"name":"n"}"#;
    let nordic = br#"{"manifest":{"application":{"bin_file":"app.bin","dat_file":"app.dat"},"softdevice_bootloader":{"bin_file":"app.bin","dat_file":"app.dat"}}}"#;
    let pack = |method, manifest: &[u8]| {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default().compression_method(method);
        for (name, bytes) in [
            ("manifest.json", manifest),
            ("app.bin", image.as_slice()),
            ("app.dat", &[0x12, 0x8a, 0x01, 0x0a, 0x44, 0x08, 0x01]),
        ] {
            zip.start_file(name, options).unwrap();
            zip.write_all(bytes).unwrap();
        }
        zip.finish().unwrap().into_inner()
    };
    let mut listed = br#"{"format-version":0,"files":["#.to_vec();
    listed.extend(vec![br#"{"file":"app.bin","image_index":"0"},"#.as_slice(); 64].concat());
    listed.extend(br#"{"file":"app.bin"}]}"#);
    vec![
        pack(CompressionMethod::Stored, mcumgr),
        pack(CompressionMethod::Deflated, mcumgr),
        pack(CompressionMethod::Stored, nordic),
        pack(CompressionMethod::Deflated, nordic),
        pack(CompressionMethod::Deflated, &listed),
    ]
}
