//! Pelion firmware manifests, offline: read, judged, made and signed.
//!
//! No service is asked and no device is known. The only files touched are those of the folder of
//! keys that a caller names.

mod certificate;
mod certificate_maker;
mod compare;
mod device_limits;
mod draft;
mod encode;
mod error;
mod fields;
mod hex;
mod id;
mod key;
mod key_store;
mod limits;
mod manifest;
mod parse;
mod parse_v1;
mod parse_v3;
mod payload_address;
mod payload_kind;
mod public_key;
mod public_key_forms;
mod signature;
mod unsigned;
mod values;
mod verify;
mod version;

#[cfg(test)]
mod vectors_tests;

pub use certificate::{Certificate, CertificateFacts};
pub use certificate_maker::CertificateDraft;
pub use compare::{ImageFacts, compare, require_image};
pub use device_limits::device_limits;
pub use draft::{Draft, NONCE_BYTES, SchemaDraft, random_nonce};
pub use error::ManifestError;
pub use fields::Field;
pub use hex::Hex;
pub use id::Id;
pub use key::{Nonces, SigningKey};
pub use key_store::{KeyEntry, KeyPurpose, KeyStore, read_key_file};
pub use limits::SERVICE_BYTES;
pub use manifest::{
    Installed, Manifest, Payload, PayloadFormat, Schema, SignatureBlock, Trailing, V1Part,
};
pub use parse::parse;
pub use payload_kind::{HEAD_BYTES, PackedImage, PayloadKind, payload_kind};
pub use public_key::{POINT_BYTES, PublicKey};
pub use signature::Signature;
pub use unsigned::Unsigned;
pub use verify::{Trust, Verification, verify};
pub use version::{SemanticVersion, Version};
