//! Why a filter cannot be used, and what is doubtful about one that can.

use firmdrop_core::{Code, Diagnose, Diagnosis, Remedy};
use serde::{Deserialize, Serialize};

/// Longest piece of a filter that is quoted, characters.
const QUOTED_CHARACTERS: usize = 120;

/// Text that is no filter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("the filter cannot be read at character {}: {why}", at + 1)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct FilterError {
    /// The piece that is wrong.
    pub piece: String,
    /// Where it begins, characters from 0.
    pub at: u32,
    /// Its length, characters; 0 when something is missing there.
    pub length: u32,
    /// What is wrong with it.
    pub why: String,
    /// What helps, in one imperative sentence.
    pub help: String,
}

/// Something doubtful in a filter that can be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct FilterWarning {
    /// Where it begins, characters from 0.
    pub at: u32,
    /// Its length, characters.
    pub length: u32,
    /// What is doubtful.
    pub text: String,
}

impl FilterError {
    /// An error at these bytes of `text`.
    pub(super) fn at(text: &str, bytes: std::ops::Range<usize>, why: &str, help: &str) -> Self {
        let piece = text.get(bytes.clone()).unwrap_or_default();
        Self {
            piece: piece.chars().take(QUOTED_CHARACTERS).collect(),
            at: characters(text, bytes.start),
            length: characters(piece, piece.len()),
            why: why.to_owned(),
            help: help.to_owned(),
        }
    }
}

/// Number of characters before this byte.
pub(super) fn characters(text: &str, byte: usize) -> u32 {
    let before = text.get(..byte).unwrap_or(text);
    u32::try_from(before.chars().count()).unwrap_or(u32::MAX)
}

impl Diagnose for FilterError {
    fn diagnose(&self) -> Diagnosis {
        let what = if self.piece.is_empty() {
            format!("The filter cannot be read at character {}.", self.at + 1)
        } else {
            format!(
                "The filter cannot be read at character {}, “{}”.",
                self.at + 1,
                self.piece
            )
        };
        let mut why = self.why.chars();
        let first = why.next().map(|first| first.to_uppercase().to_string());
        let why = format!("{}{}.", first.unwrap_or_default(), why.as_str());
        Diagnosis::new(Code::FilterUnreadable, what, why)
            .state("Nothing was sent.")
            .remedy(Remedy::Advice {
                text: self.help.clone(),
            })
    }
}
