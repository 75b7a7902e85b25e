//! What the commands share: the facade, or why there is none, and the feed to the page.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use firmdrop_api::{Diagnosis, Firmdrop, Watch};
use tauri::async_runtime::JoinHandle;

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
    /// Files for the record of a bench that the user chose.
    pub(crate) records: ChosenRecords,
    /// Ends when the page asks for a new one.
    bench_feed: Mutex<Option<JoinHandle<()>>>,
    /// Operator mode is on.
    operator: AtomicBool,
}

/// Files that the user chose in the system's dialog: the page may name no other.
#[derive(Debug, Default)]
pub(crate) struct ChosenRecords(Mutex<HashSet<String>>);

impl ChosenRecords {
    /// The user chose this one.
    pub(crate) fn allow(&self, path: String) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(path);
    }

    /// Whether the user chose it.
    pub(crate) fn is_allowed(&self, path: &str) -> bool {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.contains(path)
    }
}

impl Backend {
    pub(crate) fn new(firmdrop: Result<Firmdrop, Diagnosis>, paths: Vec<String>) -> Self {
        let files = OpenFiles::default();
        let started_with = files.open_all(paths);
        let backend = Self {
            firmdrop: firmdrop.map_err(Box::new),
            files,
            started_with: Mutex::new(started_with),
            feed: Mutex::new(None),
            records: ChosenRecords::default(),
            bench_feed: Mutex::new(None),
            operator: AtomicBool::new(false),
        };
        // What was chosen in an earlier run stays chosen.
        if let Ok(firmdrop) = &backend.firmdrop
            && let Some(record) = firmdrop.bench_setup().record
        {
            backend.records.allow(record);
        }
        backend
    }

    /// Operator mode is on, or off.
    pub(crate) fn set_operator(&self, on: bool) {
        self.operator.store(on, Ordering::Relaxed);
    }

    /// Whether operator mode is on.
    pub(crate) fn is_operator(&self) -> bool {
        self.operator.load(Ordering::Relaxed)
    }

    /// Stores the feed of the bench and ends the one before.
    pub(crate) fn keep_bench_feed(&self, task: JoinHandle<()>) {
        let mut feed = self
            .bench_feed
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(before) = feed.replace(task) {
            before.abort();
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
