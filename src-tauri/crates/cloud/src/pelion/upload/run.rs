//! One run of an upload: who takes part, and what the service holds so far.

use std::future::Future;

use firmdrop_core::{DeliveryEvents, Md5, Moment, Note, NoteKind, Progress, Sha256Hasher};
use firmdrop_net::{Delivered, NetError};
use tokio::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

use super::{
    RecordError, RemoteState, UploadError, UploadRecord, UploadRequest, UploadState,
    body::Handover, phases,
};
use crate::pelion::{
    Pelion, PelionError, UploadJob,
    settle::{CheckTimes, Unanswered},
};
use crate::session::{Ended, Session};

/// How long a first upload tries a host that never answered. Longer would only hide a misspelt
/// host; once the service is known, the retry policy's own total time counts.
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
    pub(super) held: RemoteState,
    /// The file in one request was refused as too large, in this run or before.
    pub(super) whole_file_refused: bool,
    /// When the first request that creates something went out, and how long before that an earlier run
    /// sent one.
    began: (Instant, Duration),
    /// The last word for the state of the upload job that was shown.
    state_word: String,
    session: Session<'a>,
}

impl<'a> Run<'a> {
    pub(super) fn new(
        pelion: &'a Pelion,
        request: &'a UploadRequest,
        state: &UploadState,
        watch: Watch<'a>,
    ) -> Self {
        let mut session = Session::new(pelion.retry, watch.cancel.clone(), Some(watch.events));
        if state.upload_job_id.is_none() && !state.create_attempted {
            session = session.first_contact_within(FIRST_CONTACT);
        }
        if state.upload_job_id.is_some() || state.firmware_image_id.is_some() {
            pelion.known_host.answered();
        }
        let mut held = RemoteState::nothing(request.expected.size_bytes);
        held.upload_job_id.clone_from(&state.upload_job_id);
        held.chunks = u32::try_from(state.receipts.len()).unwrap_or(u32::MAX);
        held.bytes = state
            .receipts
            .iter()
            .map(|receipt| receipt.length_bytes)
            .sum();
        held.uncertain = state.create_attempted && state.upload_job_id.is_none();
        let left = state.unanswered.map(|left| left.ago).unwrap_or_default();
        let earlier = left.max(state.create_ago);
        Self {
            pelion,
            request,
            record: watch.record,
            events: watch.events,
            held,
            whole_file_refused: state.whole_file_refused,
            began: (Instant::now(), earlier),
            state_word: String::new(),
            session,
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

    /// Waits for `work` unless a user stops it; then the work is dropped.
    pub(super) async fn unless_stopped<T>(
        &self,
        work: impl Future<Output = T>,
    ) -> Result<T, UploadError> {
        let done = self.session.unless_stopped(work).await;
        done.ok_or_else(|| self.stopped())
    }

    fn stopped(&self) -> UploadError {
        UploadError::Stopped {
            held: self.held.clone(),
        }
    }

    fn ended(&self, ended: Ended<PelionError>) -> UploadError {
        match ended {
            Ended::Stopped => self.stopped(),
            Ended::Failed(error) => self.failed(error),
        }
    }

    /// Waits for a request whose body is counted, showing what the line took of it, and writes
    /// down that its last bytes go out before they do.
    pub(super) async fn watched<T>(
        &self,
        exchange: impl Future<Output = Result<T, PelionError>>,
        handover: &Handover,
        length_bytes: u64,
    ) -> Result<Result<T, PelionError>, UploadError> {
        let watched = async {
            let mut tick = tokio::time::interval(SHOW_EVERY);
            let written = async {
                handover.near_its_end().await;
                self.written(self.record.handing_over(length_bytes).await)
            };
            tokio::pin!(exchange, written);
            let mut may_end = false;
            loop {
                tokio::select! {
                    biased;
                    done = &mut exchange => return Ok(done),
                    written = &mut written, if !may_end => {
                        written?;
                        may_end = true;
                        handover.may_end();
                    }
                    _ = tick.tick() => self.show(handover.bytes()),
                }
            }
        };
        self.unless_stopped(watched).await?
    }

    /// When to check after a failure of a request that stores something.
    pub(super) fn checks_after(&self, error: &PelionError, length_bytes: u64) -> CheckTimes {
        self.pelion.settling.after(error, length_bytes)
    }

    /// When to check for what an earlier run left on its way; one check when it left nothing.
    pub(super) fn checks_for(&self, left: Option<Unanswered>) -> CheckTimes {
        self.pelion.settling.left(left)
    }

    /// When to check for what the service adds to something that it already shows.
    pub(super) fn checks_for_details(&self) -> CheckTimes {
        self.pelion.settling.shown()
    }

    /// What our requests made is not older, by the service's clock.
    pub(super) fn not_before(&self) -> Moment {
        let (here, earlier) = self.began;
        self.pelion.clock.not_before(here.elapsed() + earlier)
    }

    /// Waits for the next check. False when the last one was at the end of the time.
    pub(super) async fn wait_for_next_check(
        &self,
        checks: &mut CheckTimes,
    ) -> Result<bool, UploadError> {
        let Some(wait) = checks.next_wait() else {
            return Ok(false);
        };
        if checks.is_first_wait() {
            self.note(
                NoteKind::Retry,
                "Waiting for what the service may still be storing",
            );
        }
        self.unless_stopped(tokio::time::sleep(wait)).await?;
        Ok(true)
    }

    /// Repeats a request for something whose id came from the service. It may show it a little later only, so a 404
    /// counts once it has been repeated for some seconds. The inner error is that 404.
    pub(super) async fn query_named<T, F, Exchange>(
        &mut self,
        request: F,
    ) -> Result<Result<T, Box<PelionError>>, UploadError>
    where
        F: Fn(&'a Pelion) -> Exchange,
        Exchange: Future<Output = Result<T, PelionError>>,
    {
        let mut checks = self.pelion.settling.shown();
        loop {
            match self.query(&request).await {
                Err(UploadError::Service { source, .. }) if source.is_not_known() => {
                    if !self.wait_for_next_check(&mut checks).await? {
                        return Ok(Err(source));
                    }
                }
                answer => return answer.map(Ok),
            }
        }
    }

    /// Waits for a finished upload job to name its image, as long as for a lost network.
    pub(super) async fn wait_for_image(&mut self, job_id: &str) -> Result<(), UploadError> {
        match self.session.wait_a_little().await {
            Some(true) => Ok(()),
            Some(false) => Err(UploadError::ImageUnknown {
                upload_job_id: job_id.to_owned(),
            }),
            None => Err(self.stopped()),
        }
    }

    /// Repeats a request that changes nothing until it is answered, finally refused, or out of time.
    pub(super) async fn query<T, F, Exchange>(&mut self, request: F) -> Result<T, UploadError>
    where
        F: Fn(&'a Pelion) -> Exchange,
        Exchange: Future<Output = Result<T, PelionError>>,
    {
        let pelion = self.pelion;
        let asked = self.session.repeat(|| request(pelion)).await;
        asked.map_err(|ended| self.ended(ended))
    }

    /// Waits as long as the retry policy says, or fails when its time is over.
    pub(super) async fn pause(&mut self, error: PelionError) -> Result<(), UploadError> {
        let paused = self.session.pause(error).await;
        paused.map_err(|ended| self.ended(ended))
    }

    /// The service answered: from now on it is worth waiting for.
    pub(super) fn answered(&mut self) {
        self.session.answered();
    }

    /// Something was confirmed.
    pub(super) fn progressed(&mut self) {
        self.session.progressed();
    }

    pub(super) fn failed(&self, source: PelionError) -> UploadError {
        if matches!(&source, PelionError::Net { source, .. } if is_body(source)) {
            return self.unread(body_error(source));
        }
        let mut held = self.held.clone();
        let stores = !source.is_of_a_question();
        held.uncertain |=
            stores && source.status().is_none() && source.delivered() == Delivered::Perhaps;
        UploadError::Service {
            source: Box::new(source),
            held,
        }
    }

    /// A file that ends early or that its source calls changed is no longer the promised one.
    pub(super) fn unread(&self, source: std::io::Error) -> UploadError {
        use std::io::ErrorKind::{InvalidData, UnexpectedEof};
        let held = self.held.clone();
        match source.kind() {
            UnexpectedEof | InvalidData => UploadError::FileChanged { held },
            _ => UploadError::Read { source, held },
        }
    }

    pub(super) fn written(&self, result: Result<(), RecordError>) -> Result<(), UploadError> {
        result.map_err(|source| UploadError::Record {
            source,
            held: self.held.clone(),
        })
    }

    pub(super) fn note(&self, kind: NoteKind, text: impl Into<String>) {
        self.events.note(Note::new(kind, text));
    }

    pub(super) fn show(&self, in_flight_bytes: u64) {
        self.events.progress(Progress {
            confirmed_bytes: self.held.bytes,
            in_flight_bytes: in_flight_bytes
                .min(self.held.total_bytes.saturating_sub(self.held.bytes)),
            total_bytes: self.held.total_bytes,
        });
    }

    /// Takes over what the service holds.
    pub(super) fn holds(&mut self, upload_job_id: &str, stored: &Stored) {
        self.held.upload_job_id = Some(upload_job_id.to_owned());
        self.held.chunks = stored.chunks;
        self.held.bytes = stored.bytes;
        self.held.uncertain = false;
    }

    /// A name that is probably free: this one and the first digits of the file's SHA-256.
    pub(super) fn suggestion(&self) -> String {
        let hex = self.request.expected.sha256.to_string();
        let short: String = hex.chars().take(4).collect();
        let room = crate::pelion::NAME_CHARACTERS - 5;
        let name: String = self.request.name.chars().take(room).collect();
        format!("{name} {short}")
    }

    /// The service's word says that the upload job ended without an image.
    pub(super) fn job_ended(&self, job: UploadJob) -> UploadError {
        UploadError::JobEnded {
            upload_job_id: job.id,
            word: in_short(&job.status),
            suggestion: self.suggestion(),
            held: self.held.clone(),
        }
    }

    /// Shows the service's word for the state of the upload job when nobody listed it, once for each.
    pub(super) fn notice_state(&mut self, job: &UploadJob) {
        if job.is_in_an_unknown_state() && self.state_word != job.status {
            self.state_word.clone_from(&job.status);
            let word = in_short(&job.status);
            let text = format!("The service calls the upload job \"{word}\"");
            self.note(NoteKind::Warning, text);
        }
    }

    pub(super) fn poisoned(&self, upload_job_id: &str, why: impl Into<String>) -> UploadError {
        UploadError::JobPoisoned {
            upload_job_id: upload_job_id.to_owned(),
            why: why.into(),
            suggestion: self.suggestion(),
            held: self.held.clone(),
        }
    }
}

/// A foreign word on one line of bounded length.
fn in_short(word: &str) -> String {
    let visible = word.chars().filter(|letter| !letter.is_control());
    visible.take(80).collect()
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

/// Whether the service's `hash` is this MD5. One that cannot be read says nothing, so it does not
/// disagree; the comparison at the end still covers those bytes.
pub(super) fn agrees(hash: &str, md5: &Md5) -> bool {
    Md5::from_service(hash).is_ok_and(|stated| stated == *md5) || !states_an_md5(hash)
}

/// Whether an MD5 can be read in the service's `hash`.
pub(super) fn states_an_md5(hash: &str) -> bool {
    Md5::from_service(hash).is_ok()
}
