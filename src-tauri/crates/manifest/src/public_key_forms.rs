//! The forms in which a public key comes: a point, a public key of its own, a certificate.

use p256::ecdsa::VerifyingKey;
use p256::pkcs8::DecodePublicKey as _;

use crate::limits::KEY_FILE_BYTES;
use crate::public_key::POINT_BYTES;
use crate::{Certificate, ManifestError, PublicKey};

impl PublicKey {
    /// Reads an uncompressed point, a `SubjectPublicKeyInfo` or a certificate; the latter two DER
    /// or PEM.
    pub fn read(bytes: &[u8]) -> Result<Self, ManifestError> {
        if bytes.len() > KEY_FILE_BYTES {
            return Err(ManifestError::key("the file is too large for a key"));
        }
        if bytes.len() == POINT_BYTES {
            return Self::from_point(bytes);
        }
        if let Ok(text) = std::str::from_utf8(bytes) {
            if let Ok(key) = VerifyingKey::from_public_key_pem(text.trim()) {
                return Ok(Self(key));
            }
            if text.contains("PRIVATE KEY-----") {
                return Err(ManifestError::key("it is a private key, not a public one"));
            }
        }
        if let Ok(key) = VerifyingKey::from_public_key_der(bytes) {
            return Ok(Self(key));
        }
        let certificate = Certificate::read(bytes).map_err(|_| {
            ManifestError::key("it is no P-256 point of 65 bytes, public key or certificate")
        })?;
        Ok(certificate.public_key().clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_point_on_the_curve_is_refused() {
        assert!(PublicKey::read(&[4; 65]).is_err());
        assert!(PublicKey::read(&[0; 65]).is_err());
        assert!(PublicKey::read(b"").is_err());
        assert!(PublicKey::read(&vec![b'x'; KEY_FILE_BYTES + 1]).is_err());
    }
}
