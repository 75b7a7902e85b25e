//! Starts an image that was written over the first slot, as `MCUboot`'s serial recovery does it.
//!
//! Its bootloader starts it after a reset. Nothing is marked: a mark would start whatever lies in the second
//! slot (`boot_set_pending_multi`).

use firmdrop_core::{NoteKind, Outcome};
use firmdrop_link::LinkError;
use tokio::time::Instant;

use super::{
    confirm::confirm,
    expected::Expected,
    identify, left,
    load::Load,
    mode::Mode,
    packet::{Command, Fields},
    phase, refusal,
    reopening::Reopening,
    returning,
    session::{Session, Thread},
    state::{ImageState, Images, in_words, same_version},
    timing::RESTARTS,
};
use crate::{LeftState, LoadError};

/// Another image that is marked would be started instead of the new one.
pub(super) fn refuse_marked(
    load: &Load<'_>,
    images: &Images,
    state: &str,
) -> Result<(), LoadError> {
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
pub(super) fn examine(load: &Load<'_>, after: &Images) -> Result<(), LoadError> {
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

/// What came of a restart out of recovery.
pub(super) enum Restarted {
    /// An application answers, and lists these images.
    Application(Box<Session>, Images),
    /// None does: nothing more can be known.
    Ended(Outcome),
}

/// Restarts the reader into the image in its first slot, and asks what runs then.
pub(super) async fn start(load: &Load<'_>, session: Session) -> Result<Outcome, LoadError> {
    match restart(load, session).await? {
        Restarted::Application(session, images) => started(load, *session, &images).await,
        Restarted::Ended(outcome) => Ok(outcome),
    }
}

/// Restarts the reader into what lies in its first slots, and waits for an application.
pub(super) async fn restart(load: &Load<'_>, mut session: Session) -> Result<Restarted, LoadError> {
    let stored = left::stored(load.mode);
    load.about_to(phase::RESTART, stored).await?;
    load.restart(&mut session, stored).await?;
    let mut thread = session.thread();
    drop(session);
    load.begin(phase::FIND_AGAIN, left::STARTING)?;
    let mut asked = (Instant::now(), 1);
    let mut deadline = Instant::now() + load.timing.start;
    let mut pause = load.timing.settle;
    let mut unready = false;
    loop {
        load.pause(pause, left::STARTING).await?;
        pause = load.timing.poll_every;
        let (mut session, images, mode) = match poll(load, &mut thread, deadline).await {
            Ok(found) => found,
            Err(closed) if Instant::now() >= deadline => {
                return Ok(Restarted::Ended(match closed {
                    _ if unready => lists_nothing(load),
                    Some(error) => not_asked(&error),
                    None => not_answering(load),
                }));
            }
            Err(_) => {
                unready = false;
                continue;
            }
        };
        if mode != Mode::Recovery {
            if !images.names_what_runs(load.image) && Instant::now() < deadline {
                // It has yet to find its images.
                unready = true;
                continue;
            }
            session.reopened_by(load.reopening(Expected::program(mode)));
            return Ok(Restarted::Application(Box::new(session), images));
        }
        let (when, times) = asked;
        if when.elapsed() < load.timing.restart_again {
            continue;
        }
        let first = images.first(load.image).and_then(|slot| slot.hash);
        if times >= RESTARTS || first.is_some_and(|hash| hash != load.hash) {
            return still_waiting(load, &images).map(Restarted::Ended);
        }
        // Some bootloaders stay for whoever speaks to them while they start; silence lets them go on.
        load.note(
            NoteKind::Retry,
            "The reader is still in its bootloader; restarting it again",
        );
        let reset = Fields::default();
        let timeouts = [load.timing.answer];
        let _ = session.have_done(Command::Reset, &reset, &timeouts).await;
        thread = session.thread();
        asked = (Instant::now(), times + 1);
        deadline = Instant::now() + load.timing.start;
        pause = load.timing.restart_again;
    }
}

/// Which program answers now; when none does, why the port could not be opened.
async fn poll(
    load: &Load<'_>,
    thread: &mut Thread,
    deadline: Instant,
) -> Result<(Session, Images, Mode), Option<LinkError>> {
    // The very last look may begin when the time is over: the program may have stood still.
    let until = deadline.max(Instant::now() + load.timing.answer);
    let opened = tokio::time::timeout_at(until, load.open()).await;
    let link = opened.map_err(|_| None)?.map_err(Reopening::closed)?;
    let mut session = load.session(link, *thread);
    let found = tokio::time::timeout_at(until, identify::who(load, &mut session)).await;
    *thread = session.thread();
    let (images, mode) = found.map_err(|_| None)?.map_err(|_| None)?;
    Ok((session, images, mode))
}

/// An application answers: it lists what it runs.
async fn started(
    load: &Load<'_>,
    mut session: Session,
    images: &Images,
) -> Result<Outcome, LoadError> {
    match images.state_of(load.image, &load.hash) {
        ImageState::Confirmed | ImageState::Testing => confirm(load, &mut session).await,
        ImageState::Absent if !images.names_what_runs(load.image) => Ok(lists_nothing(load)),
        ImageState::Absent if !images.lists_hashes(load.image) => Ok(Outcome::sent(
            "The reader started an application, which does not list the hash of the image it runs.",
        )),
        ImageState::Absent | ImageState::Pending | ImageState::Uploaded => {
            Err(returning::another_image(images.active(load.image), None))
        }
    }
}

fn lists_nothing(load: &Load<'_>) -> Outcome {
    Outcome::sent(format!(
        "The reader's bootloader took the image and was asked to start it. It answers since, and listed no image that it runs for {} s, so that it is not known whether the new one runs.",
        load.timing.start.as_secs()
    ))
}

fn not_answering(load: &Load<'_>) -> Outcome {
    Outcome::sent(format!(
        "The reader's bootloader listed the new image in its first slot and was asked to start it. Nothing answered for {} s afterwards, so that it is not known whether it runs; an application without this protocol never answers.",
        load.timing.start.as_secs()
    ))
}

fn not_asked(error: &LinkError) -> Outcome {
    Outcome::sent(format!(
        "The reader's bootloader listed the new image in its first slot and was asked to start it. What runs since could not be asked: {error}."
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
