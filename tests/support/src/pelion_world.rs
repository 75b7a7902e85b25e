//! A simulated Pelion account, a file, and a journal that can die at any line.

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
    DeliveryEvents, Durable, ExpectedFile, MIB, Note, NoteKind, Outcome, Progress, ProgressSink,
    Sha256,
};
use firmdrop_image::{MemorySource, Source};
use firmdrop_net::{Deadlines, retry::RetryPolicy};
use firmdrop_simulator::pelion::{JobEntry, PelionOptions, PelionServer};
use tokio_util::sync::CancellationToken;

pub use crate::distinct_bytes::bytes;
pub use crate::pelion_service::KEY;
use crate::pelion_service::{holds_exactly, only_upload_job};

/// An upload of these bytes in chunks of 5 MiB.
pub fn request(bytes: Vec<u8>) -> UploadRequest {
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
pub fn three_chunks() -> UploadRequest {
    request(bytes(11 * MIB + 17, 7))
}

/// The same upload, read from another source.
pub fn with_source(request: &UploadRequest, source: impl Source + 'static) -> UploadRequest {
    UploadRequest {
        source: Arc::new(source),
        ..request.clone()
    }
}

/// Where the journal ends: behind a line that was written, or before it could be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Death {
    /// Right after this line was written.
    AfterLine(usize),
    /// Right before this line would be written.
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
pub struct Journal(Mutex<Lines>);

impl Journal {
    /// Of a process that starts with this state.
    pub fn resumed(state: UploadState) -> Self {
        let journal = Self::default();
        journal.0.lock().unwrap().state = state;
        journal
    }

    /// Of a process that dies.
    pub fn dying(death: Death) -> Self {
        let journal = Self::default();
        journal.0.lock().unwrap().death = Some(death);
        journal
    }

    /// What its lines amount to.
    pub fn state(&self) -> UploadState {
        self.0.lock().unwrap().state.clone()
    }

    /// Its lines.
    pub fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap().written.clone()
    }

    /// Whether it died when the last bytes of a body were to go out, so that they did not.
    pub fn died_in_a_body(&self) -> bool {
        let journal = self.0.lock().unwrap();
        let last = journal.written.last().map(String::as_str);
        last.is_some_and(|line| line == "handing over" || line.starts_with("sending"))
    }

    /// Chunks that were sent more than once.
    pub fn sent_again(&self) -> u32 {
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
    async fn refused(&self) -> Result<(), RecordError> {
        self.write("refused".to_owned(), |lines| lines.state.unanswered = None)
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

/// What an upload reported.
#[derive(Debug, Default)]
pub struct RecordedEvents {
    /// The phases in their order.
    pub phases: Mutex<Vec<String>>,
    /// The notes in their order.
    pub notes: Mutex<Vec<Note>>,
    /// Every progress.
    pub progress: Mutex<Vec<Progress>>,
    /// Set when this many bytes are confirmed or in flight.
    pub stop_at: Mutex<Option<(u64, CancellationToken)>>,
}

impl RecordedEvents {
    /// Whether there was a note of this kind.
    pub fn has(&self, kind: NoteKind) -> bool {
        self.notes
            .lock()
            .unwrap()
            .iter()
            .any(|note| note.kind == kind)
    }
}

impl ProgressSink for RecordedEvents {
    fn progress(&self, progress: Progress) {
        self.progress.lock().unwrap().push(progress);
        if let Some((at, cancel)) = &*self.stop_at.lock().unwrap()
            && progress.confirmed_bytes + progress.in_flight_bytes >= *at
        {
            cancel.cancel();
        }
    }
}

impl DeliveryEvents for RecordedEvents {
    fn phase(&self, key: &str) {
        self.phases.lock().unwrap().push(key.to_owned());
    }
    fn note(&self, note: Note) {
        self.notes.lock().unwrap().push(note);
    }

    fn durable(&self) -> Durable<'_> {
        Box::pin(async { Ok(()) })
    }
}

/// A simulated account, and an uploader of it.
pub struct World {
    /// The service.
    pub server: PelionServer,
    /// What the upload reported.
    pub events: RecordedEvents,
    /// Stops the upload.
    pub cancel: CancellationToken,
    /// How long a silent service is waited for.
    pub silence: Duration,
    /// How long a failing one is asked again.
    pub give_up_after: Duration,
}

impl World {
    /// With a service as it is by default.
    pub async fn start() -> Self {
        Self::with(PelionOptions::new(KEY)).await
    }

    /// With another service.
    pub async fn with(options: PelionOptions) -> Self {
        Self {
            server: PelionServer::start(options).await.unwrap(),
            events: RecordedEvents::default(),
            cancel: CancellationToken::new(),
            silence: Duration::from_secs(20),
            give_up_after: GIVE_UP_AFTER,
        }
    }

    /// A client of the account.
    pub fn pelion(&self) -> Pelion {
        self.pelion_with_key(KEY)
    }

    /// A client with another key.
    pub fn pelion_with_key(&self, key: &str) -> Pelion {
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
    pub async fn upload(
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
            &self.events,
            &self.cancel,
        )
        .await
    }

    /// Uploads from nothing.
    pub async fn deliver(&self, request: &UploadRequest) -> Result<Outcome, UploadError> {
        self.upload(request, &Journal::default()).await
    }

    /// The upload job, when there was one alone.
    pub fn only_job(&self) -> JobEntry {
        only_upload_job(&self.server)
    }

    /// One image with our bytes, and no chunk stored twice.
    #[track_caller]
    pub fn holds_exactly(&self, request: &UploadRequest) {
        holds_exactly(&self.server, &request.expected);
    }
}

/// How long a failing service is asked again here.
const GIVE_UP_AFTER: Duration = Duration::from_secs(3);

/// How long a request whose answer is lost may still be carried out here.
pub const SETTLING: Duration = Duration::from_millis(900);

/// An account at this address, with short timeouts.
pub fn pelion_at(url: &str, key: &str) -> Pelion {
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

/// Whether an upload ended *Verified*.
pub fn is_verified(outcome: &Result<Outcome, UploadError>) -> bool {
    matches!(outcome, Ok(Outcome::Verified { .. }))
}
