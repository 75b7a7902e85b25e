//! `MCUboot` images: header, type-length-value areas and the hash a bootloader checks.
//!
//! Layout and numbers of `MCUboot`'s `bootutil/image.h` and *design.md*. The hash is recomputed in
//! fixed memory. A signature is described and never verified: no key is asked.

use firmdrop_core::grouped;

use crate::bytes::{hex, read};
use crate::format::mcuboot_end::after_the_image;
use crate::format::mcuboot_hash::check_hash;
pub(crate) use crate::format::mcuboot_header::{HEADER_BYTES, recognises};
use crate::format::mcuboot_header::{Header, flaws};
use crate::format::mcuboot_tlv::{Tlv, read_area};
use crate::format::vector_table;
use crate::limits::MCUBOOT_FACTS;
use crate::{CheckResult, Format, ImageError, Inspection, Integrity, Signature, Source};

/// Vendor and class ids of one image that are named: there is one of each.
const IDS: usize = 8;

/// Describes an `MCUboot` image.
pub(crate) fn inspect(source: &dyn Source) -> Result<Inspection, ImageError> {
    let head = read(source, 0, 32)?;
    let Some(header) = Header::parse(&head) else {
        return Err(ImageError::Truncated {
            what: "MCUboot image",
            part: "header",
            needs_bytes: HEADER_BYTES,
            size_bytes: source.len(),
        });
    };
    let mut inspection = Inspection::new(Format::Mcuboot, source.len());
    header.report(&mut inspection);
    inspection.signature = Signature::Absent;
    if let Err(why) = header.check_sizes(source.len()) {
        inspection.check("Sizes in the header", CheckResult::Failed, why);
        let why = "the file does not hold every byte the hash is made of";
        inspection.check("Hash inside the image", CheckResult::NotMade, why);
        return Ok(inspection);
    }
    let why = "Header and code lie inside the file";
    inspection.check("Sizes in the header", CheckResult::Passed, why);
    let (tlvs, end) = read_tlvs(source, &header, &mut inspection)?;
    let is_plain = check_hash(source, &header, &tlvs, &mut inspection)?;
    if inspection.integrity() != Integrity::Damaged
        && let Some(why) = flaws(&header, &tlvs, is_plain)
    {
        inspection.check("Flags in the header", CheckResult::Warning, why);
    }
    inspection.signature = signature(&tlvs);
    for (label, value) in tlvs.iter().filter_map(Tlv::fact).take(MCUBOOT_FACTS) {
        inspection.fact(label, value);
    }
    if let Some(more) = tlvs
        .len()
        .checked_sub(MCUBOOT_FACTS)
        .filter(|more| *more > 0)
    {
        let why = format!("{} of {} are not listed", grouped(more as u64), tlvs.len());
        inspection.fact("Further entries", why);
    }
    let ids: Vec<_> = tlvs.iter().filter_map(Tlv::target).take(IDS).collect();
    inspection.identity.target = (!ids.is_empty()).then(|| ids.join(", "));
    if inspection.integrity() != Integrity::Damaged {
        after_the_image(source, end, &mut inspection)?;
    }
    if is_plain {
        let code = read(source, header.header_bytes, 16)?;
        let at = u64::from(header.load_address) + header.header_bytes;
        if let Some(table) = vector_table::describe(&code, at) {
            inspection.fact("Vector table", table);
        }
    }
    Ok(inspection)
}

/// The version that a header says.
pub(crate) fn version_of(head: &[u8]) -> Option<String> {
    Header::parse(head).map(|header| header.version)
}

/// Entries that are signatures.
pub(crate) const SIGNATURES: [u16; 5] = [0x20, 0x21, 0x22, 0x23, 0x24];

/// The entries of an image, and how many of its bytes its hash covers; none where it is not whole.
pub(crate) fn tlvs_of(source: &dyn Source) -> Result<Option<(Vec<Tlv>, u64)>, ImageError> {
    let head = read(source, 0, 32)?;
    let Some(header) = Header::parse(&head).filter(|_| recognises(&head)) else {
        return Ok(None);
    };
    if header.check_sizes(source.len()).is_err() {
        return Ok(None);
    }
    let mut unused = Inspection::new(Format::Mcuboot, source.len());
    let (tlvs, _) = read_tlvs(source, &header, &mut unused)?;
    Ok(Some((tlvs, header.body_end() + header.protected_bytes)))
}

/// The check of what follows the code. `MCUboot` calls it by its coding, type, length and value; its "image trailer" is
/// something else, at the end of a slot.
const METADATA: &str = "Image metadata (TLV)";

/// Both TLV areas and where the image ends.
fn read_tlvs(
    source: &dyn Source,
    header: &Header,
    inspection: &mut Inspection,
) -> Result<(Vec<Tlv>, u64), ImageError> {
    const PROTECTED: u16 = 0x6908;
    const PLAIN: u16 = 0x6907;
    let mut tlvs = Vec::new();
    let mut at = header.body_end();
    if header.protected_bytes != 0 {
        let area = read_area(source, at, PROTECTED, true, header.order)?.and_then(|area| {
            if area.length_bytes == header.protected_bytes {
                Ok(area)
            } else {
                Err(format!(
                    "the protected area at byte {at} is {} bytes long, the header says {}",
                    grouped(area.length_bytes),
                    grouped(header.protected_bytes),
                    at = grouped(at)
                ))
            }
        });
        match area {
            Ok(area) => tlvs.extend(area.tlvs),
            Err(why) => {
                inspection.check(METADATA, CheckResult::Failed, why);
                return Ok((tlvs, at));
            }
        }
        at += header.protected_bytes;
    }
    match read_area(source, at, PLAIN, false, header.order)? {
        Ok(area) => {
            at += area.length_bytes;
            tlvs.extend(area.tlvs);
            let why = match tlvs.len() {
                1 => "1 entry, complete".to_owned(),
                count => format!("{} entries, all complete", grouped(count)),
            };
            inspection.check(METADATA, CheckResult::Passed, why);
        }
        Err(why) => inspection.check(METADATA, CheckResult::Failed, why),
    }
    Ok((tlvs, at))
}

fn signature(tlvs: &[Tlv]) -> Signature {
    let has = |kind| tlvs.iter().any(|tlv| tlv.kind == kind);
    let algorithm = tlvs.iter().find_map(|tlv| {
        Some(match tlv.kind {
            0x20 => "RSA-2048",
            0x21 => "ECDSA P-224",
            // One number for both curves; the larger one goes with the larger hash.
            0x22 if has(0x11) => "ECDSA P-384",
            0x22 => "ECDSA P-256",
            0x23 => "RSA-3072",
            0x24 => "Ed25519",
            _ => return None,
        })
    });
    match algorithm {
        None => Signature::Absent,
        Some(algorithm) => Signature::Present {
            algorithm: algorithm.to_owned(),
            key_hash: tlvs
                .iter()
                .find(|tlv| tlv.kind == 0x01)
                .map(|tlv| hex(&tlv.value)),
        },
    }
}

#[cfg(test)]
#[path = "mcuboot_tests.rs"]
pub(crate) mod tests;
