//! Starts an image that an application stored: it is marked to be tested, and confirmed once it runs.

use firmdrop_core::Outcome;
use firmdrop_link::Link;

use super::{
    confirm::confirm,
    failure::Failure,
    left,
    load::Load,
    mode::Mode,
    packet::{Command, Fields},
    phase, refusal,
    returning::{self, Returned},
    session::Session,
    state::{ImageState, Images},
};
use crate::{LeftState, LoadError};

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
    let thread = session.thread();
    // The reader restarts: the port has to be free when it comes back.
    drop(session);
    load.begin(phase::FIND_AGAIN, left::MARKED)?;
    match returning::find_again(load, thread, images.active(load.image)).await? {
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
    // A reader may compare the whole image first.
    let timeouts = load.timing.of_a_busy_reader();
    let asked = session.ask_within(Command::WriteState, &fields, &timeouts);
    let perhaps = |failure: Failure| failure.leaving(left::PERHAPS_MARKED);
    let images = match asked.await {
        Ok(answer) => match Images::read(&answer) {
            Ok(images) => images,
            Err(_) => load.images(session).await.map_err(perhaps)?,
        },
        Err(Failure::Refused(refusal)) => {
            // An image that marked itself cannot be marked once more.
            let images = load.images(session).await.map_err(perhaps)?;
            if images.state_of(load.image, &load.hash) != ImageState::Pending {
                return Err(Failure::Refused(refusal).leaving(stored));
            }
            images
        }
        Err(failure) => return Err(perhaps(failure)),
    };
    match images.state_of(load.image, &load.hash) {
        ImageState::Uploaded => Err(LoadError::Refused {
            why: "it accepted the request to test the image, and does not list it as marked".into(),
            advice: Some(refusal::A_HIGHER_VERSION),
            state: LeftState(stored.into()),
        }),
        ImageState::Confirmed | ImageState::Testing | ImageState::Pending | ImageState::Absent => {
            Ok(())
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
