//! What tells two states of a file apart without reading it.

use std::fs::Metadata;

use serde::{Deserialize, Serialize};

/// Size, time of the last change and number of a file. Two equal identities at the same path are
/// taken for the same bytes; the hash decides where it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct FileIdentity {
    /// Size, bytes.
    #[cfg_attr(feature = "specta", specta(type = u32))]
    pub size_bytes: u64,
    /// Last change, nanoseconds since 1970, as far as the file system says. Written as text: other
    /// languages have no integer that holds it.
    #[serde(with = "as_text")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub modified_ns: u64,
    /// Number of the file on its file system; zero where there is none. Written as text, too.
    #[serde(with = "as_text")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub file_number: u64,
}

impl FileIdentity {
    /// The identity that this metadata describes.
    pub fn of(metadata: &Metadata) -> Self {
        let modified = metadata
            .modified()
            .ok()
            .and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok())
            .and_then(|since| u64::try_from(since.as_nanos()).ok());
        Self {
            size_bytes: metadata.len(),
            modified_ns: modified.unwrap_or(0),
            file_number: file_number(metadata),
        }
    }
}

/// An integer as text. One that an earlier version wrote as a number is read, too.
mod as_text {
    use serde::{Deserialize, Deserializer, Serializer, de::Error as _};

    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Number(u64),
        Text(String),
    }

    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde hands references over"
    )]
    pub(super) fn serialize<S: Serializer>(value: &u64, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(value)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
        match Written::deserialize(from)? {
            Written::Number(number) => Ok(number),
            Written::Text(text) => text.parse().map_err(D::Error::custom),
        }
    }
}

#[cfg(unix)]
fn file_number(metadata: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

#[cfg(not(unix))]
fn file_number(_metadata: &Metadata) -> u64 {
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nanoseconds_are_written_as_text_and_read_in_both_forms() {
        let identity = FileIdentity {
            size_bytes: 7,
            modified_ns: 1_764_323_456_789_012_345,
            file_number: u64::MAX,
        };
        let json = serde_json::to_value(identity).unwrap();
        assert_eq!(json["modified_ns"], "1764323456789012345");
        assert_eq!(
            serde_json::from_value::<FileIdentity>(json).unwrap(),
            identity
        );
        let old = r#"{"size_bytes":7,"modified_ns":1764323456789012345,"file_number":3}"#;
        let old: FileIdentity = serde_json::from_str(old).unwrap();
        assert_eq!(
            (old.modified_ns, old.file_number),
            (identity.modified_ns, 3)
        );
        let wrong = r#"{"size_bytes":7,"modified_ns":"soon","file_number":3}"#;
        assert!(serde_json::from_str::<FileIdentity>(wrong).is_err());
    }
}
