//! What is imported: updates, each with its manifest and its files.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use firmdrop_core::{ExpectedFile, Sha256};
use firmdrop_image::{MemorySource, Source};

use super::ImportError;
use crate::azure::UpdateId;
use crate::azure::staging::{StagingFile, StagingRequest, USUAL_LIFE};

/// A file of an update.
#[derive(Clone)]
pub struct PlannedFile {
    /// What the manifest calls it.
    pub name: String,
    /// Its bytes.
    pub source: Arc<dyn Source>,
    /// Its size and SHA-256 when it was planned.
    pub expected: ExpectedFile,
}

impl std::fmt::Debug for PlannedFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PlannedFile")
            .field("name", &self.name)
            .field("expected", &self.expected)
            .finish_non_exhaustive()
    }
}

/// One update.
#[derive(Debug, Clone)]
pub struct PlannedUpdate {
    /// What it is known by.
    pub id: UpdateId,
    /// The name that lists show, if it gets one.
    pub friendly_name: Option<String>,
    /// What its manifest is called.
    pub manifest_name: String,
    /// Its manifest, byte for byte as it is staged.
    pub manifest: Vec<u8>,
    /// Its files, with those that are related to them.
    pub files: Vec<PlannedFile>,
}

/// Everything that is imported in one request.
#[derive(Debug, Clone)]
pub struct ImportRequest {
    /// The update, and those it references when they are imported with it.
    pub updates: Vec<PlannedUpdate>,
    /// A folder of the container for what is staged; may be empty.
    pub prefix: String,
    /// How long the addresses of the files are to live.
    pub life: Duration,
    /// What was staged is not deleted afterwards.
    pub leave_staged: bool,
    /// How long what is waited for.
    pub waits: ImportWaits,
}

/// How long the service is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImportWaits {
    /// How long it may still act on a request whose response was lost.
    pub settles_within: Duration,
    /// How long an accepted import is watched before it is given up.
    pub watch_within: Duration,
    /// How long an imported update may be missing in what it answers.
    pub appears_within: Duration,
    /// Longest wait between two looks; `None` waits as long as the service asks.
    pub longest_pause: Option<Duration>,
}

impl Default for ImportWaits {
    fn default() -> Self {
        Self {
            settles_within: Duration::from_mins(1),
            // The addresses end after eight hours; what is not read by then never will be.
            watch_within: USUAL_LIFE,
            appears_within: Duration::from_mins(1),
            longest_pause: None,
        }
    }
}

impl PlannedUpdate {
    /// Its files, by their names in the manifest.
    pub(super) fn contents(&self) -> impl Iterator<Item = (&str, &ExpectedFile)> {
        (self.files.iter()).map(|file| (&*file.name, &file.expected))
    }
}

impl ImportRequest {
    /// These updates, with the usual waits.
    pub fn new(updates: Vec<PlannedUpdate>) -> Self {
        Self {
            updates,
            prefix: String::new(),
            life: USUAL_LIFE,
            leave_staged: false,
            waits: ImportWaits::default(),
        }
    }

    /// Bytes that are staged: all files and all manifests.
    pub fn staged_bytes(&self) -> u64 {
        self.staging().total_bytes()
    }

    /// What is staged: of each update its files, then its manifest.
    pub(super) fn staging(&self) -> StagingRequest {
        let mut files = Vec::new();
        for update in &self.updates {
            let file = |name: &str, source: &Arc<dyn Source>, expected| StagingFile {
                update: update.id.parts(),
                file_name: name.to_owned(),
                source: Arc::clone(source),
                expected,
            };
            files.extend(
                (update.files.iter()).map(|one| file(&one.name, &one.source, one.expected)),
            );
            let manifest: Arc<dyn Source> = Arc::new(MemorySource::new(update.manifest.clone()));
            let expected = ExpectedFile {
                size_bytes: update.manifest.len() as u64,
                sha256: Sha256::of(&update.manifest),
            };
            files.push(file(&update.manifest_name, &manifest, expected));
        }
        StagingRequest {
            prefix: self.prefix.clone(),
            files,
            life: self.life,
        }
    }
}

impl UpdateId {
    /// Provider, name and version.
    fn parts(&self) -> [String; 3] {
        [
            self.provider.clone(),
            self.name.clone(),
            self.version.clone(),
        ]
    }
}

/// Refuses what the service would misread.
pub(super) fn check(request: &ImportRequest) -> Result<(), ImportError> {
    let mut ids = BTreeSet::new();
    for update in &request.updates {
        if !ids.insert(update.id.parts().map(|part| part.to_ascii_lowercase())) {
            return Err(ImportError::Planned {
                why: format!("{} is in it twice.", update.id),
            });
        }
    }
    if request.updates.is_empty() {
        return Err(ImportError::Planned {
            why: "It has no update.".to_owned(),
        });
    }
    Ok(())
}
