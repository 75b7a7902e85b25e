//! The private key that signs manifests.
//!
//! It never prints, is wiped when it is dropped, and does not know where it is stored.

use firmdrop_core::Sha256;
use p256::SecretKey;
use p256::ecdsa::signature::hazmat::{PrehashSigner as _, RandomizedPrehashSigner as _};
use p256::elliptic_curve::Generate as _;
use p256::pkcs8::{DecodePrivateKey as _, LineEnding};
use zeroize::Zeroizing;

use crate::limits::KEY_FILE_BYTES;
use crate::{ManifestError, PublicKey, Signature};

/// How the number inside a signature is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Nonces {
    /// From key and message (RFC 6979): the same bytes are signed the same way again.
    #[default]
    Deterministic,
    /// RFC 6979 with random bytes of the system mixed in.
    Random,
}

/// What a text is that has no private key in PEM. It says nothing of what is in it but its label.
fn no_key(pem: &str) -> &'static str {
    let has = |label: &str| pem.contains(label);
    if pem.trim().is_empty() {
        "the file is empty"
    } else if has("BEGIN OPENSSH PRIVATE KEY") {
        "it is in the form of OpenSSH; `ssh-keygen -p -m PEM -f COPY` writes a copy of it as PEM"
    } else if has("PRIVATE KEY-----") {
        "its PEM text is cut off"
    } else if has("BEGIN PUBLIC KEY") {
        "it is a public key, and the private one signs"
    } else if has("BEGIN CERTIFICATE") {
        "it is a certificate, and the private key beside it signs"
    } else {
        "it has no private key in PEM"
    }
}

/// A P-256 private key.
pub struct SigningKey(pub(crate) p256::ecdsa::SigningKey);

impl SigningKey {
    /// A new key from the system's random bytes.
    pub fn generate() -> Result<Self, ManifestError> {
        p256::ecdsa::SigningKey::try_generate()
            .map(Self)
            .map_err(ManifestError::no_randomness)
    }

    /// Reads PEM: SEC 1 (`EC PRIVATE KEY`, also after `EC PARAMETERS`) or PKCS#8 (`PRIVATE KEY`).
    /// A key that is encrypted or on another curve is refused. No error tells what the file holds.
    pub fn from_pem(pem: &str) -> Result<Self, ManifestError> {
        if pem.len() > KEY_FILE_BYTES {
            return Err(ManifestError::key("the file is too large for a key"));
        }
        if pem.contains("BEGIN RSA PRIVATE KEY") {
            return Err(ManifestError::key(
                "it is a key for RSA, and manifests are signed on the curve P-256",
            ));
        }
        if pem.contains("BEGIN ENCRYPTED PRIVATE KEY") || pem.contains("Proc-Type: 4,ENCRYPTED") {
            return Err(ManifestError::key("it is encrypted"));
        }
        let not_p256 = || ManifestError::key("it is no key on the curve P-256");
        let secret = if let Some(block) = block(pem, "EC PRIVATE KEY") {
            SecretKey::from_sec1_pem(&block).map_err(|_| not_p256())?
        } else if let Some(block) = block(pem, "PRIVATE KEY") {
            SecretKey::from_pkcs8_pem(&block).map_err(|_| not_p256())?
        } else {
            return Err(ManifestError::key(no_key(pem)));
        };
        Ok(Self(secret.into()))
    }

    /// The key as PEM, SEC 1, which the vendor's tools read too. For its own file only.
    pub fn to_pem(&self) -> Result<Zeroizing<String>, ManifestError> {
        SecretKey::from(&self.0)
            .to_sec1_pem(LineEnding::LF)
            .map_err(|_| ManifestError::key("it cannot be written as PEM"))
    }

    /// Its public half.
    pub fn public_key(&self) -> PublicKey {
        PublicKey(*self.0.verifying_key())
    }

    /// Signs a SHA-256 that was computed already.
    pub fn sign(&self, digest: &Sha256, nonces: Nonces) -> Result<Signature, ManifestError> {
        let digest = digest.as_bytes();
        let signed: Result<p256::ecdsa::Signature, _> = match nonces {
            Nonces::Deterministic => self.0.sign_prehash(digest),
            Nonces::Random => self.0.sign_prehash_with_rng(
                &mut p256::elliptic_curve::common::getrandom::SysRng,
                digest,
            ),
        };
        signed.map(Signature).map_err(ManifestError::no_randomness)
    }
}

/// The block with this label, alone: other blocks may stand before it.
fn block(pem: &str, label: &str) -> Option<Zeroizing<String>> {
    let (begin, end) = (
        format!("-----BEGIN {label}-----"),
        format!("-----END {label}-----"),
    );
    let start = pem.find(&begin)?;
    let rest = pem.get(start..)?;
    let length = rest.find(&end)? + end.len();
    rest.get(..length)
        .map(|block| Zeroizing::new(format!("{block}\n")))
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SigningKey(not shown)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6979, A.2.5, as SEC 1.
    const RFC_KEY: &str = "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721";

    fn rfc_key() -> SigningKey {
        let bytes = crate::Hex::read(RFC_KEY).unwrap();
        SigningKey(p256::ecdsa::SigningKey::from_slice(bytes.as_slice()).unwrap())
    }

    #[test]
    fn a_file_that_has_no_private_key_is_named_by_its_label() {
        for (label, word) in [
            ("", "is empty"),
            ("-----BEGIN PUBLIC KEY-----", "public key"),
            ("-----BEGIN CERTIFICATE-----", "certificate"),
            ("-----BEGIN OPENSSH PRIVATE KEY-----", "ssh-keygen"),
            ("-----BEGIN RSA PRIVATE KEY-----", "RSA"),
            ("-----BEGIN EC PRIVATE KEY-----\nMHcC", "cut off"),
            ("-----BEGIN ENCRYPTED PRIVATE KEY-----", "encrypted"),
            ("something else", "no private key"),
        ] {
            let error = SigningKey::from_pem(label).unwrap_err().to_string();
            assert!(error.contains(word), "{label}: {error}");
        }
    }

    #[test]
    fn a_signature_is_the_one_rfc_6979_gives() {
        let signature = rfc_key()
            .sign(&Sha256::of(b"sample"), Nonces::Deterministic)
            .unwrap();
        assert_eq!(
            crate::Hex(signature.to_raw()).to_string(),
            "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716\
             f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"
        );
    }

    #[test]
    fn random_nonces_give_another_signature_that_verifies_too() {
        let (key, digest) = (rfc_key(), Sha256::of(b"sample"));
        let signature = key.sign(&digest, Nonces::Random).unwrap();
        assert_ne!(signature, key.sign(&digest, Nonces::Deterministic).unwrap());
        assert!(key.public_key().verifies(&digest, &signature));
    }

    #[test]
    fn a_key_survives_its_pem_and_never_prints() {
        let key = rfc_key();
        let pem = key.to_pem().unwrap();
        assert!(pem.starts_with("-----BEGIN EC PRIVATE KEY-----\n"));
        let with_parameters = format!(
            "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n{}",
            *pem
        );
        for text in [&*pem, &with_parameters] {
            let read = SigningKey::from_pem(text).unwrap();
            assert_eq!(read.public_key(), key.public_key());
        }
        assert_eq!(format!("{key:?}"), "SigningKey(not shown)");
    }

    #[test]
    fn a_key_of_another_kind_is_refused_without_telling_its_content() {
        for pem in [
            "",
            "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n",
            "-----BEGIN EC PRIVATE KEY-----\nc2VjcmV0\n-----END EC PRIVATE KEY-----\n",
            "-----BEGIN ENCRYPTED PRIVATE KEY-----\nc2VjcmV0\n-----END ENCRYPTED PRIVATE KEY-----\n",
            "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n",
        ] {
            let error = SigningKey::from_pem(pem).unwrap_err().to_string();
            assert!(
                !error.contains("secret") && !error.contains("c2Vj"),
                "{error}"
            );
        }
    }
}
