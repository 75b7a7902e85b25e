//! What a manifest says, whichever schema it is written in.
//!
//! Nothing here judges: `verify.rs`, `compare.rs` and `device_limits.rs` do.

use std::ops::Range;

use firmdrop_core::Sha256;
use serde::Serialize;

use crate::{Field, Hex, Id, Version};

/// The two schemas that devices of this service read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub enum Schema {
    /// The first: a time as version, certificate fingerprints.
    V1,
    /// The present one: three numbers as version, components, metadata.
    V3,
}

/// How the payload that devices download is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub enum PayloadFormat {
    /// The image itself.
    Raw,
    /// A difference to the image the device runs.
    Patch,
    /// A package of several images.
    Combined,
    /// The image, encrypted by the service.
    EncryptedRaw,
    /// A package of several images, encrypted by the service.
    EncryptedCombined,
    /// A number this app does not know.
    Unknown(u32),
}

impl PayloadFormat {
    /// The number in the manifest. Source: the ASN.1 of `manifest-tool` 2.6.2 and the constants of
    /// the device client 4.13.4 (`fota_manifest.h`).
    pub fn number(self) -> u64 {
        match self {
            Self::Raw => 1,
            Self::Patch => 5,
            Self::Combined => 6,
            Self::EncryptedRaw => 257,
            Self::EncryptedCombined => 262,
            Self::Unknown(number) => number.into(),
        }
    }

    pub(crate) fn of_number(number: u64) -> Option<Self> {
        Some(match number {
            1 => Self::Raw,
            5 => Self::Patch,
            6 => Self::Combined,
            257 => Self::EncryptedRaw,
            262 => Self::EncryptedCombined,
            other => Self::Unknown(u32::try_from(other).ok()?),
        })
    }

    /// Whether devices download encrypted bytes and install plain ones.
    pub fn is_encrypted(self) -> bool {
        matches!(self, Self::EncryptedRaw | Self::EncryptedCombined)
    }
}

impl std::fmt::Display for PayloadFormat {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Raw => write!(f, "raw-binary"),
            Self::Patch => write!(f, "arm-patch-stream"),
            Self::Combined => write!(f, "combined"),
            Self::EncryptedRaw => write!(f, "encrypted-raw"),
            Self::EncryptedCombined => write!(f, "encrypted-combined"),
            Self::Unknown(number) => write!(f, "format {number}"),
        }
    }
}

/// What devices download, and what they have after it is installed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Payload {
    /// How it is packed.
    pub format: PayloadFormat,
    /// SHA-256 of what is downloaded.
    pub digest: Sha256,
    /// Size of what is downloaded, bytes.
    #[cfg_attr(feature = "specta", specta(type = u32))]
    pub size_bytes: u64,
    /// Where it is downloaded from. Empty when a v1 manifest names no address.
    pub uri: String,
    /// What is there after the installation; `None` where that is the payload itself.
    pub installed: Option<Installed>,
    /// SHA-256 of the image a patch starts from.
    pub precursor_digest: Option<Sha256>,
}

impl Payload {
    /// The digest of the image after its installation: what an image signature is about.
    pub fn installed_digest(&self) -> Sha256 {
        self.installed.map_or(self.digest, |one| one.digest)
    }
}

/// The image after its installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Installed {
    /// Its SHA-256.
    pub digest: Sha256,
    /// Its size, bytes.
    #[cfg_attr(feature = "specta", specta(type = u32))]
    pub size_bytes: u64,
}

/// One signature and, in v1, the certificates it names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct SignatureBlock {
    /// 64 bytes in v3, DER in v1.
    pub signature: Hex,
    /// SHA-256 of each certificate's DER; none in v3.
    pub certificates: Vec<Sha256>,
}

/// What only schema v1 has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct V1Part {
    /// The hash the manifest tells of its own signed part.
    pub hash: Sha256,
    /// A text for people.
    pub description: Option<String>,
    /// The one device it is for; empty for all of the class.
    pub device_id: Hex,
    /// Random bytes; empty when the vendor's newer tool made it.
    pub nonce: Hex,
    /// Seconds since 1970, from and to.
    #[cfg_attr(feature = "specta", specta(type = Option<(u32, u32)>))]
    pub valid_between: Option<(u64, u64)>,
    /// Whether it is applied at once.
    pub apply_immediately: bool,
    /// How it is signed and encrypted; 2 is ECDSA P-256 with SHA-256 and no encryption.
    #[cfg_attr(feature = "specta", specta(type = u32))]
    pub encryption_mode: u64,
    /// Whether there are fields this app keeps and does not read: encryption, MACs.
    pub has_opaque_parts: bool,
}

/// What follows the manifest in its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub enum Trailing {
    /// Nothing.
    Nothing,
    /// The key of an encrypted payload, appended by the service. Not signed, and not shown.
    PayloadKey,
    /// Bytes nobody signed and nobody asked for.
    Unknown {
        /// Where they begin.
        offset: u32,
        /// How many.
        length_bytes: u32,
    },
}

/// A manifest that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Manifest {
    /// Which schema it is written in.
    pub schema: Schema,
    /// Whose devices it is for.
    pub vendor_id: Id,
    /// Which model it is for.
    pub class_id: Id,
    /// The version devices compare.
    pub version: Version,
    /// Urgency, as the vendor's application understands it.
    #[cfg_attr(feature = "specta", specta(type = Option<u32>))]
    pub priority: Option<u64>,
    /// Which part of the device; v3 only, usually `MAIN`.
    pub component: Option<String>,
    /// What is downloaded. A v1 manifest may have none.
    pub payload: Option<Payload>,
    /// Bytes for the vendor's application.
    pub vendor_data: Hex,
    /// Signature of the installed image, v3 only; empty when not used.
    pub image_signature: Hex,
    /// What only v1 has.
    pub v1: Option<V1Part>,
    /// Its signatures; v3 has exactly one.
    pub signatures: Vec<SignatureBlock>,
    /// What follows it.
    pub trailing: Trailing,
    /// Size of the file, bytes.
    pub size_bytes: u32,
    /// Every field, in the order of the bytes.
    pub fields: Vec<Field>,
    #[serde(skip)]
    #[cfg_attr(feature = "specta", specta(skip))]
    pub(crate) signed: Vec<u8>,
    #[serde(skip)]
    #[cfg_attr(feature = "specta", specta(skip))]
    pub(crate) signed_range: Range<usize>,
}

impl Manifest {
    /// The bytes the signature is over, exactly as they stand in the file.
    pub fn signed_bytes(&self) -> &[u8] {
        &self.signed
    }

    /// Where these bytes stand in the file.
    pub fn signed_range(&self) -> Range<usize> {
        self.signed_range.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payload_formats_have_the_numbers_of_the_schema() {
        for (format, number) in [
            (PayloadFormat::Raw, 1),
            (PayloadFormat::Patch, 5),
            (PayloadFormat::Combined, 6),
            (PayloadFormat::EncryptedRaw, 0x101),
            (PayloadFormat::EncryptedCombined, 0x106),
            (PayloadFormat::Unknown(7), 7),
        ] {
            assert_eq!(format.number(), number);
            assert_eq!(PayloadFormat::of_number(number), Some(format));
        }
        assert_eq!(PayloadFormat::of_number(u64::MAX), None);
    }
}
