//! One run of staging: who takes part, and what the storage holds so far.

use std::future::Future;

use firmdrop_core::{DeliveryEvents, Note, NoteKind, Progress};
use firmdrop_net::{Delivered, NetError};
use tokio::time::Duration;
use tokio_util::sync::CancellationToken;

use super::{
    BlobStore, FileState, RecordError, StagedSoFar, StagingError, StagingFile, StagingRecord,
    StagingRequest, StorageError,
};
use crate::session::{Ended, Session};

/// How long a first run tries a host that never answered. Longer would only hide a misspelt name.
const FIRST_CONTACT: Duration = Duration::from_secs(20);

/// Those who watch.
#[derive(Clone, Copy)]
pub(super) struct Watch<'a> {
    pub(super) record: &'a dyn StagingRecord,
    pub(super) events: &'a dyn DeliveryEvents,
    pub(super) cancel: &'a CancellationToken,
}

pub(super) struct Run<'a> {
    pub(super) store: &'a BlobStore,
    pub(super) request: &'a StagingRequest,
    pub(super) record: &'a dyn StagingRecord,
    pub(super) events: &'a dyn DeliveryEvents,
    /// What is known of each file.
    pub(super) files: Vec<FileState>,
    pub(super) session: Session<'a>,
    cancel: &'a CancellationToken,
    /// Most bytes that were shown as confirmed: a number that was shown is not taken back.
    shown_bytes: u64,
}

impl<'a> Run<'a> {
    pub(super) fn new(
        store: &'a BlobStore,
        request: &'a StagingRequest,
        files: Vec<FileState>,
        watch: Watch<'a>,
    ) -> Self {
        let retry = store.options.retry;
        let mut session = Session::new(retry, watch.cancel.clone(), Some(watch.events));
        if !files.iter().any(|file| file.confirmed_bytes > 0) {
            session = session.first_contact_within(FIRST_CONTACT);
        }
        Self {
            store,
            request,
            record: watch.record,
            events: watch.events,
            files,
            session,
            cancel: watch.cancel,
            shown_bytes: 0,
        }
    }

    /// The file of this place, and what is known of it.
    pub(super) fn file(&self, at: usize) -> Result<(&'a StagingFile, &FileState), StagingError> {
        let both = self.request.files.get(at).zip(self.files.get(at));
        both.ok_or(StagingError::OtherFiles)
    }

    pub(super) fn change(&mut self, at: usize, change: impl FnOnce(&mut FileState)) {
        if let Some(file) = self.files.get_mut(at) {
            change(file);
        }
    }

    pub(super) fn staged_so_far(&self) -> StagedSoFar {
        let place = self.store.place();
        let place = format!("{}/{}", place.account(), place.container());
        StagedSoFar::of(place, &self.files)
    }

    pub(super) fn name(&self, at: usize) -> String {
        let file = self.request.files.get(at);
        file.map(|file| file.file_name.clone()).unwrap_or_default()
    }

    /// Ready when a user stops it.
    pub(super) fn cancelled(&self) -> impl Future<Output = ()> + 'a {
        self.cancel.cancelled()
    }

    pub(super) fn stopped(&self) -> StagingError {
        StagingError::Stopped {
            held: self.staged_so_far(),
        }
    }

    pub(super) async fn unless_stopped<T>(
        &self,
        work: impl Future<Output = T>,
    ) -> Result<T, StagingError> {
        let done = self.session.unless_stopped(work).await;
        done.ok_or_else(|| self.stopped())
    }

    /// Repeats a request that changes nothing until it is answered, finally refused, or out of time.
    pub(super) async fn query<T, F, Exchange>(&mut self, request: F) -> Result<T, StagingError>
    where
        F: Fn(&'a BlobStore) -> Exchange,
        Exchange: Future<Output = Result<T, StorageError>>,
    {
        let store = self.store;
        let asked = self.session.repeat(|| request(store)).await;
        asked.map_err(|ended| self.ended(ended))
    }

    /// Waits as long as the retry policy says, or fails when its time is over.
    pub(super) async fn pause(&mut self, error: StorageError) -> Result<(), StagingError> {
        let paused = self.session.pause(error).await;
        paused.map_err(|ended| self.ended(ended))
    }

    fn ended(&self, ended: Ended<StorageError>) -> StagingError {
        match ended {
            Ended::Stopped => self.stopped(),
            Ended::Failed(error) => self.failed(error),
        }
    }

    pub(super) fn failed(&self, source: StorageError) -> StagingError {
        let mut held = self.staged_so_far();
        held.uncertain |= source.code().is_none() && source.delivered() == Delivered::Perhaps;
        StagingError::Storage {
            source: Box::new(source),
            held,
        }
    }

    /// What failed while the bytes of this file were sent: the file itself, or the way.
    pub(super) fn failed_with(&self, at: usize, source: StorageError) -> StagingError {
        match source {
            StorageError::Net {
                source: NetError::Body { source },
                ..
            } => self.unread(at, source),
            source => self.failed(source),
        }
    }

    /// A file that ends early or that its source calls changed is no longer the planned one.
    pub(super) fn unread(&self, at: usize, source: std::io::Error) -> StagingError {
        use std::io::ErrorKind::{InvalidData, UnexpectedEof};
        let (file, held) = (self.name(at), self.staged_so_far());
        match source.kind() {
            UnexpectedEof | InvalidData => StagingError::FileChanged { file, held },
            _ => StagingError::Read { file, source, held },
        }
    }

    pub(super) fn changed(&self, at: usize) -> StagingError {
        StagingError::FileChanged {
            file: self.name(at),
            held: self.staged_so_far(),
        }
    }

    pub(super) fn written(&self, result: Result<(), RecordError>) -> Result<(), StagingError> {
        result.map_err(|source| StagingError::Record {
            source,
            held: self.staged_so_far(),
        })
    }

    pub(super) fn note(&self, kind: NoteKind, text: impl Into<String>) {
        self.events.note(Note::new(kind, text));
    }

    /// Shows what is confirmed, and the bytes of blocks that are under way.
    pub(super) fn show(&mut self, in_flight_bytes: u64) {
        let held = self.staged_so_far();
        self.shown_bytes = self.shown_bytes.max(held.bytes);
        let left = held.of_bytes.saturating_sub(self.shown_bytes);
        self.events.progress(Progress {
            confirmed_bytes: self.shown_bytes,
            in_flight_bytes: in_flight_bytes.min(left),
            total_bytes: held.of_bytes,
        });
    }
}
