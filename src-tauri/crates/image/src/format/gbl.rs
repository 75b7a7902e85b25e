//! Silicon Labs' Gecko bootloader images (GBL, format 3): tags of id, length and data.
//!
//! Numbers of Silicon Labs' UG266, *Gecko Bootloader User's Guide*, section "GBL tag format", and of
//! the bootloader's `btl_gbl_format.h`.

use crc::{CRC_32_ISO_HDLC, Crc, Table};
use firmdrop_core::grouped;

use crate::bytes::{Fields, address, hex, read, shown, stream};
use crate::limits::GBL_TAGS;
use crate::{CheckResult, Format, ImageError, Inspection, Signature, Source};

const WHAT: &str = "GBL image";
const HEADER: u32 = 0x03A6_17EB;
const END: u32 = 0xFC04_04FC;
/// Signature over everything before it, and the certificate of its key.
pub(super) const SIGNATURE: u32 = 0xF70A_0AF7;
pub(super) const CERTIFICATE: u32 = 0xF30B_0BF3;
const FLAG_ENCRYPTED: u32 = 0x01;
const FLAG_SIGNED: u32 = 0x100;

/// Header tag: id, length, version, flags.
const HEADER_BYTES: u64 = 16;

/// Sixteen bytes at a time: a whole file is read for it.
static CRC: Crc<u32, Table<16>> = Crc::<u32, Table<16>>::new(&CRC_32_ISO_HDLC);

/// Whether a file that begins with `head` is a GBL image.
pub(crate) fn recognises(head: &[u8]) -> bool {
    head.starts_with(&HEADER.to_le_bytes()) && head.get(4..8) == Some(&[8, 0, 0, 0])
}

/// Describes a GBL image.
pub(crate) fn inspect(source: &dyn Source) -> Result<Inspection, ImageError> {
    let head = read(source, 0, 16)?;
    let mut fields = Fields(head.get(8..).unwrap_or_default());
    let (Some(version), Some(flags)) = (fields.u32(), fields.u32()) else {
        return Err(ImageError::Truncated {
            what: WHAT,
            part: "header tag",
            needs_bytes: HEADER_BYTES,
            size_bytes: source.len(),
        });
    };
    let mut inspection = Inspection::new(Format::Gbl, source.len());
    inspection.signature = Signature::Absent;
    let [patch, _, minor, major] = version.to_le_bytes();
    inspection.fact("GBL format", format!("{major}.{minor}.{patch}"));
    if flags & FLAG_ENCRYPTED != 0 {
        inspection.fact("The image is", "encrypted");
    }
    let mut walk = Walk {
        source,
        offset: HEADER_BYTES,
        tags: 1,
    };
    let end = loop {
        match walk.next()? {
            Err(why) => break Err(why),
            Ok(tag) if tag.id == END => break Ok(tag),
            Ok(tag) => describe(source, &tag, &mut inspection)?,
        }
    };
    match end {
        Err(why) => inspection.check("Tags", CheckResult::Failed, why),
        Ok(tag) => {
            let why = format!("{} tags, the end tag closes them", walk.tags);
            inspection.check("Tags", CheckResult::Passed, why);
            check_end(source, &tag, &mut inspection)?;
        }
    }
    if flags & FLAG_SIGNED != 0 && inspection.signature == Signature::Absent {
        let why = "the header says that the image is signed, there is no signature";
        inspection.check("Signature", CheckResult::Failed, why);
    }
    inspection.segments.sort_by_key(|segment| segment.address);
    inspection.summary = match &inspection.identity.version {
        Some(version) => format!("GBL image, version {version}"),
        None => "GBL image".to_owned(),
    };
    Ok(inspection)
}

/// One tag.
pub(super) struct Tag {
    id: u32,
    /// Where its data begins.
    pub(super) offset: u64,
    /// How long its data is.
    pub(super) length_bytes: u64,
}

/// The first tag of this id before the end tag.
pub(super) fn tag(source: &dyn Source, id: u32) -> Result<Option<Tag>, ImageError> {
    let mut walk = Walk {
        source,
        offset: HEADER_BYTES,
        tags: 1,
    };
    loop {
        match walk.next()? {
            Ok(tag) if tag.id == id => return Ok(Some(tag)),
            Ok(tag) if tag.id != END => {}
            _ => return Ok(None),
        }
    }
}

struct Walk<'a> {
    source: &'a dyn Source,
    offset: u64,
    tags: usize,
}

impl Walk<'_> {
    fn next(&mut self) -> Result<Result<Tag, String>, ImageError> {
        let at = self.offset;
        let header = read(self.source, at, 8)?;
        let mut fields = Fields(&header);
        let (Some(id), Some(length)) = (fields.u32(), fields.u32()) else {
            return Ok(Err(format!(
                "no end tag at byte {at}, where the file ends: it was cut off",
                at = grouped(at)
            )));
        };
        let offset = at + 8;
        let length_bytes = u64::from(length);
        if offset + length_bytes > self.source.len() {
            return Ok(Err(format!(
                "the tag {id:08X} at byte {at} is {length_bytes} bytes long, the file ends at {}",
                grouped(self.source.len()),
                at = grouped(at),
                length_bytes = grouped(length_bytes)
            )));
        }
        self.tags += 1;
        if self.tags > GBL_TAGS {
            return Err(ImageError::TooLarge {
                what: WHAT,
                unit: "tags",
                limit: GBL_TAGS as u64,
                found: self.tags as u64,
            });
        }
        self.offset = offset + length_bytes;
        Ok(Ok(Tag {
            id,
            offset,
            length_bytes,
        }))
    }
}

fn describe(source: &dyn Source, tag: &Tag, inspection: &mut Inspection) -> Result<(), ImageError> {
    let data = read(source, tag.offset, 28)?;
    let size = usize::try_from(tag.length_bytes).unwrap_or(usize::MAX);
    let mut fields = Fields(data.get(..size.min(28)).unwrap_or(&data));
    let after = |bytes: u64| tag.length_bytes.saturating_sub(bytes);
    match tag.id {
        0xF40A_0AF4 => application(&mut fields, inspection),
        0xF509_09F5 => {
            let version = fields.u32().unwrap_or_default();
            let place = fields.u32().map(u64::from);
            inspection.fact("Bootloader version", gecko_version(version));
            inspection.segment("bootloader", place, after(8));
        }
        0xFE01_01FE | 0xFD03_03FD => {
            let place = fields.u32().map(u64::from);
            inspection.segment("program", place, after(4));
        }
        0x5EA6_17EB => {
            let blob = fields.u32();
            let version = fields.u32().unwrap_or_default();
            inspection.fact("Secure Element version", gecko_version(version));
            inspection.segment("Secure Element", None, blob.map_or(0, u64::from));
        }
        0xFD05_05FD => packed("LZ4", &mut fields, after(4), inspection),
        0xFD07_07FD => packed("LZMA", &mut fields, after(4), inspection),
        0xF907_07F9 => inspection.fact_bytes("Encrypted part", tag.length_bytes),
        0xF608_08F6 => {
            let text = read(source, tag.offset, size.min(512))?;
            inspection.fact("Metadata", shown(&text));
        }
        SIGNATURE => {
            inspection.signature = Signature::Present {
                algorithm: "ECDSA P-256".to_owned(),
                key_hash: None,
            };
        }
        CERTIFICATE => inspection.fact_bytes("Certificate", tag.length_bytes),
        0x76A6_17EB => inspection.fact_bytes("Version dependency", tag.length_bytes),
        0xFA06_06FA | 0xFB05_05FB => {}
        id => inspection.fact(
            "Tag of unknown type",
            format!("{id:08X}, {} bytes", grouped(tag.length_bytes)),
        ),
    }
    Ok(())
}

/// Application properties: type, version, capabilities, product id.
fn application(fields: &mut Fields<'_>, inspection: &mut Inspection) {
    let kind = fields.u32().unwrap_or_default();
    let version = fields.u32().unwrap_or_default();
    let name = match kind {
        0x01 => "Zigbee",
        0x02 => "Thread",
        0x04 => "Flex",
        0x08 => "Bluetooth",
        0x10 => "microcontroller",
        0x20 => "Bluetooth application",
        0x40 => "bootloader",
        0x80 => "Z-Wave",
        _ => "other",
    };
    inspection.fact("Application type", format!("{name} ({kind:#X})"));
    inspection.identity.version = Some(format!("{version} ({version:#010X})"));
    fields.u32();
    if let Some(product) = fields
        .bytes(16)
        .filter(|id| id.iter().any(|byte| *byte != 0))
    {
        inspection.identity.product = Some(hex(product));
    }
}

fn packed(name: &str, fields: &mut Fields<'_>, bytes: u64, inspection: &mut Inspection) {
    let place = fields.u32().unwrap_or_default();
    let text = format!(
        "{bytes} bytes packed with {name}, for {}",
        address(place.into()),
        bytes = grouped(bytes)
    );
    inspection.fact("Packed program", text);
}

/// Gecko bootloader and Secure Element versions: major, minor, customer (UG266).
fn gecko_version(version: u32) -> String {
    let [low, high, minor, major] = version.to_le_bytes();
    format!("{major}.{minor}.{}", u16::from_le_bytes([low, high]))
}

fn check_end(
    source: &dyn Source,
    end: &Tag,
    inspection: &mut Inspection,
) -> Result<(), ImageError> {
    let stored = read(source, end.offset, 4)?;
    let Some(said) = Fields(&stored).u32().filter(|_| end.length_bytes == 4) else {
        let why = format!("the end tag at byte {} has no CRC", grouped(end.offset - 8));
        inspection.check("CRC in the end tag", CheckResult::Failed, why);
        return Ok(());
    };
    let mut digest = CRC.digest();
    stream(source, 0, end.offset, &mut |piece| digest.update(piece))?;
    let found = digest.finalize();
    let verdict = if found == said {
        Ok(format!("CRC-32 {found:08X} over the whole image"))
    } else {
        Err(format!(
            "the end tag at byte {} says CRC-32 {said:08X}, the image gives {found:08X}",
            grouped(end.offset - 8)
        ))
    };
    inspection.verdict("CRC in the end tag", verdict);
    let image_end = end.offset + end.length_bytes;
    let more = source.len() - image_end;
    if more > 0 {
        let rest = read(
            source,
            image_end,
            usize::try_from(more).unwrap_or(usize::MAX).min(4096),
        )?;
        if more <= 4096 && rest.iter().all(|byte| matches!(byte, 0 | 0xFF)) {
            inspection.fact(
                "Padding",
                format!("{} bytes behind the end tag", grouped(more)),
            );
        } else {
            let why = format!(
                "{more} bytes follow the end tag from byte {image_end}",
                more = grouped(more),
                image_end = grouped(image_end)
            );
            inspection.check("End of the image", CheckResult::Warning, why);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::test_support::{fact, failed, never_panics, passed};
    use crate::{Integrity, MemorySource};
    use proptest::prelude::*;

    fn tag(id: u32, data: &[u8]) -> Vec<u8> {
        let mut bytes = id.to_le_bytes().to_vec();
        bytes.extend(u32::try_from(data.len()).unwrap().to_le_bytes());
        bytes.extend(data);
        bytes
    }

    fn closed(mut bytes: Vec<u8>) -> Vec<u8> {
        bytes.extend(END.to_le_bytes());
        bytes.extend(4_u32.to_le_bytes());
        // Bit by bit: another way than the table the reader uses.
        let crc = !bytes.iter().fold(u32::MAX, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
                (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg())
            })
        });
        bytes.extend(crc.to_le_bytes());
        bytes
    }

    fn open(flags: u32) -> Vec<u8> {
        let mut data = 0x0300_0000_u32.to_le_bytes().to_vec();
        data.extend(flags.to_le_bytes());
        let mut bytes = tag(HEADER, &data);
        let mut application = Vec::new();
        for word in [0x08_u32, 0x0102_0304, 0] {
            application.extend(word.to_le_bytes());
        }
        application.extend(0..16);
        bytes.extend(tag(0xF40A_0AF4, &application));
        let mut program = 0x4000_u32.to_le_bytes().to_vec();
        program.resize(104, 0xEE);
        bytes.extend(tag(0xFE01_01FE, &program));
        bytes
    }

    fn inspected(bytes: impl Into<Vec<u8>>) -> Inspection {
        crate::inspect(&MemorySource::new(bytes)).unwrap()
    }

    #[test]
    fn null_bytes_behind_the_end_tag_change_nothing() {
        let mut bytes = closed(open(0));
        bytes.extend([0; 12]);
        let found = inspected(bytes);
        assert_eq!(found.integrity(), Integrity::Intact, "{found:#?}");
        assert_eq!(found.segments[0].length_bytes, 100);
    }

    #[test]
    fn application_program_signature_and_crc_are_told() {
        let mut bytes = open(FLAG_SIGNED);
        bytes.extend(tag(0xF608_08F6, b"{\"fw\":1}"));
        bytes.extend(tag(0xF70A_0AF7, &[1; 64]));
        let found = inspected(closed(bytes));
        assert_eq!(found.format, Format::Gbl);
        assert_eq!(found.integrity(), Integrity::Intact);
        assert_eq!(
            found.identity.version.as_deref(),
            Some("16909060 (0x01020304)")
        );
        assert_eq!(
            found.identity.product.as_deref(),
            Some("000102030405060708090a0b0c0d0e0f")
        );
        let places: Vec<_> = found
            .segments
            .iter()
            .map(|s| (s.address, s.length_bytes))
            .collect();
        assert_eq!(places, [(Some(0x4000), 100)]);
        assert_eq!(fact(&found, "Metadata"), "{\"fw\":1}");
        assert!(matches!(found.signature, Signature::Present { .. }));
        assert!(passed(&found, "CRC in the end tag").contains("whole image"));
    }

    #[test]
    fn damage_is_found_by_the_crc_and_a_missing_signature_is_told() {
        let mut bytes = closed(open(FLAG_SIGNED));
        failed(&inspected(bytes.clone()), "Signature");
        bytes[100] ^= 1;
        assert!(failed(&inspected(bytes), "CRC in the end tag").contains("the image gives"));
    }

    #[test]
    fn a_cut_image_and_a_tag_beyond_the_end_are_told_with_their_place() {
        let bytes = open(0);
        let why = failed(&inspected(bytes.clone()), "Tags");
        assert_eq!(
            why,
            "no end tag at byte 164, where the file ends: it was cut off"
        );
        let why = failed(&inspected(&bytes[..150]), "Tags");
        assert_eq!(
            why,
            "the tag FE0101FE at byte 52 is 104 bytes long, the file ends at 150"
        );
        let short = crate::inspect(&MemorySource::new(&bytes[..12]));
        assert!(matches!(short, Err(ImageError::Truncated { .. })));
    }

    #[test]
    fn endless_empty_tags_are_refused() {
        let mut bytes = open(0);
        for _ in 0..=GBL_TAGS {
            bytes.extend(tag(0x1234_5678, &[]));
        }
        let refused = crate::inspect(&MemorySource::new(bytes));
        assert!(matches!(refused, Err(ImageError::TooLarge { .. })));
    }

    proptest! {
        #[test]
        fn no_tags_make_it_panic(tail in prop::collection::vec(any::<u8>(), 0..200)) {
            let mut bytes = tag(HEADER, &[0, 0, 0, 3, 0, 0, 0, 0]);
            bytes.extend(tail);
            let _ = inspected(bytes);
        }

        #[test]
        fn no_damage_makes_it_panic(at in 0usize..200, byte: u8, cut in 0usize..200) {
            never_panics(inspect, &closed(open(0)), at, byte, cut);
        }
    }
}
