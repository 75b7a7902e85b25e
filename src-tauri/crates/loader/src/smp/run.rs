//! One load: what it knows throughout, and its phases from the first word to the proof.
//!
//! How bytes get over is `upload`'s business, what a reader may answer is `state`'s.

use firmdrop_core::{Note, NoteKind, Outcome, ProofMethod, Sha256};
use firmdrop_link::{Link, LinkError};
use tokio::time::{Instant, sleep};

use super::{
    conversation::Conversation,
    failure::Failure,
    packet::{Command, Fields},
    plan::{self, phase},
    returning::{self, Returned},
    state::{Images, Standing},
    timing::{REPETITIONS, Timing},
    upload::Upload,
};
use crate::{EarlierRun, LeftState, LoadContext, LoadError};

/// Buffer of a reader that does not tell its own, bytes. Zephyr,
/// `CONFIG_MCUMGR_TRANSPORT_NETBUF_SIZE`; `MCUboot`'s serial recovery takes 512.
const USUAL_BUFFER_BYTES: usize = 384;
/// Largest buffer that is used, whatever a reader tells: a lost frame has to go again.
const LARGEST_BUFFER_BYTES: u64 = 8192;
/// Smallest buffer in which a piece of an image has room beside its header.
const SMALLEST_BUFFER_BYTES: u64 = 128;

const UNTOUCHED: &str = "The reader was not touched.";
const SENT_BEFORE: &str = "This run did not touch the reader. It runs its old image; what an earlier run sent of the new one is not started.";
const RESTARTED_BEFORE: &str = "This run did not touch the reader. An earlier one may have told it to restart and to try the new image; unless that is confirmed, the reader goes back to the old one at the restart after.";
const MARKED: &str = "The reader runs its old image. The new one is stored and marked: it starts at the next restart, and a bootloader that swaps images leaves it again at the one after that unless it is confirmed.";
const PERHAPS_MARKED: &str = "The reader runs its old image. The new one is stored; whether it is marked to be started is not known.";
const STORED: &str =
    "The reader runs its old image. The new one is stored, but not marked to be started.";
const STORED_IN_RECOVERY: &str = "The reader waits in its bootloader's serial recovery. It took every byte of the new image in place of the one it had.";
const PERHAPS_KEPT: &str = "The reader ran the new image when it was last asked; whether it keeps it at its next restart is not known.";

/// One load.
pub(super) struct Run<'a> {
    pub(super) context: &'a LoadContext,
    pub(super) timing: Timing,
    /// The image's hash, by which the reader lists it.
    pub(super) hash: Sha256,
    /// The reader runs no image: it waits in its bootloader, which writes the first slot.
    pub(super) in_recovery: bool,
}

/// What a reader says about its buffers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Buffers {
    pub(super) size_bytes: usize,
    /// How many; 1 when it does not tell.
    pub(super) count: usize,
    /// Whether it told.
    pub(super) told: bool,
}

/// What became of the wish to try the image.
enum Marking {
    Marked,
    /// The reader is in serial recovery and knows no such wish.
    NotKnown(String),
}

/// Puts the image onto the reader.
pub(super) async fn run(context: &LoadContext, timing: Timing) -> Result<Outcome, LoadError> {
    let hash = plan::loadable(&context.inspection).map_err(|why| LoadError::DoesNotFit { why })?;
    if context.source.len() != context.expected.size_bytes {
        return Err(LoadError::Read {
            source: std::io::Error::other("the file has another size than when it was inspected"),
            state: LeftState(UNTOUCHED.into()),
        });
    }
    let mut run = Run {
        context,
        timing,
        hash,
        in_recovery: false,
    };
    run.go().await
}

impl Run<'_> {
    async fn go(&mut self) -> Result<Outcome, LoadError> {
        self.begin(phase::CONNECT, self.as_found())?;
        let connecting = self.unless_stopped(self.as_found(), self.connect_patiently());
        let (mut conversation, images) = connecting.await?;
        self.in_recovery = images.active().is_none();
        let standing = images.standing(&self.hash);
        if standing == Standing::Kept {
            self.note(NoteKind::Step, "The reader already runs these bytes");
            return Ok(self.verified("The reader already ran it; nothing was written."));
        }
        if standing == Standing::Absent {
            conversation = self.upload(conversation).await?;
        } else {
            let text = "The reader already holds the image; going on from there";
            self.note(NoteKind::Resumed, text);
        }
        if standing == Standing::OnTrial {
            return self.confirm(&mut conversation).await;
        }
        if matches!(standing, Standing::Absent | Standing::Stored) {
            match self.mark_for_test(&mut conversation).await? {
                Marking::Marked => {}
                Marking::NotKnown(reason) => {
                    self.restart(&mut conversation, self.stored()).await?;
                    return Ok(Outcome::sent(reason));
                }
            }
        }
        self.restart(&mut conversation, MARKED).await?;
        let sequence = conversation.next_sequence();
        // The reader restarts: the port has to be free when it comes back.
        drop(conversation);
        self.begin(phase::FIND_AGAIN, MARKED)?;
        match returning::find_again(self, sequence).await? {
            Returned::WithOurs(mut conversation) => self.confirm(&mut conversation).await,
            Returned::TellingNothing => Ok(Outcome::sent(
                "The reader came back, but does not tell the hash of the image it runs.",
            )),
        }
    }

    /// The state of a reader that this run has not changed.
    fn as_found(&self) -> &'static str {
        match self.context.earlier {
            EarlierRun::None => UNTOUCHED,
            EarlierRun::Sent => SENT_BEFORE,
            EarlierRun::ToldToRestart => RESTARTED_BEFORE,
        }
    }

    /// A reader that an earlier run told to restart is waited for, as that run would have.
    async fn connect_patiently(&self) -> Result<(Conversation<Link>, Images), Failure> {
        let deadline = Instant::now() + self.timing.restart;
        loop {
            match self.connect().await {
                Err(Failure::Link(
                    LinkError::NotFound { .. } | LinkError::Lost { .. } | LinkError::Timeout { .. },
                )) if self.context.earlier == EarlierRun::ToldToRestart
                    && Instant::now() < deadline =>
                {
                    sleep(self.timing.look_again).await;
                }
                ended => return ended,
            }
        }
    }

    async fn connect(&self) -> Result<(Conversation<Link>, Images), Failure> {
        let mut conversation = self.conversation(self.context.open().await?, 0);
        let images = self.images(&mut conversation).await?;
        Ok((conversation, images))
    }

    async fn upload(
        &self,
        mut conversation: Conversation<Link>,
    ) -> Result<Conversation<Link>, LoadError> {
        let asking = buffers(&mut conversation, &self.timing);
        let buffers = self.unless_stopped(self.as_found(), asking).await?;
        self.begin(phase::UPLOAD, self.as_found())?;
        let upload = Upload::new(self, buffers.size_bytes, buffers.count);
        // Boxed: a piece of the image lies in it while it waits.
        let mut conversation = Box::pin(upload.send(conversation)).await?;
        self.begin(phase::CHECK_HASH, self.stored())?;
        let asking = self.images(&mut conversation);
        let images = self.unless_stopped(self.stored(), asking).await?;
        if images.standing(&self.hash) != Standing::Absent {
            return Ok(conversation);
        }
        if images.tells_hashes() {
            return Err(LoadError::SlotDiffers {
                ours: self.hash.short(),
                theirs: images.other(),
            });
        }
        let text = "The reader tells no hashes: what it stored cannot be compared";
        self.note(NoteKind::Warning, text);
        Ok(conversation)
    }

    async fn mark_for_test(
        &self,
        conversation: &mut Conversation<Link>,
    ) -> Result<Marking, LoadError> {
        self.begin(phase::MARK_FOR_TEST, self.stored())?;
        let fields = Fields::default()
            .bytes("hash", self.hash.as_bytes())
            .with("confirm", false);
        let patience = self.timing.answer;
        let asked = conversation.ask(Command::WriteState, &fields, patience, REPETITIONS);
        match asked.await {
            Ok(_) => Ok(Marking::Marked),
            Err(Failure::Refused(refusal)) if refusal.is_not_supported() => {
                let reason = "The reader waits in its bootloader's serial recovery, which writes the first slot and takes no test: every byte was accepted, but it tells nothing to compare.";
                Ok(Marking::NotKnown(reason.into()))
            }
            Err(Failure::Refused(refusal)) => Err(Failure::Refused(refusal).leaving(self.stored())),
            Err(failure) => Err(failure.leaving(PERHAPS_MARKED)),
        }
    }

    /// Tells the reader, which is left in `state`, to restart. Told once only: a second restart would end the trial.
    async fn restart(
        &self,
        conversation: &mut Conversation<Link>,
        state: &str,
    ) -> Result<(), LoadError> {
        self.begin(phase::RESTART, state)?;
        let fields = Fields::default();
        match conversation
            .ask(Command::Reset, &fields, self.timing.answer, 0)
            .await
        {
            // Some restart before their answer is out, and the port goes with them. Whether it
            // heard shows when it is looked for.
            Ok(_) | Err(Failure::Link(_)) => Ok(()),
            Err(failure) => Err(failure.leaving(state)),
        }
    }

    async fn confirm(&self, conversation: &mut Conversation<Link>) -> Result<Outcome, LoadError> {
        self.context.events.phase(phase::CONFIRM);
        let leaving = |failure: Failure| failure.leaving(PERHAPS_KEPT);
        let images = self.images(conversation).await.map_err(leaving)?;
        // An overwriting bootloader keeps the new image from the start.
        if images.standing(&self.hash) == Standing::OnTrial {
            let fields = Fields::default()
                .bytes("hash", self.hash.as_bytes())
                .with("confirm", true);
            let patience = self.timing.answer;
            let asked = conversation.ask(Command::WriteState, &fields, patience, REPETITIONS);
            asked.await.map_err(leaving)?;
        }
        let images = self.images(conversation).await.map_err(leaving)?;
        match images.standing(&self.hash) {
            Standing::Kept => Ok(self.verified("It restarted into it and keeps it.")),
            Standing::OnTrial => Err(LoadError::NotConfirmed),
            Standing::Marked | Standing::Stored | Standing::Absent => Err(LoadError::NotActivated),
        }
    }

    fn verified(&self, how: &str) -> Outcome {
        Outcome::verified(
            ProofMethod::HashAfterRestart,
            format!(
                "The reader says that it runs, and keeps, the image with the hash {}. {how}",
                self.hash.short()
            ),
        )
    }

    /// What the reader is left with once everything was sent.
    fn stored(&self) -> &'static str {
        if self.in_recovery {
            STORED_IN_RECOVERY
        } else {
            STORED
        }
    }

    /// Begins a phase, unless a person wants to stop; then the reader is left in `state`.
    fn begin(&self, key: &str, state: &str) -> Result<(), LoadError> {
        if self.context.cancel.is_cancelled() {
            return Err(LoadError::Stopped {
                state: LeftState(state.into()),
            });
        }
        self.context.events.phase(key);
        Ok(())
    }

    /// Waits for a question, which may be given up at any time; the reader is in `state` meanwhile.
    async fn unless_stopped<T>(
        &self,
        state: &str,
        question: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, LoadError> {
        tokio::select! {
            biased;
            () = self.context.cancel.cancelled() => Err(LoadError::Stopped {
                state: LeftState(state.into()),
            }),
            answer = question => answer.map_err(|failure| failure.leaving(state)),
        }
    }

    pub(super) fn note(&self, kind: NoteKind, text: impl Into<String>) {
        self.context.events.note(Note::new(kind, text));
    }

    pub(super) fn conversation(&self, link: Link, first_sequence: u8) -> Conversation<Link> {
        Conversation::over(link, Some(&self.context.address), first_sequence)
    }

    /// Asks which images the reader holds.
    pub(super) async fn images(
        &self,
        conversation: &mut Conversation<Link>,
    ) -> Result<Images, Failure> {
        let patience = self.timing.answer;
        let fields = Fields::default();
        let asked = conversation.ask(Command::ReadState, &fields, patience, REPETITIONS);
        Images::read(&asked.await?)
    }
}

/// Asks a reader for its buffers; the usual ones when it does not know the question.
pub(super) async fn buffers<L: std::borrow::BorrowMut<Link> + Send>(
    conversation: &mut Conversation<L>,
    timing: &Timing,
) -> Result<Buffers, Failure> {
    let fields = Fields::default();
    let asked = conversation.ask(Command::Parameters, &fields, timing.answer, REPETITIONS);
    let told = match asked.await {
        Ok(fields) => fields.number("buf_size").zip(fields.number("buf_count")),
        Err(Failure::Refused(_)) => None,
        Err(failure) => return Err(failure),
    };
    let number = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
    Ok(match told {
        Some((size, count)) => Buffers {
            size_bytes: number(size.clamp(SMALLEST_BUFFER_BYTES, LARGEST_BUFFER_BYTES)),
            count: number(count),
            told: true,
        },
        None => Buffers {
            size_bytes: USUAL_BUFFER_BYTES,
            count: 1,
            told: false,
        },
    })
}
