//! A manifest that lacks its signature: signed here, or exported and signed elsewhere.
//!
//! What it says was decided in `draft.rs`.

use firmdrop_core::Sha256;

use crate::encode::Writer;
use crate::limits::{READ_BYTES, SERVICE_BYTES};
use crate::manifest::Schema;
use crate::{ManifestError, Nonces, PublicKey, Signature, SigningKey, parse_v1, parse_v3};

/// The signed part of a manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsigned {
    pub(crate) schema: Schema,
    pub(crate) bytes: Vec<u8>,
    /// The certificate a v1 manifest names.
    pub(crate) certificate: Option<Sha256>,
}

impl Unsigned {
    /// Takes back bytes that were exported. A v1 manifest needs the fingerprint of the certificate
    /// again: it is not part of what is signed.
    pub fn read(bytes: &[u8], certificate: Option<Sha256>) -> Result<Self, ManifestError> {
        if bytes.len() > READ_BYTES {
            return Err(ManifestError::TooLarge {
                size_bytes: bytes.len(),
                limit_bytes: READ_BYTES,
            });
        }
        let schema = match parse_v3::read_signed_part(bytes) {
            Ok(()) => Schema::V3,
            Err(_) => parse_v1::read_signed_part(bytes).map(|()| Schema::V1)?,
        };
        if schema == Schema::V1 && certificate.is_none() {
            let why = "a manifest of schema 1 names the certificate devices hold";
            return Err(ManifestError::impossible("certificate", why));
        }
        Ok(Self {
            schema,
            bytes: bytes.to_vec(),
            certificate,
        })
    }

    /// The bytes to sign: ECDSA P-256 over their SHA-256.
    pub fn bytes_to_sign(&self) -> &[u8] {
        &self.bytes
    }

    /// Which schema it is.
    pub fn schema(&self) -> Schema {
        self.schema
    }

    /// Signs it. The result is the manifest's file.
    pub fn sign(&self, key: &SigningKey, nonces: Nonces) -> Result<Vec<u8>, ManifestError> {
        let signature = key.sign(&Sha256::of(&self.bytes), nonces)?;
        self.assemble(&signature)
    }

    /// Adds a signature that was made elsewhere. It is verified first, so that no manifest comes
    /// out that devices would refuse.
    pub fn with_signature(
        &self,
        signature: &Signature,
        key: &PublicKey,
    ) -> Result<Vec<u8>, ManifestError> {
        if !key.verifies(&Sha256::of(&self.bytes), signature) {
            return Err(ManifestError::SignatureInvalid {
                why: "it was made with another key or over other bytes".to_owned(),
            });
        }
        self.assemble(signature)
    }

    fn assemble(&self, signature: &Signature) -> Result<Vec<u8>, ManifestError> {
        let mut writer = Writer::default();
        writer.sequence(|resource| match self.schema {
            Schema::V3 => {
                resource.enumerated(3)?;
                resource.encoded(&self.bytes);
                resource.octets(&signature.to_raw())
            }
            Schema::V1 => {
                resource.encoded(&self.bytes);
                resource.sequence(|block| self.write_v1_signature(block, signature))
            }
        })?;
        let bytes = writer.into_bytes();
        if bytes.len() > SERVICE_BYTES {
            return Err(ManifestError::TooLarge {
                size_bytes: bytes.len(),
                limit_bytes: SERVICE_BYTES,
            });
        }
        Ok(bytes)
    }

    fn write_v1_signature(
        &self,
        writer: &mut Writer,
        signature: &Signature,
    ) -> Result<(), ManifestError> {
        writer.octets(Sha256::of(&self.bytes).as_bytes())?;
        writer.sequence(|signatures| {
            signatures.sequence(|block| {
                block.octets(&signature.to_der())?;
                block.sequence(|certificates| match &self.certificate {
                    Some(fingerprint) => certificates.sequence(|reference| {
                        reference.octets(fingerprint.as_bytes())?;
                        reference.text("")
                    }),
                    None => Ok(()),
                })
            })
        })
    }
}
