//! Loads a reader whose application answers: the image goes to the slot that does not run, is marked to be
//! tested, and is confirmed once it runs.

use firmdrop_core::{NoteKind, Outcome};
use firmdrop_link::Link;

use super::{
    failure::Failure,
    in_place, left,
    load::Load,
    mode::Mode,
    packet::{Command, Fields},
    plan::phase,
    returning::{self, Returned},
    run,
    session::Session,
    state::{ImageState, Images},
    timing::REPETITIONS,
};
use crate::{LeftState, LoadError};

/// Loads the reader, going on from what it holds.
pub(super) async fn run(
    load: &Load<'_>,
    session: Session<Link>,
    images: Images,
) -> Result<Outcome, LoadError> {
    let state = images.state_of(load.image, &load.hash);
    match state {
        ImageState::Confirmed => {
            load.note(NoteKind::Step, "The reader already runs these bytes");
            return Ok(load.verified("It ran it before; nothing was written."));
        }
        ImageState::Absent => {}
        ImageState::Testing | ImageState::Pending | ImageState::Uploaded => {
            let text = "The reader already holds the image; resuming from there";
            load.note(NoteKind::Resumed, text);
            return finish(load, session, state, &images).await;
        }
    }
    let (session, after) = run::send(load, session).await?;
    let state = after.state_of(load.image, &load.hash);
    if matches!(state, ImageState::Confirmed | ImageState::Testing) {
        // No application lets the image it runs be overwritten: it was written in place.
        return Box::pin(in_place::start(load, session)).await;
    }
    finish(load, session, state, &after).await
}

/// Everything after the upload. `state` and `images` are the reader's own, of after it.
pub(super) async fn finish(
    load: &Load<'_>,
    mut session: Session<Link>,
    state: ImageState,
    images: &Images,
) -> Result<Outcome, LoadError> {
    let stored = left::stored(load.mode);
    match state {
        ImageState::Testing | ImageState::Confirmed => return confirm(load, &mut session).await,
        ImageState::Absent if images.lists_hashes(load.image) => {
            return Err(LoadError::SlotDiffers {
                ours: load.hash.short(),
                theirs: images.others(load.image),
                state: LeftState("The reader runs its old image. The other slot does not hold the new one, and nothing was marked to be started.".into()),
            });
        }
        ImageState::Absent | ImageState::Uploaded => {
            load.about_to(phase::MARK_FOR_TEST, stored).await?;
            mark(load, &mut session).await?;
        }
        ImageState::Pending => {}
    }
    load.about_to(phase::RESTART, left::MARKED).await?;
    load.restart(&mut session, left::MARKED).await?;
    let sequence = session.next_sequence();
    // The reader restarts: the port has to be free when it comes back.
    drop(session);
    load.begin(phase::FIND_AGAIN, left::MARKED)?;
    match returning::find_again(load, sequence, images.active(load.image)).await? {
        Returned::WithOurs(mut session) => confirm(load, &mut session).await,
        Returned::WithoutHash => Ok(Outcome::sent(
            "The reader came back, but does not list the hash of the image it runs.",
        )),
    }
}

/// Has the image tested at the next restart, and makes sure that the reader lists it so.
async fn mark(load: &Load<'_>, session: &mut Session<Link>) -> Result<(), LoadError> {
    let stored = left::stored(load.mode);
    let fields = Fields::default()
        .bytes("hash", load.hash.as_bytes())
        .with("confirm", false);
    let timeout = load.timing.answer;
    let asked = session.ask(Command::WriteState, &fields, timeout, REPETITIONS);
    let answer = match asked.await {
        Ok(answer) => answer,
        Err(failure @ Failure::Refused(_)) => return Err(failure.leaving(stored)),
        Err(failure) => return Err(failure.leaving(left::PERHAPS_MARKED)),
    };
    let images = if let Ok(images) = Images::read(&answer) {
        images
    } else {
        let asking = load.images(session).await;
        asking.map_err(|failure| failure.leaving(left::PERHAPS_MARKED))?
    };
    match images.state_of(load.image, &load.hash) {
        ImageState::Uploaded => Err(LoadError::Refused {
            why: "it accepted the request to test the image, and does not list it as marked".into(),
            advice: None,
            state: LeftState(stored.into()),
        }),
        ImageState::Confirmed | ImageState::Testing | ImageState::Pending | ImageState::Absent => {
            Ok(())
        }
    }
}

/// Confirms the image that runs, and makes sure that it stays.
pub(super) async fn confirm(
    load: &Load<'_>,
    session: &mut Session<Link>,
) -> Result<Outcome, LoadError> {
    load.context.events.phase(phase::CONFIRM);
    let leaving = |failure: Failure| failure.leaving(left::PERHAPS_CONFIRMED);
    let mut images = load.images(session).await.map_err(leaving)?;
    // An overwriting bootloader confirms the new image from the start.
    if images.state_of(load.image, &load.hash) == ImageState::Testing {
        load.context.durable(left::ON_TRIAL).await?;
        let fields = Fields::default()
            .bytes("hash", load.hash.as_bytes())
            .with("confirm", true);
        let timeout = load.timing.answer;
        let asked = session.ask(Command::WriteState, &fields, timeout, REPETITIONS);
        asked.await.map_err(leaving)?;
        images = load.images(session).await.map_err(leaving)?;
    }
    match images.state_of(load.image, &load.hash) {
        ImageState::Confirmed => Ok(load.verified("It restarted into it.")),
        ImageState::Testing => Err(LoadError::NotConfirmed {
            state: LeftState(left::ON_TRIAL.into()),
        }),
        ImageState::Pending | ImageState::Uploaded | ImageState::Absent => {
            Err(returning::another_image(images.active(load.image), None))
        }
    }
}

/// Whether an application's own path is the right one for a reader that does not say which program it is: the
/// new image lies in a slot that is not the first and does not run, so that a mark can only be its own.
pub(super) fn may_mark(load: &Load<'_>, images: &Images) -> bool {
    let ours = |slot: &crate::Slot| slot.hash == Some(load.hash);
    load.mode == Mode::Unclear
        && !images.first(load.image).is_some_and(ours)
        && images.of(load.image).any(ours)
}
