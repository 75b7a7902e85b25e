//! The phases of a delivery and what is reported about them while they run.

use std::pin::Pin;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{Code, Diagnose, Diagnosis, ProgressSink, Sha256};

/// One phase of a delivery, computed before anything is touched. The confirm screen, the dry run
/// and the progress bar all show this value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Phase {
    /// Stable name within a plan, for programs: `send_chunks`.
    pub key: String,
    /// What it does, in words for the user: "Send chunks".
    pub title: String,
    /// Bytes it will confirm; zero when it is not counted in bytes.
    #[cfg_attr(feature = "specta", specta(type = u32))]
    pub bytes: u64,
    /// How long it usually takes, seconds; `None` when that depends on the line.
    pub usual_seconds: Option<u32>,
    /// Longest silence before it is called stalled, seconds.
    pub stall_seconds: u32,
    /// Whether it may be stopped without leaving the other side worse off.
    pub can_stop: bool,
    /// How it is undone afterwards, or why it cannot be, as every face shows it: "Undo: delete the upload job".
    pub undo: String,
}

impl Phase {
    /// Longest silence of a phase that is not counted in bytes before its step is ended. It is far
    /// longer than what is called stalled: the layers below end what they do by limits of their own.
    pub fn deadline(&self) -> Duration {
        let seconds =
            u64::from(self.usual_seconds.unwrap_or(0)) + 4 * u64::from(self.stall_seconds);
        Duration::from_secs(seconds.max(SHORTEST_DEADLINE_SECONDS))
    }
}

/// No step is ended before this long a silence: a slow disk may need as long to hash a large file.
const SHORTEST_DEADLINE_SECONDS: u64 = 15 * 60;

/// What a note is about; the window picks its icon by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub enum NoteKind {
    /// An ordinary step forward.
    Step,
    /// Something went wrong and was put right without a loss.
    Kept,
    /// Work was resumed after an interruption.
    Resumed,
    /// Something is being tried again.
    Retry,
    /// The user should know this.
    Warning,
}

/// Something worth reading later. Notes are never lost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Note {
    /// What it is about.
    pub kind: NoteKind,
    /// One sentence without a full stop.
    pub text: String,
    /// One more sentence.
    pub detail: Option<String>,
    /// The piece (chunk) it is about.
    pub piece: Option<u32>,
}

impl Note {
    /// A note of that kind.
    pub fn new(kind: NoteKind, text: impl Into<String>) -> Self {
        Self {
            kind,
            text: text.into(),
            detail: None,
            piece: None,
        }
    }

    /// With one more sentence.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// About this piece.
    #[must_use]
    pub fn piece(mut self, number: u32) -> Self {
        self.piece = Some(number);
        self
    }
}

/// Receives what a delivery does. `phase` and `note` put lines into the journal, in order, and do
/// not wait for its disk; progress may be lost.
pub trait DeliveryEvents: ProgressSink + std::fmt::Debug {
    /// The phase with this key begins. Phases come in the order of the plan, though a resumed
    /// delivery may skip some; nothing follows a failure.
    fn phase(&self, key: &str);
    /// Something worth reading later.
    fn note(&self, note: Note);
    /// Nothing is done for so long; then it is tried again.
    fn waiting(&self, _wait: std::time::Duration) {}
    /// Ready once everything that was reported before is on the disk.
    ///
    /// Await it after reporting what is about to be done and before doing it, wherever a device is
    /// changed or a service stores something. After [`NotDurable`] it must not be done.
    fn durable(&self) -> Durable<'_>;
    /// Ready once everything that was reported before outlives this process, though perhaps not a loss of
    /// power within the next second.
    ///
    /// Await it in place of [`Self::durable`] where a resumed delivery would learn nothing from these lines
    /// that is not on the disk already. After [`NotDurable`] it must not be done either.
    fn written(&self) -> Durable<'_> {
        self.durable()
    }
}

/// The wait of [`DeliveryEvents::durable`] and [`DeliveryEvents::written`].
pub type Durable<'a> = Pin<Box<dyn Future<Output = Result<(), NotDurable>> + Send + 'a>>;

/// What is about to be done could not be written down, so it must not be done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("what is about to be done could not be written down: {why}")]
pub struct NotDurable {
    /// The journal's reason.
    pub why: String,
}

impl Diagnose for NotDurable {
    fn diagnose(&self) -> Diagnosis {
        Diagnosis::new(
            Code::HomeNotWritable,
            "The next step was not taken.",
            self.to_string(),
        )
    }
}

/// Size and SHA-256 of the file when it was planned: what must still be true when it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct ExpectedFile {
    /// Size of the file, bytes.
    #[cfg_attr(feature = "specta", specta(type = u32))]
    pub size_bytes: u64,
    /// SHA-256 of the file.
    pub sha256: Sha256,
}
