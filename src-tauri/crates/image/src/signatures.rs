//! Signatures checked with keys that a person gave, in a file and in what lies inside of it.
//!
//! Those of `MCUboot` and GBL images, images of ESP chips and Nordic packages are checked; a signature of
//! another format stays one that was not.

use std::sync::Arc;

use sha2::{Digest as _, Sha256, Sha384, Sha512};

use crate::format::{esp_image, gbl_signed, mcuboot_signed, nordic_signed};
use crate::limits::DEPTH;
use crate::part_bytes::part_bytes;
use crate::signed::{Over, Signed};
use crate::{
    Check, CheckResult, Format, ImageError, Inspection, MemorySource, PublicKey, Signature, Source,
};

/// Checks every signature in an inspected file with these keys, and adds what it found as a check named
/// "Signature" to whatever has one, and to the file for each part.
///
/// A signature that fits is *passed*. It *failed* only where the image names one of the keys and its
/// signature is not that key's: image or signature was changed. Where the image names another key, or none,
/// or is signed in a way that is not checked here, it was *not made*, and says so.
///
/// # Errors
/// [`ImageError::Unreadable`] and [`ImageError::Shrank`].
pub fn check_signatures(
    source: &Arc<dyn Source>,
    inspection: &mut Inspection,
    keys: &[PublicKey],
) -> Result<(), ImageError> {
    check_in(source, inspection, keys, 0).map(|_| ())
}

/// What was found in this file and in its parts, with the part's name.
fn check_in(
    source: &Arc<dyn Source>,
    inspection: &mut Inspection,
    keys: &[PublicKey],
    depth: usize,
) -> Result<Vec<Check>, ImageError> {
    let mut found = own(source.as_ref(), inspection, keys)?;
    for number in 0..inspection.parts.len() {
        if depth >= DEPTH {
            break;
        }
        let outcome = part_bytes(source, inspection, number);
        let Some(part) = inspection.parts.get_mut(number) else {
            continue;
        };
        let checks = match outcome {
            Ok(bytes) => {
                let content: Arc<dyn Source> = Arc::new(MemorySource::new(bytes));
                check_in(&content, &mut part.inspection, keys, depth + 1)?
            }
            Err(error @ (ImageError::Unreadable { .. } | ImageError::Shrank { .. })) => {
                return Err(error);
            }
            Err(_) if matches!(part.inspection.signature, Signature::Present { .. }) => {
                vec![Check {
                    name: "Signature".to_owned(),
                    result: CheckResult::NotMade,
                    explanation: "its bytes could not be taken out of the file".to_owned(),
                }]
            }
            Err(_) => Vec::new(),
        };
        part.integrity = part.inspection.integrity();
        found.extend(checks.into_iter().map(|check| Check {
            name: format!("{} of {}", check.name, part.name),
            ..check
        }));
    }
    inspection.checks.extend(found.iter().cloned());
    Ok(found)
}

/// What is to be said of the file's own signatures; nothing where it has no place for one.
fn own(
    source: &dyn Source,
    inspection: &Inspection,
    keys: &[PublicKey],
) -> Result<Vec<Check>, ImageError> {
    let (Signature::Present { algorithm, .. }, format) = (&inspection.signature, inspection.format)
    else {
        let has_place = matches!(inspection.signature, Signature::Absent)
            && matches!(
                inspection.format,
                Format::Mcuboot | Format::Gbl | Format::EspImage | Format::NordicPackage
            );
        let why = "the image has no signature, so that no key can vouch for it";
        let check = check("Signature", (CheckResult::Warning, why.to_owned()));
        return Ok(has_place.then_some(check).into_iter().collect());
    };
    let one = |signed: Option<Signed>| {
        let verdict = judge(signed.as_slice(), keys);
        vec![check("Signature", verdict)]
    };
    Ok(match format {
        Format::Mcuboot => one(mcuboot_signed::of(source, algorithm)?),
        Format::Gbl => {
            let signed = gbl_signed::of(source)?;
            // A certificate in the image stands for a key that was given.
            let certified = gbl_signed::certified(source, keys)?;
            let keys: Vec<_> = keys.iter().cloned().chain(certified).collect();
            vec![check("Signature", judge(signed.as_slice(), &keys))]
        }
        Format::EspImage => {
            let blocks = esp_image::signatures(source)?;
            let signed = blocks.map_or_else(Vec::new, |blocks| blocks.signed);
            vec![check("Signature", judge(&signed, keys))]
        }
        Format::NordicPackage => {
            let found = nordic_signed::of(source)?;
            let checks = found.iter().map(|(title, signed)| {
                let name = format!("Signature of the {title}");
                check(&name, judge(signed.as_slice(), keys))
            });
            checks.collect()
        }
        // The signature of a file with one image in it is that image's.
        _ if inspection.parts.is_empty() => {
            let why = "signatures of this format are not checked here";
            vec![check("Signature", (CheckResult::NotMade, why.to_owned()))]
        }
        _ => Vec::new(),
    })
}

fn check(name: &str, (result, explanation): (CheckResult, String)) -> Check {
    Check {
        name: name.to_owned(),
        result,
        explanation,
    }
}

/// What is to be said of several signatures of one image: one that fits is enough.
fn judge(signed: &[Signed], keys: &[PublicKey]) -> (CheckResult, String) {
    let verdicts: Vec<_> = signed.iter().map(|one| judge_one(one, keys)).collect();
    let of = |result| verdicts.iter().find(|(found, _)| *found == result);
    of(CheckResult::Passed)
        .or_else(|| of(CheckResult::Failed))
        .or_else(|| verdicts.first())
        .cloned()
        .unwrap_or_else(|| {
            let why = "it cannot be read, or is of a kind that is not checked here";
            (CheckResult::NotMade, why.to_owned())
        })
}

fn judge_one(signed: &Signed, keys: &[PublicKey]) -> (CheckResult, String) {
    let algorithm = &signed.algorithm;
    let of_kind: Vec<_> = keys
        .iter()
        .filter(|key| key.algorithm() == *algorithm)
        .collect();
    if of_kind.is_empty() {
        let why = format!("it is {algorithm}, and no key of that kind was given");
        return (CheckResult::NotMade, why);
    }
    if matches!(signed.over, Over::TooMuch) {
        let why = "it was made over the image itself, which is larger than is held in memory here";
        return (CheckResult::NotMade, why.to_owned());
    }
    if let Some(key) = of_kind.iter().find(|key| is_made_by(signed, key)) {
        let what = match signed.over {
            Over::Hash(_, what) => what,
            _ => "over the image itself",
        };
        let why = format!("{algorithm}, {what}, made with the key {}", key.name());
        return (CheckResult::Passed, why);
    }
    if let Some(key) = of_kind.iter().find(|key| is_named(signed, key)) {
        let why = format!(
            "the image names the key {}, and the signature is not that key's: image or signature was changed",
            key.name()
        );
        return (CheckResult::Failed, why);
    }
    let names: Vec<_> = of_kind.iter().map(|key| key.name()).collect();
    let why = if signed.key.hash.is_some() || signed.key.key.is_some() {
        format!("the image names another key than {}", names.join(", "))
    } else {
        format!(
            "it is not that of {}; the image names no key, so that it may be another key's or damaged",
            names.join(", ")
        )
    };
    (CheckResult::NotMade, why)
}

fn is_made_by(signed: &Signed, key: &PublicKey) -> bool {
    match &signed.over {
        Over::Hash(hash, _) => key.signed_hash(hash, &signed.signature),
        Over::Image(image) => key.signed(image, &signed.signature),
        Over::TooMuch => false,
    }
}

/// Whether the image says that this is its key. `imgtool` hashes the key as it hashes the image.
fn is_named(signed: &Signed, key: &PublicKey) -> bool {
    let encoded = key.encoded();
    let is_hash = |hash: &[u8]| match hash.len() {
        32 => Sha256::digest(encoded).as_slice() == hash,
        48 => Sha384::digest(encoded).as_slice() == hash,
        64 => Sha512::digest(encoded).as_slice() == hash,
        _ => false,
    };
    signed.key.key.as_deref() == Some(encoded) || signed.key.hash.as_deref().is_some_and(is_hash)
}

#[cfg(test)]
#[path = "signatures_tests.rs"]
mod tests;
