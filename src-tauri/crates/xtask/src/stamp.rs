//! Remembers from which input something was installed or built, so that a second run has nothing to
//! do.
//!
//! The whole input is stored, not a digest of it: two small files compare as quickly. A stamp lies
//! inside the folder it speaks of, where it can, so that it goes when the folder goes.

use std::fs;
use std::path::PathBuf;

use crate::failure::{Doing, Done};

/// The input an installed thing was made from.
#[derive(Debug)]
pub(crate) struct Stamp {
    file: PathBuf,
    input: String,
}

impl Stamp {
    /// The stamp stored in `file` for `input`.
    pub(crate) fn new(file: PathBuf, input: String) -> Self {
        Self { file, input }
    }

    /// Whether the thing was made from this very input.
    pub(crate) fn is_current(&self) -> bool {
        fs::read_to_string(&self.file).is_ok_and(|stored| stored == self.input)
    }

    /// Call it after the thing was made.
    pub(crate) fn set(&self) -> Done {
        fs::write(&self.file, &self.input).doing(format_args!("write {}", self.file.display()))
    }
}
