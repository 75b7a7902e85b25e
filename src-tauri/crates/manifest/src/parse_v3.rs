//! Schema v3, field by field.
//!
//! Source: the ASN.1 of `manifest-tool` 2.6.2; the device's parser (`fota_manifest_v3.c`, client
//! 4.13.4) reads the same order.

use der::Tag;

use crate::fields::Cursor;
use crate::manifest::{Installed, Manifest, Payload, Schema, SignatureBlock, Trailing};
use crate::values::{digest, digest_if_there, payload_format};
use crate::version::SemanticVersion;
use crate::{Hex, Id, ManifestError, Version};

/// Reads what follows the schema's number in a `SignedResource`.
pub(crate) fn read(resource: &mut Cursor<'_>, bytes: &[u8]) -> Result<Manifest, ManifestError> {
    let start = resource.offset();
    let mut manifest = resource.sequence("manifest", fields)?;
    let end = resource.offset();
    manifest.signed = bytes.get(start..end).unwrap_or_default().to_vec();
    manifest.signed_range = start..end;
    let signature = resource.octets("signature")?;
    manifest.signatures = vec![SignatureBlock {
        signature: signature.into(),
        certificates: Vec::new(),
    }];
    Ok(manifest)
}

fn fields(cursor: &mut Cursor<'_>) -> Result<Manifest, ManifestError> {
    let vendor_id = Id::from_bytes(cursor.exactly("vendor-id")?);
    let class_id = Id::from_bytes(cursor.exactly("class-id")?);
    let priority = cursor.integer("update-priority")?;
    let component = cursor.text("component-name")?;
    let version = cursor.text("payload-version")?;
    let mut payload = Payload {
        digest: digest(cursor, "payload-digest")?,
        size_bytes: cursor.integer("payload-size")?,
        uri: cursor.text("payload-uri")?,
        format: payload_format(cursor, "payload-format")?,
        installed: None,
        precursor_digest: None,
    };
    let image_signature = Hex::from(cursor.octets("installed-signature")?);
    if cursor.is_next(Tag::Sequence) {
        let (installed, precursor) = cursor.sequence("payload-metadata", metadata)?;
        payload.installed = Some(installed);
        payload.precursor_digest = precursor;
    }
    let vendor_data = if cursor.is_at_end() {
        Hex::default()
    } else {
        Hex::from(cursor.octets("vendor-data")?)
    };
    Ok(Manifest {
        schema: Schema::V3,
        vendor_id,
        class_id,
        version: SemanticVersion::read(&version).map_or(Version::Other(version), Version::Semantic),
        priority: Some(priority),
        component: Some(component),
        payload: Some(payload),
        vendor_data,
        image_signature,
        v1: None,
        signatures: Vec::new(),
        trailing: Trailing::Nothing,
        size_bytes: 0,
        fields: Vec::new(),
        signed: Vec::new(),
        signed_range: 0..0,
    })
}

fn metadata(
    cursor: &mut Cursor<'_>,
) -> Result<(Installed, Option<firmdrop_core::Sha256>), ManifestError> {
    let size_bytes = cursor.integer("installed-size")?;
    let installed = Installed {
        digest: digest(cursor, "installed-digest")?,
        size_bytes,
    };
    Ok((installed, digest_if_there(cursor, "precursor-digest")?))
}

/// Reads the part that is signed, as it was exported to be signed elsewhere.
pub(crate) fn read_signed_part(bytes: &[u8]) -> Result<(), ManifestError> {
    let mut file = Cursor::new(bytes)?;
    file.sequence("manifest", fields)?;
    if !file.is_at_end() {
        return Err(file.refuse("end", "more bytes follow"));
    }
    Ok(())
}
