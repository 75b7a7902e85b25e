//! What is to be uploaded, and in which pieces.

use std::sync::Arc;

use firmdrop_core::ExpectedFile;
use firmdrop_image::Source;
use serde::{Deserialize, Serialize};

use super::UploadError;
use crate::pelion::limits::{
    DESCRIPTION_CHARACTERS, FILE_NAME_CHARACTERS, LARGEST_CHUNK_BYTES, MOST_CHUNKS,
    NAME_CHARACTERS, SINGLE_POST_BELOW_BYTES,
};

/// In which pieces a file goes over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub enum Chunking {
    /// One POST below 100 MiB; otherwise an upload job whose chunks follow the line.
    Auto {
        /// Length of the first chunk, bytes, when the line is known from before.
        #[cfg_attr(feature = "specta", specta(type = Option<u32>))]
        first_bytes: Option<u64>,
    },
    /// An upload job with chunks of this length, bytes, rounded up to whole MiB between 5 and 100.
    Fixed {
        /// The length.
        #[cfg_attr(feature = "specta", specta(type = u32))]
        chunk_bytes: u64,
    },
}

impl Default for Chunking {
    fn default() -> Self {
        Self::Auto { first_bytes: None }
    }
}

impl From<Option<u64>> for Chunking {
    /// Chunks of that many bytes, or by the line when nobody chose.
    fn from(chunk_bytes: Option<u64>) -> Self {
        chunk_bytes.map_or_else(Self::default, |chunk_bytes| Self::Fixed { chunk_bytes })
    }
}

impl Chunking {
    /// Whether a file of this size goes in chunks (an upload job), not in one POST.
    pub fn takes_chunks(self, size_bytes: u64) -> bool {
        match self {
            Self::Auto { .. } => size_bytes >= SINGLE_POST_BELOW_BYTES,
            Self::Fixed { .. } => true,
        }
    }
}

/// One file and what it shall be called.
#[derive(Clone)]
pub struct UploadRequest {
    /// Its bytes. A source that notices a change of its file says so with
    /// [`std::io::ErrorKind::InvalidData`].
    pub source: Arc<dyn Source>,
    /// Its size and SHA-256 as they were inspected; the upload is finished only if they still hold.
    pub expected: ExpectedFile,
    /// Name on the service, unique among images and upload jobs of the account.
    pub name: String,
    /// Description; may be empty.
    pub description: String,
    /// Name of the file; goes over with a single POST.
    pub file_name: String,
    /// In which pieces.
    pub chunking: Chunking,
}

/// Longest part behind the last dot of a file's name that is taken for what it says of the content, characters.
const LONGEST_EXTENSION: usize = 16;

/// The name of a file as the service takes it in a form. A longer one is cut before its extension: it names no object.
pub fn form_file_name(name: &str) -> String {
    let characters = name.chars().count();
    if characters <= FILE_NAME_CHARACTERS {
        return name.to_owned();
    }
    let extension = name.rfind('.').and_then(|dot| name.get(dot..));
    let extension = extension.filter(|text| text.chars().count() <= LONGEST_EXTENSION);
    let extension = extension.unwrap_or_default();
    let room = FILE_NAME_CHARACTERS - extension.chars().count();
    let begin: String = name.chars().take(room).collect();
    format!("{begin}{extension}")
}

impl UploadRequest {
    /// What can be refused before anything is touched.
    pub(super) fn check(&self) -> Result<(), UploadError> {
        let size_bytes = self.expected.size_bytes;
        if size_bytes == 0 {
            return Err(UploadError::Empty);
        }
        if size_bytes > MOST_CHUNKS * LARGEST_CHUNK_BYTES {
            return Err(UploadError::TooLarge { size_bytes });
        }
        let texts = [
            ("name", &self.name, NAME_CHARACTERS),
            ("description", &self.description, DESCRIPTION_CHARACTERS),
            ("file name", &self.file_name, FILE_NAME_CHARACTERS),
        ];
        for (what, text, most) in texts {
            let characters = text.chars().count();
            let counts = what != "file name" || !self.chunking.takes_chunks(size_bytes);
            if characters > most && counts {
                return Err(UploadError::TextTooLong {
                    what,
                    characters,
                    most,
                });
            }
        }
        if self.source.len() != size_bytes {
            return Err(UploadError::FileChanged {
                held: super::RemoteState::nothing(size_bytes),
            });
        }
        Ok(())
    }
}

impl std::fmt::Debug for UploadRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UploadRequest")
            .field("expected", &self.expected)
            .field("name", &self.name)
            .field("chunking", &self.chunking)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_that_is_too_long_for_the_form_is_cut_before_its_extension() {
        let long = format!("{}.bin", "n".repeat(251));
        let cut = form_file_name(&long);
        assert_eq!(cut.chars().count(), FILE_NAME_CHARACTERS);
        assert!(cut.ends_with("n.bin"), "{cut}");
        let strange = form_file_name(&format!("a.{}", "ü".repeat(300)));
        assert_eq!(strange.chars().count(), FILE_NAME_CHARACTERS);
        assert_eq!(form_file_name("a.bin"), "a.bin");
    }
}
