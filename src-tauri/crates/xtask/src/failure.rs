//! The one error of this tool: a sentence for the user in front of the terminal.
//!
//! Not an enum: nobody handles these, they are read.

use std::fmt;

/// What went wrong, ready to be printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure(String);

/// A step that either worked or says why not.
pub(crate) type Done = Result<(), Failure>;

impl Failure {
    /// A failure that says `sentence`.
    pub(crate) fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Adds what was being done to an error of the system.
pub(crate) trait Doing<T> {
    /// `what` reads after "could not": "read Cargo.toml".
    fn doing(self, what: impl fmt::Display) -> Result<T, Failure>;
}

impl<T, E: fmt::Display> Doing<T> for Result<T, E> {
    fn doing(self, what: impl fmt::Display) -> Result<T, Failure> {
        self.map_err(|error| Failure::new(format!("could not {what}: {error}")))
    }
}
