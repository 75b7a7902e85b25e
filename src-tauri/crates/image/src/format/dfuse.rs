//! ST's `DfuSe` container: elements with addresses, for one or more alternate settings.
//!
//! Layout of ST's document UM0391, *`DfuSe` File Format Specification*: a prefix, targets, their
//! elements, and the DFU suffix.

use firmdrop_core::grouped;

use crate::bytes::{Fields, Window, address, read, shown};
use crate::flaws::Flaws;
use crate::format::dfu::{SUFFIX_BYTES, Suffix};
use crate::inner;
use crate::limits::DFUSE_ELEMENTS;
use crate::overlaps::{Compared, Comparer};
use crate::segment_map::SegmentMap;
use crate::{CheckResult, Format, ImageError, Inspection, Integrity, Source};

const WHAT: &str = "DfuSe file";
const PREFIX_BYTES: u64 = 11;
const TARGET_BYTES: u64 = 274;
const ELEMENT_BYTES: u64 = 8;

/// Whether a file that begins with `head` is a `DfuSe` container of the one version there is.
pub(crate) fn recognises(head: &[u8]) -> bool {
    head.starts_with(b"DfuSe\x01")
}

/// Describes a `DfuSe` container.
pub(crate) fn inspect(source: &dyn Source) -> Result<Inspection, ImageError> {
    let needs_bytes = PREFIX_BYTES + SUFFIX_BYTES;
    if source.len() < needs_bytes {
        return Err(ImageError::Truncated {
            what: WHAT,
            part: "prefix and suffix",
            needs_bytes,
            size_bytes: source.len(),
        });
    }
    let mut inspection = Inspection::new(Format::DfuSe, source.len());
    let suffix = Suffix::read(source)?;
    if let Some(suffix) = suffix {
        suffix.report(source, &mut inspection)?;
    }
    let has_right_crc = inspection.integrity() == Integrity::Intact;
    let end = source.len() - suffix.map_or(0, |suffix| suffix.length_bytes);
    let prefix = read(source, 6, 5)?;
    let mut fields = Fields(&prefix);
    let said = u64::from(fields.u32().unwrap_or_default());
    let targets = fields.u8().unwrap_or_default();
    let mut walk = Walk {
        source,
        end,
        offset: PREFIX_BYTES,
        overlaps: Flaws::default(),
        repeated: Flaws::default(),
        comparer: Comparer::new(source),
        elements: Vec::new(),
    };
    let outcome = walk.targets(targets, &mut inspection)?;
    let reached = outcome.is_ok().then_some(walk.offset);
    if suffix.is_none() && reached.is_some() {
        let why = "there is no DFU suffix at the end, so that no checksum covers the file; some tools refuse that";
        inspection.check("CRC in the suffix", CheckResult::NotMade, why);
    } else if suffix.is_none() {
        let why = "there is no DFU suffix at the end: the file was cut off";
        inspection.check("CRC in the suffix", CheckResult::Failed, why);
    }
    let (result, why) = size(said, end, source.len(), reached, has_right_crc);
    inspection.check("Size in the prefix", result, why);
    inspection.verdict("Targets and elements", outcome);
    if let Some(more) = reached
        .map(|reached| end - reached)
        .filter(|more| *more > 0)
    {
        let why = format!(
            "{more} bytes stand between the last target and the end of the container",
            more = grouped(more)
        );
        inspection.check("End of the targets", CheckResult::Warning, why);
    }
    let once = "no two elements of a target share an address";
    match (walk.overlaps.verdict(once), walk.repeated.verdict(once)) {
        (Ok(_), Err(why)) => inspection.check("Addresses written once", CheckResult::Warning, why),
        (verdict, _) => inspection.verdict("Addresses written once", verdict),
    }
    for element in &walk.elements {
        let content = Window::new(source, element.offset, element.length_bytes);
        inner::of_stretch(
            &content,
            Some(element.address),
            element.offset,
            &mut inspection,
        )?;
    }
    let elements = walk.elements.len();
    let plural = if elements == 1 { "" } else { "s" };
    inspection.summary = format!("DfuSe container, {elements} element{plural}");
    inspection.segments.sort_by_key(|segment| segment.address);
    Ok(inspection)
}

/// What the size in the prefix is worth. UM0391 calls it the length of the whole file, and ST's own tools
/// leave the suffix out; where the targets can be read to their end and the checksum holds, the file is as
/// its maker made it.
fn size(
    said: u64,
    end: u64,
    size_bytes: u64,
    reached: Option<u64>,
    has_right_crc: bool,
) -> (CheckResult, String) {
    if said == end || Some(said) == reached {
        let why = format!(
            "the prefix says {said} bytes, as many are there",
            said = grouped(said)
        );
        (CheckResult::Passed, why)
    } else if said == size_bytes && reached.is_some() {
        let why = format!(
            "the prefix says {said} bytes, which counts the suffix",
            said = grouped(said)
        );
        (CheckResult::Passed, why)
    } else if reached.is_some() && has_right_crc {
        let why = format!(
            "the prefix says {said} bytes, {end} are there; the checksum holds, so that its maker wrote it so",
            said = grouped(said),
            end = grouped(end)
        );
        (CheckResult::Warning, why)
    } else {
        let why = format!(
            "the prefix says {said} bytes, {end} are there",
            said = grouped(said),
            end = grouped(end)
        );
        (CheckResult::Failed, why)
    }
}

/// An element of a container.
pub(crate) struct Element {
    /// Alternate setting of its target.
    pub(crate) alternate: u8,
    /// Where its bytes belong.
    pub(crate) address: u64,
    /// Where they are in the file.
    pub(crate) offset: u64,
    /// How many they are.
    pub(crate) length_bytes: u64,
}

/// The elements of a container, target by target, each target's in the order of their addresses.
pub(crate) fn elements(source: &dyn Source) -> Result<Vec<Element>, ImageError> {
    let suffix = Suffix::read(source)?;
    let suffix_bytes = suffix.map_or(0, |suffix| suffix.length_bytes);
    let prefix = read(source, 10, 1)?;
    let mut walk = Walk {
        source,
        end: source.len().saturating_sub(suffix_bytes),
        offset: PREFIX_BYTES,
        overlaps: Flaws::default(),
        repeated: Flaws::default(),
        comparer: Comparer::new(source),
        elements: Vec::new(),
    };
    let targets = prefix.first().copied().unwrap_or_default();
    let mut inspection = Inspection::new(Format::DfuSe, source.len());
    walk.targets(targets, &mut inspection)?
        .map_err(|why| ImageError::Damaged {
            what: WHAT,
            why: format!("In it, {why}."),
        })?;
    let mut elements = walk.elements;
    elements.sort_by_key(|element| (element.alternate, element.address));
    Ok(elements)
}

struct Walk<'a> {
    source: &'a dyn Source,
    /// Where the targets must end.
    end: u64,
    offset: u64,
    overlaps: Flaws,
    /// Overlaps with the same bytes.
    repeated: Flaws,
    comparer: Comparer<'a>,
    elements: Vec<Element>,
}

impl Walk<'_> {
    fn targets(
        &mut self,
        count: u8,
        inspection: &mut Inspection,
    ) -> Result<Result<String, String>, ImageError> {
        for index in 0..count {
            if let Err(why) = self.target(index, inspection)? {
                return Ok(Err(why));
            }
        }
        Ok(Ok(format!(
            "{count} targets, {} elements",
            grouped(self.elements.len()),
            count = grouped(count)
        )))
    }

    fn target(
        &mut self,
        index: u8,
        inspection: &mut Inspection,
    ) -> Result<Result<(), String>, ImageError> {
        let at = self.offset;
        if at + TARGET_BYTES > self.end {
            return Ok(Err(format!(
                "target {index} at byte {at} is cut off",
                at = grouped(at)
            )));
        }
        let header = read(self.source, at, 274)?;
        let mut fields = Fields(&header);
        if fields.bytes(6) != Some(b"Target") {
            return Ok(Err(format!(
                "at byte {at} stands no target",
                at = grouped(at)
            )));
        }
        let alternate = fields.u8().unwrap_or_default();
        let named = fields.u32().unwrap_or_default() != 0;
        let name = fields.bytes(255).unwrap_or_default();
        let size = u64::from(fields.u32().unwrap_or_default());
        let elements = fields.u32().unwrap_or_default();
        if named {
            let name = name.split(|byte| *byte == 0).next().unwrap_or_default();
            inspection.fact(format!("Name of alternate {alternate}"), shown(name));
        }
        self.offset = at + TARGET_BYTES;
        let first = self.offset;
        let mut map = SegmentMap::default();
        for _ in 0..elements {
            if let Err(why) = self.element(alternate, &mut map, inspection)? {
                return Ok(Err(why));
            }
        }
        if self.offset - first != size {
            return Ok(Err(format!(
                "target {index} says {size} bytes, its elements have {}",
                grouped(self.offset - first),
                size = grouped(size)
            )));
        }
        Ok(Ok(()))
    }

    fn element(
        &mut self,
        alternate: u8,
        map: &mut SegmentMap,
        inspection: &mut Inspection,
    ) -> Result<Result<(), String>, ImageError> {
        let at = self.offset;
        if at + ELEMENT_BYTES > self.end {
            return Ok(Err(format!(
                "an element at byte {at} is cut off",
                at = grouped(at)
            )));
        }
        if self.elements.len() >= DFUSE_ELEMENTS {
            return Err(ImageError::TooLarge {
                what: WHAT,
                unit: "elements",
                limit: DFUSE_ELEMENTS as u64,
                found: DFUSE_ELEMENTS as u64 + 1,
            });
        }
        let header = read(self.source, at, 8)?;
        let mut fields = Fields(&header);
        let place = u64::from(fields.u32().unwrap_or_default());
        let length_bytes = u64::from(fields.u32().unwrap_or_default());
        self.offset = at + ELEMENT_BYTES + length_bytes;
        if self.offset > self.end {
            return Ok(Err(format!(
                "the element at byte {at} says {length_bytes} bytes, {} are left",
                grouped(self.end - at - ELEMENT_BYTES),
                at = grouped(at),
                length_bytes = grouped(length_bytes)
            )));
        }
        if place + length_bytes > 1 << 32 {
            return Ok(Err(format!(
                "the element at byte {at} runs over 32 bits of address",
                at = grouped(at)
            )));
        }
        if let Some(twice) = map.add(WHAT, place, place + length_bytes)? {
            self.overlap(alternate, at, twice, (place, length_bytes))?;
        }
        inspection.segment(format!("alternate {alternate}"), Some(place), length_bytes);
        self.elements.push(Element {
            alternate,
            address: place,
            offset: at + ELEMENT_BYTES,
            length_bytes,
        });
        Ok(Ok(()))
    }
}

impl Walk<'_> {
    /// Compares an element with those before it that it shares addresses with.
    fn overlap(
        &mut self,
        alternate: u8,
        at: u64,
        twice: u64,
        (place, length_bytes): (u64, u64),
    ) -> Result<(), ImageError> {
        let of_target = self
            .elements
            .iter()
            .filter(|one| one.alternate == alternate);
        for before in of_target {
            let start = place.max(before.address);
            let end = (place + length_bytes).min(before.address + before.length_bytes);
            if start >= end {
                continue;
            }
            let stretches = [
                before.offset + (start - before.address),
                at + ELEMENT_BYTES + (start - place),
            ];
            match self.comparer.compare(start, stretches, end - start)? {
                Compared::Same => {}
                Compared::Different(difference) => {
                    self.overlaps.add(|| {
                        format!(
                            "the element at byte {at} writes another value to {}",
                            difference.words(),
                            at = grouped(at)
                        )
                    });
                    return Ok(());
                }
                Compared::TooMuch => {
                    self.overlaps.add(|| {
                        format!("the element at byte {at} writes {} again, and more is written twice than is compared here", address(twice), at = grouped(at))
                    });
                    return Ok(());
                }
            }
        }
        self.repeated.add(|| {
            format!(
                "the element at byte {at} repeats bytes from {} on",
                address(twice),
                at = grouped(at)
            )
        });
        Ok(())
    }
}

#[cfg(test)]
#[path = "dfuse_tests.rs"]
mod tests;
