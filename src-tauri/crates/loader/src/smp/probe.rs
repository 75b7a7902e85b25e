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
    let (goes_back, refuses_older) = bootloader(conversation, timing).await?;
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
        goes_back,
        refuses_older,
        slots: images.0,
    })
}

/// Whether the bootloader goes back to the old image, and whether it refuses older versions.
async fn bootloader(
    conversation: &mut Conversation<&mut Link>,
    timing: &Timing,
) -> Result<(Option<bool>, bool), Failure> {
    let query = Fields::default().with("query", "mode");
    let asked = conversation.ask(Command::BootloaderInfo, &query, timing.answer, 1);
    match asked.await {
        Ok(fields) => Ok((
            fields.number("mode").and_then(goes_back),
            fields.flag("no-downgrade").unwrap_or(false),
        )),
        Err(Failure::Refused(_)) => Ok((None, false)),
        Err(failure) => Err(failure),
    }
}

/// Zephyr, OS management group, bootloader information of `MCUboot`: 0 single slot, 1 swap with
/// scratch, 2 overwrite, 3 swap by moving, 4 and 5 execute in place without and with a way back,
/// 9 swap by offset. The others load into memory or leave it to another program.
fn goes_back(mode: u64) -> Option<bool> {
    match mode {
        1 | 3 | 5 | 9 => Some(true),
        0 | 2 | 4 => Some(false),
        _ => None,
    }
}
