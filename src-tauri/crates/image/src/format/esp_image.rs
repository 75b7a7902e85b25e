//! Application and bootloader images of Espressif's chips: segments, an XOR checksum, and a SHA-256 behind
//! them.
//!
//! Layout of ESP-IDF's `esp_app_format.h` and `esp_app_desc.h` and of esptool's `bin_image.py`. The
//! blocks of a signature behind the image are read beside it.

use crc::{CRC_32_ISO_HDLC, Crc, Table};
use firmdrop_core::grouped;
use sha2::{Digest, Sha256};

use super::esp_signed::{Blocks, read_blocks};
use crate::bytes::{Fields, address, read, shown, stream};
use crate::registry;
use crate::{CheckResult, Format, ImageError, Inspection, Signature, Source};

const MAGIC: u8 = 0xE9;
/// Images of the ESP8266 whose flash part stands before the header.
const MAGIC_ESP8266: u8 = 0xEA;
/// Start value of the checksum.
const CHECKSUM_SEED: u8 = 0xEF;
/// `ESP_IMAGE_MAX_SEGMENTS`.
const SEGMENTS: u8 = 16;
/// What a chip is called that is not in the list.
const UNKNOWN_CHIP: &str = "Newer ESP chip";
/// Header of the ESP8266, and with the fields that the ESP32 and later added.
const SHORT_HEADER_BYTES: u64 = 8;
const HEADER_BYTES: u64 = 24;
const SEGMENT_HEADER_BYTES: u64 = 8;
const SHA256_BYTES: u64 = 32;
/// `ESP_APP_DESC_MAGIC_WORD` and the magic byte of the bootloader's description.
const DESCRIPTION: u32 = 0xABCD_5432;
const BOOTLOADER_DESCRIPTION: u8 = 80;
static CRC: Crc<u32, Table<16>> = Crc::<u32, Table<16>>::new(&CRC_32_ISO_HDLC);

/// Whether a file that begins with `head` may be such an image.
pub(crate) fn recognises(head: &[u8]) -> bool {
    Layout::of(head).is_some()
}

/// Describes an image; none where the bytes behind the header belong to something else.
pub(crate) fn inspect(source: &dyn Source) -> Result<Option<Inspection>, ImageError> {
    let head = read(source, 0, 64)?;
    let Some(mut layout) = Layout::of(&head) else {
        return Ok(None);
    };
    let mut inspection = Inspection::new(Format::EspImage, source.len());
    let mut walk = Walk {
        source,
        offset: layout.header_bytes,
        checksum: CHECKSUM_SEED,
    };
    inspection.identity.target = Some(layout.chip.to_owned());
    inspection.signature = Signature::Absent;
    let described = describe(source, layout.header_bytes, &mut inspection)?;
    let kind = described.unwrap_or("image");
    let version = inspection.identity.version.as_ref();
    let version = version.map_or_else(String::new, |version| format!(", version {version}"));
    inspection.summary = format!("{} {kind}{version}", layout.chip);
    if layout.chip == UNKNOWN_CHIP {
        let id = head.get(12..14).and_then(|bytes| bytes.first_chunk());
        let id = id.map_or(0, |bytes| u16::from_le_bytes(*bytes));
        inspection.identity.target = Some(format!("ESP chip with the id {id}"));
    }
    inspection.fact("Entry point", address(layout.entry.into()));
    layout.report(&mut inspection);
    if layout.has_flash_part {
        if let Err(why) = walk.segment("flash part", &mut inspection)? {
            inspection.check("Segments", CheckResult::Failed, why);
            return Ok(Some(inspection));
        }
        // The flash part is not in the checksum.
        walk.checksum = CHECKSUM_SEED;
        let second = read(source, walk.offset, 8)?;
        let [MAGIC, count @ 1..=SEGMENTS, ..] = *second.as_slice() else {
            let why = format!(
                "no second header stands behind the flash part, at byte {}",
                grouped(walk.offset)
            );
            inspection.check("Segments", CheckResult::Failed, why);
            return Ok(Some(inspection));
        };
        layout.segments = count;
        walk.offset += SHORT_HEADER_BYTES;
    }
    let plural = if layout.segments == 1 { "" } else { "s" };
    let count = layout.segments;
    inspection.summary = format!("{}, {count} segment{plural}", inspection.summary);
    for index in 0..layout.segments {
        if let Err(why) = walk.segment(&format!("segment {index}"), &mut inspection)? {
            inspection.check("Segments", CheckResult::Failed, why);
            return Ok(Some(inspection));
        }
    }
    inspection.check("Segments", CheckResult::Passed, "all lie inside the file");
    let Some(end) = checksum(source, &walk, &mut inspection)? else {
        return Ok(Some(inspection));
    };
    let end = if layout.hash_appended {
        sha256(source, end, &mut inspection)?
    } else if layout.has_flash_part {
        crc(source, end, &mut inspection)?
    } else {
        end
    };
    behind(source, end, &mut inspection)?;
    inspection.segments.sort_by_key(|segment| segment.address);
    Ok(Some(inspection))
}

/// The signatures of secure boot behind an image.
pub(crate) fn signatures(source: &dyn Source) -> Result<Option<Blocks>, ImageError> {
    let head = read(source, 0, 64)?;
    let Some(layout) = Layout::of(&head).filter(|layout| !layout.has_flash_part) else {
        return Ok(None);
    };
    let mut offset = layout.header_bytes;
    for _ in 0..layout.segments {
        let header = read(source, offset, 8)?;
        let length = Fields(header.get(4..).unwrap_or_default()).u32();
        offset += SEGMENT_HEADER_BYTES + u64::from(length.unwrap_or_default());
    }
    let end = (offset + 1).next_multiple_of(16);
    let hash_bytes = if layout.hash_appended {
        SHA256_BYTES
    } else {
        0
    };
    read_blocks(source, end + hash_bytes)
}

/// What the header says.
struct Layout {
    chip: &'static str,
    segments: u8,
    header_bytes: u64,
    entry: u32,
    hash_appended: bool,
    has_flash_part: bool,
    flash: [u8; 2],
    revisions: Option<(u16, u16)>,
}

impl Layout {
    fn of(head: &[u8]) -> Option<Self> {
        let mut fields = Fields(head);
        let (magic, segments) = (fields.u8()?, fields.u8()?);
        let flash = [fields.u8()?, fields.u8()?];
        let entry = fields.u32()?;
        let mut layout = Self {
            chip: "ESP8266",
            segments,
            header_bytes: SHORT_HEADER_BYTES,
            entry,
            hash_appended: false,
            has_flash_part: magic == MAGIC_ESP8266,
            flash,
            revisions: None,
        };
        if magic == MAGIC_ESP8266 {
            // The count is always four; the real one stands in the second header.
            layout.segments = 0;
            let is_header = segments == 4 && is_memory(entry);
            return (is_header && fields.u32()? == 0).then_some(layout);
        }
        let is_header = magic == MAGIC && (1..=SEGMENTS).contains(&segments) && is_memory(entry);
        if !is_header || flash.first().is_none_or(|mode| *mode > 5) {
            return None;
        }
        let first = Fields(head.get(8..)?).u32()?;
        let first_of_esp32 = Fields(head.get(24..)?).u32()?;
        let chip = registry::esp_chip(u16::from_le_bytes([*head.get(12)?, *head.get(13)?]));
        // Reserved bytes and the mark of the hash say that it is a header also where the chip is newer than the list.
        let is_long = chip.is_some()
            || *head.get(19..23)? == [0; 4] && matches!(head.get(23)?, 0 | 1) && !is_memory(first);
        if let Some(chip) = chip
            .or(Some(UNKNOWN_CHIP))
            .filter(|_| is_long && is_memory(first_of_esp32))
        {
            let mut fields = Fields(head.get(15..)?);
            layout.chip = chip;
            layout.header_bytes = HEADER_BYTES;
            layout.revisions = Some((fields.u16()?, fields.u16()?));
            layout.hash_appended = *head.get(23)? == 1;
            return Some(layout);
        }
        is_memory(first).then_some(layout)
    }

    fn report(&self, inspection: &mut Inspection) {
        const MODES: [&str; 6] = ["QIO", "QOUT", "DIO", "DOUT", "fast read", "slow read"];
        let [mode, size] = self.flash;
        let mode = MODES
            .get(usize::from(mode))
            .copied()
            .unwrap_or("unknown mode");
        inspection.fact("Flash mode", mode);
        if self.header_bytes == HEADER_BYTES {
            // Four bits, from 1 MiB on in powers of two.
            inspection.fact("Flash size", format!("{} MiB", 1_u32 << (size >> 4)));
        }
        if let Some((least, most)) = self.revisions {
            let revision = |value: u16| format!("{}.{}", value / 100, value % 100);
            let most = match most {
                0 | u16::MAX => "any newer one".to_owned(),
                most => revision(most),
            };
            let text = format!("{} to {most}", revision(least));
            inspection.fact("Chip revisions", text);
        }
    }
}

/// Addresses of code and data of these chips: from the flash windows of the data bus to the RAM of the
/// low-power core (memory maps of their technical reference manuals).
fn is_memory(address: u32) -> bool {
    (0x3C00_0000..0x6020_0000).contains(&address)
}

/// The largest flash that these chips address, bytes (ESP32-S3 and ESP32-P4 data sheets).
const FLASH_BYTES: u64 = 1 << 30;

struct Walk<'a> {
    source: &'a dyn Source,
    offset: u64,
    checksum: u8,
}

impl Walk<'_> {
    fn segment(
        &mut self,
        name: &str,
        inspection: &mut Inspection,
    ) -> Result<Result<(), String>, ImageError> {
        let header = read(self.source, self.offset, 8)?;
        let mut fields = Fields(&header);
        let (Some(place), Some(length)) = (fields.u32(), fields.u32()) else {
            return Ok(Err(format!(
                "the {name} at byte {} is cut off",
                grouped(self.offset)
            )));
        };
        let begin = self.offset + SEGMENT_HEADER_BYTES;
        let end = begin + u64::from(length);
        if end > self.source.len() {
            let cause = if u64::from(length) > FLASH_BYTES {
                "no flash is so large, so that other bytes stand in place of its header"
            } else {
                "it was cut off"
            };
            return Ok(Err(format!(
                "the {name} at byte {} ends at byte {end}, the file at {}: {cause}",
                grouped(self.offset),
                grouped(self.source.len()),
                end = grouped(end)
            )));
        }
        stream(self.source, begin, length.into(), &mut |piece| {
            self.checksum = piece.iter().fold(self.checksum, |sum, byte| sum ^ byte);
        })?;
        inspection.segment(name, Some(place.into()), length.into());
        self.offset = end;
        Ok(Ok(()))
    }
}

/// Version, name and dates of the description that ESP-IDF puts at the start of the first segment.
fn describe(
    source: &dyn Source,
    header_bytes: u64,
    inspection: &mut Inspection,
) -> Result<Option<&'static str>, ImageError> {
    let bytes = read(source, header_bytes + SEGMENT_HEADER_BYTES, 256)?;
    let mut fields = Fields(&bytes);
    let text = |bytes: &[u8]| shown(bytes.split(|byte| *byte == 0).next().unwrap_or_default());
    if fields.u32() == Some(DESCRIPTION) {
        let security = fields.u32().unwrap_or_default();
        fields.bytes(8);
        let mut next = |length| text(fields.bytes(length).unwrap_or_default());
        let (version, product) = (next(32), next(32));
        let (time, date, framework) = (next(16), next(16), next(32));
        inspection.identity.version = (!version.is_empty()).then_some(version);
        inspection.identity.product = (!product.is_empty()).then_some(product);
        inspection.fact("Security version", security.to_string());
        inspection.fact("Built", format!("{date} {time}"));
        inspection.fact("ESP-IDF", framework);
        return Ok(Some("application"));
    }
    let framework = text(bytes.get(8..40).unwrap_or_default());
    if bytes.first() == Some(&BOOTLOADER_DESCRIPTION) && framework.starts_with('v') {
        inspection.fact("ESP-IDF", framework);
        inspection.fact("Built", text(bytes.get(40..64).unwrap_or_default()));
        return Ok(Some("bootloader"));
    }
    Ok(None)
}

/// The checksum stands in the last byte of a block of sixteen. Returns where the image ends.
fn checksum(
    source: &dyn Source,
    walk: &Walk<'_>,
    inspection: &mut Inspection,
) -> Result<Option<u64>, ImageError> {
    let end = (walk.offset + 1).next_multiple_of(16);
    let stored = read(source, end - 1, 1)?;
    let Some(&said) = stored.first() else {
        let why = format!(
            "it should stand at byte {}, the file ends before",
            grouped(end - 1)
        );
        inspection.check("Checksum", CheckResult::Failed, why);
        return Ok(None);
    };
    let found = walk.checksum;
    let verdict = if found == said {
        Ok(format!(
            "XOR {found:02X} over the segments, recomputed here"
        ))
    } else {
        Err(format!(
            "byte {} says XOR {said:02X}, the segments give {found:02X}",
            grouped(end - 1)
        ))
    };
    inspection.verdict("Checksum", verdict);
    Ok(Some(end))
}

/// The SHA-256 over everything before it. Returns where it ends.
fn sha256(source: &dyn Source, end: u64, inspection: &mut Inspection) -> Result<u64, ImageError> {
    const NAME: &str = "SHA-256 behind the image";
    let stored = read(source, end, 32)?;
    if stored.len() < 32 {
        let why = format!(
            "it should stand at byte {end}, the file ends before: it was cut off",
            end = grouped(end)
        );
        inspection.check(NAME, CheckResult::Failed, why);
        return Ok(source.len());
    }
    let mut hasher = Sha256::new();
    stream(source, 0, end, &mut |piece| hasher.update(piece))?;
    let found = hasher.finalize();
    let verdict = if found.as_slice() == stored {
        Ok("over header, segments and checksum, recomputed here".to_owned())
    } else {
        Err(format!(
            "the first {} bytes give {}, behind them stands {}",
            grouped(end),
            crate::bytes::hex(&found),
            crate::bytes::hex(&stored)
        ))
    };
    inspection.verdict(NAME, verdict);
    Ok(end + SHA256_BYTES)
}

/// The CRC-32 that newer SDKs of the ESP8266 put behind images with a flash part, in their own reading of
/// it (`esp8266_crc32` of esptool). Older images have none. Returns where it ends.
fn crc(source: &dyn Source, end: u64, inspection: &mut Inspection) -> Result<u64, ImageError> {
    let stored = read(source, end, 4)?;
    let Some(said) = Fields(&stored).u32().filter(|said| *said != u32::MAX) else {
        return Ok(end);
    };
    let mut digest = CRC.digest();
    stream(source, 0, end, &mut |piece| digest.update(piece))?;
    let plain = digest.finalize();
    let found = if plain >> 31 == 1 { !plain } else { plain + 1 };
    if found == said {
        let why = "over everything before it, recomputed here";
        inspection.check("CRC-32 behind the image", CheckResult::Passed, why);
        return Ok(end + 4);
    }
    Ok(end)
}

/// What stands behind the image: padding, a signature of secure boot, or strangers.
fn behind(source: &dyn Source, end: u64, inspection: &mut Inspection) -> Result<(), ImageError> {
    let more = source.len().saturating_sub(end);
    if more == 0 {
        return Ok(());
    }
    if let Some(blocks) = read_blocks(source, end)? {
        inspection.signature = Signature::Present {
            algorithm: blocks.algorithms.join(", "),
            key_hash: None,
        };
        let whole = "CRC-32 and the hash of the image, recomputed here".to_owned();
        inspection.verdict("Secure boot block", blocks.flaw.map_or(Ok(whole), Err));
        return Ok(());
    }
    let mut is_padding = true;
    stream(source, end, more, &mut |piece| {
        is_padding = is_padding && piece.iter().all(|byte| matches!(byte, 0 | 0xFF));
    })?;
    let many = grouped(more);
    if is_padding {
        inspection.fact("Padding", format!("{many} bytes behind the image"));
    } else {
        let why = format!(
            "{many} bytes follow the image from byte {end}; no checksum covers them",
            end = grouped(end)
        );
        inspection.check("End of the image", CheckResult::Warning, why);
    }
    Ok(())
}

#[cfg(test)]
#[path = "esp_image_tests.rs"]
pub(crate) mod tests;
