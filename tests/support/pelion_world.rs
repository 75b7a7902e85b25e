//! A simulated Pelion account, a file, and a journal that can die at any line.
#![allow(dead_code, reason = "each suite uses its part of the world")]

mod distinct_bytes;
mod pelion_service;

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use firmdrop_cloud::pelion::{
    Pelion, PelionAccount,
    upload::{
        ChunkReceipt, Chunking, RecordError, Unanswered, UploadError, UploadRecord, UploadRequest,
        UploadState, upload,
    },
};
use firmdrop_core::{
    DeliveryEvents, ExpectedFile, MIB, Note, NoteKind, Outcome, Progress, ProgressSink, Sha256,
};
use firmdrop_image::{MemorySource, Source};
use firmdrop_net::{Deadlines, retry::RetryPolicy};
use firmdrop_simulator::pelion::{JobEntry, PelionOptions, PelionServer};
use tokio_util::sync::CancellationToken;

pub(crate) use distinct_bytes::bytes;
pub(crate) use pelion_service::KEY;
use pelion_service::{holds_exactly, only_upload_job};

pub(crate) fn request(bytes: Vec<u8>) -> UploadRequest {
    let expected = ExpectedFile {
        size_bytes: bytes.len() as u64,
        sha256: Sha256::of(&bytes),
    };
    UploadRequest {
        source: Arc::new(MemorySource::new(bytes)),
        expected,
        name: "puck-1.42".to_owned(),
        description: "for the bench".to_owned(),
        file_name: "puck.bin".to_owned(),
        chunking: Chunking::Fixed {
            chunk_bytes: 5 * MIB,
        },
    }
}

/// Two whole chunks and a rest.
pub(crate) fn three_chunks() -> UploadRequest {
    request(bytes(11 * MIB + 17, 7))
}

pub(crate) fn with_source(request: &UploadRequest, source: impl Source + 'static) -> UploadRequest {
    UploadRequest {
        source: Arc::new(source),
        ..request.clone()
    }
}

/// Where the journal ends: behind a line that was written, or before it could be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Death {
    AfterLine(usize),
    BeforeLine(usize),
}

#[derive(Debug, Default)]
struct Lines {
    state: UploadState,
    written: Vec<String>,
    death: Option<Death>,
    sent_again: u32,
}

/// A journal in memory.
#[derive(Debug, Default)]
pub(crate) struct Journal(Mutex<Lines>);

impl Journal {
    pub(crate) fn resumed(state: UploadState) -> Self {
        let journal = Self::default();
        journal.0.lock().unwrap().state = state;
        journal
    }

    pub(crate) fn dying(death: Death) -> Self {
        let journal = Self::default();
        journal.0.lock().unwrap().death = Some(death);
        journal
    }

    pub(crate) fn state(&self) -> UploadState {
        self.0.lock().unwrap().state.clone()
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap().written.clone()
    }

    /// Whether it died when the last bytes of a body were to go out, so that they did not.
    pub(crate) fn died_in_a_body(&self) -> bool {
        let journal = self.0.lock().unwrap();
        let last = journal.written.last().map(String::as_str);
        last.is_some_and(|line| line == "handing over" || line.starts_with("sending"))
    }

    pub(crate) fn sent_again(&self) -> u32 {
        self.0.lock().unwrap().sent_again
    }

    fn write(&self, line: String, change: impl FnOnce(&mut Lines)) -> Result<(), RecordError> {
        let mut journal = self.0.lock().unwrap();
        let number = journal.written.len();
        let dead = || Err(RecordError("killed".to_owned()));
        if journal.death == Some(Death::BeforeLine(number)) {
            return dead();
        }
        journal.written.push(line);
        change(&mut journal);
        if journal.death == Some(Death::AfterLine(number)) {
            return dead();
        }
        Ok(())
    }
}

#[async_trait::async_trait]
impl UploadRecord for Journal {
    async fn creating_job(&self) -> Result<(), RecordError> {
        self.write("creating".to_owned(), |journal| {
            journal.state.create_attempted = true;
        })
    }
    async fn whole_file_refused(&self) -> Result<(), RecordError> {
        self.write("whole file refused".to_owned(), |journal| {
            journal.state.learn_whole_file_refused();
        })
    }
    async fn job_created(&self, id: &str) -> Result<(), RecordError> {
        self.write("created".to_owned(), |journal| {
            journal.state.upload_job_id = Some(id.to_owned());
        })
    }
    async fn handing_over(&self, length_bytes: u64) -> Result<(), RecordError> {
        self.write("handing over".to_owned(), |journal| {
            let ago = Duration::ZERO;
            journal.state.unanswered = Some(Unanswered { length_bytes, ago });
        })
    }
    async fn sending_chunk(&self, number: u32, _: u64, _: u64) -> Result<(), RecordError> {
        self.write(format!("sending {number}"), |_| ())
    }
    async fn chunk_confirmed(
        &self,
        receipt: &ChunkReceipt,
        again: bool,
    ) -> Result<(), RecordError> {
        self.write(format!("confirmed {}", receipt.number), |journal| {
            journal.state.unanswered = None;
            journal.state.receipts.push(*receipt);
            journal.sent_again += u32::from(again);
        })
    }
    async fn finishing(&self) -> Result<(), RecordError> {
        self.write("finishing".to_owned(), |journal| {
            journal.state.finish_attempted = true;
        })
    }
    async fn image_known(&self, id: &str) -> Result<(), RecordError> {
        self.write("image".to_owned(), |journal| {
            journal.state.firmware_image_id = Some(id.to_owned());
        })
    }
}

/// What was told while an upload ran.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) phases: Mutex<Vec<String>>,
    pub(crate) notes: Mutex<Vec<Note>>,
    pub(crate) progress: Mutex<Vec<Progress>>,
    /// Set when this many bytes are confirmed or in flight.
    pub(crate) stop_at: Mutex<Option<(u64, CancellationToken)>>,
}

impl Told {
    pub(crate) fn has(&self, kind: NoteKind) -> bool {
        self.notes
            .lock()
            .unwrap()
            .iter()
            .any(|note| note.kind == kind)
    }
}

impl ProgressSink for Told {
    fn progress(&self, progress: Progress) {
        self.progress.lock().unwrap().push(progress);
        if let Some((at, cancel)) = &*self.stop_at.lock().unwrap()
            && progress.confirmed_bytes + progress.in_flight_bytes >= *at
        {
            cancel.cancel();
        }
    }
}

impl DeliveryEvents for Told {
    fn phase(&self, key: &str) {
        self.phases.lock().unwrap().push(key.to_owned());
    }
    fn note(&self, note: Note) {
        self.notes.lock().unwrap().push(note);
    }
}

pub(crate) struct World {
    pub(crate) server: PelionServer,
    pub(crate) told: Told,
    pub(crate) cancel: CancellationToken,
    /// How long a silent service is waited for.
    pub(crate) silence: Duration,
    /// How long a failing one is asked again.
    pub(crate) give_up_after: Duration,
}

impl World {
    pub(crate) async fn start() -> Self {
        Self::with(PelionOptions::new(KEY)).await
    }

    pub(crate) async fn with(options: PelionOptions) -> Self {
        Self {
            server: PelionServer::start(options).await.unwrap(),
            told: Told::default(),
            cancel: CancellationToken::new(),
            silence: Duration::from_secs(20),
            give_up_after: GIVE_UP_AFTER,
        }
    }

    pub(crate) fn pelion(&self) -> Pelion {
        self.pelion_with_key(KEY)
    }

    pub(crate) fn pelion_with_key(&self, key: &str) -> Pelion {
        let pelion = pelion_at(&self.server.url(), key);
        let deadlines = Deadlines {
            connect: self.silence,
            stall: self.silence,
            answer: self.silence,
        };
        let pelion = pelion.with_retry(retry(self.give_up_after));
        pelion.with_deadlines(deadlines).unwrap()
    }

    /// Uploads with this journal, from its state.
    pub(crate) async fn upload(
        &self,
        request: &UploadRequest,
        journal: &Journal,
    ) -> Result<Outcome, UploadError> {
        let state = journal.state();
        upload(
            &self.pelion(),
            request,
            state,
            journal,
            &self.told,
            &self.cancel,
        )
        .await
    }

    /// Uploads from nothing.
    pub(crate) async fn deliver(&self, request: &UploadRequest) -> Result<Outcome, UploadError> {
        self.upload(request, &Journal::default()).await
    }

    pub(crate) fn only_job(&self) -> JobEntry {
        only_upload_job(&self.server)
    }

    /// One image with our bytes, and no chunk stored twice.
    #[track_caller]
    pub(crate) fn holds_exactly(&self, request: &UploadRequest) {
        holds_exactly(&self.server, &request.expected);
    }
}

/// How long a failing service is asked again here.
const GIVE_UP_AFTER: Duration = Duration::from_secs(3);

/// How long a request whose answer is lost may still be carried out here.
pub(crate) const SETTLING: Duration = Duration::from_millis(900);

/// An account at this address, with little patience.
pub(crate) fn pelion_at(url: &str, key: &str) -> Pelion {
    let account = PelionAccount {
        name: "bench".to_owned(),
        host: url.to_owned(),
        proxy: None,
        extra_ca_pem: None,
        production: false,
    };
    let pelion = Pelion::new(&account, key.to_owned().into()).unwrap();
    let retry = retry(GIVE_UP_AFTER);
    pelion.with_retry(retry).with_settling(SETTLING)
}

fn retry(give_up_after: Duration) -> RetryPolicy {
    RetryPolicy {
        first_wait: Duration::from_millis(20),
        longest_wait: Duration::from_millis(200),
        give_up_after,
    }
}

pub(crate) fn is_verified(outcome: &Result<Outcome, UploadError>) -> bool {
    matches!(outcome, Ok(Outcome::Verified { .. }))
}
