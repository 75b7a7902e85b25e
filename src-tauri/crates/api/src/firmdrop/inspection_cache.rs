//! What was inspected last, for as long as a file stays what it is.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use firmdrop_engine::FileIdentity;
use firmdrop_image::Inspection;

/// The files that were inspected last, for as long as they stay what they are.
#[derive(Debug, Default)]
pub(super) struct InspectionCache(VecDeque<(PathBuf, FileIdentity, Arc<Inspection>)>);

impl InspectionCache {
    /// More files than a window has on its table are read again.
    const MOST: usize = 32;

    pub(super) fn of(&self, path: &Path, identity: FileIdentity) -> Option<Arc<Inspection>> {
        let mut known = self.0.iter();
        let found = known.find(|(known, of, _)| known == path && *of == identity)?;
        Some(Arc::clone(&found.2))
    }

    pub(super) fn add(&mut self, entry: (PathBuf, FileIdentity, Arc<Inspection>)) {
        self.0.retain(|(path, _, _)| *path != entry.0);
        self.0.push_back(entry);
        while self.0.len() > Self::MOST {
            self.0.pop_front();
        }
    }
}
