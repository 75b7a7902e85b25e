//! Two files side by side.

use std::path::PathBuf;
use std::sync::Arc;

use firmdrop_core::Diagnosis;
use firmdrop_engine::{blocking, inspect};
use firmdrop_image::{Source, compare};

use super::Firmdrop;
use crate::{ComparedFile, FileComparison};

impl Firmdrop {
    /// What is different between two files. Both are read anew; nothing is sent or stored.
    pub async fn compare(&self, before: &str, after: &str) -> Result<FileComparison, Diagnosis> {
        let [before, after] = [before, after].map(PathBuf::from);
        blocking(move || {
            let ((first, one), (second, other)) = (inspect(&before)?, inspect(&after)?);
            let file = |path: PathBuf, inspection: &firmdrop_image::Inspection| ComparedFile {
                path: path.display().to_string(),
                integrity: inspection.integrity(),
                summary: inspection.summary.clone(),
            };
            let first: Arc<dyn Source> = Arc::new(first);
            let second: Arc<dyn Source> = Arc::new(second);
            let comparison = compare((&first, &one), (&second, &other))?;
            Ok(FileComparison {
                before: file(before, &one),
                after: file(after, &other),
                comparison,
            })
        })
        .await
    }
}
