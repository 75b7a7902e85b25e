//! Reads DER field by field and notes where each one stands.
//!
//! It knows no schema. Definite, minimal lengths and canonical integers are the crate `der`'s
//! part; that no byte of a structure is left over is this file's.

use der::{Decode as _, Header, Reader as _, SliceReader, Tag, asn1::AnyRef};
use firmdrop_core::grouped;
use serde::Serialize;

use crate::limits::{ENTRIES, SHOWN_CHARACTERS};
use crate::{Hex, ManifestError};

/// One field of a manifest as it stands in the bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Field {
    /// Its place in the schema: `payload.reference.hash`.
    pub name: String,
    /// Where its tag stands, bytes from the start of the file.
    pub offset: u32,
    /// Its length with tag and length, bytes.
    pub length_bytes: u32,
    /// What it says.
    pub value: String,
}

/// A value of one field and where it stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Raw<'a> {
    /// The bytes of the value, without tag and length.
    pub(crate) value: &'a [u8],
    /// Where the tag stands, from the start of the file.
    pub(crate) start: usize,
    /// Where the value begins, from the start of the file.
    pub(crate) value_start: usize,
}

impl Raw<'_> {
    /// Where the next field begins.
    pub(crate) fn end(&self) -> usize {
        self.value_start + self.value.len()
    }
}

/// A place in a structure, with the fields that were read so far.
#[derive(Debug)]
pub(crate) struct Cursor<'a> {
    reader: SliceReader<'a>,
    /// Where the reader's bytes begin in the file.
    base: usize,
    /// The place in the schema, with its last dot.
    path: String,
    fields: Vec<Field>,
}

impl<'a> Cursor<'a> {
    /// At the start of a file.
    pub(crate) fn new(bytes: &'a [u8]) -> Result<Self, ManifestError> {
        Self::at(bytes, 0, String::new())
    }

    fn at(bytes: &'a [u8], base: usize, path: String) -> Result<Self, ManifestError> {
        let reader = SliceReader::new(bytes).map_err(|error| ManifestError::Unreadable {
            offset: base,
            field: "the file".to_owned(),
            why: error.kind().to_string(),
        })?;
        Ok(Self {
            reader,
            base,
            path,
            fields: Vec::new(),
        })
    }

    /// Everything noted so far.
    pub(crate) fn into_fields(self) -> Vec<Field> {
        self.fields
    }

    /// Where the next field begins, from the start of the file.
    pub(crate) fn offset(&self) -> usize {
        self.base + usize::try_from(self.reader.position()).unwrap_or(usize::MAX)
    }

    /// Whether the next field has this tag. False at the end.
    pub(crate) fn is_next(&self, tag: Tag) -> bool {
        Tag::peek(&self.reader).is_ok_and(|next| next == tag)
    }

    /// Whether nothing is left.
    pub(crate) fn is_at_end(&self) -> bool {
        self.reader.is_finished()
    }

    /// An error at the next field.
    pub(crate) fn refuse(&self, name: &str, why: impl Into<String>) -> ManifestError {
        ManifestError::Unreadable {
            offset: self.offset(),
            field: format!("{}{name}", self.path),
            why: why.into(),
        }
    }

    /// The next field, which must have this tag. It is not noted.
    pub(crate) fn raw(&mut self, name: &str, tag: Tag) -> Result<Raw<'a>, ManifestError> {
        let start = self.offset();
        let at = |cursor: &Self, why: String| ManifestError::Unreadable {
            offset: start,
            field: format!("{}{name}", cursor.path),
            why,
        };
        let header =
            Header::decode(&mut self.reader).map_err(|error| at(self, error.kind().to_string()))?;
        if header.tag() != tag {
            let why = format!("{tag} was expected, {} is there", header.tag());
            return Err(at(self, why));
        }
        let value_start = self.offset();
        let value = self
            .reader
            .read_slice(header.length())
            .map_err(|error| at(self, error.kind().to_string()))?;
        Ok(Raw {
            value,
            start,
            value_start,
        })
    }

    /// Notes a field.
    pub(crate) fn note(&mut self, name: &str, raw: Raw<'_>, value: String) {
        self.fields.push(Field {
            name: format!("{}{name}", self.path),
            offset: u32::try_from(raw.start).unwrap_or(u32::MAX),
            length_bytes: u32::try_from(raw.end() - raw.start).unwrap_or(u32::MAX),
            value,
        });
    }

    /// An unsigned INTEGER of at most 64 bits.
    pub(crate) fn integer(&mut self, name: &str) -> Result<u64, ManifestError> {
        self.number(name, Tag::Integer)
    }

    /// An unsigned ENUMERATED of at most 64 bits.
    pub(crate) fn enumerated(&mut self, name: &str) -> Result<u64, ManifestError> {
        self.number(name, Tag::Enumerated)
    }

    fn number(&mut self, name: &str, tag: Tag) -> Result<u64, ManifestError> {
        let raw = self.raw(name, tag)?;
        // An ENUMERATED is encoded as an INTEGER (X.690, 8.4).
        let value = AnyRef::new(Tag::Integer, raw.value).and_then(AnyRef::decode_as::<u64>);
        let value = value.map_err(|_| self.refuse_at(raw, name, "it is no canonical number"))?;
        self.note(name, raw, value.to_string());
        Ok(value)
    }

    /// A BOOLEAN, `00` or `FF`.
    pub(crate) fn boolean(&mut self, name: &str) -> Result<bool, ManifestError> {
        let raw = self.raw(name, Tag::Boolean)?;
        let value = AnyRef::new(Tag::Boolean, raw.value).and_then(AnyRef::decode_as::<bool>);
        let value = value.map_err(|_| self.refuse_at(raw, name, "it is neither 00 nor FF"))?;
        self.note(name, raw, value.to_string());
        Ok(value)
    }

    /// An OCTET STRING.
    pub(crate) fn octets(&mut self, name: &str) -> Result<&'a [u8], ManifestError> {
        let raw = self.raw(name, Tag::OctetString)?;
        self.note(name, raw, Hex::from(raw.value).to_string());
        Ok(raw.value)
    }

    /// An OCTET STRING of a fixed length.
    pub(crate) fn exactly<const N: usize>(&mut self, name: &str) -> Result<[u8; N], ManifestError> {
        let raw = self.raw(name, Tag::OctetString)?;
        let bytes = <[u8; N]>::try_from(raw.value).map_err(|_| {
            let why = format!("it has {} bytes, not {N}", grouped(raw.value.len()));
            self.refuse_at(raw, name, &why)
        })?;
        self.note(name, raw, Hex::from(raw.value).to_string());
        Ok(bytes)
    }

    /// A `UTF8String`.
    pub(crate) fn text(&mut self, name: &str) -> Result<String, ManifestError> {
        let raw = self.raw(name, Tag::Utf8String)?;
        let text = std::str::from_utf8(raw.value)
            .map_err(|_| self.refuse_at(raw, name, "it is no UTF-8"))?;
        self.note(name, raw, shown(text));
        Ok(text.to_owned())
    }

    /// A field that stays bytes and not looked into.
    pub(crate) fn opaque(&mut self, name: &str, tag: Tag) -> Result<&'a [u8], ManifestError> {
        let raw = self.raw(name, tag)?;
        let value = format!("{} bytes, not looked into", grouped(raw.value.len()));
        self.note(name, raw, value);
        Ok(raw.value)
    }

    /// A SEQUENCE that `read` reads to its last byte.
    pub(crate) fn sequence<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&mut Self) -> Result<T, ManifestError>,
    ) -> Result<T, ManifestError> {
        let path = format!("{}{name}.", self.path);
        self.sequence_at(name, path, read)
    }

    /// The SEQUENCE that is the whole of a structure: its name begins no other.
    pub(crate) fn outermost<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&mut Self) -> Result<T, ManifestError>,
    ) -> Result<T, ManifestError> {
        self.sequence_at(name, String::new(), read)
    }

    fn sequence_at<T>(
        &mut self,
        name: &str,
        path: String,
        read: impl FnOnce(&mut Self) -> Result<T, ManifestError>,
    ) -> Result<T, ManifestError> {
        let raw = self.raw(name, Tag::Sequence)?;
        self.note(name, raw, format!("{} bytes", grouped(raw.value.len())));
        let mut inner = Self::at(raw.value, raw.value_start, path)?;
        let result = read(&mut inner)?;
        if !inner.is_at_end() {
            return Err(inner.refuse("end", "there is a field the schema does not have"));
        }
        self.fields.append(&mut inner.fields);
        Ok(result)
    }

    /// A SEQUENCE OF: `read` once for each entry, with the entry's name.
    pub(crate) fn entries<T>(
        &mut self,
        name: &str,
        mut read: impl FnMut(&mut Self, &str) -> Result<T, ManifestError>,
    ) -> Result<Vec<T>, ManifestError> {
        self.sequence(name, |list| {
            let mut entries = Vec::new();
            while !list.is_at_end() {
                if entries.len() == ENTRIES {
                    return Err(list.refuse("entry", format!("there are more than {ENTRIES}")));
                }
                let name = entries.len().to_string();
                entries.push(read(list, &name)?);
            }
            Ok(entries)
        })
    }

    fn refuse_at(&self, raw: Raw<'_>, name: &str, why: &str) -> ManifestError {
        ManifestError::Unreadable {
            offset: raw.start,
            field: format!("{}{name}", self.path),
            why: why.to_owned(),
        }
    }
}

/// A foreign text without control characters and of a bounded length.
pub(crate) fn shown(text: &str) -> String {
    text.chars()
        .take(SHOWN_CHARACTERS)
        .map(|c| if c.is_control() { '\u{FFFD}' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_that_der_forbids_are_refused() {
        // Indefinite length, long form of a short length, padded integer, negative integer.
        for bytes in [
            &[0x02, 0x80, 0x01, 0, 0][..],
            &[0x02, 0x81, 0x01, 0x01],
            &[0x02, 0x02, 0x00, 0x01],
            &[0x02, 0x01, 0xff],
            &[0x02, 0x00],
            &[0x02, 0x09, 1, 2, 3, 4, 5, 6, 7, 8, 9],
            &[0x02, 0x84, 0xff, 0xff, 0xff, 0xff],
        ] {
            let mut cursor = Cursor::new(bytes).unwrap();
            assert!(cursor.integer("number").is_err(), "{bytes:02x?}");
        }
        let mut cursor = Cursor::new(&[0x01, 0x01, 0x01]).unwrap();
        assert!(cursor.boolean("flag").is_err());
    }

    #[test]
    fn a_field_is_noted_with_its_place_in_the_file() {
        let bytes = [0x30, 0x06, 0x02, 0x01, 0x05, 0x04, 0x01, 0xaa];
        let mut cursor = Cursor::new(&bytes).unwrap();
        let read = |inner: &mut Cursor<'_>| {
            inner.integer("size")?;
            inner.octets("hash").map(<[u8]>::to_vec)
        };
        assert_eq!(cursor.sequence("payload", read).unwrap(), [0xaa]);
        let fields = cursor.into_fields();
        assert_eq!(fields[2].name, "payload.hash");
        assert_eq!((fields[2].offset, fields[2].length_bytes), (5, 3));
        assert_eq!(fields[1].value, "5");
    }

    #[test]
    fn a_field_the_schema_does_not_have_is_refused() {
        let bytes = [0x30, 0x06, 0x02, 0x01, 0x05, 0x02, 0x01, 0x06];
        let mut cursor = Cursor::new(&bytes).unwrap();
        let error = cursor.sequence("payload", |inner| inner.integer("size"));
        assert!(error.unwrap_err().to_string().contains("byte 5"));
    }
}
