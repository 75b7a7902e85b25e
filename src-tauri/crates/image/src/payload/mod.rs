//! The bytes a file writes to a device, by segment, read where they are wanted.
//!
//! Memory does not grow with the size of the file: containers are read in place, records through an
//! index of runs, packed entries of an archive in the order of their bytes. It judges nothing: that
//! is the inspection's part, and a file it called damaged has no payload.

mod entries;
mod extents;
mod records;
mod segments;
mod text;
mod uf2;

use std::sync::Arc;

use crate::format::intel_hex::IntelHex;
use crate::format::srecord::SRecord;
use crate::format::{dfu, dfuse, elf};
use crate::text_records::WORDS;
use crate::{CheckResult, Format, ImageError, Inspection, Integrity, Source};

use extents::{Extent, Extents};
use records::Indexed;
pub use segments::{Payload, PayloadSegment, SegmentSource};
use text::Text;
use uf2::Uf2;

/// The payload of a file that was inspected.
///
/// `address` is where the bytes belong when the file does not say: raw files, DFU files, `MCUboot` and
/// GBL images. Other formats have addresses of their own, and it is not used.
///
/// # Errors
/// [`ImageError::Damaged`] for a file whose inspection failed a check, or that is not what it was
/// when it was inspected; [`ImageError::TooLarge`] when its records jump more often than those of any
/// image.
pub fn payload(
    source: Arc<dyn Source>,
    inspection: &Inspection,
    address: Option<u64>,
) -> Result<Payload, ImageError> {
    refuse_damaged(inspection)?;
    if inspection
        .segments
        .iter()
        .any(|segment| segment.name == WORDS)
    {
        return Err(ImageError::NotPlaced {
            why: "Its addresses count words of 16 bits, and where their bytes belong is not known here.".to_owned(),
        });
    }
    let payload = read(source, inspection, address)?;
    if payload.segments().is_empty() {
        return Err(ImageError::NotPlaced {
            why: "The file writes nothing: there is no data in it.".to_owned(),
        });
    }
    Ok(payload)
}

fn read(
    source: Arc<dyn Source>,
    inspection: &Inspection,
    address: Option<u64>,
) -> Result<Payload, ImageError> {
    let size_bytes = source.len();
    let whole = |name, length_bytes| {
        let segment = PayloadSegment::new(name, address, length_bytes);
        vec![(segment, Extent { offset: 0 })]
    };
    match inspection.format {
        Format::Raw
        | Format::EspImage
        | Format::EspFlash
        | Format::ZigbeeOta
        | Format::Compressed
        | Format::Archive
        | Format::Page
        | Format::Named => Ok(Extents::payload(source, whole("file", size_bytes))),
        Format::Mcuboot | Format::Gbl => Ok(Extents::payload(source, whole("image", size_bytes))),
        Format::Dfu => {
            let suffix = dfu::Suffix::read(source.as_ref())?;
            let suffix_bytes = suffix.map_or(0, |suffix| suffix.length_bytes);
            let content = whole("content", size_bytes.saturating_sub(suffix_bytes));
            Ok(Extents::payload(source, content))
        }
        Format::DfuSe => {
            let elements = dfuse::elements(source.as_ref())?;
            let segments = elements.into_iter().map(|element| {
                let name = format!("alternate {}", element.alternate);
                let mut segment =
                    PayloadSegment::new(&name, Some(element.address), element.length_bytes);
                segment.alternate = Some(element.alternate);
                let offset = element.offset;
                (segment, Extent { offset })
            });
            Ok(Extents::payload(source, segments.collect()))
        }
        Format::Elf => {
            let loads = elf::loads(source.as_ref())?;
            let segments = loads.into_iter().map(|load| {
                let name = format!("load {}", load.index);
                let segment = PayloadSegment::new(&name, Some(load.address), load.length_bytes);
                let offset = load.offset;
                (segment, Extent { offset })
            });
            Ok(Extents::payload(source, segments.collect()))
        }
        Format::IntelHex => Indexed::<Text<IntelHex>>::payload(source),
        Format::SRecord => Indexed::<Text<SRecord>>::payload(source),
        Format::Uf2 => Indexed::<Uf2>::payload(source),
        Format::NordicPackage | Format::McumgrPackage => entries::payload(source),
    }
}

fn refuse_damaged(inspection: &Inspection) -> Result<(), ImageError> {
    if inspection.integrity() != Integrity::Damaged {
        return Ok(());
    }
    let failed = inspection
        .checks
        .iter()
        .find(|check| check.result == CheckResult::Failed);
    let why = failed.map_or_else(String::new, |check| {
        format!("{}: {}.", check.name, check.explanation)
    });
    Err(ImageError::Damaged {
        what: inspection.format.title(),
        why,
    })
}

#[cfg(test)]
#[path = "../payload_tests.rs"]
mod tests;
