//! The files of a plan: one, or several that belong together.

use serde::{Deserialize, Serialize};

use super::ImageFile;

/// At least one file. The first is the one the plan is named after.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<ImageFile>", into = "Vec<ImageFile>")]
pub struct Files {
    first: Box<ImageFile>,
    others: Vec<ImageFile>,
}

/// A plan without a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a plan has at least one file")]
pub struct NoFile;

impl Files {
    /// The first file.
    pub fn first(&self) -> &ImageFile {
        &self.first
    }

    /// All of them, the first one first.
    pub fn iter(&self) -> impl Iterator<Item = &ImageFile> {
        std::iter::once(&*self.first).chain(&self.others)
    }

    /// One of them, from 0.
    pub fn get(&self, index: usize) -> Option<&ImageFile> {
        self.iter().nth(index)
    }

    /// How many.
    pub fn count(&self) -> usize {
        1 + self.others.len()
    }

    /// The only one; `None` when there are several.
    pub fn only(&self) -> Option<&ImageFile> {
        self.others.is_empty().then_some(&*self.first)
    }
}

impl From<ImageFile> for Files {
    fn from(only: ImageFile) -> Self {
        Self {
            first: Box::new(only),
            others: Vec::new(),
        }
    }
}

impl TryFrom<Vec<ImageFile>> for Files {
    type Error = NoFile;

    fn try_from(files: Vec<ImageFile>) -> Result<Self, NoFile> {
        let mut files = files.into_iter();
        let first = files.next().ok_or(NoFile)?;
        Ok(Self {
            first: Box::new(first),
            others: files.collect(),
        })
    }
}

impl From<Files> for Vec<ImageFile> {
    fn from(files: Files) -> Self {
        std::iter::once(*files.first).chain(files.others).collect()
    }
}
