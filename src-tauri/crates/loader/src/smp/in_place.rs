//! Loads a reader that waits in its bootloader's serial recovery, or does not say that it does not.
//!
//! An upload replaces the image in the first slot, which the bootloader starts after a reset. Nothing is
//! marked: a mark would start whatever lies in the second slot (`boot_set_pending_multi`).

use firmdrop_core::{NoteKind, Outcome};
use firmdrop_link::Link;
use tokio::time::Instant;

use super::{
    failure::Failure,
    left,
    load::Load,
    mode::{self, Mode},
    packet::{Command, Fields},
    plan::phase,
    refusal, returning, run,
    session::Session,
    state::{ImageState, Images, in_words, same_version},
    timing::RESTARTS,
    trial,
};
use crate::{LeftState, LoadError};

/// Loads the reader, going on from what its first slot holds.
pub(super) async fn run(
    load: &mut Load<'_>,
    session: Session<Link>,
    images: Images,
) -> Result<Outcome, LoadError> {
    refuse_marked(load, &images, load.as_found())?;
    let state = images.state_of(load.image, &load.hash);
    if load.mode == Mode::Unclear && state == ImageState::Testing {
        // What runs on trial can only be confirmed; a restart would end the test.
        return trial::finish(load, session, state, &images).await;
    }
    if trial::may_mark(load, &images) {
        return trial::run(load, session, images).await;
    }
    let first = images.first(load.image);
    if first.is_some_and(|slot| slot.hash == Some(load.hash)) {
        let text = "The reader's first slot already holds the image; starting it";
        load.note(NoteKind::Resumed, text);
        return start(load, session).await;
    }
    let (session, after) = run::send(load, session).await?;
    if trial::may_mark(load, &after) {
        let state = after.state_of(load.image, &load.hash);
        return trial::finish(load, session, state, &after).await;
    }
    // An application runs an image throughout, and lists it: what replaces it, or loses it, is a bootloader.
    load.mode = Mode::Recovery;
    examine(load, &after)?;
    start(load, session).await
}

/// Another image that is marked would be started instead of the new one.
fn refuse_marked(load: &Load<'_>, images: &Images, state: &str) -> Result<(), LoadError> {
    let Some(other) = images.other_pending(load.image, &load.hash) else {
        return Ok(());
    };
    Err(LoadError::Refused {
        why: format!(
            "{} is marked to be started in its place at the next restart",
            in_words(other)
        ),
        advice: Some(refusal::RESTART_OR_CONFIRM),
        state: LeftState(state.into()),
    })
}

/// Whether the bootloader will start what was sent, by its list of after the upload.
fn examine(load: &Load<'_>, after: &Images) -> Result<(), LoadError> {
    let stored = left::stored(Mode::Recovery);
    refuse_marked(load, after, stored)?;
    let Some(slot) = after.first(load.image) else {
        return Err(LoadError::Rejected {
            state: LeftState(left::NOTHING_TO_START.into()),
        });
    };
    let differs = |ours: String| {
        LoadError::SlotDiffers {
        ours,
        theirs: in_words(slot),
        state: LeftState("The reader waits in its bootloader's serial recovery, which lists another image in its first slot than the one that was sent. It was not restarted.".into()),
    }
    };
    let ours = load.context.inspection.identity.version.as_deref();
    match (&slot.hash, &slot.version, ours) {
        (Some(hash), ..) if *hash != load.hash => return Err(differs(load.hash.short())),
        (None, Some(theirs), Some(ours)) if !same_version(ours, theirs) => {
            return Err(differs(format!("the image {ours}")));
        }
        _ => {}
    }
    let returns = slot.active && !slot.confirmed;
    let other = after
        .of(load.image)
        .find(|other| other.slot != 0 && other.confirmed);
    if let Some(other) = other.filter(|_| returns) {
        return Err(LoadError::Refused {
            why: format!(
                "{} would replace the new image at the next restart",
                in_words(other)
            ),
            advice: Some(refusal::RESTART_OR_CONFIRM),
            state: LeftState(stored.into()),
        });
    }
    Ok(())
}

/// Restarts the reader into the image in its first slot, and asks what runs then.
pub(super) async fn start(
    load: &Load<'_>,
    mut session: Session<Link>,
) -> Result<Outcome, LoadError> {
    let stored = left::stored(load.mode);
    load.about_to(phase::RESTART, stored).await?;
    load.restart(&mut session, stored).await?;
    let mut sequence = session.next_sequence();
    drop(session);
    load.begin(phase::FIND_AGAIN, left::STARTING)?;
    let mut asked = (Instant::now(), 1);
    let mut deadline = Instant::now() + load.timing.start;
    let mut pause = load.timing.settle;
    loop {
        load.pause(pause, left::STARTING).await?;
        pause = load.timing.look_again;
        let Some((mut session, images, mode)) = look(load, sequence, deadline).await else {
            if Instant::now() >= deadline {
                return Ok(not_answering(load));
            }
            continue;
        };
        sequence = session.next_sequence();
        if mode != Mode::Recovery {
            return started(load, session, &images).await;
        }
        let (when, times) = asked;
        if when.elapsed() < load.timing.restart_again {
            continue;
        }
        if times >= RESTARTS {
            return still_waiting(load, &images);
        }
        // Some bootloaders stay for whoever speaks to them while they start; silence lets them go on.
        load.note(
            NoteKind::Retry,
            "The reader is still in its bootloader; restarting it again",
        );
        let reset = Fields::default();
        let _ = session
            .ask(Command::Reset, &reset, load.timing.answer, 0)
            .await;
        sequence = session.next_sequence();
        asked = (Instant::now(), times + 1);
        deadline = Instant::now() + load.timing.start;
        pause = load.timing.restart_again;
    }
}

/// Who answers now; nobody is `None`.
async fn look(
    load: &Load<'_>,
    sequence: u8,
    deadline: Instant,
) -> Option<(Session<Link>, Images, Mode)> {
    let asking = async {
        let mut session = load.session(load.context.open().await?, sequence);
        let fields = Fields::default();
        let asked = session.ask(Command::ReadState, &fields, load.timing.answer, 0);
        let images = Images::read(&asked.await?)?;
        let mode = mode::of(&mut session, &images, &load.timing).await?;
        Ok::<_, Failure>((session, images, mode))
    };
    tokio::time::timeout_at(deadline, asking).await.ok()?.ok()
}

/// An application answers: it lists what it runs.
async fn started(
    load: &Load<'_>,
    mut session: Session<Link>,
    images: &Images,
) -> Result<Outcome, LoadError> {
    match images.state_of(load.image, &load.hash) {
        ImageState::Confirmed | ImageState::Testing => trial::confirm(load, &mut session).await,
        ImageState::Absent if !images.lists_hashes(load.image) => Ok(Outcome::sent(
            "The reader started an application, which does not list the hash of the image it runs.",
        )),
        ImageState::Absent | ImageState::Pending | ImageState::Uploaded => {
            Err(returning::another_image(images.active(load.image), None))
        }
    }
}

fn not_answering(load: &Load<'_>) -> Outcome {
    Outcome::sent(format!(
        "The reader's bootloader listed the new image in its first slot and was asked to start it. Nothing answered for {} s afterwards, so that it is not known whether it runs; an application without this protocol never answers.",
        load.timing.start.as_secs()
    ))
}

/// The reader stays in its bootloader: it holds the image, or it does not.
fn still_waiting(load: &Load<'_>, images: &Images) -> Result<Outcome, LoadError> {
    let Some(slot) = images.first(load.image) else {
        return Err(LoadError::InBootloader {
            state: LeftState(left::NOTHING_TO_START.into()),
        });
    };
    let listed = in_words(slot);
    match slot.hash {
        Some(hash) if hash == load.hash => Ok(Outcome::sent(format!(
            "The reader's bootloader lists {listed} in its first slot, which is the one that was sent. It still waits in its serial recovery after several restarts, and runs no image: a button or a pin may hold it there."
        ))),
        None if images.of(load.image).count() > 0 && !images.lists_hashes(load.image) => {
            Ok(Outcome::sent(format!(
                "The reader's bootloader took every byte and lists {listed} in its first slot, without a hash to compare. It still waits in its serial recovery after several restarts, and runs no image."
            )))
        }
        Some(_) | None => Err(LoadError::InBootloader {
            state: LeftState(format!(
                "The reader waits in its bootloader's serial recovery and lists {listed} in its first slot. It runs none."
            )),
        }),
    }
}
