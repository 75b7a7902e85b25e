//! Asks a reader what it is. Reads only.

use firmdrop_link::LinkError;

use super::{
    buffers::Buffers,
    failure::Failure,
    identify, left,
    mode::Mode,
    packet::{Command, Fields},
    session::{Session, Thread},
    state::Images,
    timing::Timing,
    whereabouts::Whereabouts,
    which::starts_the_newer,
};
use crate::{LoadError, ProbeContext, Target};

/// What the reader says about itself.
pub(super) async fn probe(context: &ProbeContext, timing: &Timing) -> Result<Target, LoadError> {
    let whereabouts = Whereabouts::default();
    let opening = whereabouts.open(&context.providers, &context.address);
    let opened = opening.await.map_err(Failure::Link);
    let link = opened.map_err(|failure| failure.leaving(left::UNTOUCHED))?;
    let mut session = Session::over(link, &context.address, Thread::NEW);
    let target = first_target(&mut session, timing).await?;
    Ok(Target {
        serial: context.providers.serial_number(&context.address).await,
        ..target
    })
}

/// What the reader says when a session begins; without a list of images, what came instead.
pub(super) async fn first_target(
    session: &mut Session,
    timing: &Timing,
) -> Result<Target, LoadError> {
    match read_target(session, timing).await {
        Ok(target) => Ok(target),
        Err(failure) => {
            let failure = session.without_a_list(failure, timing.answer).await;
            Err(failure.leaving(left::ONLY_READ))
        }
    }
}

pub(super) async fn read_target(session: &mut Session, timing: &Timing) -> Result<Target, Failure> {
    let fields = Fields::default();
    let timeouts = timing.of_the_first_question();
    let state = session.query_within(Command::ReadState, &fields, &timeouts);
    let images = Images::read(&state.await?)?;
    let runs = images.slots.iter().find(|slot| slot.active);
    let runs = runs.or_else(|| images.slots.first());
    let version = runs.and_then(|slot| slot.version.clone());
    let more = match more(session, &images, timing).await {
        Ok(target) => target,
        // It was there: what it did not come to say is not known.
        Err(Failure::Link(_)) => Target {
            mode: images.proves().and_then(Mode::name).map(str::to_owned),
            ..Target::default()
        },
        Err(failure) => return Err(failure),
    };
    Ok(Target {
        version,
        slots: images.slots,
        ..more
    })
}

/// What the reader says besides its list of images.
async fn more(session: &mut Session, images: &Images, timing: &Timing) -> Result<Target, Failure> {
    let mode = identify::mode_of(session, images, timing).await?;
    // Recovery knows nothing of itself, and an old one is silent about what it does not know.
    let [short, ..] = timing.of_the_first_question();
    let (reverts, refuses_older, timeout) = match mode {
        Mode::Recovery => (None, false, short),
        Mode::Application | Mode::Unclear => {
            let (reverts, refuses_older) = bootloader(session, timing).await?;
            (reverts, refuses_older, timing.answer)
        }
    };
    let buffers = Buffers::of(session, &[timeout]).await?;
    Ok(Target {
        mode: mode.name().map(str::to_owned),
        buffers: buffers.stated(),
        reverts,
        refuses_older,
        ..Target::default()
    })
}

/// Whether the bootloader reverts to the old image, and whether it refuses older versions.
pub(super) async fn bootloader(
    session: &mut Session,
    timing: &Timing,
) -> Result<(Option<bool>, bool), Failure> {
    let query = Fields::default().with("query", "mode");
    let asked = session.query(Command::BootloaderInfo, &query, timing.answer, 1);
    match asked.await {
        Ok(fields) => Ok((
            fields.number("mode").and_then(reverts),
            fields.flag("no-downgrade").unwrap_or(false)
                || fields.number("mode").is_some_and(starts_the_newer),
        )),
        // Old bootloaders are silent about what they do not know.
        Err(Failure::Refused(_) | Failure::Link(LinkError::Timeout { .. })) => Ok((None, false)),
        Err(failure) => Err(failure),
    }
}

/// Zephyr, OS management group, bootloader information of `MCUboot`: 0 single slot, 1 swap with
/// scratch, 2 overwrite, 3 swap by moving, 4 and 5 execute in place without and with a way back,
/// 9 swap by offset. The others load into memory or leave it to another program.
fn reverts(mode: u64) -> Option<bool> {
    match mode {
        1 | 3 | 5 | 9 => Some(true),
        0 | 2 | 4 => Some(false),
        _ => None,
    }
}
