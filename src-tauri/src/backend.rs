//! What the commands share: the facade, or why there is none, and the feed to the page.

use std::sync::{Mutex, PoisonError};

use firmdrop_api::{Diagnosis, Firmdrop, Watch};

use crate::open_files::{OpenFile, OpenFiles};

/// Managed by Tauri; one for the program.
#[derive(Debug)]
pub(crate) struct Backend {
    firmdrop: Result<Firmdrop, Box<Diagnosis>>,
    /// The files the page may name.
    pub(crate) files: OpenFiles,
    /// Files the program was started with, until the page took them.
    started_with: Mutex<Vec<OpenFile>>,
    /// Ends when the page asks for a new one, as it does after a reload.
    feed: Mutex<Option<Watch>>,
}

impl Backend {
    pub(crate) fn new(firmdrop: Result<Firmdrop, Diagnosis>, paths: Vec<String>) -> Self {
        let files = OpenFiles::default();
        let started_with = files.open_all(paths);
        Self {
            firmdrop: firmdrop.map_err(Box::new),
            files,
            started_with: Mutex::new(started_with),
            feed: Mutex::new(None),
        }
    }

    /// The facade, or the reason why the home could not be opened.
    pub(crate) fn firmdrop(&self) -> Result<&Firmdrop, Diagnosis> {
        self.firmdrop
            .as_ref()
            .map_err(|diagnosis| (**diagnosis).clone())
    }

    /// The files of the start; empty from the second call on.
    pub(crate) fn take_started_with(&self) -> Vec<OpenFile> {
        std::mem::take(
            &mut *self
                .started_with
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }

    /// Keeps the feed to the page alive and ends the one before.
    pub(crate) fn keep_feed(&self, watch: Watch) {
        *self.feed.lock().unwrap_or_else(PoisonError::into_inner) = Some(watch);
    }
}
