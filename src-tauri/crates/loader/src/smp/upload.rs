//! Sends an image into the reader's free slot.
//!
//! Resumes from the reader's offset, survives lost and repeated answers and broken links. What
//! happens to the image afterwards is not decided here.

use std::collections::VecDeque;

use firmdrop_core::{NoteKind, Progress, grouped};
use firmdrop_link::LinkError;
use tokio::time::Instant;

use super::{
    allowance::{Allowance, Wait},
    buffers::Buffers,
    chunks::Chunks,
    failure::Failure,
    left,
    load::{self, Load},
    packet::{Answer, Command, Fields, HEADER_BYTES, Version, request},
    pieces::Pieces,
    refusal::Refusal,
    session::Session,
    timing::{REFUSALS, REPETITIONS},
    upload_failure::{self, PieceFailure, Stop},
    window::{Meaning, REMEMBERED, Window},
};
use crate::{LeftState, LoadError};

/// What a byte string's length takes more than an empty one's, at most: CBOR, 65,535 bytes.
const LENGTH_BYTES: usize = 2;

/// Bytes of an image that a first piece needs room for beside a digest, which else is left out: the header, which
/// Zephyr wants whole (`img_mgmt_upload_inspect`).
const SMALLEST_FIRST_BYTES: usize = 32;

/// Bytes of a packet with these fields and a piece of no bytes, and of what the piece's length takes more.
fn bytes_around(fields: &Fields) -> usize {
    let empty = fields.clone().bytes("data", &[]);
    request(Command::Upload, Version::Two, 0, &empty).len() + LENGTH_BYTES
}

/// An upload under way.
#[expect(
    clippy::struct_excessive_bools,
    reason = "what was seen does not exclude each other"
)]
pub(super) struct Upload<'a> {
    pub(super) load: &'a Load<'a>,
    pub(super) window: Window,
    pieces: Pieces,
    chunks: Chunks,
    /// Whether the reader may know the upload as one that was interrupted.
    may_resume: bool,
    sent: VecDeque<Sent>,
    pub(super) allowance: Allowance,
    /// The reader was told the digest of the whole.
    with_digest: bool,
    /// What the reader said of the whole with its last answer.
    matches: Option<bool>,
    resumed: bool,
    /// It said that it held bytes which this run did not send.
    held_before: bool,
    /// Since the last step the reader said that it is busy.
    busy: Option<Refusal>,
    /// It said so since the last repetition: it is not silent.
    was_busy: bool,
    /// Silence, or another link, since the last step.
    pub(super) interrupted: bool,
    /// The reader forgot it, and it was begun again.
    pub(super) begun_again: bool,
    /// Nothing came since it was made sure who answers.
    pub(super) is_sure: bool,
    /// Answers since the last step that say no offset.
    unusable: u32,
    /// Answers since the last step that have the number of no piece.
    strangers: u32,
}

/// A piece that was sent.
#[derive(Debug, Clone, Copy)]
struct Sent {
    sequence: u8,
    at: Instant,
    offset: u64,
    image_bytes: usize,
    packet_bytes: usize,
}

/// How an upload ended that sent everything.
pub(super) struct Uploaded {
    /// The reader went on with an interrupted one.
    pub(super) resumed: bool,
    /// With what another run, or another program, sent.
    pub(super) held_before: bool,
    /// Whether the reader said that it holds what was announced; `None` when it did not say.
    pub(super) matches: Option<bool>,
}

impl<'a> Upload<'a> {
    /// An upload to a reader with these buffers. One that `may_resume` continues where an interrupted one of
    /// the same file stands.
    pub(super) fn new(
        load: &'a Load<'a>,
        session: &Session,
        buffers: Buffers,
        may_resume: bool,
    ) -> Self {
        let size = load.context.expected.size_bytes;
        let goal = session.largest_packet_bytes(buffers.size_bytes);
        let (mut window, pieces) = match load.fixed {
            Some(fixed) => (
                Window::fixed(size, fixed.width),
                Pieces::fixed(fixed.packet_bytes),
            ),
            None => (Window::new(size, buffers.count), Pieces::new(goal)),
        };
        if !may_resume {
            window.holds_nothing();
        }
        Self {
            load,
            window,
            pieces,
            chunks: Chunks::of(&load.context.source),
            may_resume,
            sent: VecDeque::new(),
            allowance: Allowance::new(load.timing),
            with_digest: false,
            matches: None,
            resumed: false,
            held_before: false,
            busy: None,
            was_busy: false,
            interrupted: false,
            begun_again: false,
            is_sure: true,
            unusable: 0,
            strangers: 0,
        }
    }

    /// Sends everything.
    pub(super) async fn send(mut self, session: &mut Session) -> Result<Uploaded, LoadError> {
        self.report_progress();
        loop {
            match self.send_over(session).await {
                Ok(()) => {
                    return Ok(Uploaded {
                        resumed: self.resumed,
                        held_before: self.held_before,
                        matches: self.matches,
                    });
                }
                Err(Stop::Load(error)) => return Err(error),
                Err(Stop::Link(error)) if self.may_reconnect(&error) => {
                    self.reconnect(session, error).await?;
                }
                Err(Stop::Link(error @ LinkError::Timeout { .. })) => {
                    self.failed(session, PieceFailure::Silence(error)).await?;
                }
                Err(Stop::Link(error)) => return Err(Failure::Link(error).leaving(self.left())),
                Err(Stop::Piece(failure)) => self.failed(session, failure).await?,
            }
        }
    }

    async fn send_over(&mut self, session: &mut Session) -> Result<(), Stop> {
        // The link may be a second one: the first may have broken over the last answer.
        self.complete_if_stored(session).await?;
        // Only a step, forward or back, gives the reader new time: chatter does not.
        let mut until = None;
        while !self.window.is_complete() {
            while let Some(offset) = self.window.next() {
                // Before the first answer, and as long as it is not known whether the reader takes so
                // much, a piece goes alone.
                let alone = !self.window.has_begun() || self.pieces.is_unproven();
                if alone && self.window.has_begun() && !self.window.is_idle() {
                    break;
                }
                if offset == 0 {
                    self.make_sure(session).await?;
                }
                self.send_piece(session, offset).await?;
                if alone {
                    break;
                }
            }
            let deadline = *until.get_or_insert_with(|| self.deadline(session));
            let answer = tokio::select! {
                biased;
                () = self.load.context.cancel.cancelled() => return Err(Stop::Load(self.stopped())),
                answer = session.receive_until(deadline) => answer,
            };
            let meaning = match answer {
                Some(answer) => self.take(&answer?)?,
                None if !self.allowance.stood_still(deadline)
                    && self.allowance.is_over(self.wait()) =>
                {
                    return Err(self.gives_up(session));
                }
                None => self.silent(session)?,
            };
            if meaning == Meaning::Back {
                self.complete_if_stored(session).await?;
            }
            if meaning != Meaning::Nothing {
                until = None;
            }
        }
        Ok(())
    }

    /// What is waited for now.
    pub(super) fn wait(&self) -> Wait {
        let last = self.window.end_was_sent() && !self.pieces.is_unproven();
        match (self.window.confirmed() > 0, self.window.has_begun()) {
            (true, true) if !last => Wait::Usual,
            (true, _) => Wait::Long,
            (false, _) => Wait::First,
        }
    }

    fn deadline(&self, session: &Session) -> Instant {
        let repetitions = self.window.repetitions();
        let line_time = session.line_time();
        self.allowance.deadline(self.wait(), repetitions, line_time)
    }

    /// No step for too long: the reader is silent, or it answers something else.
    fn gives_up(&self, session: &Session) -> Stop {
        if let Some(refusal) = self.busy.filter(|_| self.was_busy) {
            return Stop::Piece(PieceFailure::Refused(refusal));
        }
        if self.strangers > REPETITIONS {
            let said = "with numbers of no request that waits for an answer";
            return Stop::Piece(PieceFailure::Answered(said.into()));
        }
        session.no_answer().into()
    }

    /// Nothing came in time.
    fn silent(&mut self, session: &Session) -> Result<Meaning, Stop> {
        let again = self.window.repetitions() > 0;
        let alone = self.window.has_begun() && !self.window.has_several();
        let too_long = match self.sent.back().filter(|_| alone) {
            Some(sent) => self.pieces.silent(sent.packet_bytes, again),
            None => false,
        };
        if too_long {
            self.window.not_taken();
            self.load.note(NoteKind::Retry, "Sending shorter pieces");
            return Ok(Meaning::Back);
        }
        self.window.silence();
        // Neither *busy* nor answers to other numbers explain why there is no step.
        let said_nothing = !self.was_busy && self.strangers <= REPETITIONS;
        match self.window.repetitions() {
            1 => {
                let note = format!(
                    "Sending again from byte {}",
                    grouped(self.window.confirmed())
                );
                self.load.note(NoteKind::Retry, note);
            }
            // A port may be stuck. Before the first answer the slot may be erased.
            n if n > REPETITIONS && self.window.confirmed() > 0 && said_nothing => {
                return Err(session.no_answer().into());
            }
            _ => {}
        }
        (self.was_busy, self.interrupted) = (false, true);
        Ok(Meaning::Back)
    }

    async fn send_piece(&mut self, session: &mut Session, offset: u64) -> Result<(), Stop> {
        let expected = &self.load.context.expected;
        let packet_bytes = self.pieces.packet_bytes();
        let mut fields = self.fields_of_a_piece(offset, self.may_resume);
        let mut around = bytes_around(&fields);
        if offset == 0 && self.may_resume && packet_bytes < around + SMALLEST_FIRST_BYTES {
            fields = self.fields_of_a_piece(offset, false);
            around = bytes_around(&fields);
        }
        if offset == 0 {
            self.with_digest = fields.get("sha").is_some();
        }
        let room = packet_bytes.saturating_sub(around).max(HEADER_BYTES);
        let rest = expected.size_bytes - offset;
        let image_bytes = self.pieces.image_bytes(room, rest);
        let left = self.left();
        let data = self.chunks.read(offset, image_bytes).await;
        let data = data.map_err(|source| {
            Stop::Load(LoadError::Read {
                source,
                state: LeftState(left),
            })
        })?;
        let sequence = session.queue(Command::Upload, &fields.bytes("data", data));
        let end = offset + image_bytes as u64;
        self.window.sent(sequence, end);
        // An answer to another piece may have the same number later.
        self.sent
            .retain(|sent| sequence.wrapping_sub(sent.sequence) < REMEMBERED);
        self.sent.push_back(Sent {
            sequence,
            at: Instant::now(),
            offset,
            image_bytes,
            packet_bytes: if rest > room as u64 {
                packet_bytes
            } else {
                around - LENGTH_BYTES + image_bytes
            },
        });
        self.report_progress();
        Ok(())
    }

    /// What a piece says besides its bytes; with the digest, by which the reader knows an interrupted upload.
    fn fields_of_a_piece(&self, offset: u64, with_digest: bool) -> Fields {
        let expected = &self.load.context.expected;
        let mut fields = Fields::default();
        if offset == 0 {
            fields = fields
                .with("image", self.load.upload_number)
                .with("len", expected.size_bytes);
            if with_digest {
                // Of the whole file.
                fields = fields.bytes("sha", expected.sha256.as_bytes());
            }
        }
        fields.with("off", offset)
    }

    /// Takes one answer. It says what it meant: [`Meaning::Back`] is followed by a repetition.
    fn take(&mut self, answer: &Answer) -> Result<Meaning, Stop> {
        if !answer.is_to(Command::Upload) {
            return Ok(Meaning::Nothing);
        }
        let place = self
            .sent
            .iter()
            .position(|sent| sent.sequence == answer.sequence);
        let Some(sent) = place.and_then(|at| self.sent.remove(at)) else {
            self.strangers += 1;
            return Ok(Meaning::Nothing);
        };
        if let Some(refusal) = Refusal::of(&answer.fields) {
            return self.take_refusal(sent, refusal);
        }
        let (began, confirmed) = (self.window.has_begun(), self.window.confirmed());
        let size_bytes = self.load.context.expected.size_bytes;
        let offset = match upload_failure::offset(answer, size_bytes) {
            Ok(offset) => offset,
            Err(said) if self.unusable >= REPETITIONS => {
                return Err(Stop::Piece(PieceFailure::Answered(said.into())));
            }
            Err(_) => {
                // Whether it took the piece it says of the next one, or in its list.
                self.unusable += 1;
                self.window.not_taken();
                return Ok(Meaning::Back);
            }
        };
        if began {
            self.allowance.answered_after(sent.at.elapsed());
        }
        self.pieces.answered(sent.packet_bytes);
        if let Some(taken) = offset.checked_sub(sent.offset) {
            let taken = usize::try_from(taken).unwrap_or(usize::MAX);
            // Behind another piece that was lost, nothing is taken of this one. The first answer over a link says what
            // was held before.
            if began && taken < sent.image_bytes && (taken > 0 || sent.offset == 0) {
                self.pieces.taken_in_part(sent.image_bytes, taken);
            }
        }
        self.held_before |= offset > self.window.furthest();
        self.is_sure &= offset == 0;
        match self.window.answered(answer.sequence, offset) {
            Meaning::Forward => {
                // Without the digest there is nothing that it could have compared.
                let said = answer.fields.flag("match");
                self.matches = said.filter(|_| self.with_digest).or(self.matches);
                // Where it stands is what it says first over each link.
                if began || self.window.confirmed() > confirmed {
                    self.allowance.stepped();
                    self.interrupted = false;
                }
                (self.busy, self.strangers, self.unusable) = (None, 0, 0);
                if !began {
                    self.note_resumed(sent.image_bytes);
                }
                self.report_progress();
                Ok(Meaning::Forward)
            }
            Meaning::Back if self.window.refusals() > REFUSALS => {
                Err(Stop::Piece(PieceFailure::NotStored {
                    answers: self.window.refusals(),
                    wanted: self.window.wanted(),
                }))
            }
            meaning @ (Meaning::Nothing | Meaning::Back) => Ok(meaning),
            Meaning::Beyond => {
                let said = format!(
                    "a piece with the offset {offset}, which is beyond what was sent to it ({})",
                    grouped(self.window.reach()),
                    offset = grouped(offset)
                );
                Err(Stop::Piece(PieceFailure::Answered(said)))
            }
        }
    }

    /// A piece was refused.
    fn take_refusal(&mut self, sent: Sent, refusal: Refusal) -> Result<Meaning, Stop> {
        if refusal.is_busy() {
            // It took nothing: the piece goes again when its time is over.
            self.was_busy = true;
            if self.busy.replace(refusal).is_none() {
                let text = "The reader is busy; sending the piece again";
                self.load.note(NoteKind::Retry, text);
            }
            return Ok(Meaning::Nothing);
        }
        if self.may_take_another_length(sent, refusal) {
            self.window.not_taken();
            return Ok(Meaning::Back);
        }
        Err(Stop::Piece(PieceFailure::Refused(refusal)))
    }

    /// Whether another length of the piece may be taken: a shorter one of a long piece, a longer one of the
    /// first, which is short.
    fn may_take_another_length(&mut self, sent: Sent, refusal: Refusal) -> bool {
        if self.window.has_begun() {
            return refusal.is_of_the_length() && self.pieces.too_long(sent.packet_bytes);
        }
        self.pieces.answered(sent.packet_bytes);
        let longer = self.pieces.packet_bytes() > sent.packet_bytes;
        longer && refusal.is_of_what_was_sent()
    }

    /// After an upload's last piece was sent, asks whether only its answer was lost: a reader forgets
    /// an upload that is complete, and would take the whole image once more.
    async fn complete_if_stored(&mut self, session: &mut Session) -> Result<(), Stop> {
        if self.window.end_was_sent() {
            let images = match self.load.images(session).await {
                Ok(images) => images,
                Err(Failure::Link(error)) => return Err(error.into()),
                Err(failure) => return Err(Stop::Load(failure.leaving(self.left()))),
            };
            if self.load.is_stored(&images) {
                self.window.complete();
                self.report_progress();
            }
        }
        Ok(())
    }

    fn note_resumed(&mut self, first_piece_bytes: usize) {
        let confirmed = self.window.confirmed();
        if confirmed > first_piece_bytes as u64 && !self.resumed {
            self.resumed = true;
            self.load.note(
                NoteKind::Resumed,
                format!(
                    "The reader held {confirmed} bytes already",
                    confirmed = grouped(confirmed)
                ),
            );
        }
    }

    pub(super) fn report_progress(&self) {
        self.load.context.events.progress(Progress {
            confirmed_bytes: self.window.confirmed(),
            in_flight_bytes: self.window.unconfirmed(),
            total_bytes: self.load.context.expected.size_bytes,
        });
    }

    pub(super) fn stopped(&self) -> LoadError {
        load::stopped(&self.left())
    }

    /// What the reader is left with when the upload ends now.
    pub(super) fn left(&self) -> String {
        left::in_upload(self.load.mode, self.window.confirmed())
    }
}
