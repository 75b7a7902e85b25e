//! Tests of formats that are named.

use crate::format::mcuboot::tests::Build;
use crate::format::test_support::{fact, failed};
use crate::{Format, Inspection, Integrity, MemorySource};
use proptest::prelude::*;

fn inspected(bytes: impl Into<Vec<u8>>) -> Inspection {
    crate::inspect(&MemorySource::new(bytes)).unwrap()
}

fn padded(head: &[u8]) -> Vec<u8> {
    let mut bytes = head.to_vec();
    bytes.resize(bytes.len().max(1200), 0);
    bytes
}

#[test]
fn firmware_of_telink_is_checked_as_far_as_its_sdk_wrote_a_sum() {
    const CRC: crc::Crc<u32> = crc::Crc::<u32>::new(&crc::CRC_32_JAMCRC);
    let mut bytes = vec![0x26; 0x200];
    bytes[8..12].copy_from_slice(b"KNLT");
    bytes[24..28].copy_from_slice(&0x204_u32.to_le_bytes());
    let sum = CRC.checksum(&bytes);
    bytes.extend(sum.to_le_bytes());
    let inspected = |bytes: &[u8]| crate::inspect(&crate::MemorySource::new(bytes)).unwrap();
    let found = inspected(&bytes);
    assert_eq!(found.summary, "Telink firmware");
    assert_eq!(found.integrity(), crate::Integrity::Intact);
    bytes[40] ^= 1;
    assert_eq!(
        inspected(&bytes).integrity(),
        crate::Integrity::NotFullyCheckable
    );
    assert_eq!(
        inspected(&bytes[..0x180]).integrity(),
        crate::Integrity::Damaged
    );
}

#[test]
fn headers_are_named_with_what_they_say_of_version_and_target() {
    let mut sb = vec![0; 20];
    sb.extend(b"STMP\x02\x01");
    let mut later = vec![0xFF; 0x400];
    later.extend(b"FCFB\0\x04\x01V");
    let mut rom = vec![0x55, 0xAA];
    rom.resize(0x18, 0);
    rom.extend([0x1C, 0, 0, 0]);
    rom.extend(b"PCIR\x86\x80\x3E\x10");
    let mut bit = vec![
        0, 9, 0x0F, 0xF0, 0x0F, 0xF0, 0x0F, 0xF0, 0x0F, 0xF0, 0, 0, 1,
    ];
    bit.extend(b"a\0\x05lamp\0b\0\x08xc7a35t\0");
    let mut stm = b"STM2".to_vec();
    stm.resize(72, 0);
    stm.extend([0, 0, 1, 0, 0, 16, 0, 0]);
    for (head, summary) in [
        (sb, "NXP SB 2.1 file, a secure binary"),
        (
            later,
            "i.MX RT flash image with its configuration block (FCFB), version 1.4.0",
        ),
        (
            b"FCFB\0\x04\x01V".to_vec(),
            "i.MX RT flash image with its configuration block (FCFB), version 1.4.0",
        ),
        (
            b"sbv3\x01\0\x03\0".to_vec(),
            "NXP SB 3.1 file, a secure binary",
        ),
        (rom, "PCI option ROM for 8086:103E"),
        (bit, "Xilinx FPGA bitstream for xc7a35t"),
        (stm, "STM32MP boot image, header 1.0, 4,096 bytes of code"),
        (
            vec![0, 0, 0, 0x8C, 2, 1, 0xE3, 0x50],
            "Ember bootloader image (EBL), format 0x0201",
        ),
        (
            vec![0xD8, 0x6B, 0xA2, 2, 0x58],
            "SUIT envelope (CBOR tag 107): a manifest, with or without its payloads",
        ),
        (vec![0x7E, 0xAA, 0x99, 0x7E], "Lattice iCE40 FPGA bitstream"),
        (
            b"\xFF\0Part: LFE5U-25F\0\0\xFF".to_vec(),
            "Lattice FPGA bitstream for LFE5U-25F",
        ),
    ] {
        let found = inspected(padded(&head));
        assert_eq!(found.summary, summary);
        assert_eq!(
            (found.format, found.integrity()),
            (Format::Named, Integrity::Unknown)
        );
    }
}

#[test]
fn a_sparse_image_is_damaged_when_its_chunks_do_not_fit() {
    let mut bytes = vec![
        0x3A, 0xFF, 0x26, 0xED, 1, 0, 0, 0, 28, 0, 12, 0, 0, 16, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0,
        0, 0, 0,
    ];
    bytes.extend([0xC1, 0xCA, 0, 0, 1, 0, 0, 0, 16, 0, 0, 0, 1, 2, 3, 4]);
    let found = inspected(bytes.clone());
    assert_eq!(
        found.summary,
        "Android sparse image 1.0, 4,096 bytes unpacked"
    );
    assert_eq!(found.integrity(), Integrity::Unknown);
    assert!(failed(&inspected(&bytes[..40]), "Chunks").contains("cut off"));
}

#[test]
fn packed_files_are_named_and_not_opened() {
    for (head, format, summary) in [
        (&b"BZh9"[..], Format::Compressed, "bzip2 stream"),
        (b"7z\xBC\xAF\x27\x1C", Format::Archive, "7-Zip archive"),
    ] {
        let found = inspected(padded(head));
        assert_eq!((found.format, found.summary.as_str()), (format, summary));
    }
    let mut cpio = b"070701".to_vec();
    cpio.resize(110, b'0');
    cpio.extend(b"sw-description\0");
    assert_eq!(inspected(cpio).summary, "SWUpdate image (cpio archive)");
}

#[test]
fn texts_are_named_with_their_addresses() {
    let verilog = inspected("@00000100\nEA C7 CA 43\n59 77\n@00000200\n01\n");
    assert_eq!(
        verilog.summary,
        "Verilog hex (as objcopy -O verilog writes it), 2 segments"
    );
    let places: Vec<_> = verilog
        .segments
        .iter()
        .map(|s| (s.address, s.length_bytes))
        .collect();
    assert_eq!(places, [(Some(0x100), 6), (Some(0x200), 1)]);
    assert_eq!(
        inspected("@F000\n31 40 00 03\nq\n").summary,
        "TI-TXT, 1 segment"
    );
    let cyacd = inspected("190411D31100\r\n:00000F00089F60D352B50D1218A0\r\n");
    assert!(
        cyacd.summary.ends_with("silicon id 190411D3, revision 11"),
        "{}",
        cyacd.summary
    );
    assert_eq!(
        inspected("%1A626810000000202020202020\n").summary,
        "Tektronix extended HEX"
    );
    for text in [
        "00000000: 0102 0304 0506",
        "00000000  7f 45 4c 46  |.ELF|\n",
        "0000000 457f 464c\n",
    ] {
        assert!(
            inspected(text).summary.starts_with("Hexadecimal dump"),
            "{text}"
        );
    }
    for text in ["@home and away", "hello", "00000000", "%PDX"] {
        assert_eq!(inspected(text).format, Format::Raw, "{text}");
    }
}

#[test]
fn a_program_of_another_computer_is_named() {
    assert_eq!(
        inspected(padded(b"MZ\x90\0")).summary,
        "Windows or EFI program"
    );
    let found = inspected(padded(b"BZh91AY"));
    assert!(fact(&found, "Content").contains("not opened"));
}

#[test]
fn a_file_of_several_images_is_opened_image_by_image() {
    let image = Build::default().bytes();
    let size = u16::try_from(image.len()).unwrap().to_be_bytes();
    let one = |id: u8| [&b"\xA2\x62id"[..], &[id], b"\x64size\x19", &size].concat();
    let map = [&b"\xA1\x63img\x82"[..], &one(0), &one(1)].concat();
    let length = u16::try_from(map.len()).unwrap().to_le_bytes();
    let mut bytes = [&length[..], &map, &image, &image].concat();
    let found = inspected(bytes.clone());
    assert_eq!(found.summary, "nRF Connect SDK multi-image file, 2 images");
    assert_eq!(found.integrity(), Integrity::Intact, "{found:#?}");
    assert_eq!(found.parts.len(), 2);
    let last = bytes.len() - image.len() + 100;
    bytes[last] ^= 1;
    assert_eq!(inspected(bytes.clone()).integrity(), Integrity::Damaged);
    failed(&inspected(&bytes[..bytes.len() - 9]), "Images");
}

#[test]
fn text_formats_of_other_makers_are_named() {
    for (text, name) in [
        (";04000001020304000E\n;00\n", "MOS Technology hex"),
        ("/00000404010203040A\n", "Tektronix hex"),
        (
            "-- a\nDEPTH = 8;\nWIDTH = 8;\nCONTENT BEGIN\n",
            "Memory initialization file (.mif)",
        ),
        (
            "memory_initialization_radix=16;\n",
            "Coefficient file (.coe)",
        ),
        ("v2.0 raw\n0 1 2\n", "Logisim memory image"),
        ("$A0000,\n00 01\n", "ASCII-Hex"),
        (
            "const unsigned char rom[] = { 0x01, 0x02 };\n",
            "Source text with the bytes of an array, not the firmware itself",
        ),
        (
            "/* made by a tool */\n@00000000 00112233 44556677\n",
            "Verilog hex (as objcopy -O verilog writes it), 1 segment",
        ),
        ("\x3C\u{0}", "No known header"),
    ] {
        assert_eq!(inspected(text).summary, name);
    }
    let old = inspected([0x3C, 0xB8, 0xF3, 0x96, 0, 0, 0, 0]);
    assert!(
        old.summary
            .starts_with("MCUboot image with the first header")
    );
}

proptest! {
    #[test]
    fn no_header_makes_it_panic(start in 0usize..14, tail in prop::collection::vec(any::<u8>(), 0..200)) {
        let heads: [&[u8]; 14] = [
            b"STM2", b"sbv3", b"FCFB", &[0, 0, 0, 0x8C, 2, 1, 0xE3, 0x50], &[0xD8, 0x6B], &[0xFF, 0],
            &[0x55, 0xAA], &[0, 9, 0x0F, 0xF0, 0x0F, 0xF0, 0x0F, 0xF0, 0x0F, 0xF0, 0, 0, 1],
            &[0x3A, 0xFF, 0x26, 0xED], b"MSCF\0\0\0\0", b"070701", b"@10\n", b"%", b"190411D31100\n:",
        ];
        let mut bytes = heads[start].to_vec();
        bytes.extend(tail);
        let _ = crate::inspect(&MemorySource::new(bytes));
    }
}

/// An image as U-Boot's `mkimage` writes it.
fn legacy(data: &[u8]) -> Vec<u8> {
    const CRC: crc::Crc<u32> = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC);
    let size = u32::try_from(data.len()).unwrap();
    let words = [
        0x2705_1956,
        0,
        0x6000_0000,
        size,
        0x8000,
        0x8040,
        CRC.checksum(data),
    ];
    let mut header: Vec<u8> = words
        .iter()
        .flat_map(|word: &u32| word.to_be_bytes())
        .collect();
    header.extend([5, 2, 2, 0]);
    header.extend(b"my kernel");
    header.resize(64, 0);
    let sum = CRC.checksum(&header).to_be_bytes();
    header[4..8].copy_from_slice(&sum);
    [header, data.to_vec()].concat()
}

#[test]
fn both_checksums_of_a_legacy_image_of_u_boot_are_compared() {
    let whole = legacy(&[7; 500]);
    let found = inspected(whole.clone());
    assert_eq!(found.integrity(), Integrity::Intact, "{found:#?}");
    assert_eq!(found.identity.product.as_deref(), Some("my kernel"));
    assert_eq!(found.segments[0].address, Some(0x8000));
    for (at, check) in [
        (20, "Checksum of the header"),
        (100, "Checksum of the data"),
    ] {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        assert!(failed(&inspected(bytes), check).contains("CRC-32"));
    }
    assert!(failed(&inspected(&whole[..400]), "Size in the header").contains("cut off"));
    let padded = inspected([whole, vec![0; 9]].concat());
    assert!(fact(&padded, "Behind the image").starts_with("9 bytes"));
}

#[test]
fn a_fit_image_is_told_from_a_device_tree_and_a_cut_one_is_damaged() {
    let tree = |node: &[u8]| {
        let structure = [&b"\0\0\0\x01\0\0\0\0\0\0\0\x01"[..], node, &[0; 8]].concat();
        let strings = 40 + u32::try_from(structure.len()).unwrap();
        let words = [0xD00D_FEED, strings + 10, 40, strings, 40, 17, 16, 0, 10, 0];
        let mut bytes: Vec<u8> = words
            .iter()
            .flat_map(|word: &u32| word.to_be_bytes())
            .collect();
        bytes.extend(structure);
        bytes.extend(b"value\0algo\0");
        bytes
    };
    let fit = tree(b"images\0\0");
    let found = inspected(fit.clone());
    assert_eq!(found.summary, "FIT image of U-Boot");
    assert_eq!(found.integrity(), Integrity::NotFullyCheckable);
    assert!(failed(&inspected(&fit[..60]), "Size in the header").contains("cut off"));
    let other = inspected(tree(b"memory\0\0"));
    assert_eq!(other.summary, "Flattened device tree");
    assert_eq!(other.integrity(), Integrity::Unknown);
}

#[test]
fn what_lies_beside_firmware_is_named_and_not_taken_for_it() {
    let sum = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let base64 = "f0VMRgIBAQAAAAAAAAAAAAMAPgABAAAAQINwAAAAAABAAAAAAAAAAPDA8AAAAAAA\n".repeat(3);
    for (text, summary) in [
        (
            "-----BEGIN CERTIFICATE-----\nMIIB\n".to_owned(),
            "PEM text (CERTIFICATE), not the firmware itself",
        ),
        (
            format!("{sum}  gate.bin\n"),
            "SHA-256 checksums, not the firmware itself",
        ),
        (
            format!("SHA256 (gate.bin) = {sum}\n"),
            "SHA-256 checksums, not the firmware itself",
        ),
        (
            "--- a/x\n+++ b/x\n@@ -1 +1 @@\n".to_owned(),
            "Patch of text files, not the firmware itself",
        ),
        (
            "# Name,   Type, SubType, Offset,  Size\nnvs,data,nvs,,0x6000\n".to_owned(),
            "Partition table for an ESP chip as text, not the firmware itself",
        ),
        (
            "\nMemory Configuration\n\nName Origin\n".to_owned(),
            "Linker map, not the firmware itself",
        ),
        (base64, "Base64 text: decode it and inspect what comes out"),
        (
            "Release notes\r\n2.4.1: faster\r\n".to_owned(),
            "Text in no known firmware format",
        ),
        (
            "Änderungen\n".to_owned(),
            "Text in no known firmware format",
        ),
    ] {
        let found = inspected(text.as_bytes());
        assert_eq!(
            (found.format, found.summary.as_str()),
            (Format::Named, summary)
        );
        assert_eq!(found.integrity(), Integrity::Unknown);
    }
    for raw in [&b"Z"[..], b"line\n\0", b"\x80\n", b"\x1B[0m\n"] {
        assert_eq!(inspected(raw).format, Format::Raw, "{raw:?}");
    }
}

#[test]
fn text_that_carries_or_points_to_firmware_is_named_with_or_without_line_ends() {
    let base64 = "PbjzlgAAAAAgAAAA+AsAAAAAAAABAgMABAAAAACAACBFAQAITQEACE0BAAhNAQAITQEACA==";
    for (text, word) in [
        (base64.to_owned(), "Base64 text"),
        (format!("{base64}\n"), "Base64 text"),
        (base64.repeat(90), "Base64 text"),
        (
            format!("data:application/octet-stream;base64,{base64}"),
            "Data URL",
        ),
        ("begin 644 fw.bin\n#0V%T\n`\nend\n".to_owned(), "Uuencoded"),
        (
            "../.git/annex/objects/aa/bb/SHA256E-s1--c/SHA256E-s1--c\n".to_owned(),
            "git-annex",
        ),
        (
            "[InternetShortcut]\r\nURL=https://example.com/fw.bin\r\n".to_owned(),
            "Shortcut to a page",
        ),
    ] {
        let found = crate::inspect(&MemorySource::new(text.clone())).unwrap();
        assert!(found.summary.contains(word), "{text}: {}", found.summary);
    }
    // Digits alone, and words, are none.
    for text in ["0123456789abcdef".repeat(8), "Firmware".repeat(20)] {
        let found = crate::inspect(&MemorySource::new(text)).unwrap();
        assert!(!found.summary.contains("Base64"), "{}", found.summary);
    }
}
