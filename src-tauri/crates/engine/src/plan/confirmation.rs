//! What a delivery needs beyond one click: each is confirmed on its own, never in advance.

use serde::{Deserialize, Serialize};

/// Something of a plan that the user confirms by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Confirmation {
    /// What it is about.
    pub about: ConfirmationAbout,
    /// What is confirmed, as an imperative: "Downgrade Gate reader 12 from 2.5.0 to 2.4.2".
    pub title: String,
    /// What follows from it.
    pub consequence: String,
}

/// What a confirmation is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub enum ConfirmationAbout {
    /// The image is older than what the reader runs.
    Downgrade,
    /// The image has the version that the reader runs.
    SameVersion,
    /// A check of the file failed.
    Damaged,
    /// The image could have a signature and has none.
    Unsigned,
    /// The access key and the image travel unencrypted.
    PlainHttp,
    /// The destination is marked as production.
    Production,
}
