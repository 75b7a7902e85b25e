//! May this image go there?

use serde::{Deserialize, Serialize};

/// What is known about an image and a destination together. Never a guess.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub enum Fit {
    /// Everything that can be compared agrees.
    Fits {
        /// What was compared, or what will happen: "new image", "2.4.0 → 2.4.1".
        note: String,
    },
    /// Something that must agree does not.
    DoesNotFit {
        /// What disagrees, in words for a person.
        why: String,
    },
    /// There is nothing to compare, or something is missing.
    CannotTell {
        /// What is missing, and how it can be had.
        why: String,
    },
}

impl Fit {
    /// It fits, and this is worth knowing.
    pub fn fits(note: impl Into<String>) -> Self {
        Self::Fits { note: note.into() }
    }

    /// It does not fit, because.
    pub fn does_not_fit(why: impl Into<String>) -> Self {
        Self::DoesNotFit { why: why.into() }
    }

    /// Nobody can tell, because.
    pub fn cannot_tell(why: impl Into<String>) -> Self {
        Self::CannotTell { why: why.into() }
    }

    /// Whether a delivery may be planned without a person's override.
    pub fn is_fit(&self) -> bool {
        matches!(self, Self::Fits { .. })
    }
}
