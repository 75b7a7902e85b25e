//! Which files are to be staged, and the names of their blobs.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use firmdrop_core::ExpectedFile;
use firmdrop_image::Source;

use super::{
    FileState, StagingError,
    block_id::{SHORTEST_BLOCK_BYTES, block_bytes},
    sas::USUAL_LIFE,
};

/// No part of a name is longer; a whole name has 1,024 characters at most.
/// Source: learn.microsoft.com, "Naming and Referencing Containers, Blobs, and Metadata".
const PART_CHARACTERS: usize = 100;

/// One file of an update.
#[derive(Clone)]
pub struct StagingFile {
    /// The update it belongs to: provider, name and version.
    pub update: [String; 3],
    /// What the file is called in the import manifest. Its blob is called otherwise where this name
    /// would not travel well.
    pub file_name: String,
    /// Its bytes. A source that notices a change of its file says so with
    /// [`std::io::ErrorKind::InvalidData`].
    pub source: Arc<dyn Source>,
    /// Its size and SHA-256 when it was planned; nothing is committed unless they still hold.
    pub expected: ExpectedFile,
}

impl std::fmt::Debug for StagingFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StagingFile")
            .field("file_name", &self.file_name)
            .field("expected", &self.expected)
            .finish_non_exhaustive()
    }
}

/// All files of one import, in a fixed order.
#[derive(Debug, Clone)]
pub struct StagingRequest {
    /// A folder of the container; may be empty.
    pub prefix: String,
    /// The files.
    pub files: Vec<StagingFile>,
    /// How long their addresses are to live.
    pub life: Duration,
}

impl StagingRequest {
    /// These files, below no folder, with addresses of the usual life.
    pub fn new(files: Vec<StagingFile>) -> Self {
        Self {
            prefix: String::new(),
            files,
            life: USUAL_LIFE,
        }
    }

    /// Bytes of all files.
    pub fn total_bytes(&self) -> u64 {
        self.files.iter().map(|file| file.expected.size_bytes).sum()
    }

    /// What can be refused before anything is touched.
    pub(super) fn check(&self) -> Result<(), StagingError> {
        for file in &self.files {
            let (name, size) = (file.file_name.clone(), file.expected.size_bytes);
            if size == 0 {
                return Err(StagingError::Empty { file: name });
            }
            if block_bytes(size).is_none() {
                return Err(StagingError::TooLarge {
                    file: name,
                    size_bytes: size,
                });
            }
        }
        Ok(())
    }

    /// Blobs that no other upload has: `PREFIX/PROVIDER/NAME/VERSION/UPLOAD/FILE`.
    pub(super) fn named(&self, upload_id: &str) -> Vec<FileState> {
        let mut taken = BTreeSet::new();
        let name = |file: &StagingFile| {
            let prefix = self.prefix.split('/').filter(|part| !part.is_empty());
            let folder = prefix.chain(file.update.iter().map(String::as_str));
            let folder: Vec<String> = folder.map(safe).collect();
            let folder = folder.join("/");
            let blob = |file: &str| format!("{folder}/{upload_id}/{file}");
            let own = safe(&file.file_name);
            let others = (2..).map(|number| format!("{number}-{own}"));
            let names = std::iter::once(own.clone())
                .chain(others)
                .map(|own| blob(&own));
            let free = names.into_iter().find(|name| taken.insert(name.clone()));
            free.unwrap_or_else(|| blob(&own))
        };
        let blobs: Vec<String> = self.files.iter().map(name).collect();
        let files = self.files.iter().zip(blobs);
        let states = files.map(|(file, blob)| FileState {
            blob,
            size_bytes: file.expected.size_bytes,
            block_bytes: block_bytes(file.expected.size_bytes).unwrap_or(super::BLOCK_BYTES),
            shortest_block_bytes: Some(SHORTEST_BLOCK_BYTES),
            ..FileState::default()
        });
        states.collect()
    }
}

/// A part of a name with letters, digits, dots, dashes and underscores only, and its end if it is too
/// long: there stands what kind of file it is.
fn safe(text: &str) -> String {
    let letters = text.chars().map(|letter| match letter {
        '.' | '-' | '_' => letter,
        letter if letter.is_ascii_alphanumeric() => letter,
        _ => '_',
    });
    let letters: Vec<char> = letters.collect();
    let from = letters.len().saturating_sub(PART_CHARACTERS);
    let end: String = letters.iter().skip(from).collect();
    // A part of dots alone leads elsewhere, and one that ends in a dot is cut by some.
    let dots = end.len() - end.trim_end_matches('.').len();
    let name = end.trim_end_matches('.').to_owned();
    if name.is_empty() || dots > 0 {
        return format!("{name}{}", "_".repeat(dots.max(1)));
    }
    name
}

#[cfg(test)]
mod tests {
    use firmdrop_core::Sha256;
    use firmdrop_image::MemorySource;
    use proptest::prelude::*;

    use super::*;

    fn request(names: &[&str]) -> StagingRequest {
        let file = |name: &&str| StagingFile {
            update: ["Contoso".to_owned(), "Toaster".to_owned(), "1.0".to_owned()],
            file_name: (*name).to_owned(),
            source: Arc::new(MemorySource::new(*b"x")),
            expected: ExpectedFile {
                size_bytes: 1,
                sha256: Sha256::of(b"x"),
            },
        };
        StagingRequest::new(names.iter().map(file).collect())
    }

    fn blobs(request: &StagingRequest) -> Vec<String> {
        let named = request.named("u1").into_iter();
        named.map(|file| file.blob).collect()
    }

    #[test]
    fn names_of_files_become_names_that_travel_well_and_differ() {
        let mut request = request(&["a b#1%é.swu", "a b?1%é.swu", "..", "plain.swu"]);
        request.prefix = "/imports//ü/".to_owned();
        assert_eq!(
            blobs(&request),
            [
                "imports/_/Contoso/Toaster/1.0/u1/a_b_1__.swu",
                "imports/_/Contoso/Toaster/1.0/u1/2-a_b_1__.swu",
                "imports/_/Contoso/Toaster/1.0/u1/__",
                "imports/_/Contoso/Toaster/1.0/u1/plain.swu",
            ]
        );
    }

    proptest! {
        #[test]
        fn no_two_files_share_a_blob(names in proptest::collection::vec(".{0,130}", 1..6)) {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let blobs = blobs(&request(&names));
            let different: BTreeSet<&String> = blobs.iter().collect();
            prop_assert_eq!(different.len(), blobs.len());
            for blob in &blobs {
                prop_assert!(blob.split('/').all(|part| !part.is_empty() && !part.ends_with('.')));
                prop_assert!(blob.len() <= 1024);
            }
        }
    }
}
