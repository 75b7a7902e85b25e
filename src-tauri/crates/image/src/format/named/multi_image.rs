//! Several images in one file, as the nRF Connect SDK writes them (`dfu_multi_image`): the length of a CBOR
//! map in two bytes, the map with number and size of each image, and the images one behind the other.

use firmdrop_core::grouped;

use super::heading::named;
use crate::bytes::Window;
use crate::inner;
use crate::{CheckResult, Format, ImageError, Inspection, Source};

/// Images of one file. Real ones have two or three.
const IMAGES: u64 = 16;

/// Describes such a file.
pub(super) fn describe(head: &[u8], source: &dyn Source) -> Result<Option<Inspection>, ImageError> {
    let Some((begin, images)) = header(head) else {
        return Ok(None);
    };
    let plural = if images.len() == 1 { "" } else { "s" };
    let summary = format!(
        "nRF Connect SDK multi-image file, {} image{plural}",
        images.len()
    );
    let mut inspection = named(Format::Named, source, summary);
    let mut at = begin;
    for (id, length_bytes) in images {
        let end = at.saturating_add(length_bytes);
        if end > source.len() {
            let why = format!(
                "image {id} ends at byte {}, the file at {}: it was cut off",
                grouped(end),
                grouped(source.len())
            );
            inspection.check("Images", CheckResult::Failed, why);
            return Ok(Some(inspection));
        }
        inspection.segment(format!("image {id}"), None, length_bytes);
        inner::of_stretch(
            &Window::new(source, at, length_bytes),
            None,
            at,
            &mut inspection,
        )?;
        at = end;
    }
    inspection.check("Images", CheckResult::Passed, "all lie inside the file");
    if at < source.len() {
        let why = format!("{} bytes follow the last image", grouped(source.len() - at));
        inspection.check("End of the file", CheckResult::Warning, why);
    }
    Ok(Some(inspection))
}

/// Where the first image begins, and number and size of each.
fn header(head: &[u8]) -> Option<(u64, Vec<(u64, u64)>)> {
    let (length, rest) = head.split_first_chunk::<2>()?;
    let length = usize::from(u16::from_le_bytes(*length));
    let mut cbor = Cbor(rest.get(..length)?.strip_prefix(b"\xA1\x63img")?);
    let count = cbor.head(4).filter(|count| (1..=IMAGES).contains(count))?;
    let mut images = Vec::new();
    for _ in 0..count {
        let (mut id, mut size) = (None, None);
        for _ in 0..cbor.head(5).filter(|pairs| *pairs <= 4)? {
            let length = cbor.head(3)?;
            let key = cbor.take(length)?;
            let value = cbor.head(0)?;
            match key {
                b"id" => id = Some(value),
                b"size" => size = Some(value),
                _ => {}
            }
        }
        images.push((id?, size?));
    }
    (cbor.0.is_empty()).then_some((2 + length as u64, images))
}

/// The few forms of CBOR (RFC 8949) that stand in the header.
struct Cbor<'a>(&'a [u8]);

impl<'a> Cbor<'a> {
    fn take(&mut self, count: u64) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(usize::try_from(count).ok()?)?;
        self.0 = rest;
        Some(taken)
    }

    /// The number in the head of an item of this major type.
    fn head(&mut self, major: u8) -> Option<u64> {
        let [first] = *self.take(1)? else {
            return None;
        };
        let more = match first & 0x1F {
            small @ 0..24 => return (first >> 5 == major).then_some(small.into()),
            wide @ 24..=27 => 1 << (wide - 24),
            _ => return None,
        };
        let value = self
            .take(more)?
            .iter()
            .fold(0, |all, byte| all << 8 | u64::from(*byte));
        (first >> 5 == major).then_some(value)
    }
}
