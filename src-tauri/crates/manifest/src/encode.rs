//! Writes DER field by field.
//!
//! Only what manifests need; the order of fields is the schema's and not known here.

use der::{Any, Encode as _, Tag};

use crate::ManifestError;

/// A structure that is being written.
#[derive(Debug, Default)]
pub(crate) struct Writer(Vec<u8>);

impl Writer {
    pub(crate) fn integer(&mut self, value: u64) -> Result<(), ManifestError> {
        let encoded = Any::encode_from(&value).map_err(|error| too_long(&error))?;
        self.any(Tag::Integer, encoded.value())
    }

    pub(crate) fn enumerated(&mut self, value: u64) -> Result<(), ManifestError> {
        let encoded = Any::encode_from(&value).map_err(|error| too_long(&error))?;
        self.any(Tag::Enumerated, encoded.value())
    }

    pub(crate) fn boolean(&mut self, value: bool) -> Result<(), ManifestError> {
        self.any(Tag::Boolean, &[if value { 0xff } else { 0 }])
    }

    pub(crate) fn octets(&mut self, value: &[u8]) -> Result<(), ManifestError> {
        self.any(Tag::OctetString, value)
    }

    pub(crate) fn text(&mut self, value: &str) -> Result<(), ManifestError> {
        self.any(Tag::Utf8String, value.as_bytes())
    }

    /// Bytes that are DER already.
    pub(crate) fn encoded(&mut self, der: &[u8]) {
        self.0.extend_from_slice(der);
    }

    pub(crate) fn sequence(
        &mut self,
        write: impl FnOnce(&mut Self) -> Result<(), ManifestError>,
    ) -> Result<(), ManifestError> {
        let mut inner = Self::default();
        write(&mut inner)?;
        self.any(Tag::Sequence, &inner.0)
    }

    fn any(&mut self, tag: Tag, value: &[u8]) -> Result<(), ManifestError> {
        let any = Any::new(tag, value).map_err(|error| too_long(&error))?;
        any.encode_to_vec(&mut self.0)
            .map_err(|error| too_long(&error))?;
        Ok(())
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

fn too_long(error: &der::Error) -> ManifestError {
    ManifestError::impossible("manifest", format!("it cannot be encoded: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_der_wants_them() {
        let mut writer = Writer::default();
        writer.integer(128).unwrap();
        writer.enumerated(257).unwrap();
        writer.boolean(true).unwrap();
        let expected = [2, 2, 0, 0x80, 10, 2, 1, 1, 1, 1, 0xff];
        assert_eq!(writer.into_bytes(), expected);
    }
}
