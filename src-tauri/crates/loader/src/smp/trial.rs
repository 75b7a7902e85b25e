//! Starts an image that an application stored: it is marked to be tested, and confirmed once it runs.

use firmdrop_core::Outcome;

use super::{
    confirm::confirm,
    failure::Failure,
    left,
    load::Load,
    mode::Mode,
    packet::{Command, Fields},
    phase, refusal,
    reopening::Reopening,
    returning::{self, Returned},
    session::Session,
    state::{ImageState, Images},
    timing::REPETITIONS,
};
use crate::{LeftState, LoadError};

/// Everything after the upload. `state` and `images` are the reader's own, of after it.
pub(super) async fn finish(
    load: &Load<'_>,
    mut session: Session,
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
            let marked = mark(load, &mut session).await?;
            if matches!(marked, ImageState::Testing | ImageState::Confirmed) {
                return confirm(load, &mut session).await;
            }
        }
        ImageState::Pending => {}
    }
    match start(load, session, images).await? {
        Returned::WithOurs(mut session) => confirm(load, &mut session).await,
        Returned::WithoutHash => Ok(Outcome::sent(
            "The reader came back, but does not list the hash of the image it runs.",
        )),
    }
}

/// Restarts the reader into the image that is marked, and waits until it runs it. `images` is its list of before.
pub(super) async fn start(
    load: &Load<'_>,
    mut session: Session,
    images: &Images,
) -> Result<Returned, LoadError> {
    load.about_to(phase::RESTART, left::MARKED).await?;
    load.restart(&mut session, left::MARKED).await?;
    let thread = session.thread();
    // The reader restarts: the port has to be free when it comes back.
    drop(session);
    load.begin(phase::FIND_AGAIN, left::RESTARTING)?;
    returning::find_again(load, thread, images.active(load.image)).await
}

/// Has the image tested at the next restart. Returns how the reader lists it then, which decides whatever it
/// answered: an image that marked itself cannot be marked once more, and a reader that restarted meanwhile may run
/// it.
pub(super) async fn mark(load: &Load<'_>, session: &mut Session) -> Result<ImageState, LoadError> {
    let fields = Fields::default()
        .bytes("hash", load.hash.as_bytes())
        .with("confirm", false);
    session.may_start(load.hash);
    // A reader may compare the whole image first.
    let timeouts = load.timing.of_a_busy_reader();
    let perhaps = |failure: Failure| failure.leaving(left::PERHAPS_MARKED);
    let mut repetitions = 0;
    loop {
        let asked = session.have_done(Command::WriteState, &fields, &timeouts);
        let (listed, failed) = match load.heard_out(left::PERHAPS_MARKED, asked).await? {
            Ok(answer) => (Images::read(&answer).ok(), None),
            Err(failure) => (None, Some(failure)),
        };
        let images = if let Some(images) = listed {
            images
        } else {
            let asked = load.images_when_ready(session);
            let listed = load.heard_out(left::PERHAPS_MARKED, asked).await?;
            listed.map_err(perhaps)?
        };
        let state = images.state_of(load.image, &load.hash);
        let is_marked = !matches!(state, ImageState::Uploaded | ImageState::Absent);
        match failed {
            _ if is_marked => return Ok(state),
            None if state == ImageState::Absent => return Ok(state),
            None => {
                return Err(LoadError::Refused {
                    why:
                        "it accepted the request to test the image, and does not list it as marked"
                            .into(),
                    advice: Some(refusal::A_HIGHER_VERSION),
                    state: LeftState(left::by_list(load.mode, &images, load.image, &load.hash)),
                });
            }
            Some(Failure::Link(error))
                if Reopening::helps_against(&error) && repetitions < REPETITIONS =>
            {
                repetitions += 1;
            }
            Some(failure) => {
                let state = left::by_list(load.mode, &images, load.image, &load.hash);
                return Err(failure.leaving(state));
            }
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
