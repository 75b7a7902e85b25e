//! Zigbee over-the-air update files: a header, and elements with a tag and a length.
//!
//! Layout of the *Zigbee Cluster Library Specification*, chapter 11, "OTA Upgrade". What the image in it says
//! is described by its own reader.

use firmdrop_core::grouped;

use crate::budget::Budget;
use crate::bytes::{Fields, Window, read, shown};
use crate::limits::GBL_TAGS;
use crate::{CheckResult, Format, ImageError, Inspection, Part, Signature, Source};

const WHAT: &str = "Zigbee OTA file";
const MAGIC: u32 = 0x0BEE_F11E;
/// The header without its optional fields.
const HEADER_BYTES: u64 = 56;
const HAS_CREDENTIAL: u16 = 1;
const HAS_DESTINATION: u16 = 2;
const HAS_HARDWARE: u16 = 4;

/// Whether a file that begins with `head` is such a file.
pub(crate) fn recognises(head: &[u8]) -> bool {
    head.starts_with(&MAGIC.to_le_bytes()) || behind(head).is_some()
}

/// Where the header begins in a file of a maker that puts something of its own in front of it (IKEA: a
/// container with a signature).
fn behind(head: &[u8]) -> Option<usize> {
    let magic = MAGIC.to_le_bytes();
    let mut places = head.windows(4).enumerate();
    places.find_map(|(at, window)| {
        let is_magic = window == magic;
        let header = is_magic.then(|| Header::parse(head.get(at..)?))??;
        let is_header = header.version == 0x0100 && (56..=80).contains(&header.header_bytes);
        (at > 0 && is_header).then_some(at)
    })
}

/// Describes a file and what it carries.
pub(crate) fn inspect(source: &dyn Source, budget: &mut Budget) -> Result<Inspection, ImageError> {
    let head = read(source, 0, 4096)?;
    let Some(begin) = behind(&head).filter(|_| !head.starts_with(&MAGIC.to_le_bytes())) else {
        return describe(source, budget);
    };
    let begin = begin as u64;
    let content = Window::new(source, begin, source.len() - begin);
    let mut inspection = describe(&content, budget)?;
    inspection.size_bytes = source.len();
    for part in &mut inspection.parts {
        part.offset = part.offset.map(|offset| offset + begin);
    }
    let whose = if head.starts_with(b"NGIS") {
        ", a container with IKEA's signature"
    } else {
        ""
    };
    let why = format!(
        "{begin} bytes stand in front of the header{whose}",
        begin = grouped(begin)
    );
    inspection.check("Beginning of the file", CheckResult::Warning, why);
    Ok(inspection)
}

fn describe(source: &dyn Source, budget: &mut Budget) -> Result<Inspection, ImageError> {
    let head = read(source, 0, 69)?;
    let Some(header) = Header::parse(&head) else {
        return Err(ImageError::Truncated {
            what: WHAT,
            part: "header",
            needs_bytes: HEADER_BYTES,
            size_bytes: source.len(),
        });
    };
    let mut inspection = Inspection::new(Format::ZigbeeOta, source.len());
    header.report(&mut inspection);
    inspection.signature = Signature::Absent;
    if u64::from(header.header_bytes) < HEADER_BYTES {
        let why = format!(
            "the header says that it is {} bytes long, {HEADER_BYTES} is the least",
            grouped(header.header_bytes)
        );
        inspection.check("Size of the header", CheckResult::Failed, why);
        return Ok(inspection);
    }
    let total = u64::from(header.total_bytes);
    let size = if total <= source.len() {
        Ok(format!(
            "the header says {} bytes, as many are there",
            grouped(total)
        ))
    } else {
        Err(format!(
            "the header says {} bytes, {} are there: it was cut off",
            grouped(total),
            grouped(source.len())
        ))
    };
    inspection.verdict("Size in the header", size);
    let outcome = elements(
        source,
        &header,
        total.min(source.len()),
        budget,
        &mut inspection,
    )?;
    inspection.verdict("Elements", outcome);
    if source.len() > total {
        let why = format!(
            "{} bytes follow the last element",
            grouped(source.len() - total)
        );
        inspection.check("End of the file", CheckResult::Warning, why);
    }
    Ok(inspection)
}

#[expect(
    clippy::struct_field_names,
    reason = "the size of the header is not that of this struct"
)]
struct Header {
    version: u16,
    header_bytes: u16,
    manufacturer: u16,
    image_type: u16,
    file_version: u32,
    stack: u16,
    text: String,
    total_bytes: u32,
    credential: Option<u8>,
    hardware: Option<(u16, u16)>,
}

impl Header {
    fn parse(head: &[u8]) -> Option<Self> {
        let mut fields = Fields(head);
        fields.u32()?;
        let (version, header_bytes, control) = (fields.u16()?, fields.u16()?, fields.u16()?);
        let (manufacturer, image_type) = (fields.u16()?, fields.u16()?);
        let (file_version, stack) = (fields.u32()?, fields.u16()?);
        let text = fields.bytes(32)?;
        let text = shown(text.split(|byte| *byte == 0).next().unwrap_or_default());
        let total_bytes = fields.u32()?;
        let optional = |flag| (control & flag != 0).then_some(());
        let credential = optional(HAS_CREDENTIAL).and_then(|()| fields.u8());
        if optional(HAS_DESTINATION).is_some() {
            fields.bytes(8);
        }
        let hardware = optional(HAS_HARDWARE).and_then(|()| Some((fields.u16()?, fields.u16()?)));
        Some(Self {
            version,
            header_bytes,
            manufacturer,
            image_type,
            file_version,
            stack,
            text,
            total_bytes,
            credential,
            hardware,
        })
    }

    fn report(&self, inspection: &mut Inspection) {
        let version = format!("0x{:08X}", self.file_version);
        let target = format!(
            "manufacturer 0x{:04X}, image type 0x{:04X}",
            self.manufacturer, self.image_type
        );
        inspection.summary = format!("Zigbee OTA file, version {version}, {target}");
        inspection.identity.version = Some(version);
        inspection.identity.target = Some(target);
        inspection.identity.product = (!self.text.is_empty()).then(|| self.text.clone());
        let [minor, major] = self.version.to_le_bytes();
        inspection.fact("Header version", format!("{major}.{minor}"));
        let stack = match self.stack {
            0 => "ZigBee 2006".to_owned(),
            1 => "ZigBee 2007".to_owned(),
            2 => "ZigBee Pro".to_owned(),
            3 => "ZigBee IP".to_owned(),
            other => format!("0x{other:04X}"),
        };
        inspection.fact("Stack", stack);
        if let Some(credential) = self.credential {
            inspection.fact("Security credential", credential.to_string());
        }
        if let Some((least, most)) = self.hardware {
            let text = format!("0x{least:04X} to 0x{most:04X}");
            inspection.fact("Hardware versions", text);
        }
    }
}

/// Each element, and what the upgrade image in one of them is.
fn elements(
    source: &dyn Source,
    header: &Header,
    end: u64,
    budget: &mut Budget,
    inspection: &mut Inspection,
) -> Result<Result<String, String>, ImageError> {
    let mut at = u64::from(header.header_bytes);
    let mut count = 0_usize;
    while at < end {
        let bytes = read(source, at, 6)?;
        let mut fields = Fields(&bytes);
        let (Some(tag), Some(length)) = (fields.u16(), fields.u32()) else {
            return Ok(Err(format!(
                "the element at byte {at} is cut off",
                at = grouped(at)
            )));
        };
        let content = at + 6;
        let next = content + u64::from(length);
        if next > end {
            return Ok(Err(format!(
                "the element at byte {at} ends at byte {next}, the file at {end}",
                at = grouped(at),
                next = grouped(next),
                end = grouped(end)
            )));
        }
        count += 1;
        if count > GBL_TAGS {
            return Err(ImageError::TooLarge {
                what: WHAT,
                unit: "elements",
                limit: GBL_TAGS as u64,
                found: count as u64,
            });
        }
        let name = match tag {
            0x0000 => "upgrade image".to_owned(),
            0x0001 => "ECDSA signature".to_owned(),
            0x0002 => "signing certificate".to_owned(),
            0x0003 => "image integrity code".to_owned(),
            0x0004 => "picture data".to_owned(),
            0x0005 => "ECDSA signature (curve 2)".to_owned(),
            0x0006 => "signing certificate (curve 2)".to_owned(),
            tag => format!("element of the manufacturer ({tag:04X})"),
        };
        inspection.segment(name.as_str(), None, length.into());
        if matches!(tag, 1 | 5) {
            inspection.signature = Signature::Present {
                algorithm: if tag == 1 {
                    "ECDSA sect163k1"
                } else {
                    "ECDSA sect283k1"
                }
                .to_owned(),
                key_hash: None,
            };
        }
        let window = Window::new(source, content, length.into());
        if tag == 0
            && let Some(found) = budget.inspect(&window)
        {
            inspection.fact("Carries", found.summary.as_str());
            inspection.part(Part::new(name, None, Some(content), found), true);
        }
        at = next;
    }
    let plural = if count == 1 { "" } else { "s" };
    Ok(if count == 0 {
        Err("there is none".to_owned())
    } else {
        Ok(format!("{count} element{plural}, all inside the file"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::mcuboot::tests::Build;
    use crate::format::test_support::{fact, failed, warned};
    use crate::{Integrity, MemorySource};
    use proptest::prelude::*;

    fn file(content: &[u8]) -> Vec<u8> {
        let mut bytes = MAGIC.to_le_bytes().to_vec();
        for half in [0x0100_u16, 60, HAS_HARDWARE, 0x117C, 0x2101] {
            bytes.extend(half.to_le_bytes());
        }
        bytes.extend(0x2300_1631_u32.to_le_bytes());
        bytes.extend(2_u16.to_le_bytes());
        let mut text = b"EBL lamp".to_vec();
        text.resize(32, 0);
        bytes.extend(text);
        let total = 60 + 6 + u32::try_from(content.len()).unwrap();
        bytes.extend(total.to_le_bytes());
        bytes.extend([1, 0, 9, 0]);
        bytes.extend([0, 0]);
        bytes.extend(u32::try_from(content.len()).unwrap().to_le_bytes());
        bytes.extend(content);
        bytes
    }

    fn inspected(bytes: impl Into<Vec<u8>>) -> Inspection {
        crate::inspect(&MemorySource::new(bytes)).unwrap()
    }

    #[test]
    fn ids_version_and_the_image_inside_are_told() {
        let found = inspected(file(&Build::default().bytes()));
        assert_eq!(found.format, Format::ZigbeeOta);
        assert_eq!(found.integrity(), Integrity::Intact, "{found:#?}");
        assert_eq!(found.identity.version.as_deref(), Some("0x23001631"));
        assert_eq!(
            found.identity.target.as_deref(),
            Some("manufacturer 0x117C, image type 0x2101")
        );
        assert_eq!(fact(&found, "Hardware versions"), "0x0001 to 0x0009");
        assert_eq!(fact(&found, "Carries"), "MCUboot image, version 1.2.3+4");
    }

    #[test]
    fn a_cut_file_a_lying_length_and_strangers_at_the_end_are_told() {
        let whole = file(&[7; 100]);
        assert!(
            failed(&inspected(&whole[..150]), "Size in the header")
                .contains("166 bytes, 150 are there")
        );
        let mut bytes = whole.clone();
        bytes[62] = 200;
        assert!(failed(&inspected(bytes), "Elements").contains("ends at byte 266"));
        let mut bytes = whole.clone();
        bytes.push(0);
        warned(&inspected(bytes), "End of the file");
        let short = crate::inspect(&MemorySource::new(&whole[..50]));
        assert!(matches!(short, Err(ImageError::Truncated { .. })));
    }

    #[test]
    fn something_of_the_maker_in_front_of_the_header_is_passed_over_and_told() {
        let mut bytes = b"NGIS\x01\0\0\0".to_vec();
        bytes.resize(456, 7);
        bytes.extend(file(&Build::default().bytes()));
        bytes.extend([9; 256]);
        let found = inspected(bytes.clone());
        assert_eq!(found.format, Format::ZigbeeOta);
        assert_eq!(found.integrity(), Integrity::Intact, "{found:#?}");
        assert!(warned(&found, "Beginning of the file").starts_with("456 bytes"));
        assert_eq!(found.size_bytes, bytes.len() as u64);
        assert_eq!(found.parts[0].offset, Some(456 + 66));
    }

    proptest! {
        #[test]
        fn no_damage_makes_it_panic(at in 0usize..166, byte: u8, cut in 0usize..166) {
            let mut bytes = file(&[7; 100]);
            bytes[at] = byte;
            let _ = crate::inspect(&MemorySource::new(bytes.clone()));
            let _ = crate::inspect(&MemorySource::new(&bytes[..cut]));
        }
    }
}
