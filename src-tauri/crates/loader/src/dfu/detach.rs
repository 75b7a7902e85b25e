//! From the application to its bootloader: `DFU_DETACH`, and the device again at its place under other ids.

use firmdrop_core::NoteKind;
use firmdrop_link::LinkError;

use super::found::{self, FoundDevice, NotFound};
use super::left::{self, After, LoadStage};
use super::load::{Ended, Load};
use super::session::Session;
use super::words::phase;
use crate::{LeftState, LoadError};

/// Restarts the device in its bootloader.
pub(super) async fn detach(load: &Load<'_>, seen: FoundDevice) -> Result<FoundDevice, LoadError> {
    let nothing = load.nothing();
    let resumes = load.resumes;
    let reached = LoadStage::Detaching { resumes };
    let untouched = left::state(nothing, After::NotAsked);
    let Some(interface) = seen.interface.clone() else {
        return Err(LoadError::Refused {
            why: format!(
                "{} has no interface by which it could be restarted in its bootloader",
                seen.shown()
            ),
            advice: Some(
                "Restart the reader in its bootloader, with the button or the plug that it has for that, and resume.",
            ),
            state: LeftState(untouched),
        });
    };
    let place = found::place(seen.usb.device());
    let before = seen.shown();
    if let Err(ended) = load.begin(phase::DETACH) {
        return Err(load.failed(ended, nothing, None).await);
    }
    load.context.durable(&untouched).await?;
    let opening = Session::open(seen.usb, &interface, load.timing).await;
    let session = match opening {
        Ok(session) => session,
        Err(error) => return Err(load.failed(error.into(), nothing, None).await),
    };
    if session.is_bootloader().await {
        drop(session);
        return already_there(load, &place).await;
    }
    match session.detach().await {
        // A device that restarts at once may not answer any more, and some refuse what they then do.
        Ok(())
        | Err(
            LinkError::Stalled { .. }
            | LinkError::Lost { .. }
            | LinkError::Timeout { .. }
            | LinkError::Io { .. },
        ) => {}
        Err(error) => return Err(load.failed(error.into(), reached, Some(&session)).await),
    }
    if !session.functional.will_detach {
        // DFU 1.1, 5.1: the device waits for a reset.
        if let Err(ended @ Ended::Stopped) = load.unless_stopped(session.reset()).await {
            return Err(load.failed(ended, reached, None).await);
        }
    }
    drop(session);
    let looking = async {
        let timing = load.timing;
        let providers = &load.context.providers;
        let is_it = FoundDevice::is_bootloader;
        Ok::<_, Ended>(found::wait_for(providers, &place, timing, timing.returns, is_it).await)
    };
    match load.unless_stopped(looking).await {
        Ok(Ok(seen)) => {
            load.note(
                NoteKind::Step,
                format!("{before} restarted in its bootloader as {}", seen.shown()),
            );
            Ok(seen)
        }
        Ok(Err(NotFound::Closed(source))) => Err(LoadError::Link {
            source,
            state: LeftState(left::state(reached, After::NotAsked)),
        }),
        Ok(Err(NotFound::Absent)) => Err(absent(load, &place, reached).await),
        Err(ended) => Err(load.failed(ended, reached, None).await),
    }
}

/// The device was in its bootloader, though its interface says the protocol of an application.
async fn already_there(
    load: &Load<'_>,
    place: &firmdrop_link::LinkAddress,
) -> Result<FoundDevice, LoadError> {
    let opening = FoundDevice::open_bootloader(&load.context.providers, place, load.timing).await;
    opening.map_err(|source| LoadError::Link {
        source,
        state: LeftState(left::state(load.nothing(), After::NotAsked)),
    })
}

/// No bootloader came: what is there now decides what is said.
async fn absent(
    load: &Load<'_>,
    place: &firmdrop_link::LinkAddress,
    reached: LoadStage,
) -> LoadError {
    let now = FoundDevice::open(&load.context.providers, place, load.timing).await;
    match now {
        Ok(seen) => LoadError::Refused {
            why: format!(
                "it was asked to restart in its bootloader, and {} is still there",
                seen.shown()
            ),
            advice: Some(
                "Restart the reader in its bootloader, with the button or the plug that it has for that, and resume.",
            ),
            state: LeftState(left::state(load.nothing(), After::NotAsked)),
        },
        Err(error) => {
            let state = LeftState(left::state(reached, After::NotAsked));
            match NotFound::of(error) {
                NotFound::Closed(source) => LoadError::Link { source, state },
                NotFound::Absent => LoadError::NotReturned {
                    seconds: load.timing.returns.as_secs(),
                    address: place.clone(),
                    state,
                },
            }
        }
    }
}
