//! The signature of a GBL image: ECDSA on P-256 over everything before its tag, by the key itself or by that
//! of a certificate in the image.
//!
//! Silicon Labs' UG266 and AN1218, *Secure Boot with Gecko bootloader*: the certificate is version and flags,
//! x and y of its key, its version, and a signature over these, all numbers with the highest byte first.

use sha2::{Digest as _, Sha256};

use super::gbl::{CERTIFICATE, SIGNATURE, tag};
use crate::bytes::{read, stream};
use crate::signed::{KeyMark, Over, Signed, ecdsa_of_numbers, p256_key};
use crate::{ImageError, PublicKey, Source};

const NUMBERS_BYTES: usize = 64;
/// Of the certificate: before the key, the key, and the version behind it.
const KEY_AT: usize = 4;
const SIGNATURE_AT: usize = 72;
const CERTIFICATE_BYTES: usize = 136;
const ALGORITHM: &str = "ECDSA P-256";

/// The signature of the image; none where it has none, or not in this form.
pub(crate) fn of(source: &dyn Source) -> Result<Option<Signed>, ImageError> {
    let Some(found) = tag(source, SIGNATURE)? else {
        return Ok(None);
    };
    let numbers = read(source, found.offset, NUMBERS_BYTES)?;
    let signature = (found.length_bytes == NUMBERS_BYTES as u64)
        .then(|| ecdsa_of_numbers(&numbers))
        .flatten();
    let Some(signature) = signature else {
        return Ok(None);
    };
    let mut hasher = Sha256::new();
    stream(source, 0, found.offset - 8, &mut |piece| {
        hasher.update(piece);
    })?;
    let over = Over::Hash(hasher.finalize().to_vec(), "over everything before it");
    Ok(Some(Signed {
        algorithm: ALGORITHM.to_owned(),
        signature,
        over,
        key: KeyMark::default(),
    }))
}

/// The key of the certificate in the image, when one of `keys` signed it.
pub(crate) fn certified(
    source: &dyn Source,
    keys: &[PublicKey],
) -> Result<Option<PublicKey>, ImageError> {
    let Some(found) = tag(source, CERTIFICATE)? else {
        return Ok(None);
    };
    let bytes = read(source, found.offset, CERTIFICATE_BYTES)?;
    let signature = bytes.get(SIGNATURE_AT..).and_then(ecdsa_of_numbers);
    let (Some(signature), Some(signed)) = (signature, bytes.get(..SIGNATURE_AT)) else {
        return Ok(None);
    };
    let hash = Sha256::digest(signed);
    let mut of_kind = keys.iter().filter(|key| key.algorithm() == ALGORITHM);
    let signer = of_kind.find(|key| key.signed_hash(&hash, &signature));
    let point = signed.get(KEY_AT..KEY_AT + NUMBERS_BYTES);
    Ok(signer.zip(point).and_then(|(signer, point)| {
        let name = format!("of a certificate by {}", signer.name());
        PublicKey::read(&name, &p256_key(point)).ok()
    }))
}
