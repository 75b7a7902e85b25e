//! The public half of a manifest key: what devices and verifiers hold.
//!
//! Whom it belongs to is a certificate's part.

use der::Decode as _;
use firmdrop_core::Sha256;
use p256::ecdsa::VerifyingKey;
use p256::ecdsa::signature::hazmat::PrehashVerifier as _;

use crate::{Hex, ManifestError, Signature};

/// Length of an uncompressed point on P-256: `04` and two numbers of 32 bytes (SEC 1, 2.3.3).
pub const POINT_BYTES: usize = 65;

/// A P-256 public key.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey(pub(crate) VerifyingKey);

impl PublicKey {
    pub(crate) fn from_point(bytes: &[u8]) -> Result<Self, ManifestError> {
        if bytes.len() != POINT_BYTES {
            return Err(ManifestError::key("it is no uncompressed P-256 point"));
        }
        VerifyingKey::from_sec1_bytes(bytes)
            .map(Self)
            .map_err(|_| ManifestError::key("its point is not on the curve P-256"))
    }

    pub(crate) fn from_info(der: &[u8]) -> Option<Self> {
        let info = x509_cert::spki::SubjectPublicKeyInfoRef::from_der(der).ok()?;
        VerifyingKey::try_from(info).ok().map(Self)
    }

    /// The uncompressed point, 65 bytes: the form in which devices hold it.
    pub fn point(&self) -> Vec<u8> {
        self.0.to_sec1_point(false).as_bytes().to_vec()
    }

    /// SHA-256 of the point: tells two keys apart in a list.
    pub fn fingerprint(&self) -> Sha256 {
        Sha256::of(&self.point())
    }

    /// Whether the signature is this key's over a SHA-256 that was computed already.
    pub fn verifies(&self, digest: &Sha256, signature: &Signature) -> bool {
        self.0
            .verify_prehash(digest.as_bytes(), &signature.0)
            .is_ok()
    }
}

impl std::fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PublicKey({})", Hex(self.point()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_with_the_greater_of_its_two_numbers_verifies_as_openssl_writes_it() {
        let key = crate::SigningKey::generate().unwrap();
        let digest = Sha256::of(b"message");
        let signature = key.sign(&digest, crate::Nonces::Deterministic).unwrap();
        let (r, s) = signature.0.split_scalars();
        let other = p256::ecdsa::Signature::from_scalars(r, -s).unwrap();
        for signature in [signature, Signature(other)] {
            assert!(key.public_key().verifies(&digest, &signature));
        }
    }
}
