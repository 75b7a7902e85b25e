//! Upload jobs and their chunks, as the service tells them.

use serde::{Deserialize, Serialize};

use super::{id::id, or_empty};
use crate::json_value::{maybe_flag, number};
use crate::state_word::FinalState;

/// An upload job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct UploadJob {
    /// Its id.
    #[serde(deserialize_with = "id")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub id: String,
    /// Its name, unique among images and upload jobs of an account.
    #[serde(default, deserialize_with = "or_empty")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub name: String,
    /// Its description.
    #[serde(default, deserialize_with = "or_empty")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub description: String,
    /// `not_started`, `in_progress`, `completed`; others may come.
    #[serde(default, deserialize_with = "or_empty")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub status: String,
    /// Whether it is finished, in the guide's word.
    #[serde(default, deserialize_with = "maybe_flag")]
    #[cfg_attr(feature = "specta", specta(type = Option<bool>))]
    pub completed: Option<bool>,
    /// The same in the contract's word; some answers carry both.
    #[serde(default, skip_serializing, deserialize_with = "maybe_flag")]
    #[cfg_attr(feature = "specta", specta(skip))]
    complete: Option<bool>,
    /// The firmware image it made; empty until it is finished.
    #[serde(default, deserialize_with = "or_empty")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub firmware_image_id: String,
    /// When it was created.
    #[serde(default, deserialize_with = "or_empty")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub created_at: String,
    /// When it last changed.
    #[serde(default, deserialize_with = "or_empty")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub updated_at: String,
}

impl UploadJob {
    /// Whether the service says, in any of its words, that the upload job is finished.
    pub fn is_completed(&self) -> bool {
        self.completed == Some(true)
            || self.complete == Some(true)
            || self.end() == Some(FinalState::Good)
    }

    /// Whether the service says that it ended without an image.
    pub(in crate::pelion) fn has_failed(&self) -> bool {
        !self.is_completed() && self.end() == Some(FinalState::Bad)
    }

    /// Whether its status is a word that no document lists and that says nothing of an end.
    pub(in crate::pelion) fn is_in_an_unknown_state(&self) -> bool {
        let known = ["", "not_started", "in_progress"];
        self.end().is_none() && !known.contains(&self.status.trim())
    }

    fn end(&self) -> Option<FinalState> {
        FinalState::of(&self.status)
    }
}

/// What the service knows about one chunk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Chunk {
    /// Its place, from 1.
    #[serde(deserialize_with = "number")]
    #[cfg_attr(feature = "specta", specta(type = u32))]
    pub id: u32,
    /// Its length, bytes.
    #[serde(deserialize_with = "number")]
    #[cfg_attr(feature = "specta", specta(type = u32))]
    pub length: u64,
    /// Its MD5 as the service writes it, usually hexadecimal; empty when it knows none.
    #[serde(default, deserialize_with = "or_empty")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub hash: String,
    /// When it arrived.
    #[serde(default, deserialize_with = "or_empty")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub created_at: String,
    /// When it last changed.
    #[serde(default, deserialize_with = "or_empty")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub updated_at: String,
}

#[cfg(test)]
mod tests {
    use super::{super::Page, *};

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
        assert!(!begun.is_completed() && !begun.has_failed());
        assert!(!begun.is_in_an_unknown_state());
        for word in ["failed", "error", "aborted", "Cancelled", "timed_out"] {
            let ended = read(&format!(r#"{{"id":"a","status":"{word}"}}"#));
            assert!(ended.has_failed() && !ended.is_completed(), "{word}");
        }
        assert!(read(r#"{"id":"a","status":"assembling"}"#).is_in_an_unknown_state());
    }

    #[test]
    fn the_guides_own_answers_can_be_read() {
        let chunks = r#"{"after":null,"data":[{"created_at":"2018-08-31T14:44:25.023959Z",
            "etag":"2018-08-31T14:44:25.023959Z","hash":"e3237bc98b00f204e8800999ecff316e","id":1,
            "length":14,"updated_at":"2018-08-31T14:44:25.023959Z"}],"has_more":false,"limit":50,
            "object":"list","order":"ASC"}"#;
        let page: Page<Chunk> = serde_json::from_str(chunks).unwrap();
        assert_eq!((page.data[0].id, page.data[0].length), (1, 14));
        let cursor = r#"{"data":[],"after":50}"#;
        let page: Page<Chunk> = serde_json::from_str(cursor).unwrap();
        assert_eq!(page.after.as_deref(), Some("50"));
    }
}
