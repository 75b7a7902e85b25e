//! Restarting a device that is not being loaded: only its bootloader can be asked to start what it holds.

use firmdrop_link::LinkError;

use super::found::{self, FoundDevice, NotFound};
use super::left::{self, After, LoadStage};
use super::load::{Ended, error};
use super::memory::Memory;
use super::quirks;
use super::session::{RequestFailure, Session};
use super::st;
use super::timing::Timing;
use crate::{LeftState, LoadError, ProbeContext, Restarted};

const BY_HAND: &str = "Unplug the reader and plug it in again.";
const PERHAPS_ASKED: &str =
    "The reader may have been asked to start the program that it holds. What it runs is not known.";

/// Restarts a device that is in its bootloader, when that was accepted.
pub(super) async fn restart(
    context: &ProbeContext,
    accepted: bool,
    timing: Timing,
) -> Result<Restarted, LoadError> {
    let untouched = || {
        let reached = LoadStage::Nothing { resumes: false };
        LeftState(left::state(reached, After::NotAsked))
    };
    let link = |source| LoadError::Link {
        source,
        state: untouched(),
    };
    let seen = FoundDevice::open(&context.providers, &context.address, timing).await;
    let mut seen = seen.map_err(link)?;
    if let Some(why) = quirks::other_protocol(seen.ids()) {
        return Err(cannot(why));
    }
    let Some(interface) = seen.interface.clone() else {
        return Err(cannot(format!("{} has no DFU interface.", seen.shown())));
    };
    if !seen.is_bootloader() {
        return Err(cannot(format!(
            "{} runs its application. USB DFU restarts an application only into its bootloader, where it would wait for an image.",
            seen.shown()
        )));
    }
    let memories = std::mem::take(&mut seen.memories);
    let start = memories
        .iter()
        .find_map(|memory| Some((memory.alternate, Memory::first_writable(memory)?)));
    if interface.is_st() && start.is_none() {
        return Err(cannot(
            "The reader is started at an address, and does not list the memory that it has.",
        ));
    }
    if !accepted {
        return Err(LoadError::RestartChanges {
            why: "The reader is in its bootloader. A restart starts the program that it holds; whether that is whole, or there is one, is not known.".into(),
        });
    }
    let place = found::place(seen.usb.device());
    let session = Session::open(seen.usb, &interface, timing).await;
    let session = session.map_err(link)?;
    let failed =
        |failure: RequestFailure, state: LeftState| error(Ended::RequestFailure(failure), state);
    if let Err(failure) = session.rest().await {
        return Err(failed(failure, untouched()));
    }
    let asked = match start.filter(|_| interface.is_st()) {
        Some((alternate, address)) => {
            session.choose(alternate).await.map_err(link)?;
            st::leave(&session, address).await
        }
        None => match session.reset().await {
            // Some systems say only `Io` of a device that restarts.
            Ok(())
            | Err(LinkError::Lost { .. } | LinkError::NotFound { .. } | LinkError::Io { .. }) => {
                Ok(())
            }
            Err(error) => Err(error.into()),
        },
    };
    asked.map_err(|failure| failed(failure, LeftState(PERHAPS_ASKED.into())))?;
    drop(session);
    Ok(seen_afterwards(context, &place, timing).await)
}

/// What is at the place after the device was asked to leave its bootloader.
async fn seen_afterwards(
    context: &ProbeContext,
    place: &firmdrop_link::LinkAddress,
    timing: Timing,
) -> Restarted {
    let providers = &context.providers;
    let is_application = |seen: &FoundDevice| !seen.is_bootloader();
    let application =
        found::wait_for(providers, place, timing, timing.leaves, is_application).await;
    let found = match application {
        Err(NotFound::Absent) => FoundDevice::open(providers, place, timing)
            .await
            .map_err(NotFound::of),
        found => found,
    };
    let begin = "The reader was asked to start the program that it holds";
    let (target, statement) = match found {
        Ok(seen) if seen.is_bootloader() => (
            Some(seen.target()),
            format!("{begin}, and is in its bootloader as {}.", seen.shown()),
        ),
        Ok(seen) => (
            Some(seen.target()),
            format!("{begin}. It came back as {}.", seen.shown()),
        ),
        Err(NotFound::Absent) => (
            None,
            format!(
                "{begin}, left its bootloader, and was not seen at its place for {} s; an application without USB is not.",
                timing.leaves.as_secs()
            ),
        ),
        Err(NotFound::Closed(error)) => (
            None,
            format!(
                "{begin}. What it runs could not be looked at: {}",
                found::with_advice(&error)
            ),
        ),
    };
    Restarted { target, statement }
}

fn cannot(why: impl Into<String>) -> LoadError {
    LoadError::CannotRestart {
        why: why.into(),
        advice: BY_HAND,
    }
}
