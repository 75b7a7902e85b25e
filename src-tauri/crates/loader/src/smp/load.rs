//! What one load knows throughout, and the few steps that all of its parts take.

use std::{
    pin::pin,
    sync::{Mutex, PoisonError},
};

use firmdrop_core::{ImageHash, Note, NoteKind, Outcome, ProofMethod};
use firmdrop_link::{Link, LinkError};
use tokio::time::{Instant, sleep, timeout};

use super::{
    FixedPieces,
    contents::ImageToSend,
    earlier::EarlierRun,
    expected::Expected,
    failure::Failure,
    left,
    mode::Mode,
    packet::{Command, Fields},
    refusal::{self, Refusal},
    reopening::Reopening,
    session::{Session, Thread},
    state::{ImageState, Images},
    timing::{REPETITIONS, RESTARTS, Timing},
    whereabouts::Whereabouts,
};
use crate::{LeftState, LoadContext, LoadError};

/// One load.
pub(super) struct Load<'a> {
    pub(super) context: &'a LoadContext,
    pub(super) timing: Timing,
    /// Where the reader is.
    pub(super) whereabouts: Whereabouts,
    /// What the pieces of the upload are, when they are not fitted to the reader.
    pub(super) fixed: Option<FixedPieces>,
    /// The image's hash, by which the reader lists it.
    pub(super) hash: ImageHash,
    /// Which of the reader's images is replaced.
    pub(super) image: u32,
    /// The number its upload is sent with.
    pub(super) upload_number: u32,
    /// What earlier runs did.
    pub(super) earlier: EarlierRun,
    /// What a later run would find on the disk of what this one did.
    pub(super) on_disk: Mutex<EarlierRun>,
    /// The program that answers.
    pub(super) mode: Mode,
}

impl<'a> Load<'a> {
    /// The load of this image, before its reader was asked anything.
    pub(super) fn of(
        context: &'a LoadContext,
        timing: Timing,
        fixed: Option<FixedPieces>,
        wanted: &ImageToSend<'_>,
    ) -> Self {
        Self {
            context,
            timing,
            whereabouts: Whereabouts::default(),
            fixed,
            hash: wanted.hash,
            image: wanted.number.unwrap_or(0),
            upload_number: 0,
            earlier: EarlierRun::of(context.began.iter().map(String::as_str)),
            on_disk: Mutex::new(EarlierRun::None),
            mode: Mode::Unclear,
        }
    }
}

impl Load<'_> {
    /// The state of a reader that this run has not changed.
    pub(super) fn as_found(&self) -> &'static str {
        self.earlier.as_found()
    }

    /// The hash by which a reader lists the file that knows no trailers.
    pub(super) fn hash_of_file(&self) -> ImageHash {
        self.context.expected.sha256.into()
    }

    /// Some readers know no trailers and list what they hold by the SHA-256 of all its bytes: from now on the
    /// image is known by what this one lists.
    pub(super) fn recognise(&mut self, images: &Images) {
        let of_file = self.hash_of_file();
        if !images.any_is(&self.hash) && images.any_is(&of_file) {
            self.hash = of_file;
        }
    }

    /// Whether the reader lists the whole image where an upload puts it.
    pub(super) fn is_stored(&self, images: &Images) -> bool {
        let first = images.first(self.image);
        match self.mode {
            Mode::Recovery => first.is_some_and(|slot| slot.hash == Some(self.hash)),
            Mode::Application | Mode::Unclear => {
                images.state_of(self.image, &self.hash) != ImageState::Absent
            }
        }
    }

    /// Begins a phase, unless the user wants to stop; then the reader is left in `state`.
    pub(super) fn begin(&self, key: &str, state: &str) -> Result<(), LoadError> {
        if self.context.cancel.is_cancelled() {
            return Err(stopped(state));
        }
        self.context.events.phase(key);
        Ok(())
    }

    /// Begins a phase that changes the reader: it is written down before the first request goes out.
    pub(super) async fn about_to(&self, key: &str, state: &str) -> Result<(), LoadError> {
        self.begin(key, state)?;
        self.written_down(key, state).await
    }

    /// Returns once it is written down that this phase began. The disk is waited for only where a later run
    /// could not know otherwise how far this one may have come.
    pub(super) async fn written_down(&self, key: &str, state: &str) -> Result<(), LoadError> {
        let reached = EarlierRun::of([key]);
        if reached <= self.known_on_disk() {
            return self.context.written(state).await;
        }
        self.context.durable(state).await?;
        *self.on_disk.lock().unwrap_or_else(PoisonError::into_inner) = reached;
        Ok(())
    }

    fn known_on_disk(&self) -> EarlierRun {
        *self.on_disk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a question, which may be given up at any time; the reader is in `state` meanwhile.
    pub(super) async fn unless_stopped<T>(
        &self,
        state: &str,
        question: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, LoadError> {
        tokio::select! {
            biased;
            () = self.context.cancel.cancelled() => Err(stopped(state)),
            answer = question => answer.map_err(|failure| failure.leaving(state)),
        }
    }

    /// What became of a request that changes the reader, or of the question about it. When the user wants to stop it is
    /// waited for no longer than a usual answer takes; without one the reader is left in `state`.
    pub(super) async fn heard_out<T>(
        &self,
        state: &str,
        question: impl Future<Output = Result<T, Failure>>,
    ) -> Result<Result<T, Failure>, LoadError> {
        let mut question = pin!(question);
        tokio::select! {
            biased;
            answer = &mut question => return Ok(answer),
            () = self.context.cancel.cancelled() => {}
        }
        let answer = timeout(self.timing.answer, question).await;
        answer.map_err(|_| stopped(state))
    }

    /// Waits for so long, unless the user wants to stop.
    pub(super) async fn pause(
        &self,
        length: std::time::Duration,
        state: &str,
    ) -> Result<(), LoadError> {
        tokio::select! {
            biased;
            () = self.context.cancel.cancelled() => Err(stopped(state)),
            () = sleep(length) => Ok(()),
        }
    }

    pub(super) fn note(&self, kind: NoteKind, text: impl Into<String>) {
        self.context.events.note(Note::new(kind, text));
    }

    /// Opens the way to the reader.
    pub(super) async fn open(&self) -> Result<Link, LinkError> {
        let context = self.context;
        self.whereabouts
            .open(&context.providers, &context.address)
            .await
    }

    /// The serial number that the system lists for its port now.
    pub(super) async fn serial_number(&self) -> Option<String> {
        let context = self.context;
        let address = self
            .whereabouts
            .address(&context.providers, &context.address);
        context.providers.serial_number(&address.await?).await
    }

    /// How a link that breaks is opened again while the image is written to a reader that listed these images before.
    pub(super) async fn reopening_before(&self, images: &Images) -> Reopening {
        let expected = Expected::before(self.mode, images, Some(self.image), &self.hash);
        self.reopening(expected.with_serial(self.serial_number().await))
    }

    /// How a link to the reader that broke is opened again, and who is expected there.
    pub(super) fn reopening(&self, expected: Expected) -> Reopening {
        let whereabouts = self.whereabouts.clone();
        Reopening::of(self.context, whereabouts, self.timing, expected)
    }

    pub(super) fn session(&self, link: Link, thread: Thread) -> Session {
        Session::over(link, &self.context.address, thread)
    }

    /// Asks which images the reader holds.
    pub(super) async fn images(&self, session: &mut Session) -> Result<Images, Failure> {
        let fields = Fields::default();
        let asked = session.query(Command::ReadState, &fields, self.timing.answer, REPETITIONS);
        Images::read(&asked.await?)
    }

    /// The same, of a reader that may be busy with what it was sent.
    pub(super) async fn images_when_ready(&self, session: &mut Session) -> Result<Images, Failure> {
        let fields = Fields::default();
        let timeouts = self.timing.of_a_busy_reader();
        let asked = session.query_within(Command::ReadState, &fields, &timeouts);
        Images::read(&asked.await?)
    }

    /// The list of a reader that starts an application or runs one: as long as it names no image that runs, the
    /// reader is not ready.
    pub(super) async fn images_once_running(
        &self,
        session: &mut Session,
    ) -> Result<Images, Failure> {
        let until = Instant::now() + self.timing.start;
        loop {
            let images = self.images(session).await?;
            if images.names_what_runs(self.image) || Instant::now() >= until {
                return Ok(images);
            }
            sleep(self.timing.poll_every).await;
        }
    }

    /// Asks the reader, which is left in `state`, to restart. Once only: a second restart would end the
    /// test of an image.
    pub(super) async fn restart(
        &self,
        session: &mut Session,
        state: &str,
    ) -> Result<(), LoadError> {
        let (fields, timeouts) = (Fields::default(), [self.timing.answer]);
        let mut refused = 0;
        loop {
            let asked = session.have_done(Command::Reset, &fields, &timeouts);
            match asked.await {
                // Some restart before their answer is out, and the port goes with them. Whether it was
                // received, or accepted in a way that cannot be read, shows when the reader is looked for.
                Ok(_) | Err(Failure::Link(_) | Failure::Protocol(_)) => return Ok(()),
                Err(Failure::Refused(refusal)) if refusal.is_busy() && refused < RESTARTS => {
                    refused += 1;
                    self.note(
                        NoteKind::Retry,
                        "The reader is busy; asking it again to restart",
                    );
                    self.pause(self.timing.restart_again, state).await?;
                }
                Err(Failure::Refused(refusal)) => {
                    return self.not_restarted(session, refusal, state).await;
                }
                Err(failure) => return Err(failure.leaving(state)),
            }
        }
    }

    /// It refused to restart: what it lists says what it is left with.
    async fn not_restarted(
        &self,
        session: &mut Session,
        refusal: Refusal,
        state: &str,
    ) -> Result<(), LoadError> {
        let listed = self.unless_stopped(state, self.images(session)).await;
        let left = match &listed {
            Ok(images) if self.is_started(images) => return Ok(()),
            Ok(images) => left::by_list(self.mode, images, self.image, &self.hash),
            Err(error @ LoadError::Stopped { .. }) => error.state().into(),
            Err(_) => state.into(),
        };
        Err(LoadError::Refused {
            why: refusal.to_string(),
            advice: Some(if refusal.is_busy() {
                refusal::LATER
            } else {
                refusal::RESTART_BY_HAND
            }),
            state: LeftState(left),
        })
    }

    /// Whether an application lists the new image as the one it runs.
    fn is_started(&self, images: &Images) -> bool {
        let state = images.state_of(self.image, &self.hash);
        self.mode == Mode::Application
            && matches!(state, ImageState::Testing | ImageState::Confirmed)
    }

    pub(super) fn verified(&self, how: &str) -> Outcome {
        Outcome::verified(
            ProofMethod::HashAfterRestart,
            format!(
                "The reader reports that it runs, and has confirmed, the image with the hash {}. {how}",
                self.hash.short()
            ),
        )
    }
}

/// The user stopped the load here.
pub(super) fn stopped(state: &str) -> LoadError {
    LoadError::Stopped {
        state: LeftState(state.into()),
    }
}
