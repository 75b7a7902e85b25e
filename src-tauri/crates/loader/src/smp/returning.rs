//! Finds a reader again after the restart into an image on trial.
//!
//! It may answer with its old image for a moment, be gone for a minute, wait in its bootloader, or never
//! come back.

use firmdrop_core::NoteKind;
use firmdrop_link::LinkError;
use tokio::time::{Instant, timeout_at};

use super::{
    expected::Expected,
    identify,
    left::{NOT_SEEN, RESTARTING, STILL_MARKED, by_list},
    load::Load,
    mode::Mode,
    packet::{Command, Fields},
    refusal,
    reopening::Reopening,
    session::{Session, Thread},
    state::{ImageState, Images, in_words},
    timing::RESTARTS,
};
use crate::{LeftState, LoadError, Slot};

/// How a reader came back.
pub(super) enum Returned {
    /// It runs our image, confirmed or on trial.
    WithOurs(Box<Session>),
    /// It lists no hash of what it runs.
    WithoutHash,
}

/// What one poll found.
enum Poll {
    /// Nobody answers; why what is there could not be opened.
    Away(Option<LinkError>),
    /// It answers and lists no image that it runs, or not the hash that it listed before.
    NotReady(Images),
    /// It answers and has not restarted.
    NotYet(Box<Session>, Images),
    /// Its bootloader answers.
    InBootloader(Box<Session>, Images),
    Back(Returned),
    AnotherImage(Images),
}

/// Waits until the reader answers again. `before` is what it ran before the restart.
pub(super) async fn find_again(
    load: &Load<'_>,
    first: Thread,
    before: Option<&Slot>,
) -> Result<Returned, LoadError> {
    let deadline = Instant::now() + load.timing.restart;
    let mut asked = (Instant::now(), 1);
    let mut thread = first;
    let mut pause = load.timing.settle;
    // What the last look saw, when that said nothing of what runs; the very last may find its time over.
    let mut unready = None;
    let mut was_silent = false;
    loop {
        load.pause(pause, RESTARTING).await?;
        pause = load.timing.poll_every;
        let seen = unready.take();
        let (mut session, images) = match poll(load, &mut thread, deadline, before).await {
            Poll::Back(returned) => return Ok(returned),
            Poll::AnotherImage(images) => {
                return Err(another_image(images.active(load.image), before));
            }
            Poll::Away(closed) if Instant::now() >= deadline => {
                if let Some(images) = seen {
                    return not_ready(load, &images);
                }
                if let Some(source) = closed {
                    return Err(LoadError::Link {
                        source,
                        state: LeftState(NOT_SEEN.into()),
                    });
                }
                return Err(LoadError::NotReturned {
                    seconds: load.timing.restart.as_secs(),
                    address: load.context.address.clone(),
                    state: LeftState(NOT_SEEN.into()),
                });
            }
            Poll::NotReady(images) if Instant::now() >= deadline => {
                return not_ready(load, &images);
            }
            Poll::Away(closed) => {
                // A port that another program has says nothing of the reader.
                was_silent |= closed.is_none();
                continue;
            }
            Poll::NotReady(images) => {
                unready = Some(images);
                continue;
            }
            Poll::InBootloader(session, images) => {
                if !is_waiting(load, &images) || asked.1 >= RESTARTS {
                    return Err(LoadError::InBootloader {
                        state: LeftState(in_bootloader(&images)),
                    });
                }
                // Some bootloaders stay for whoever speaks to them while they start.
                pause = load.timing.restart_again;
                (session, images)
            }
            Poll::NotYet(session, images) => (session, images),
        };
        let (when, times) = asked;
        if when.elapsed() >= load.timing.restart_again || pause == load.timing.restart_again {
            if times >= RESTARTS {
                return Err(if was_silent {
                    not_started()
                } else {
                    not_restarting(load, &images)
                });
            }
            asked = (Instant::now(), times + 1);
            load.note(NoteKind::Retry, "Asking the reader again to restart");
            let reset = Fields::default();
            // Whether it was received shows at the next look.
            let timeouts = [load.timing.answer];
            let _ = session.have_done(Command::Reset, &reset, &timeouts).await;
            thread = session.thread();
        }
    }
}

/// Whether the bootloader has yet to start our image: it lies in the second slot. Otherwise another restart
/// might end its test.
fn is_waiting(load: &Load<'_>, images: &Images) -> bool {
    let mut slots = images.of(load.image);
    slots.any(|slot| slot.slot != 0 && slot.hash == Some(load.hash))
}

async fn poll(
    load: &Load<'_>,
    thread: &mut Thread,
    deadline: Instant,
    before: Option<&Slot>,
) -> Poll {
    let link = match load.open().await {
        Ok(link) => link,
        Err(error) => return Poll::Away(Reopening::closed(error)),
    };
    let mut session = Box::new(load.session(link, *thread));
    // The very last look may begin when the time is over: the program may have stood still.
    let until = deadline.max(Instant::now() + load.timing.answer);
    let found = timeout_at(until, identify::who(load, &mut session)).await;
    *thread = session.thread();
    let Ok(Ok((images, mode))) = found else {
        // Silent, or it answers and refuses: not ready yet.
        return Poll::Away(None);
    };
    if mode == Mode::Recovery {
        return Poll::InBootloader(session, images);
    }
    let runs = images.active(load.image);
    let hash = |slot: &Slot| slot.hash.is_some();
    if !images.names_what_runs(load.image) || !runs.is_none_or(hash) && before.is_some_and(hash) {
        return Poll::NotReady(images);
    }
    match images.state_of(load.image, &load.hash) {
        ImageState::Confirmed | ImageState::Testing => {
            session.reopened_by(load.reopening(Expected::program(mode)));
            Poll::Back(Returned::WithOurs(session))
        }
        ImageState::Pending => Poll::NotYet(session, images),
        ImageState::Absent if runs.is_some_and(|slot| slot.hash.is_none()) => {
            Poll::Back(Returned::WithoutHash)
        }
        ImageState::Uploaded | ImageState::Absent => Poll::AnotherImage(images),
    }
}

/// The time is over, and the reader answers without saying what it runs.
fn not_ready(load: &Load<'_>, images: &Images) -> Result<Returned, LoadError> {
    if images.names_what_runs(load.image) {
        return Ok(Returned::WithoutHash);
    }
    Err(LoadError::NotReady {
        seconds: load.timing.restart.as_secs(),
        state: LeftState(NOT_SEEN.into()),
    })
}

/// The reader runs another image than the new one; `before` is what it ran before, where that is known.
pub(super) fn another_image(runs: Option<&Slot>, before: Option<&Slot>) -> LoadError {
    let same =
        |before: &Slot| runs.is_some_and(|runs| runs.hash.is_some() && runs.hash == before.hash);
    LoadError::NotActivated {
        old: before.is_some_and(same),
        state: LeftState(runs.map_or_else(
            || "The reader lists no image that it runs.".into(),
            |slot| format!("The reader runs {}.", in_words(slot)),
        )),
    }
}

fn in_bootloader(images: &Images) -> String {
    let listed: Vec<_> = images
        .slots
        .iter()
        .map(|slot| format!("{} in slot {}", in_words(slot), slot.slot))
        .collect();
    if listed.is_empty() {
        "The reader waits in its bootloader's serial recovery and lists no image that it would start.".into()
    } else {
        format!(
            "The reader waits in its bootloader's serial recovery and runs no image. It lists {}.",
            listed.join(" and ")
        )
    }
}

/// It was silent after a request to restart, and answers as before: with its old image, and the new one marked.
fn not_started() -> LoadError {
    LoadError::Refused {
        why: "it was asked to restart, did not answer for a time, and then listed its old image as running and the new one as marked: its bootloader may refuse to start the new one"
            .into(),
        advice: Some(refusal::NOT_STARTED),
        state: LeftState(STILL_MARKED.into()),
    }
}

fn not_restarting(load: &Load<'_>, images: &Images) -> LoadError {
    LoadError::Refused {
        why: "it was asked to restart several times and did not".into(),
        advice: Some(refusal::RESTART_BY_HAND),
        state: LeftState(by_list(load.mode, images, load.image, &load.hash)),
    }
}
