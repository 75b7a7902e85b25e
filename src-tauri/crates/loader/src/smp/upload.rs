//! Sends an image into the reader's free slot.
//!
//! Goes on where the reader stands, survives lost and repeated answers and broken links. What
//! happens to the image afterwards is not decided here.

use std::time::Duration;

use firmdrop_core::{NoteKind, Progress};
use firmdrop_link::{Link, LinkError};
use tokio::time::{Instant, timeout_at};

use super::{
    chunks::Chunks,
    conversation::Conversation,
    failure::Failure,
    packet::{Answer, Command, Fields, HEADER_BYTES, request},
    refusal::Refusal,
    run::Run,
    state::Standing,
    timing::RECONNECTIONS,
    window::{Meaning, Patience, Window},
};
use crate::{LeftState, LoadError};

/// What a byte string's length takes more than an empty one's, at most: CBOR, 65,535 bytes.
const LENGTH_BYTES: usize = 2;

/// An upload under way.
pub(super) struct Upload<'a> {
    run: &'a Run<'a>,
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
    pub(super) fn new(run: &'a Run<'a>, buffer_bytes: usize, buffers: usize) -> Self {
        Self {
            run,
            window: Window::new(run.context.expected.size_bytes, buffers),
            chunks: Chunks::of(&run.context.source),
            buffer_bytes,
            matches: None,
            reconnections: (0, 0),
            resumed: false,
        }
    }

    /// Sends everything; returns the conversation it ended on.
    pub(super) async fn send(
        mut self,
        mut conversation: Conversation<Link>,
    ) -> Result<Conversation<Link>, LoadError> {
        self.tell_progress();
        loop {
            match self.send_over(&mut conversation).await {
                Ok(()) => break,
                Err(Stop::Load(error)) => return Err(error),
                Err(Stop::Failure(Failure::Link(error))) if self.may_reconnect() => {
                    conversation = self.reconnect(conversation, error).await?;
                }
                Err(Stop::Failure(failure)) => return Err(failure.leaving(self.left())),
            }
        }
        if self.matches == Some(false) {
            return Err(LoadError::SlotDiffers {
                ours: self.run.context.expected.sha256.short(),
                theirs: "bytes with another SHA-256".into(),
            });
        }
        Ok(conversation)
    }

    async fn send_over(&mut self, conversation: &mut Conversation<Link>) -> Result<(), Stop> {
        // The link may be a second one: the first may have broken over the last answer.
        self.complete_if_stored(conversation).await?;
        // Only a step, forward or back, gives the reader new time: chatter does not.
        let mut until = None;
        while !self.window.is_complete() {
            while let Some(offset) = self.window.next() {
                self.send_piece(conversation, offset).await?;
                if !self.window.has_begun() {
                    break;
                }
            }
            let patience = self.patience() + conversation.line_time();
            let deadline = *until.get_or_insert_with(|| Instant::now() + patience);
            let answer = tokio::select! {
                biased;
                () = self.run.context.cancel.cancelled() => return Err(self.stopped()),
                answer = timeout_at(deadline, conversation.receive()) => answer,
            };
            let meaning = if let Ok(answer) = answer {
                self.take(&answer?)?
            } else {
                self.window.silence();
                Meaning::Back
            };
            if meaning == Meaning::Back {
                self.repeat(conversation).await?;
            }
            if meaning != Meaning::Nothing {
                until = None;
            }
        }
        Ok(())
    }

    /// How long an answer may take.
    fn patience(&self) -> Duration {
        let timing = &self.run.timing;
        if self.window.has_begun() {
            timing.answer
        } else {
            timing.first_answer * 2_u32.saturating_pow(self.window.repetitions())
        }
    }

    async fn send_piece(
        &mut self,
        conversation: &mut Conversation<Link>,
        offset: u64,
    ) -> Result<(), Stop> {
        let expected = &self.run.context.expected;
        let mut fields = Fields::default();
        if offset == 0 {
            // `sha` is the digest of the whole file, by which the reader knows a resumed upload.
            fields = fields
                .with("image", 0)
                .with("len", expected.size_bytes)
                .bytes("sha", expected.sha256.as_bytes());
        }
        fields = fields.with("off", offset);
        let empty = request(Command::Upload, 0, &fields.clone().bytes("data", &[]));
        let room = conversation
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
        let sequence = conversation.queue(Command::Upload, &fields);
        self.window.sent(sequence, offset + length as u64);
        self.tell_progress();
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
                    self.tell_resumed();
                }
                self.tell_progress();
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
    async fn complete_if_stored(
        &mut self,
        conversation: &mut Conversation<Link>,
    ) -> Result<(), Stop> {
        if self.window.end_was_sent() {
            let images = self.run.images(conversation).await?;
            if images.standing(&self.run.hash) != Standing::Absent {
                self.window.complete();
                self.tell_progress();
            }
        }
        Ok(())
    }

    async fn repeat(&mut self, conversation: &mut Conversation<Link>) -> Result<(), Stop> {
        self.complete_if_stored(conversation).await?;
        if self.window.is_complete() {
            return Ok(());
        }
        match self.window.repeat() {
            Patience::Over => Err(conversation.silent().into()),
            Patience::Again => {
                if self.window.repetitions() == 1 {
                    let note = format!("Sending again from byte {}", self.window.confirmed());
                    self.run.note(NoteKind::Retry, note);
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
        broken: Conversation<Link>,
        error: LinkError,
    ) -> Result<Conversation<Link>, LoadError> {
        let sequence = broken.next_sequence();
        drop(broken);
        self.run
            .note(NoteKind::Retry, format!("Opening the link again: {error}"));
        let until = Instant::now() + self.run.timing.reconnect;
        loop {
            match self.run.context.open().await {
                Ok(link) => {
                    self.window.reopen();
                    return Ok(self.run.conversation(link, sequence));
                }
                Err(source) if Instant::now() >= until => {
                    let state = LeftState(self.left());
                    return Err(LoadError::Link { source, state });
                }
                Err(_) => {}
            }
            tokio::select! {
                biased;
                () = self.run.context.cancel.cancelled() => return Err(self.stopped_error()),
                () = tokio::time::sleep(self.run.timing.look_again) => {}
            }
        }
    }

    fn tell_resumed(&mut self) {
        let confirmed = self.window.confirmed();
        // No first piece is as large as the buffer it came in.
        if confirmed > self.buffer_bytes as u64 && !self.resumed {
            self.resumed = true;
            self.run.note(
                NoteKind::Resumed,
                format!("The reader held {confirmed} bytes already"),
            );
        }
    }

    fn tell_progress(&self) {
        self.run.context.events.progress(Progress {
            confirmed_bytes: self.window.confirmed(),
            in_flight_bytes: self.window.unconfirmed(),
            total_bytes: self.run.context.expected.size_bytes,
        });
    }

    fn stopped(&self) -> Stop {
        Stop::Load(self.stopped_error())
    }

    fn stopped_error(&self) -> LoadError {
        LoadError::Stopped {
            state: LeftState(self.left()),
        }
    }

    /// What the reader is left with when the upload ends now.
    fn left(&self) -> String {
        let bytes = self.window.confirmed();
        match (self.run.in_recovery, bytes) {
            (true, _) => format!(
                "The reader waits in its bootloader's serial recovery. The image it had is overwritten by the first {bytes} bytes of the new one, or erased."
            ),
            (false, 0) => "The reader runs its old image. Its second slot may be erased.".into(),
            (false, _) => format!(
                "The reader runs its old image. Its second slot holds at least {bytes} bytes of the new one."
            ),
        }
    }
}
