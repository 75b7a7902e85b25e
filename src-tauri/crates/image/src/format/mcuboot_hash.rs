//! The hashes inside of an `MCUboot` image, recomputed in fixed memory.

use firmdrop_core::{ImageHash, grouped};
use sha2::{Digest, Sha256, Sha384, Sha512};

use crate::bytes::{hex, stream};
use crate::format::mcuboot_header::Header;
use crate::format::mcuboot_tlv::Tlv;
use crate::{Check, CheckResult, ImageError, Inspection, Source};

/// Compares every hash that an image has, since a bootloader looks at the one of its own build. Says whether its
/// code is readable.
pub(super) fn check_hash(
    source: &dyn Source,
    header: &Header,
    tlvs: &[Tlv],
    inspection: &mut Inspection,
) -> Result<bool, ImageError> {
    const NAME: &str = "Hash inside the image";
    let hashes: Vec<(&Tlv, Algorithm)> = tlvs
        .iter()
        .filter_map(|tlv| Some((tlv, Algorithm::of(tlv.kind)?)))
        .collect();
    let Some((first, algorithm)) = hashes.first() else {
        let failed = |check: &Check| check.result == CheckResult::Failed;
        let why = if inspection.checks.iter().any(failed) {
            "the entries behind the code cannot be read, and the hash is one of them"
        } else {
            "there is no hash in the image, so that its bytes cannot be compared with anything"
        };
        inspection.check(NAME, CheckResult::NotMade, why);
        return Ok(!header.encrypted());
    };
    inspection.image_hash = ImageHash::from_bytes(&first.value)
        .filter(|hash| hash.as_bytes().len() == algorithm.bytes());
    inspection.fact("Image hash", hex(&first.value));
    let covered = header.body_end() + header.protected_bytes;
    let mut computed: Vec<(Algorithm, Vec<u8>)> = Vec::new();
    for (_, algorithm) in &hashes {
        if computed.iter().all(|(known, _)| known != algorithm) {
            computed.push((*algorithm, algorithm.compute(source, covered)?));
        }
    }
    let found = |algorithm| computed.iter().find(|(known, _)| *known == algorithm);
    let wrong = hashes
        .iter()
        .find(|(tlv, algorithm)| found(*algorithm).is_none_or(|(_, hash)| *hash != tlv.value));
    let names: Vec<&str> = computed.iter().map(|(known, _)| known.name()).collect();
    let names = names.join(" and ");
    if header.encrypted() {
        if wrong.is_none() {
            let why = format!(
                "{names} over header, code and protected entries, recomputed here: the code is decrypted, as in a slot from which it runs"
            );
            inspection.check(NAME, CheckResult::Passed, why);
            return Ok(true);
        }
        let why = format!(
            "the {names} is that of the code before it was encrypted; the key is missing to decrypt it"
        );
        inspection.check(NAME, CheckResult::NotMade, why);
        return Ok(false);
    }
    let verdict = match wrong {
        None => Ok(format!(
            "{names} over header, code and protected entries, recomputed here"
        )),
        Some((tlv, algorithm)) => Err(format!(
            "{} over the first {} bytes is {}, the entry at byte {} says {}",
            algorithm.name(),
            grouped(covered),
            found(*algorithm).map_or_else(String::new, |(_, hash)| hex(hash)),
            grouped(tlv.offset),
            hex(&tlv.value)
        )),
    };
    inspection.verdict(NAME, verdict);
    Ok(true)
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Algorithm {
    Sha256,
    Sha384,
    Sha512,
}

impl Algorithm {
    fn of(kind: u16) -> Option<Self> {
        match kind {
            0x10 => Some(Self::Sha256),
            0x11 => Some(Self::Sha384),
            0x12 => Some(Self::Sha512),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
        }
    }

    /// How long its hashes are.
    fn bytes(self) -> usize {
        match self {
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    fn compute(self, source: &dyn Source, length_bytes: u64) -> Result<Vec<u8>, ImageError> {
        fn run<D: Digest>(source: &dyn Source, length: u64) -> Result<Vec<u8>, ImageError> {
            let mut hasher = D::new();
            stream(source, 0, length, &mut |piece| hasher.update(piece))?;
            Ok(hasher.finalize().to_vec())
        }
        match self {
            Self::Sha256 => run::<Sha256>(source, length_bytes),
            Self::Sha384 => run::<Sha384>(source, length_bytes),
            Self::Sha512 => run::<Sha512>(source, length_bytes),
        }
    }
}
