//! A manifest that is to be made, and the bytes of it that are signed.
//!
//! Rules of the schema are enforced here; what devices take on top is in `device_limits.rs`.

use firmdrop_core::Sha256;
use p256::elliptic_curve::common::getrandom;

use crate::encode::Writer;
use crate::manifest::{Installed, Payload, PayloadFormat, Schema};
use crate::{Id, ManifestError, SemanticVersion, Signature, Unsigned};

/// Bytes of a v1 nonce. The older vendor's tool (1.5.2) demands 16; the newer (2.6.2) writes none
/// and takes any.
pub const NONCE_BYTES: usize = 16;

/// Sixteen random bytes for a v1 manifest.
pub fn random_nonce() -> Result<[u8; NONCE_BYTES], ManifestError> {
    let mut nonce = [0; NONCE_BYTES];
    getrandom::fill(&mut nonce).map_err(ManifestError::no_randomness)?;
    Ok(nonce)
}

/// What a new manifest is to say.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// Whose devices it is for.
    pub vendor_id: Id,
    /// Which model it is for.
    pub class_id: Id,
    /// Urgency; v3 needs it.
    pub priority: Option<u32>,
    /// What is downloaded.
    pub payload: Payload,
    /// Bytes for the vendor's application; empty for none.
    pub vendor_data: Vec<u8>,
    /// What the schemas do not share.
    pub schema: SchemaDraft,
}

/// What only one schema has.
#[derive(Debug, Clone, PartialEq)]
pub enum SchemaDraft {
    /// Schema v3.
    V3 {
        /// Which part of the device, usually `MAIN`.
        component: String,
        /// The version.
        version: SemanticVersion,
        /// Signature over the digest of the installed image, for devices that ask for it.
        image_signature: Option<Signature>,
    },
    /// Schema v1.
    V1 {
        /// Seconds since 1970, or [`SemanticVersion::migration_number`].
        version: u64,
        /// From [`random_nonce`]; `None` writes an empty one, as the vendor's newer tool does.
        nonce: Option<[u8; NONCE_BYTES]>,
        /// SHA-256 of the DER of the certificate that devices hold.
        certificate: Sha256,
    },
}

impl Draft {
    /// The manifest without its signature. Fails when a value contradicts the schema.
    pub fn prepare(&self) -> Result<Unsigned, ManifestError> {
        self.check()?;
        let mut writer = Writer::default();
        let (schema, certificate) = match &self.schema {
            SchemaDraft::V3 { .. } => {
                writer.sequence(|manifest| self.write_v3(manifest))?;
                (Schema::V3, None)
            }
            SchemaDraft::V1 { certificate, .. } => {
                writer.sequence(|resource| {
                    resource.enumerated(0)?;
                    resource.sequence(|manifest| self.write_v1(manifest))
                })?;
                (Schema::V1, Some(*certificate))
            }
        };
        Ok(Unsigned {
            schema,
            bytes: writer.into_bytes(),
            certificate,
        })
    }

    fn check(&self) -> Result<(), ManifestError> {
        let uri = &self.payload.uri;
        if uri.is_empty() || uri.chars().any(|c| c.is_whitespace() || c.is_control()) {
            let why = "it is empty or has spaces; take the address the service gave";
            return Err(ManifestError::impossible("payload's address", why));
        }
        match &self.schema {
            SchemaDraft::V3 { component, .. } => {
                if self.priority.is_none() {
                    return Err(ManifestError::impossible("priority", "schema 3 needs one"));
                }
                if component.is_empty() || component.chars().any(char::is_control) {
                    return Err(ManifestError::impossible("component", "it has no name"));
                }
            }
            SchemaDraft::V1 { version, .. } => {
                let format = self.payload.format;
                if !matches!(format, PayloadFormat::Raw | PayloadFormat::Patch) {
                    let why = format!("schema 1 knows raw images and patches, not {format}");
                    return Err(ManifestError::impossible("payload format", why));
                }
                if i64::try_from(*version).is_err() {
                    return Err(ManifestError::impossible("version", "it has over 63 bits"));
                }
            }
        }
        check_metadata(&self.payload)
    }

    fn write_v3(&self, manifest: &mut Writer) -> Result<(), ManifestError> {
        let SchemaDraft::V3 {
            component,
            version,
            image_signature,
        } = &self.schema
        else {
            return Ok(());
        };
        let payload = &self.payload;
        manifest.octets(self.vendor_id.as_bytes())?;
        manifest.octets(self.class_id.as_bytes())?;
        manifest.integer(self.priority.unwrap_or_default().into())?;
        manifest.text(component)?;
        manifest.text(&version.to_string())?;
        manifest.octets(payload.digest.as_bytes())?;
        manifest.integer(payload.size_bytes)?;
        manifest.text(&payload.uri)?;
        manifest.enumerated(payload.format.number())?;
        let signature = image_signature.as_ref().map(Signature::to_raw);
        manifest.octets(&signature.unwrap_or_default())?;
        if let Some(installed) = &payload.installed {
            manifest.sequence(|metadata| {
                metadata.integer(installed.size_bytes)?;
                metadata.octets(installed.digest.as_bytes())?;
                match &payload.precursor_digest {
                    Some(digest) => metadata.octets(digest.as_bytes()),
                    None => Ok(()),
                }
            })?;
        }
        if !self.vendor_data.is_empty() {
            manifest.octets(&self.vendor_data)?;
        }
        Ok(())
    }

    fn write_v1(&self, manifest: &mut Writer) -> Result<(), ManifestError> {
        /// ECDSA P-256 with SHA-256, payload not encrypted.
        const NONE_ECC_SECP256R1_SHA256: u64 = 2;
        let SchemaDraft::V1 { version, nonce, .. } = &self.schema else {
            return Ok(());
        };
        manifest.enumerated(1)?;
        manifest.integer(*version)?;
        manifest.octets(self.vendor_id.as_bytes())?;
        manifest.octets(self.class_id.as_bytes())?;
        manifest.octets(&[])?; // for every device of the class
        manifest.octets(nonce.as_ref().map_or(&[], <[u8; NONCE_BYTES]>::as_slice))?;
        manifest.octets(&self.vendor_data)?;
        if let Some(digest) = &self.payload.precursor_digest {
            manifest.octets(digest.as_bytes())?;
        }
        manifest.boolean(true)?;
        if let Some(priority) = self.priority {
            manifest.integer(priority.into())?;
        }
        manifest.enumerated(NONE_ECC_SECP256R1_SHA256)?;
        manifest.sequence(|_aliases| Ok(()))?;
        manifest.sequence(|_dependencies| Ok(()))?;
        manifest.sequence(|payload| self.write_v1_payload(payload))
    }

    fn write_v1_payload(&self, writer: &mut Writer) -> Result<(), ManifestError> {
        let payload = &self.payload;
        writer.enumerated(payload.format.number())?;
        writer.text("default")?;
        writer.sequence(|reference| {
            reference.octets(payload.digest.as_bytes())?;
            reference.text(&payload.uri)?;
            reference.integer(payload.size_bytes)
        })?;
        if let Some(Installed { digest, size_bytes }) = &payload.installed {
            writer.integer(*size_bytes)?;
            writer.octets(digest.as_bytes())?;
        }
        Ok(())
    }
}

/// Which of the installed image and the precursor a format needs.
pub(crate) fn check_metadata(payload: &Payload) -> Result<(), ManifestError> {
    let needs_installed = !matches!(payload.format, PayloadFormat::Raw);
    let needs_precursor = matches!(payload.format, PayloadFormat::Patch);
    let refuse = |why: &str| {
        let why = format!("{}: {why}", payload.format);
        Err(ManifestError::impossible("payload's metadata", why))
    };
    if matches!(payload.format, PayloadFormat::Unknown(_)) {
        return refuse("this format is not known");
    }
    match (
        payload.installed.is_some(),
        payload.precursor_digest.is_some(),
    ) {
        (true, _) if !needs_installed => refuse("what is installed is the payload itself"),
        (false, _) if needs_installed => refuse("size and digest of what is installed are needed"),
        (_, true) if !needs_precursor => refuse("it starts from no other image"),
        (_, false) if needs_precursor => refuse("the digest of the image it starts from is needed"),
        _ => Ok(()),
    }
}
