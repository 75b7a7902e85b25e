//! Finds a reader again after the restart into an image on trial.
//!
//! It may answer with its old image for a moment, be gone for a minute, wait in its bootloader, or never
//! come back.

use firmdrop_core::NoteKind;
use firmdrop_link::Link;
use tokio::time::{Instant, timeout_at};

use super::{
    identify,
    left::{NOT_SEEN, RESTARTING},
    load::Load,
    mode::Mode,
    packet::{Command, Fields},
    session::{Session, Thread},
    state::{ImageState, Images, in_words},
    timing::RESTARTS,
};
use crate::{LeftState, LoadError, Slot};

/// How a reader came back.
pub(super) enum Returned {
    /// It runs our image, confirmed or on trial.
    WithOurs(Box<Session<Link>>),
    /// It lists no hash of what it runs.
    WithoutHash,
}

/// What one look saw.
enum Look {
    /// Nobody answers.
    Away,
    /// It answers and has not restarted.
    NotYet(Box<Session<Link>>),
    /// Its bootloader answers.
    InBootloader(Box<Session<Link>>, Images),
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
    loop {
        load.pause(pause, RESTARTING).await?;
        pause = load.timing.look_again;
        let mut session = match look(load, &mut thread, deadline).await {
            Look::Back(returned) => return Ok(returned),
            Look::AnotherImage(images) => {
                return Err(another_image(images.active(load.image), before));
            }
            Look::Away if Instant::now() >= deadline => {
                return Err(LoadError::NotReturned {
                    seconds: load.timing.restart.as_secs(),
                    address: load.context.address.clone(),
                    state: LeftState(NOT_SEEN.into()),
                });
            }
            Look::Away => continue,
            Look::InBootloader(session, images) => {
                if !is_waiting(load, &images) || asked.1 >= RESTARTS {
                    return Err(LoadError::InBootloader {
                        state: LeftState(in_bootloader(&images)),
                    });
                }
                // Some bootloaders stay for whoever speaks to them while they start.
                pause = load.timing.restart_again;
                session
            }
            Look::NotYet(session) => session,
        };
        let (when, times) = asked;
        if when.elapsed() >= load.timing.restart_again || pause == load.timing.restart_again {
            if times >= RESTARTS {
                return Err(not_restarting());
            }
            asked = (Instant::now(), times + 1);
            load.note(NoteKind::Retry, "Asking the reader again to restart");
            let reset = Fields::default();
            // Whether it was received shows at the next look.
            let _ = session
                .ask(Command::Reset, &reset, load.timing.answer, 0)
                .await;
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

async fn look(load: &Load<'_>, thread: &mut Thread, deadline: Instant) -> Look {
    let Ok(link) = load.open().await else {
        return Look::Away;
    };
    let mut session = Box::new(load.session(link, *thread));
    let found = timeout_at(deadline, identify::who(load, &mut session)).await;
    *thread = session.thread();
    let Ok(Ok((images, mode))) = found else {
        // Silent, or it answers and refuses: not ready yet.
        return Look::Away;
    };
    // An application lists the image it runs.
    if mode == Mode::Recovery || !images.any_active() {
        return Look::InBootloader(session, images);
    }
    match images.state_of(load.image, &load.hash) {
        ImageState::Confirmed | ImageState::Testing => Look::Back(Returned::WithOurs(session)),
        ImageState::Pending => Look::NotYet(session),
        ImageState::Absent
            if images
                .active(load.image)
                .is_some_and(|slot| slot.hash.is_none()) =>
        {
            Look::Back(Returned::WithoutHash)
        }
        ImageState::Uploaded | ImageState::Absent => Look::AnotherImage(images),
    }
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

fn not_restarting() -> LoadError {
    LoadError::Refused {
        why: "it was asked to restart several times and did not".into(),
        advice: None,
        state: LeftState(RESTARTING.into()),
    }
}
