//! Confirms the image that a reader runs, and makes sure that it stays.

use firmdrop_core::Outcome;

use super::{
    failure::Failure,
    left,
    load::{Load, stopped},
    packet::{Command, Fields},
    phase, refusal, returning,
    session::Session,
    state::ImageState,
    timing::REPETITIONS,
};
use crate::{LeftState, LoadError};

/// Confirms the image that runs, and makes sure that it stays. What the reader lists decides, whatever it answered
/// to the request: its application may confirm the image too.
pub(super) async fn confirm(load: &Load<'_>, session: &mut Session) -> Result<Outcome, LoadError> {
    load.context.events.phase(phase::CONFIRM);
    let leaving = |failure: Failure| failure.leaving(left::PERHAPS_CONFIRMED);
    let asked = load.images_once_running(session);
    let listed = load.heard_out(left::PERHAPS_CONFIRMED, asked).await?;
    let mut images = listed.map_err(leaving)?;
    let mut requests = 0;
    let mut failed = None;
    let mut by_hash = true;
    // An overwriting bootloader confirms the new image from the start.
    while images.state_of(load.image, &load.hash) == ImageState::Testing && requests <= REPETITIONS
    {
        if requests > 0 && load.context.cancel.is_cancelled() {
            return Err(stopped(left::ON_TRIAL));
        }
        load.written_down(phase::CONFIRM, left::ON_TRIAL).await?;
        requests += 1;
        let fields = Fields::default().with("confirm", true);
        let fields = if by_hash {
            fields.bytes("hash", load.hash.as_bytes())
        } else {
            fields
        };
        let timeouts = [load.timing.answer];
        let asked = session.have_done(Command::WriteState, &fields, &timeouts);
        failed = asked.await.err();
        // Never asked for twice without a look: an image that does not run any more would be marked for good.
        let asked = load.images_once_running(session);
        let listed = load.heard_out(left::PERHAPS_CONFIRMED, asked).await?;
        images = listed.map_err(leaving)?;
        match &failed {
            Some(Failure::Link(_)) => {}
            // Some confirm only what runs, without a hash: that is the image, as was just read.
            Some(Failure::Refused(refusal))
                if refusal.is_of_what_was_sent() && by_hash && load.image == 0 =>
            {
                by_hash = false;
            }
            Some(Failure::Refused(refusal)) if refusal.is_busy() => {
                tokio::time::sleep(load.timing.answer).await;
            }
            Some(
                Failure::Refused(_)
                | Failure::NoImageManagement(_)
                | Failure::Protocol(_)
                | Failure::Another(_),
            )
            | None => break,
        }
    }
    match images.state_of(load.image, &load.hash) {
        ImageState::Confirmed => Ok(load.verified("It restarted into it.")),
        ImageState::Testing => Err(on_trial(failed)),
        ImageState::Pending | ImageState::Uploaded | ImageState::Absent => {
            Err(returning::another_image(images.active(load.image), None))
        }
    }
}

/// It lists the image as one that is not confirmed, after a request that failed so.
fn on_trial(failed: Option<Failure>) -> LoadError {
    let state = LeftState(left::ON_TRIAL.into());
    match failed {
        None => LoadError::NotConfirmed { state },
        Some(Failure::Refused(refusal)) => LoadError::Refused {
            why: refusal.to_string(),
            advice: Some(if refusal.is_busy() {
                refusal::LATER
            } else {
                refusal::CONFIRM_LATER
            }),
            state,
        },
        Some(failure) => failure.leaving(left::ON_TRIAL),
    }
}
