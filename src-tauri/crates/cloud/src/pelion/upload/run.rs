//! One run of an upload: who takes part, how patient it is, and what the service keeps so far.
//!
//! The only place of this crate that waits and repeats.

use std::future::Future;

use firmdrop_core::{DeliveryEvents, Md5, Note, NoteKind, Progress, Sha256Hasher};
use firmdrop_net::{
    Delivered, NetError,
    retry::{Decision, Idempotency, Patience},
};
use tokio::time::Duration;
use tokio_util::sync::CancellationToken;

use super::{
    Kept, RecordError, UploadError, UploadRecord, UploadRequest, UploadState, body::SentCounter,
    phases,
};
use crate::pelion::{Pelion, PelionError};

/// How long a first upload knocks at a host that never answered. Longer would only hide a
/// misspelt host; once the service is known, the retry policy's own total time counts.
const FIRST_CONTACT: Duration = Duration::from_secs(20);

/// How often the bytes in flight are shown while nothing else happens.
const SHOW_EVERY: Duration = Duration::from_millis(100);

/// Those who watch an upload.
#[derive(Clone, Copy)]
pub(super) struct Watch<'a> {
    pub(super) record: &'a dyn UploadRecord,
    pub(super) events: &'a dyn DeliveryEvents,
    pub(super) cancel: &'a CancellationToken,
}

/// Chunks the service holds, compared with the file.
#[derive(Debug, Clone, Default)]
pub(super) struct Stored {
    pub(super) chunks: u32,
    pub(super) bytes: u64,
    /// Hash of the file up to there.
    pub(super) sha256: Sha256Hasher,
}

pub(super) struct Run<'a> {
    pub(super) pelion: &'a Pelion,
    pub(super) request: &'a UploadRequest,
    pub(super) record: &'a dyn UploadRecord,
    pub(super) events: &'a dyn DeliveryEvents,
    pub(super) kept: Kept,
    /// The file in one request was refused as too large, in this run or before.
    pub(super) whole_file_refused: bool,
    cancel: &'a CancellationToken,
    patience: Patience,
    met: bool,
}

impl<'a> Run<'a> {
    pub(super) fn new(
        pelion: &'a Pelion,
        request: &'a UploadRequest,
        state: &UploadState,
        watch: Watch<'a>,
    ) -> Self {
        let met = state.upload_job_id.is_some() || state.create_attempted;
        let mut policy = pelion.retry;
        if !met {
            policy.give_up_after = policy.give_up_after.min(FIRST_CONTACT);
        }
        let mut kept = Kept::nothing(request.expected.size_bytes);
        kept.upload_job_id.clone_from(&state.upload_job_id);
        kept.chunks = u32::try_from(state.receipts.len()).unwrap_or(u32::MAX);
        kept.bytes = state
            .receipts
            .iter()
            .map(|receipt| receipt.length_bytes)
            .sum();
        kept.uncertain = state.create_attempted;
        Self {
            pelion,
            request,
            record: watch.record,
            events: watch.events,
            kept,
            whole_file_refused: state.whole_file_refused,
            cancel: watch.cancel,
            patience: Patience::new(policy),
            met,
        }
    }

    /// Begins a phase of the plan. A file that was planned to go in one request and goes in chunks
    /// is still being sent: the steps of its upload job are no phases of that plan.
    pub(super) fn phase(&self, key: &str) {
        let expected = self.request.expected;
        let in_chunks = self.request.chunking.takes_chunks(expected.size_bytes);
        let of_a_job = [phases::CREATE_JOB, phases::SEND_CHUNKS, phases::FINISH].contains(&key);
        let key = if of_a_job && !in_chunks {
            phases::SEND_BODY
        } else {
            key
        };
        self.events.phase(key);
    }

    /// Waits for `work` unless a person stops it; then the work is dropped.
    pub(super) async fn unless_stopped<T>(
        &self,
        work: impl Future<Output = T>,
    ) -> Result<T, UploadError> {
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => Err(UploadError::Stopped { kept: self.kept.clone() }),
            done = work => Ok(done),
        }
    }

    /// Waits for a request whose body is counted, showing what the line took of it.
    pub(super) async fn watched<T>(
        &self,
        exchange: impl Future<Output = Result<T, PelionError>>,
        sent: &SentCounter,
    ) -> Result<Result<T, PelionError>, UploadError> {
        let watched = async {
            let mut tick = tokio::time::interval(SHOW_EVERY);
            tokio::pin!(exchange);
            loop {
                tokio::select! {
                    biased;
                    done = &mut exchange => return done,
                    _ = tick.tick() => self.show(sent.bytes()),
                }
            }
        };
        self.unless_stopped(watched).await
    }

    /// How long to wait before each question about a request whose answer is unknown. A host that
    /// has the whole body may still be working on it, and one that stayed silent may be slow; a
    /// second copy would be appended behind the first, so there is no haste.
    pub(super) fn settling(&self, error: &PelionError) -> Vec<Duration> {
        let pause = self.pelion.retry.first_wait;
        let silent = matches!(
            error,
            PelionError::Net {
                source: NetError::Silent { .. },
                ..
            }
        );
        let questions: u32 = match error.delivered() {
            Delivered::No => 1,
            Delivered::Perhaps if silent => 6,
            Delivered::Perhaps => 3,
        };
        let waits = (1..questions).map(|question| pause * (1 << (question - 1)));
        std::iter::once(Duration::ZERO).chain(waits).collect()
    }

    /// Lets the last request of a killed run arrive: its bytes may still be on their way.
    pub(super) async fn let_settle(&self) -> Result<(), UploadError> {
        let pause = tokio::time::sleep(self.pelion.retry.first_wait);
        self.unless_stopped(pause).await
    }

    /// Waits for a finished upload job to tell its image, as patiently as for a lost network.
    pub(super) async fn wait_for_image(&mut self, job_id: &str) -> Result<(), UploadError> {
        match self.patience.next_wait(None) {
            Some(wait) => self.unless_stopped(tokio::time::sleep(wait)).await,
            None => Err(UploadError::ImageUnknown {
                upload_job_id: job_id.to_owned(),
            }),
        }
    }

    /// Asks something that does no harm when asked twice, until there is an answer, a final
    /// refusal or no patience left.
    pub(super) async fn ask<T, F, Answer>(&mut self, question: F) -> Result<T, UploadError>
    where
        F: Fn(&'a Pelion) -> Answer,
        Answer: Future<Output = Result<T, PelionError>>,
    {
        loop {
            match self.unless_stopped(question(self.pelion)).await? {
                Ok(answer) => {
                    self.answered();
                    return Ok(answer);
                }
                Err(error) => match error.decision(Idempotency::Repeatable) {
                    Decision::Again | Decision::AskFirst => self.pause(error).await?,
                    Decision::Final => return Err(self.failed(error)),
                },
            }
        }
    }

    /// Waits as long as the retry policy says, or fails when its time is over.
    pub(super) async fn pause(&mut self, error: PelionError) -> Result<(), UploadError> {
        if error.status().is_some() {
            self.meet();
        }
        let failures = self.patience.failures();
        let Some(wait) = self.patience.next_wait(error.retry_after()) else {
            return Err(self.failed(error));
        };
        // The first, second, fourth, eighth … failure is worth a line.
        if (failures + 1).is_power_of_two() {
            let text = "Waiting before the next try";
            self.events
                .note(Note::new(NoteKind::Retry, text).detail(format!("{error}.")));
        }
        self.unless_stopped(tokio::time::sleep(wait)).await
    }

    /// The service answered: from now on it is worth waiting for.
    pub(super) fn answered(&mut self) {
        self.meet();
    }

    fn meet(&mut self) {
        if !self.met {
            self.met = true;
            self.patience = Patience::new(self.pelion.retry);
        }
    }

    /// Something was confirmed.
    pub(super) fn progressed(&mut self) {
        self.patience.progressed();
    }

    pub(super) fn failed(&self, source: PelionError) -> UploadError {
        if matches!(&source, PelionError::Net { source, .. } if is_body(source)) {
            return self.unread(body_error(source));
        }
        let mut kept = self.kept.clone();
        kept.uncertain |= source.status().is_none() && source.delivered() == Delivered::Perhaps;
        UploadError::Service {
            source: Box::new(source),
            kept,
        }
    }

    /// A file that ends early or that its source calls changed is no longer the promised one.
    pub(super) fn unread(&self, source: std::io::Error) -> UploadError {
        use std::io::ErrorKind::{InvalidData, UnexpectedEof};
        let kept = self.kept.clone();
        match source.kind() {
            UnexpectedEof | InvalidData => UploadError::FileChanged { kept },
            _ => UploadError::Read { source, kept },
        }
    }

    pub(super) fn written(&self, result: Result<(), RecordError>) -> Result<(), UploadError> {
        result.map_err(|source| UploadError::Record {
            source,
            kept: self.kept.clone(),
        })
    }

    pub(super) fn note(&self, kind: NoteKind, text: impl Into<String>) {
        self.events.note(Note::new(kind, text));
    }

    pub(super) fn show(&self, in_flight_bytes: u64) {
        self.events.progress(Progress {
            confirmed_bytes: self.kept.bytes,
            in_flight_bytes: in_flight_bytes
                .min(self.kept.total_bytes.saturating_sub(self.kept.bytes)),
            total_bytes: self.kept.total_bytes,
        });
    }

    /// Takes over what the service holds.
    pub(super) fn holds(&mut self, upload_job_id: &str, stored: &Stored) {
        self.kept.upload_job_id = Some(upload_job_id.to_owned());
        self.kept.chunks = stored.chunks;
        self.kept.bytes = stored.bytes;
    }

    /// A name that is probably free: this one and the first digits of the file's SHA-256.
    pub(super) fn suggestion(&self) -> String {
        let hex = self.request.expected.sha256.to_string();
        let short: String = hex.chars().take(4).collect();
        let room = crate::pelion::NAME_CHARACTERS - 5;
        let name: String = self.request.name.chars().take(room).collect();
        format!("{name} {short}")
    }

    pub(super) fn poisoned(&self, upload_job_id: &str, why: impl Into<String>) -> UploadError {
        UploadError::JobPoisoned {
            upload_job_id: upload_job_id.to_owned(),
            why: why.into(),
            suggestion: self.suggestion(),
            kept: self.kept.clone(),
        }
    }
}

fn is_body(error: &NetError) -> bool {
    matches!(error, NetError::Body { .. })
}

fn body_error(error: PelionError) -> std::io::Error {
    match error {
        PelionError::Net {
            source: NetError::Body { source },
            ..
        } => source,
        other => std::io::Error::other(other),
    }
}

/// Whether the service's `hash` is this MD5. An empty one says nothing, so it does not disagree;
/// the comparison at the end still covers those bytes.
pub(super) fn agrees(hash: &str, md5: &Md5) -> bool {
    hash.is_empty() || Md5::from_service(hash).is_ok_and(|told| told == *md5)
}
