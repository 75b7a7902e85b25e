//! Sends an image into the reader's free slot.
//!
//! Resumes from the reader's offset, survives lost and repeated answers and broken links. What
//! happens to the image afterwards is not decided here.

use std::time::Duration;

use firmdrop_core::{NoteKind, Progress};
use firmdrop_link::{Link, LinkError};
use tokio::time::{Instant, timeout_at};

use super::{
    chunks::Chunks,
    failure::Failure,
    left,
    load::{self, Load},
    packet::{Answer, Command, Fields, HEADER_BYTES, request},
    refusal::Refusal,
    session::Session,
    timing::RECONNECTIONS,
    window::{Meaning, Retry, Window},
};
use crate::{LeftState, LoadError};

/// What a byte string's length takes more than an empty one's, at most: CBOR, 65,535 bytes.
const LENGTH_BYTES: usize = 2;

/// An upload under way.
pub(super) struct Upload<'a> {
    load: &'a Load<'a>,
    window: Window,
    chunks: Chunks,
    buffer_bytes: usize,
    /// What the reader said of the whole with its last answer.
    matches: Option<bool>,
    /// Where the last reconnection found the upload, and how often it found it there.
    reconnections: (u64, u32),
    resumed: bool,
}

/// Why sending stopped.
enum Stop {
    Failure(Failure),
    Load(LoadError),
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

impl From<LinkError> for Stop {
    fn from(error: LinkError) -> Self {
        Self::Failure(Failure::Link(error))
    }
}

impl<'a> Upload<'a> {
    /// An upload to a reader with `buffers` of `buffer_bytes` each.
    pub(super) fn new(load: &'a Load<'a>, buffer_bytes: usize, buffers: usize) -> Self {
        Self {
            load,
            window: Window::new(load.context.expected.size_bytes, buffers),
            chunks: Chunks::of(&load.context.source),
            buffer_bytes,
            matches: None,
            reconnections: (0, 0),
            resumed: false,
        }
    }

    /// Sends everything; returns the session it ended on.
    pub(super) async fn send(
        mut self,
        mut session: Session<Link>,
    ) -> Result<Session<Link>, LoadError> {
        self.report_progress();
        loop {
            match self.send_over(&mut session).await {
                Ok(()) => break,
                Err(Stop::Load(error)) => return Err(error),
                Err(Stop::Failure(Failure::Link(error))) if self.may_reconnect() => {
                    session = self.reconnect(session, error).await?;
                }
                Err(Stop::Failure(failure)) => return Err(failure.leaving(self.left())),
            }
        }
        if self.matches == Some(false) {
            return Err(LoadError::SlotDiffers {
                ours: self.load.context.expected.sha256.short(),
                theirs: "bytes with another SHA-256".into(),
                state: LeftState(self.left()),
            });
        }
        Ok(session)
    }

    async fn send_over(&mut self, session: &mut Session<Link>) -> Result<(), Stop> {
        // The link may be a second one: the first may have broken over the last answer.
        self.complete_if_stored(session).await?;
        // Only a step, forward or back, gives the reader new time: chatter does not.
        let mut until = None;
        while !self.window.is_complete() {
            while let Some(offset) = self.window.next() {
                self.send_piece(session, offset).await?;
                if !self.window.has_begun() {
                    break;
                }
            }
            let timeout = self.timeout() + session.line_time();
            let deadline = *until.get_or_insert_with(|| Instant::now() + timeout);
            let answer = tokio::select! {
                biased;
                () = self.load.context.cancel.cancelled() => return Err(self.stopped()),
                answer = timeout_at(deadline, session.receive()) => answer,
            };
            let meaning = if let Ok(answer) = answer {
                self.take(&answer?)?
            } else {
                self.window.silence();
                Meaning::Back
            };
            if meaning == Meaning::Back {
                self.repeat(session).await?;
            }
            if meaning != Meaning::Nothing {
                until = None;
            }
        }
        Ok(())
    }

    /// How long an answer may take.
    fn timeout(&self) -> Duration {
        let timing = &self.load.timing;
        if self.window.has_begun() {
            timing.answer
        } else {
            timing.first_answer * 2_u32.saturating_pow(self.window.repetitions())
        }
    }

    async fn send_piece(&mut self, session: &mut Session<Link>, offset: u64) -> Result<(), Stop> {
        let expected = &self.load.context.expected;
        let mut fields = Fields::default();
        if offset == 0 {
            // `sha` is the digest of the whole file, by which the reader knows a resumed upload.
            fields = fields
                .with("image", self.load.upload_number)
                .with("len", expected.size_bytes)
                .bytes("sha", expected.sha256.as_bytes());
        }
        fields = fields.with("off", offset);
        let empty = request(Command::Upload, 0, &fields.clone().bytes("data", &[]));
        let room = session
            .largest_packet_bytes(self.buffer_bytes)
            .saturating_sub(empty.len() + LENGTH_BYTES)
            .max(HEADER_BYTES);
        let rest = expected.size_bytes - offset;
        let length = usize::try_from(rest).unwrap_or(usize::MAX).min(room);
        let left = self.left();
        let data = self.chunks.read(offset, length).await;
        let data = data.map_err(|source| {
            Stop::Load(LoadError::Read {
                source,
                state: LeftState(left),
            })
        })?;
        let fields = fields.bytes("data", data);
        let sequence = session.queue(Command::Upload, &fields);
        self.window.sent(sequence, offset + length as u64);
        self.report_progress();
        Ok(())
    }

    /// Takes one answer. It says what it meant: [`Meaning::Back`] is followed by a repetition.
    fn take(&mut self, answer: &Answer) -> Result<Meaning, Stop> {
        if !answer.is_to(Command::Upload) {
            return Ok(Meaning::Nothing);
        }
        if let Some(refusal) = Refusal::of(&answer.fields) {
            return Err(Failure::Refused(refusal).into());
        }
        let began = self.window.has_begun();
        let offset = answer.fields.number("off");
        let meaning = offset.map(|offset| self.window.answered(answer.sequence, offset));
        match meaning {
            Some(Meaning::Forward) => {
                self.matches = answer.fields.flag("match").or(self.matches);
                if !began {
                    self.note_resumed();
                }
                self.report_progress();
                Ok(Meaning::Forward)
            }
            Some(meaning @ (Meaning::Nothing | Meaning::Back)) => Ok(meaning),
            Some(Meaning::Nonsense) | None => {
                let said = "an upload with an offset that is not in the image";
                Err(Failure::Protocol(said.into()).into())
            }
        }
    }

    /// After an upload's last piece was sent, asks whether only its answer was lost: a reader forgets
    /// an upload that is complete, and would take the whole image once more.
    async fn complete_if_stored(&mut self, session: &mut Session<Link>) -> Result<(), Stop> {
        if self.window.end_was_sent() {
            let images = self.load.images(session).await?;
            if self.load.is_stored(&images) {
                self.window.complete();
                self.report_progress();
            }
        }
        Ok(())
    }

    async fn repeat(&mut self, session: &mut Session<Link>) -> Result<(), Stop> {
        self.complete_if_stored(session).await?;
        if self.window.is_complete() {
            return Ok(());
        }
        match self.window.repeat() {
            Retry::Over => Err(session.silent().into()),
            Retry::Again => {
                if self.window.repetitions() == 1 {
                    let note = format!("Sending again from byte {}", self.window.confirmed());
                    self.load.note(NoteKind::Retry, note);
                }
                Ok(())
            }
        }
    }

    fn may_reconnect(&mut self) -> bool {
        let (place, times) = self.reconnections;
        let confirmed = self.window.confirmed();
        let times = if confirmed > place { 1 } else { times + 1 };
        self.reconnections = (confirmed, times);
        times <= RECONNECTIONS
    }

    async fn reconnect(
        &mut self,
        broken: Session<Link>,
        error: LinkError,
    ) -> Result<Session<Link>, LoadError> {
        let sequence = broken.next_sequence();
        drop(broken);
        self.load
            .note(NoteKind::Retry, format!("Opening the link again: {error}"));
        let until = Instant::now() + self.load.timing.reconnect;
        loop {
            match self.load.context.open().await {
                Ok(link) => {
                    self.window.reopen();
                    return Ok(self.load.session(link, sequence));
                }
                Err(source) if Instant::now() >= until => {
                    let state = LeftState(self.left());
                    return Err(LoadError::Link { source, state });
                }
                Err(_) => {}
            }
            tokio::select! {
                biased;
                () = self.load.context.cancel.cancelled() => return Err(self.stopped_error()),
                () = tokio::time::sleep(self.load.timing.look_again) => {}
            }
        }
    }

    fn note_resumed(&mut self) {
        let confirmed = self.window.confirmed();
        // No first piece is as large as the buffer it came in.
        if confirmed > self.buffer_bytes as u64 && !self.resumed {
            self.resumed = true;
            self.load.note(
                NoteKind::Resumed,
                format!("The reader held {confirmed} bytes already"),
            );
        }
    }

    fn report_progress(&self) {
        self.load.context.events.progress(Progress {
            confirmed_bytes: self.window.confirmed(),
            in_flight_bytes: self.window.unconfirmed(),
            total_bytes: self.load.context.expected.size_bytes,
        });
    }

    fn stopped(&self) -> Stop {
        Stop::Load(self.stopped_error())
    }

    fn stopped_error(&self) -> LoadError {
        load::stopped(&self.left())
    }

    /// What the reader is left with when the upload ends now.
    fn left(&self) -> String {
        left::in_upload(self.load.mode, self.window.confirmed())
    }
}
