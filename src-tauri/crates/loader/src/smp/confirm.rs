//! Confirms the image that a reader runs, and makes sure that it stays.

use firmdrop_core::Outcome;
use firmdrop_link::Link;

use super::{
    failure::Failure,
    left,
    load::Load,
    packet::{Command, Fields},
    phase, returning,
    session::Session,
    state::ImageState,
    timing::REPETITIONS,
};
use crate::{LeftState, LoadError};

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
