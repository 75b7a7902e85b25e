//! The type-length-value areas of an `MCUboot` image.
//!
//! Numbers of `MCUboot`'s `bootutil/image.h` and of `imgtool` 2.5.0.

use firmdrop_core::grouped;

use crate::bytes::{Fields, Order, hex, read};
use crate::format::mcuboot_version::version;
use crate::{ImageError, Source};

/// One entry.
pub(crate) struct Tlv {
    /// What it is.
    pub(crate) kind: u16,
    /// Where it begins in the file.
    pub(crate) offset: u64,
    /// Its bytes.
    pub(crate) value: Vec<u8>,
    protected: bool,
    order: Order,
}

/// One area.
pub(crate) struct Area {
    /// Its entries.
    pub(crate) tlvs: Vec<Tlv>,
    /// Its length with the four bytes in front, at most 64 KiB.
    pub(crate) length_bytes: u64,
}

/// Reads the area at `start`, which begins with `magic`. The inner error says what is damaged.
pub(crate) fn read_area(
    source: &dyn Source,
    start: u64,
    magic: u16,
    protected: bool,
    order: Order,
) -> Result<Result<Area, String>, ImageError> {
    let info = read(source, start, 4)?;
    let mut fields = Fields(&info);
    let (Some(found), Some(length)) = (order.u16(&mut fields), order.u16(&mut fields)) else {
        return Ok(Err(format!(
            "the area at byte {start} is not there, the file ends at {}",
            grouped(source.len()),
            start = grouped(start)
        )));
    };
    if found != magic {
        return Ok(Err(format!(
            "at byte {start} stands {found:04X}, not {magic:04X}",
            start = grouped(start)
        )));
    }
    let bytes = read(source, start, length.into())?;
    if bytes.len() < usize::from(length) {
        return Ok(Err(format!(
            "the area at byte {start} is {length} bytes long, the file ends after {}",
            grouped(bytes.len()),
            start = grouped(start),
            length = grouped(length)
        )));
    }
    let mut fields = Fields(bytes.get(4..).unwrap_or_default());
    let mut tlvs = Vec::new();
    while !fields.0.is_empty() {
        let offset = start + u64::from(length) - fields.0.len() as u64;
        let entry = (|| {
            let (kind, length) = (kind(order, &mut fields)?, order.u16(&mut fields)?);
            Some((kind, fields.bytes(length.into())?.to_vec()))
        })();
        let Some((kind, value)) = entry else {
            return Ok(Err(format!(
                "the entry at byte {offset} runs out of its area",
                offset = grouped(offset)
            )));
        };
        tlvs.push(Tlv {
            kind,
            offset,
            value,
            protected,
            order,
        });
    }
    Ok(Ok(Area {
        tlvs,
        length_bytes: length.into(),
    }))
}

/// The type of an entry. `imgtool` 2.5.0 writes known ones as one byte and a zero, whatever the byte order
/// of the rest.
fn kind(order: Order, fields: &mut Fields<'_>) -> Option<u16> {
    let little = fields.u16()?;
    Some(if order == Order::Big && little > 0xFF {
        little.swap_bytes()
    } else {
        little
    })
}

impl Tlv {
    /// What the entry says to a person, when it says something.
    pub(crate) fn fact(&self) -> Option<(&'static str, String)> {
        let fact = match self.kind {
            0x02 => ("Public key", format!("{} bytes", grouped(self.value.len()))),
            0x25 => (
                "Signature",
                "over the image itself, not over its hash".to_owned(),
            ),
            0x30 => ("Encryption key", "wrapped with RSA-2048".to_owned()),
            0x31 => ("Encryption key", "wrapped with AES".to_owned()),
            0x32 => ("Encryption key", "wrapped with ECIES P-256".to_owned()),
            0x33 | 0x34 => ("Encryption key", "wrapped with ECIES X25519".to_owned()),
            0x40 => ("Depends on", self.dependency()?),
            0x50 => ("Security counter", self.number()?.to_string()),
            0x60 => (
                "Boot record",
                format!("{} bytes", grouped(self.value.len())),
            ),
            0x70 => (
                "Size after decompression",
                format!("{} bytes", grouped(self.number()?)),
            ),
            0x71 => ("Hash after decompression", hex(&self.value)),
            0x72 => ("Signature after decompression", hex(&self.value)),
            0x74 | 0x80 => ("Vendor id", uuid(&self.value)?),
            0x75 | 0x81 => ("Class id", uuid(&self.value)?),
            // Hash, key hash and signatures are listed elsewhere.
            0x01 | 0x10..=0x12 | 0x20..=0x24 => return None,
            kind => (
                "Entry of unknown type",
                format!(
                    "{kind:04X}, {} bytes{}",
                    grouped(self.value.len()),
                    if self.protected { ", protected" } else { "" }
                ),
            ),
        };
        Some(fact)
    }

    fn number(&self) -> Option<u32> {
        self.order.u32(&mut Fields(&self.value))
    }

    /// Whom the image is for, when this entry says so. `imgtool` 2.5.0 writes 74 and 75; the
    /// bootloader's header has carried the same ids as 80 and 81.
    pub(crate) fn target(&self) -> Option<String> {
        match self.kind {
            0x74 | 0x80 => Some(format!("vendor {}", uuid(&self.value)?)),
            0x75 | 0x81 => Some(format!("class {}", uuid(&self.value)?)),
            _ => None,
        }
    }

    /// Image id u8, three bytes of which newer bootloaders use one as slot, least version.
    fn dependency(&self) -> Option<String> {
        let mut fields = Fields(&self.value);
        let image = fields.u8()?;
        fields.bytes(3)?;
        Some(format!(
            "image {image}, version {} or newer",
            version(fields.0, self.order)?
        ))
    }
}

fn uuid(value: &[u8]) -> Option<String> {
    let text = hex(value);
    let part = |range: std::ops::Range<usize>| text.get(range);
    (value.len() == 16).then_some(())?;
    Some(format!(
        "{}-{}-{}-{}-{}",
        part(0..8)?,
        part(8..12)?,
        part(12..16)?,
        part(16..20)?,
        part(20..32)?
    ))
}
