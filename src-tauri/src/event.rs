//! What the shell sends the page without a request. Everything about jobs goes through the feed.

use serde::{Deserialize, Serialize};

/// A second start handed these files over.
#[derive(
    Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type, tauri_specta::Event,
)]
pub(crate) struct OpenPaths {
    /// Absolute paths and https addresses.
    pub(crate) paths: Vec<String>,
}

/// Somebody wants to close the window while jobs run.
#[derive(
    Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type, tauri_specta::Event,
)]
pub(crate) struct CloseAsked {
    /// How many jobs run or wait for their turn.
    pub(crate) running: u32,
}
