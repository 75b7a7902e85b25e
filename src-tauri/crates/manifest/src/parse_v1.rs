//! Schema v1, field by field.
//!
//! Source: the ASN.1 of `manifest-tool` 2.6.2 (`manifest_schema_v1`). Encryption and MAC blocks of
//! its pre-shared key scheme stay bytes.

use der::Tag;
use firmdrop_core::Sha256;

use crate::fields::Cursor;
use crate::manifest::{Installed, Manifest, Payload, Schema, SignatureBlock, Trailing, V1Part};
use crate::values::{digest, digest_if_there, payload_format};
use crate::{Hex, Id, ManifestError, Version};

/// The number of the schema inside the manifest.
const SCHEMA_V1: u64 = 1;

/// A resource that is a manifest, and not a payload.
const RESOURCE_IS_MANIFEST: u64 = 0;

/// Reads the content of a `SignedResource`.
pub(crate) fn read(
    signed_resource: &mut Cursor<'_>,
    bytes: &[u8],
) -> Result<Manifest, ManifestError> {
    let start = signed_resource.offset();
    let mut manifest = signed_resource.sequence("resource", resource)?;
    let end = signed_resource.offset();
    manifest.signed = bytes.get(start..end).unwrap_or_default().to_vec();
    manifest.signed_range = start..end;
    let (hash, signatures, has_macs) = signed_resource.sequence("signature", signature)?;
    manifest.signatures = signatures;
    if let Some(v1) = &mut manifest.v1 {
        v1.hash = hash;
        v1.has_opaque_parts |= has_macs;
    }
    Ok(manifest)
}

fn resource(cursor: &mut Cursor<'_>) -> Result<Manifest, ManifestError> {
    if cursor.is_next(Tag::Utf8String) {
        cursor.text("uri")?;
    }
    match cursor.enumerated("type")? {
        RESOURCE_IS_MANIFEST => cursor.sequence("manifest", manifest),
        other => Err(cursor.refuse("type", format!("resource type {other} is no manifest"))),
    }
}

fn manifest(cursor: &mut Cursor<'_>) -> Result<Manifest, ManifestError> {
    match cursor.enumerated("version")? {
        SCHEMA_V1 => {}
        number => return Err(ManifestError::UnknownSchema { number }),
    }
    let description = text_if_there(cursor, "description")?;
    let version = Version::Number(cursor.integer("timestamp")?);
    let vendor_id = Id::from_bytes(cursor.exactly("vendor-id")?);
    let class_id = Id::from_bytes(cursor.exactly("class-id")?);
    let device_id = Hex::from(cursor.octets("device-id")?);
    let nonce = Hex::from(cursor.octets("nonce")?);
    let vendor_data = Hex::from(cursor.octets("vendor-info")?);
    let precursor_digest = digest_if_there(cursor, "precursor-digest")?;
    let valid_between = period_if_there(cursor)?;
    let apply_immediately = cursor.boolean("apply-immediately")?;
    let priority = integer_if_there(cursor, "priority")?;
    let encryption_mode = cursor.enumerated("encryption-mode")?;
    cursor.entries("aliases", alias)?;
    cursor.entries("dependencies", |list, name| list.sequence(name, reference))?;
    let (payload, is_encrypted) = if cursor.is_at_end() {
        (None, false)
    } else {
        let (mut payload, is_encrypted) = cursor.sequence("payload", payload)?;
        payload.precursor_digest = precursor_digest;
        (Some(payload), is_encrypted)
    };
    Ok(Manifest {
        schema: Schema::V1,
        vendor_id,
        class_id,
        version,
        priority,
        component: None,
        payload,
        vendor_data,
        image_signature: Hex::default(),
        v1: Some(V1Part {
            hash: Sha256::from_bytes([0; 32]),
            description,
            device_id,
            nonce,
            valid_between,
            apply_immediately,
            encryption_mode,
            has_opaque_parts: is_encrypted,
        }),
        signatures: Vec::new(),
        trailing: Trailing::Nothing,
        size_bytes: 0,
        fields: Vec::new(),
        signed: Vec::new(),
        signed_range: 0..0,
    })
}

/// A payload, and whether it says how it is encrypted.
fn payload(cursor: &mut Cursor<'_>) -> Result<(Payload, bool), ManifestError> {
    let format = payload_format(cursor, "format")?;
    let is_encrypted = cursor.is_next(Tag::Sequence);
    if is_encrypted {
        cursor.opaque("encryption-info", Tag::Sequence)?;
    }
    cursor.text("storage-identifier")?;
    let (digest, uri, size_bytes) = cursor.sequence("reference", reference)?;
    let installed_size = integer_if_there(cursor, "installed-size")?;
    let installed_digest = digest_if_there(cursor, "installed-digest")?;
    text_if_there(cursor, "version")?;
    let installed = match (installed_size, installed_digest) {
        (Some(size_bytes), Some(digest)) => Some(Installed { digest, size_bytes }),
        (None, None) => None,
        _ => {
            let why = "of the installed size and digest only one is there";
            return Err(cursor.refuse("installed-size", why));
        }
    };
    let payload = Payload {
        format,
        digest,
        size_bytes,
        uri: uri.unwrap_or_default(),
        installed,
        precursor_digest: None,
    };
    Ok((payload, is_encrypted))
}

/// A digest, an address and a size.
type Reference = (Sha256, Option<String>, u64);

fn reference(cursor: &mut Cursor<'_>) -> Result<Reference, ManifestError> {
    let hash = digest(cursor, "hash")?;
    let uri = text_if_there(cursor, "uri")?;
    Ok((hash, uri, cursor.integer("size")?))
}

fn alias(list: &mut Cursor<'_>, name: &str) -> Result<(), ManifestError> {
    list.sequence(name, |alias| {
        alias.octets("hash")?;
        alias.text("uri")?;
        Ok(())
    })
}

/// The hash, the signatures, and whether there are MACs beside them.
fn signature(
    cursor: &mut Cursor<'_>,
) -> Result<(Sha256, Vec<SignatureBlock>, bool), ManifestError> {
    let hash = digest(cursor, "hash")?;
    let blocks = cursor.entries("signatures", |list, name| {
        list.sequence(name, signature_block)
    })?;
    let has_macs = !cursor.is_at_end();
    if has_macs {
        cursor.opaque("macs", Tag::Sequence)?;
    }
    Ok((hash, blocks, has_macs))
}

fn signature_block(cursor: &mut Cursor<'_>) -> Result<SignatureBlock, ManifestError> {
    let signature = Hex::from(cursor.octets("signature")?);
    let certificates = cursor.entries("certificates", |list, name| {
        list.sequence(name, |certificate| {
            let fingerprint = digest(certificate, "fingerprint")?;
            certificate.text("uri")?;
            Ok(fingerprint)
        })
    })?;
    Ok(SignatureBlock {
        signature,
        certificates,
    })
}

fn period_if_there(cursor: &mut Cursor<'_>) -> Result<Option<(u64, u64)>, ManifestError> {
    if !cursor.is_next(Tag::Sequence) {
        return Ok(None);
    }
    let read =
        |period: &mut Cursor<'_>| Ok((period.integer("valid-from")?, period.integer("valid-to")?));
    cursor.sequence("apply-period", read).map(Some)
}

fn integer_if_there(cursor: &mut Cursor<'_>, name: &str) -> Result<Option<u64>, ManifestError> {
    cursor
        .is_next(Tag::Integer)
        .then(|| cursor.integer(name))
        .transpose()
}

fn text_if_there(cursor: &mut Cursor<'_>, name: &str) -> Result<Option<String>, ManifestError> {
    cursor
        .is_next(Tag::Utf8String)
        .then(|| cursor.text(name))
        .transpose()
}

/// Reads the part that is signed, as it was exported to be signed elsewhere.
pub(crate) fn read_signed_part(bytes: &[u8]) -> Result<(), ManifestError> {
    let mut file = Cursor::new(bytes)?;
    file.sequence("resource", resource)?;
    if !file.is_at_end() {
        return Err(file.refuse("end", "more bytes follow"));
    }
    Ok(())
}
