//! ECDSA signatures on P-256, in the two forms this field writes: 64 bytes, and DER.
//!
//! Which bytes are signed is the manifest's part.

use firmdrop_core::grouped;

use crate::{Hex, ManifestError};

/// A signature: two numbers in the range of the curve.
#[derive(Clone, PartialEq, Eq)]
pub struct Signature(pub(crate) p256::ecdsa::Signature);

impl Signature {
    /// Reads what a signing tool wrote: DER, or 64 bytes r and s.
    pub fn read(bytes: &[u8]) -> Result<Self, ManifestError> {
        Self::from_der(bytes)
            .or_else(|| Self::from_raw(bytes))
            .ok_or_else(|| ManifestError::SignatureInvalid {
                why: format!(
                    "the {} bytes are no ECDSA P-256 signature, neither DER nor 64 raw bytes",
                    grouped(bytes.len())
                ),
            })
    }

    /// Reads strict DER, as schema v1 carries it.
    pub fn from_der(bytes: &[u8]) -> Option<Self> {
        p256::ecdsa::Signature::from_der(bytes).ok().map(Self)
    }

    /// Reads 64 bytes r and s, as schema v3 carries it.
    pub fn from_raw(bytes: &[u8]) -> Option<Self> {
        p256::ecdsa::Signature::from_slice(bytes).ok().map(Self)
    }

    /// As DER.
    pub fn to_der(&self) -> Vec<u8> {
        self.0.to_der().as_bytes().to_vec()
    }

    /// As 64 bytes r and s.
    pub fn to_raw(&self) -> Vec<u8> {
        self.0.to_bytes().to_vec()
    }
}

impl std::fmt::Debug for Signature {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Signature({})", Hex(self.to_raw()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_a_signature_are_the_same_signature() {
        let raw = [7; 64];
        let signature = Signature::read(&raw).unwrap();
        assert_eq!(Signature::read(&signature.to_der()).unwrap(), signature);
        assert_eq!(signature.to_raw(), raw);
    }

    #[test]
    fn numbers_outside_the_curve_and_other_lengths_are_refused() {
        for bytes in [&[0; 64][..], &[0xff; 64], &[7; 63], &[7; 65], b""] {
            assert!(Signature::read(bytes).is_err(), "{bytes:?}");
        }
    }
}
