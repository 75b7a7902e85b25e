//! Firmware formats with a binary header.

use firmdrop_core::grouped;

use super::heading::named;
use crate::bytes::{Fields, read, shown, stream};
use crate::{CheckResult, Format, ImageError, Inspection, Source};

/// Names a file by its header.
pub(super) fn describe(head: &[u8], source: &dyn Source) -> Result<Option<Inspection>, ImageError> {
    let simple = stm32mp(head)
        .or_else(|| nxp(head))
        .or_else(|| ebl(head))
        .or_else(|| suit(head))
        .or_else(|| lattice(head))
        .or_else(|| option_rom(head));
    if let Some(summary) = simple {
        return Ok(Some(named(Format::Named, source, summary)));
    }
    if let Some(found) = telink(head, source)? {
        return Ok(Some(found));
    }
    if let Some(found) = xilinx(head, source) {
        return Ok(Some(found));
    }
    android_sparse(head, source)
}

/// Telink's SDKs for Zigbee and Bluetooth: `KNLT` at byte 8, the size at byte 24, and a CRC-32 without its
/// last inversion at the end (`ota.c` of the Zigbee SDK).
fn telink(head: &[u8], source: &dyn Source) -> Result<Option<Inspection>, ImageError> {
    const CRC: crc::Crc<u32> = crc::Crc::<u32>::new(&crc::CRC_32_JAMCRC);
    if head.get(8..12) != Some(b"KNLT") {
        return Ok(None);
    }
    let size = Fields(head.get(24..).unwrap_or_default()).u32();
    let size = u64::from(size.unwrap_or_default());
    let rest = size.saturating_sub(4);
    let mut found = named(Format::Named, source, "Telink firmware");
    if size > source.len() {
        let why = format!(
            "the header says {} bytes, {} are there: it was cut off",
            grouped(size),
            grouped(source.len())
        );
        found.check("Size in the header", CheckResult::Failed, why);
        return Ok(Some(found));
    }
    found.fact_bytes("Size in the header", size);
    let mut digest = CRC.digest();
    stream(source, 0, rest, &mut |piece| digest.update(piece))?;
    let stored = Fields(&read(source, rest, 4)?).u32();
    let computed = digest.finalize();
    if stored == Some(computed) {
        let why = format!("CRC-32 {computed:08X} over all before it, recomputed here");
        found.check("CRC at the end", CheckResult::Passed, why);
    } else {
        // Not every SDK writes one.
        let why = format!(
            "the bytes give CRC-32 {computed:08X}, and that is not what stands at the end: some SDKs write none"
        );
        found.check("CRC at the end", CheckResult::NotMade, why);
    }
    Ok(Some(found))
}

/// ST wiki, *STM32 header for binary files*: magic, signature of 64 bytes, sum, version, length.
fn stm32mp(head: &[u8]) -> Option<String> {
    let rest = head.strip_prefix(b"STM2")?;
    let mut fields = Fields(rest.get(68..).unwrap_or_default());
    let version = fields.u32().filter(|version| *version != 0);
    let version = version.map_or_else(String::new, |version| {
        let [_, minor, major, _] = version.to_le_bytes();
        format!(", header {major}.{minor}")
    });
    let length = fields.u32().filter(|length| *length != 0);
    let length = length.map_or_else(String::new, |length| {
        format!(", {} bytes of code", grouped(length))
    });
    Some(format!("STM32MP boot image{version}{length}"))
}

/// NXP: secure binary files of `elftosb` and SPSDK, and the flash configuration block of i.MX RT.
fn nxp(head: &[u8]) -> Option<String> {
    if head.get(20..24) == Some(b"STMP") {
        let (major, minor) = (head.get(24)?, head.get(25)?);
        return Some(format!("NXP SB {major}.{minor} file, a secure binary"));
    }
    if head.starts_with(b"sbv3") || head.starts_with(b"sbvx") {
        let mut fields = Fields(head.get(4..)?);
        let (minor, major) = (fields.u16()?, fields.u16()?);
        return Some(format!("NXP SB {major}.{minor} file, a secure binary"));
    }
    for at in [0, 0x400, 0x200] {
        let block = head.get(at..).unwrap_or_default();
        if block.starts_with(b"FCFB") {
            let [fix, minor, major, letter] = *block.get(4..8)?.first_chunk::<4>()?;
            let version = (letter == b'V').then(|| format!(", version {major}.{minor}.{fix}"));
            let version = version.unwrap_or_default();
            return Some(format!(
                "i.MX RT flash image with its configuration block (FCFB){version}"
            ));
        }
    }
    None
}

/// Silicon Labs' older bootloader format, AN0760: header tag 0000, its length 8C, version, signature E350.
fn ebl(head: &[u8]) -> Option<String> {
    let is_plain = head.starts_with(&[0, 0, 0, 0x8C]) && head.get(6..8) == Some(&[0xE3, 0x50]);
    let is_encrypted = head.starts_with(&[0xFB, 5]) && head.get(6..8) == Some(&[0xE3, 0x50]);
    let version = head.get(4..6)?;
    let version = u16::from_be_bytes([*version.first()?, *version.get(1)?]);
    (is_plain || is_encrypted).then(|| {
        let encrypted = if is_encrypted { ", encrypted" } else { "" };
        format!("Ember bootloader image (EBL), format 0x{version:04X}{encrypted}")
    })
}

/// A CBOR map with the tag 107 (RFC 9124 and the manifest format of the SUIT working group), or 1070.
fn suit(head: &[u8]) -> Option<String> {
    let map = head
        .strip_prefix(&[0xD8, 0x6B])
        .or_else(|| head.strip_prefix(&[0xD9, 0x04, 0x2E]))?;
    // Major type 5.
    let is_map = map.first().is_some_and(|byte| byte >> 5 == 5);
    is_map.then(|| {
        "SUIT envelope (CBOR tag 107): a manifest, with or without its payloads".to_owned()
    })
}

/// Preambles of Lattice's bitstreams: iCE40 (TN1248), and ECP5 and relatives, whose comments come first.
fn lattice(head: &[u8]) -> Option<String> {
    let near = head.get(..512.min(head.len()))?;
    let has = |pattern: &[u8]| near.windows(pattern.len()).any(|window| window == pattern);
    if head.starts_with(&[0x7E, 0xAA, 0x99, 0x7E])
        || (head.starts_with(&[0xFF, 0]) && has(&[0x7E, 0xAA, 0x99, 0x7E]))
    {
        return Some("Lattice iCE40 FPGA bitstream".to_owned());
    }
    let is_ecp5 = head.starts_with(&[0xFF, 0]) && (has(b"Lattice") || has(b"Part: "));
    is_ecp5.then(|| {
        let part = near.windows(6).position(|window| window == b"Part: ");
        let part = part.and_then(|at| near.get(at + 6..)?.split(|byte| *byte == 0).next());
        match part.map(shown) {
            Some(part) => format!("Lattice FPGA bitstream for {part}"),
            None => "Lattice FPGA bitstream".to_owned(),
        }
    })
}

/// PCI Firmware Specification 3.3, section 5.1: 55 AA, and a data structure that begins with PCIR.
fn option_rom(head: &[u8]) -> Option<String> {
    if !head.starts_with(&[0x55, 0xAA]) {
        return None;
    }
    let at = usize::from(Fields(head.get(0x18..)?).u16()?);
    let mut fields = Fields(head.get(at..)?.strip_prefix(b"PCIR")?);
    let (vendor, device) = (fields.u16()?, fields.u16()?);
    Some(format!("PCI option ROM for {vendor:04X}:{device:04X}"))
}

/// Xilinx's `.bit`: a field of nine bytes, then letters with text (as its own tools write them), or the
/// synchronisation word of a `.bin` behind FF.
fn xilinx(head: &[u8], source: &dyn Source) -> Option<Inspection> {
    const START: &[u8] = &[
        0, 9, 0x0F, 0xF0, 0x0F, 0xF0, 0x0F, 0xF0, 0x0F, 0xF0, 0, 0, 1,
    ];
    let Some(rest) = head.strip_prefix(START) else {
        let after = head.iter().position(|byte| *byte != 0xFF)?;
        let near = head.get(after..after + 64)?;
        let is_sync = after >= 16 && near.windows(4).any(|word| word == [0xAA, 0x99, 0x55, 0x66]);
        return is_sync.then(|| {
            named(
                Format::Named,
                source,
                "Xilinx FPGA bitstream (without header)",
            )
        });
    };
    let mut inspection = named(Format::Named, source, "Xilinx FPGA bitstream");
    let mut fields = Fields(rest);
    while let Some(letter) = fields.u8() {
        let Some(length) = fields.u16().map(u16::swap_bytes) else {
            break;
        };
        let Some(text) = fields.bytes(length.into()) else {
            break;
        };
        let text = shown(text.split(|byte| *byte == 0).next().unwrap_or_default());
        match letter {
            b'a' => inspection.identity.product = Some(text),
            b'b' => {
                inspection.summary = format!("Xilinx FPGA bitstream for {text}");
                inspection.identity.target = Some(text);
            }
            b'c' | b'd' => inspection.fact(if letter == b'c' { "Date" } else { "Time" }, text),
            _ => break,
        }
    }
    Some(inspection)
}

/// AOSP's `sparse_format.h`: a header of 28 bytes, chunks with headers of 12.
fn android_sparse(head: &[u8], source: &dyn Source) -> Result<Option<Inspection>, ImageError> {
    let Some(rest) = head.strip_prefix(&[0x3A, 0xFF, 0x26, 0xED]) else {
        return Ok(None);
    };
    let mut fields = Fields(rest);
    let parsed = (|| {
        let (major, minor) = (fields.u16()?, fields.u16()?);
        let (header, chunk_header) = (fields.u16()?, fields.u16()?);
        let (block, blocks, chunks) = (fields.u32()?, fields.u32()?, fields.u32()?);
        Some((major, minor, header, chunk_header, block, blocks, chunks))
    })();
    let Some((major, minor, header, chunk_header, block, blocks, chunks)) = parsed else {
        return Ok(Some(named(
            Format::Named,
            source,
            "Android sparse image, cut off",
        )));
    };
    let summary = format!(
        "Android sparse image {major}.{minor}, {} bytes unpacked",
        grouped(u64::from(block) * u64::from(blocks))
    );
    let mut inspection = named(Format::Named, source, summary);
    inspection.fact("Chunks", grouped(chunks));
    let mut at = u64::from(header);
    for number in 0..chunks.min(65_536) {
        let bytes = read(source, at, 12)?;
        let length = Fields(bytes.get(8..).unwrap_or_default()).u32();
        let Some(length) = length.filter(|length| *length >= u32::from(chunk_header)) else {
            let why = format!("chunk {number} at byte {at} is cut off", at = grouped(at));
            inspection.check("Chunks", CheckResult::Failed, why);
            return Ok(Some(inspection));
        };
        at += u64::from(length);
    }
    if at > source.len() {
        let why = format!(
            "the chunks end at byte {at}, the file at {}: it was cut off",
            grouped(source.len()),
            at = grouped(at)
        );
        inspection.check("Chunks", CheckResult::Failed, why);
    }
    Ok(Some(inspection))
}
