//! Reads a manifest from its bytes: which schema, and what follows it.
//!
//! Nothing is verified and nothing is encoded anew: the signed bytes stay as they stand.

use der::{Reader as _, SliceReader, Tag, TagMode, TagNumber, asn1::OctetStringRef};
use firmdrop_core::grouped;

use crate::fields::{Cursor, Raw};
use crate::limits::READ_BYTES;
use crate::manifest::{Manifest, Trailing};
use crate::{ManifestError, parse_v1, parse_v3};

/// The number of the schema that starts with it.
const SCHEMA_V3: u64 = 3;

/// Bytes of the AES-128 key the service appends for encrypted payloads.
const PAYLOAD_KEY_BYTES: usize = 16;

/// Reads a manifest of schema v1 or v3.
///
/// Strict: DER with definite, minimal lengths, every field the schema has and no other. What
/// follows the manifest is given in [`Manifest::trailing`]. The signature is not looked at.
pub fn parse(bytes: &[u8]) -> Result<Manifest, ManifestError> {
    if bytes.len() > READ_BYTES {
        return Err(ManifestError::Unreadable {
            offset: READ_BYTES,
            field: "the file".to_owned(),
            why: format!(
                "it has {} bytes; no manifest has more than {READ_BYTES}",
                grouped(bytes.len())
            ),
        });
    }
    let mut file = Cursor::new(bytes)?;
    let mut manifest = file.outermost("signed-resource", |resource| {
        if resource.is_next(Tag::Enumerated) {
            match resource.enumerated("manifest-version")? {
                SCHEMA_V3 => parse_v3::read(resource, bytes),
                number => Err(ManifestError::UnknownSchema { number }),
            }
        } else {
            parse_v1::read(resource, bytes)
        }
    })?;
    manifest.trailing = trailing(bytes, &mut file);
    manifest.size_bytes = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    manifest.fields = file.into_fields();
    Ok(manifest)
}

fn trailing(bytes: &[u8], file: &mut Cursor<'_>) -> Trailing {
    let offset = file.offset();
    let rest = bytes.get(offset..).unwrap_or_default();
    if rest.is_empty() {
        return Trailing::Nothing;
    }
    let raw = Raw {
        value: rest,
        start: offset,
        value_start: offset,
    };
    if is_payload_key(rest) {
        file.note("payload-key", raw, "present, not shown".to_owned());
        return Trailing::PayloadKey;
    }
    file.note(
        "trailing",
        raw,
        format!("{} bytes, unsigned", grouped(rest.len())),
    );
    Trailing::Unknown {
        offset: u32::try_from(offset).unwrap_or(u32::MAX),
        length_bytes: u32::try_from(rest.len()).unwrap_or(u32::MAX),
    }
}

/// Whether this is `[1] IMPLICIT OCTET STRING` of 16 bytes and nothing else.
fn is_payload_key(rest: &[u8]) -> bool {
    let Ok(mut reader) = SliceReader::new(rest) else {
        return false;
    };
    let key = reader.context_specific::<&OctetStringRef>(TagNumber(1), TagMode::Implicit);
    matches!(key, Ok(Some(key)) if key.as_bytes().len() == PAYLOAD_KEY_BYTES)
        && reader.is_finished()
}
