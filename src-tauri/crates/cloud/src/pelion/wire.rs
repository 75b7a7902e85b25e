//! What the service says, read tolerantly: an unknown field is ignored, a missing one is empty.
//!
//! Times stay text: nothing is computed from them.

use serde::{Deserialize, Deserializer, Serialize};

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Page<T> {
    /// The entries.
    pub data: Vec<T>,
    /// Whether another page follows.
    #[serde(default)]
    pub has_more: bool,
    /// Largest number of entries of a page.
    #[serde(default)]
    pub limit: u32,
    /// The cursor that was asked for. The next one is the id of the last entry.
    #[serde(default, deserialize_with = "text_or_number")]
    pub after: Option<String>,
    /// `ASC` or `DESC`, by creation.
    #[serde(default)]
    pub order: String,
    /// Number of all entries, when it was asked for.
    #[serde(default)]
    #[cfg_attr(feature = "specta", specta(type = Option<u32>))]
    pub total_count: Option<u64>,
}

/// An upload job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct UploadJob {
    /// Its id.
    pub id: String,
    /// Its name, unique among images and upload jobs of an account.
    #[serde(default, deserialize_with = "or_empty")]
    pub name: String,
    /// Its description.
    #[serde(default, deserialize_with = "or_empty")]
    pub description: String,
    /// `not_started`, `in_progress`, `completed`; others may come.
    #[serde(default, deserialize_with = "or_empty")]
    pub status: String,
    /// Whether it is finished, in the guide's word.
    #[serde(default)]
    pub completed: Option<bool>,
    /// The same in the contract's word; some answers carry both.
    #[serde(default, skip_serializing)]
    #[cfg_attr(feature = "specta", specta(skip))]
    complete: Option<bool>,
    /// The firmware image it made; empty until it is finished.
    #[serde(default, deserialize_with = "or_empty")]
    pub firmware_image_id: String,
    /// When it was created.
    #[serde(default, deserialize_with = "or_empty")]
    pub created_at: String,
    /// When it last changed.
    #[serde(default, deserialize_with = "or_empty")]
    pub updated_at: String,
}

impl UploadJob {
    /// Whether the service says, in any of its words, that the upload job is finished.
    pub fn is_completed(&self) -> bool {
        self.completed == Some(true)
            || self.complete == Some(true)
            || matches!(self.status.as_str(), "completed" | "success")
    }
}

/// What the service knows about one chunk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Chunk {
    /// Its place, from 1.
    pub id: u32,
    /// Its length, bytes.
    #[cfg_attr(feature = "specta", specta(type = u32))]
    pub length: u64,
    /// Its MD5 as the service writes it, usually hexadecimal; empty when it knows none.
    #[serde(default, deserialize_with = "or_empty")]
    pub hash: String,
    /// When it arrived.
    #[serde(default, deserialize_with = "or_empty")]
    pub created_at: String,
    /// When it last changed.
    #[serde(default, deserialize_with = "or_empty")]
    pub updated_at: String,
}

/// A firmware image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct FirmwareImage {
    /// Its id.
    pub id: String,
    /// Its name.
    #[serde(default, deserialize_with = "or_empty")]
    pub name: String,
    /// Its description.
    #[serde(default, deserialize_with = "or_empty")]
    pub description: String,
    /// Where devices fetch it.
    #[serde(default, deserialize_with = "or_empty")]
    pub datafile: String,
    /// Its SHA-256, hexadecimal, as the service writes it.
    #[serde(default, deserialize_with = "or_empty")]
    pub datafile_checksum: String,
    /// Its size, bytes.
    #[serde(default)]
    #[cfg_attr(feature = "specta", specta(type = Option<u32>))]
    pub datafile_size: Option<u64>,
    /// When it was created.
    #[serde(default, deserialize_with = "or_empty")]
    pub created_at: String,
    /// When it last changed.
    #[serde(default, deserialize_with = "or_empty")]
    pub updated_at: String,
}

/// The service's words when it refuses.
#[derive(Debug, Default, Deserialize)]
pub(super) struct ErrorBody {
    #[serde(default, rename = "type", deserialize_with = "or_empty")]
    pub(super) kind: String,
    #[serde(default, deserialize_with = "or_empty")]
    pub(super) message: String,
    #[serde(default)]
    pub(super) request_id: Option<String>,
    #[serde(default)]
    pub(super) fields: Option<Vec<ErrorField>>,
}

/// What is wrong with one field.
#[derive(Debug, Deserialize)]
pub(super) struct ErrorField {
    #[serde(default, deserialize_with = "or_empty")]
    pub(super) name: String,
    #[serde(default, deserialize_with = "or_empty")]
    pub(super) message: String,
}

/// `null` reads like a missing text.
fn or_empty<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// Cursors of chunks are numbers, all others texts.
fn text_or_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Cursor {
        Text(String),
        Number(u64),
    }
    Ok(
        Option::deserialize(deserializer)?.map(|cursor| match cursor {
            Cursor::Text(text) => text,
            Cursor::Number(number) => number.to_string(),
        }),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finished_is_read_in_every_word_the_service_uses() {
        let read = |json: &str| serde_json::from_str::<UploadJob>(json).unwrap();
        assert!(read(r#"{"id":"a","completed":true}"#).is_completed());
        assert!(read(r#"{"id":"a","complete":true}"#).is_completed());
        assert!(read(r#"{"id":"a","complete":true,"completed":true}"#).is_completed());
        assert!(read(r#"{"id":"a","status":"completed"}"#).is_completed());
        assert!(read(r#"{"id":"a","status":"success"}"#).is_completed());
        let begun = read(
            r#"{"id":"a","completed":false,"status":"in_progress","description":null,"firmware_image_id":""}"#,
        );
        assert!(!begun.is_completed());
    }

    #[test]
    fn the_guides_own_answers_can_be_read() {
        let chunks = r#"{"after":null,"data":[{"created_at":"2018-08-31T14:44:25.023959Z",
            "etag":"2018-08-31T14:44:25.023959Z","hash":"e3237bc98b00f204e8800999ecff316e","id":1,
            "length":14,"updated_at":"2018-08-31T14:44:25.023959Z"}],"has_more":false,"limit":50,
            "object":"list","order":"ASC"}"#;
        let page: Page<Chunk> = serde_json::from_str(chunks).unwrap();
        assert_eq!((page.data[0].id, page.data[0].length), (1, 14));
        let image = r#"{"completed":true,"datafile":"http://example.com/1","datafile_checksum":"1234",
            "datafile_size":27,"id":"01658f9a587800000000000100100024","name":"n"}"#;
        let image: FirmwareImage = serde_json::from_str(image).unwrap();
        assert_eq!(image.datafile_size, Some(27));
        let cursor = r#"{"data":[],"after":50}"#;
        let page: Page<Chunk> = serde_json::from_str(cursor).unwrap();
        assert_eq!(page.after.as_deref(), Some("50"));
    }
}
