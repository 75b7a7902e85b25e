//! Whether what a destination holds can be saved before it is written.

use serde::{Deserialize, Serialize};

/// Whether what a destination holds can be saved before it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "save", rename_all = "snake_case")]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub enum SaveBefore {
    /// It is saved when an option is given.
    Offered {
        /// Name of the option.
        option: String,
        /// The value that has it saved.
        value: String,
        /// It was given.
        chosen: bool,
    },
    /// It cannot be.
    NotOffered {
        /// Why, one sentence.
        why: String,
    },
}

impl SaveBefore {
    /// It cannot be saved, for this reason.
    pub fn not_offered(why: impl Into<String>) -> Self {
        Self::NotOffered { why: why.into() }
    }
}
