//! What the shell sends the page without a request. Everything about jobs goes through the feed.

use serde::{Deserialize, Serialize};

use crate::open_files::OpenFile;

/// A second start handed these files over.
#[derive(
    Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type, tauri_specta::Event,
)]
pub(crate) struct FilesOpened {
    /// The files.
    pub(crate) files: Vec<OpenFile>,
}

/// Files were let go over the window.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, specta::Type, tauri_specta::Event)]
pub(crate) struct FilesDropped {
    /// The files.
    pub(crate) files: Vec<OpenFile>,
    /// Where, in pixels of the window.
    pub(crate) x: f64,
    /// Where, in pixels of the window.
    pub(crate) y: f64,
}

/// Somebody wants to close the window while jobs run.
#[derive(
    Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type, tauri_specta::Event,
)]
pub(crate) struct CloseAsked {
    /// How many jobs run or wait for their turn.
    pub(crate) running: u32,
}
