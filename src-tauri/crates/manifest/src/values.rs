//! Values that both schemas have: a payload's format and digests.
//!
//! Where they stand in a schema is the business of its reader.

use der::Tag;
use firmdrop_core::Sha256;

use crate::fields::Cursor;
use crate::{ManifestError, PayloadFormat};

/// Reads an ENUMERATED payload format.
pub(crate) fn payload_format(
    cursor: &mut Cursor<'_>,
    name: &str,
) -> Result<PayloadFormat, ManifestError> {
    let number = cursor.enumerated(name)?;
    PayloadFormat::of_number(number)
        .ok_or_else(|| cursor.refuse(name, format!("there is no format {number}")))
}

/// Reads a SHA-256.
pub(crate) fn digest(cursor: &mut Cursor<'_>, name: &str) -> Result<Sha256, ManifestError> {
    cursor.exactly::<32>(name).map(Sha256::from_bytes)
}

/// Reads a SHA-256 that may be absent.
pub(crate) fn digest_if_there(
    cursor: &mut Cursor<'_>,
    name: &str,
) -> Result<Option<Sha256>, ManifestError> {
    cursor
        .is_next(Tag::OctetString)
        .then(|| digest(cursor, name))
        .transpose()
}
