//! Asks a reader what it is. Reads only.

use firmdrop_link::Link;

use super::{
    conversation::Conversation,
    failure::Failure,
    packet::{Command, Fields},
    run::buffers,
    state::Images,
    timing::Timing,
};
use crate::{LoadError, Target};

/// What the reader tells of itself.
pub(super) async fn probe(link: &mut Link, timing: &Timing) -> Result<Target, LoadError> {
    let mut conversation = Conversation::over(link, None, 0);
    let asked = ask(&mut conversation, timing).await;
    asked.map_err(|failure| failure.leaving("The reader was only asked, not changed."))
}

async fn ask(
    conversation: &mut Conversation<&mut Link>,
    timing: &Timing,
) -> Result<Target, Failure> {
    let fields = Fields::default();
    let state = conversation.ask(Command::ReadState, &fields, timing.answer, 1);
    let images = Images::read(&state.await?)?;
    let buffers = buffers(conversation, timing).await?;
    let size = u32::try_from(buffers.size_bytes).unwrap_or(u32::MAX);
    let count = u32::try_from(buffers.count).unwrap_or(u32::MAX);
    let active = images.active();
    // Serial recovery runs no image, so it lists none as active.
    let mode = if active.is_some() {
        "application"
    } else {
        "recovery"
    };
    let runs = active.or_else(|| images.0.first());
    Ok(Target {
        product: None,
        version: runs.and_then(|slot| slot.version.clone()),
        mode: Some(mode.into()),
        buffers: buffers.told.then_some((size, count)),
        slots: images.0,
    })
}
