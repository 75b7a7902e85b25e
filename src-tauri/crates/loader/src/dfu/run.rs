//! One load from the first look at the device to its outcome.

use firmdrop_core::Outcome;
use firmdrop_link::{LinkError, UsbAddress};

use super::detach::detach;
use super::found::{self, FoundDevice};
use super::ids;
use super::interface::Interface;
use super::layout::lay_out;
use super::left::{self, After, LoadStage};
use super::load::{Load, payload};
use super::options::DfuOptions;
use super::plan;
use super::planned;
use super::quirks;
use super::restarted;
use super::session::Session;
use super::timing::Timing;
use super::words::phase;
use super::work::{Device, End, Work};
use crate::{LeftState, LoadContext, LoadError, UsbIds};

/// Puts the image onto the device.
pub(super) async fn run(context: &LoadContext, timing: Timing) -> Result<Outcome, LoadError> {
    plan::check(&context.inspection, None, &context.options)?;
    let options = DfuOptions::read(&context.options)?;
    let load = Load::new(context, options, timing);
    let untouched = || LeftState(left::state(load.nothing(), After::NotAsked));
    if context.source.len() != context.expected.size_bytes {
        return Err(LoadError::Read {
            source: std::io::Error::other("the file has another size than when it was inspected"),
            state: untouched(),
        });
    }
    let looking = async {
        load.begin(phase::CHECK)?;
        load.unless_stopped(open(&load)).await
    };
    let mut seen = match looking.await {
        Ok(seen) => seen,
        Err(ended) => return Err(load.failed(ended, load.nothing(), None).await),
    };
    planned::check(&load, &seen)?;
    let first = seen.ids();
    if let Some(why) = quirks::other_protocol(first) {
        return Err(LoadError::DoesNotFit { why: why.into() });
    }
    let mut reached = load.nothing();
    if !seen.is_bootloader() {
        plan::check(&context.inspection, Some(&seen.target()), &context.options)?;
        seen = detach(&load, seen).await?;
        reached = LoadStage::Bootloader {
            resumes: load.resumes,
        };
    }
    in_bootloader(&load, seen, first, reached).await
}

/// The load of a device that is in its bootloader.
async fn in_bootloader(
    load: &Load<'_>,
    mut seen: FoundDevice,
    first: UsbIds,
    mut reached: LoadStage,
) -> Result<Outcome, LoadError> {
    let Some(interface) = seen.interface.clone() else {
        return Err(LoadError::DoesNotFit {
            why: "The device has no DFU interface.".into(),
        });
    };
    let device = Device {
        place: found::place(seen.usb.device()),
        shown: seen.shown(),
        interface,
    };
    let fits = fits(load, &seen, first);
    let memories = std::mem::take(&mut seen.memories);
    let session = match Session::open(seen.usb, &device.interface, load.timing).await {
        Ok(session) => session,
        Err(error) => return Err(load.failed(error.into(), reached, None).await),
    };
    if let Err(why) = fits {
        return Err(unfit(&session, why, reached).await);
    }
    let by_address = device.interface.is_st();
    let address = by_address
        .then(|| address(load.options, &memories))
        .flatten();
    let payload = match payload(load.context, address).await {
        Ok(payload) => payload,
        Err(ended) => return Err(load.failed(ended, reached, Some(&session)).await),
    };
    let work = Work {
        load,
        device: &device,
        session: &session,
        payload: &payload,
    };
    let ended = if by_address {
        match lay_out(payload.segments(), &memories, load.options.option_bytes) {
            Ok(parts) => work.by_address(&parts, &mut reached).await,
            Err(why) => return Err(unfit(&session, why, reached).await),
        }
    } else {
        if payload
            .segments()
            .iter()
            .filter(|one| one.length_bytes > 0)
            .count()
            != 1
        {
            let why = "The reader takes one run of bytes without addresses, and the file has several places.";
            return Err(unfit(&session, why.into(), reached).await);
        }
        work.plain(&mut reached).await
    };
    match ended {
        Ok(End::Done(outcome)) => Ok(outcome),
        Ok(End::Sent(last)) => {
            drop(session);
            restarted::outcome(load, &device, &payload, last, &mut reached).await
        }
        Ok(End::Failed(error)) => Err(error),
        Err(ended) => Err(load.failed(ended, reached, Some(&session)).await),
    }
}

/// Opens the device. One that an earlier run restarted in its bootloader has other ids there, and is looked for
/// at its place.
async fn open(load: &Load<'_>) -> Result<FoundDevice, LinkError> {
    let context = load.context;
    let opened = FoundDevice::open(&context.providers, &context.address, load.timing).await;
    let Err(LinkError::NotFound { .. }) = &opened else {
        return opened;
    };
    let was_detached = context.began.iter().any(|key| key == phase::DETACH);
    let place = UsbAddress::of(&context.address).ok().and_then(|address| {
        let place = address.place()?.to_owned();
        Some(UsbAddress::at(&place).to_link())
    });
    match place {
        Some(place) if was_detached && place != context.address => {
            FoundDevice::open(&context.providers, &place, load.timing).await
        }
        _ => opened,
    }
}

/// Whether the file is for this device, by its ids now or before it restarted in its bootloader, and by what its
/// interface can do.
fn fits(load: &Load<'_>, seen: &FoundDevice, first: UsbIds) -> Result<(), String> {
    let context = load.context;
    let wanted = ids::of_file(&context.inspection);
    let is_other = |ids| wanted.compare(ids) == ids::Compared::Other;
    if is_other(first) && is_other(seen.ids()) {
        return Err(format!(
            "The file is for {wanted}; the reader is {}.",
            ids::shown(seen.ids())
        ));
    }
    if let Some(interface) = &seen.interface {
        if !interface.functional.can_download {
            return Err("The reader says that it takes no image.".into());
        }
        let is_there = |number| interface.alternates.iter().any(|one| one.number == number);
        if let Some(number) = load.options.alternate.filter(|number| !is_there(*number)) {
            return Err(format!("The reader has no alternate setting {number}."));
        }
    }
    let is_st = seen.interface.as_ref().is_some_and(Interface::is_st);
    if is_st && seen.memories.is_empty() {
        // Its block 0 is a command: bytes of an image would be carried out.
        return Err("The reader is written by addresses, and does not say which memory it has: the names of its alternate settings could not be read, or list none. Unplug it, plug it in again, and repeat.".into());
    }
    if !is_st && !seen.memories.is_empty() {
        // The same the other way round.
        return Err("The names of its alternate settings list memory by addresses, and the descriptor that says how the reader is written is missing: bytes of an image might be carried out as commands. Unplug it, plug it in again, and repeat; if it stays so, its bootloader is faulty.".into());
    }
    if seen.memories.is_empty() && context.inspection.format == firmdrop_image::Format::DfuSe {
        return Err(
            "The file has addresses and alternate settings, and the reader lists no memory.".into(),
        );
    }
    Ok(())
}

/// Where a file without addresses goes.
fn address(options: DfuOptions, memories: &[super::memory::Memory]) -> Option<u64> {
    let given = options.address.map(u64::from);
    given.or_else(|| {
        memories
            .iter()
            .find_map(super::memory::Memory::first_writable)
    })
}

/// The image does not fit a device that perhaps restarted for it.
async fn unfit(session: &Session, why: String, reached: LoadStage) -> LoadError {
    match reached {
        LoadStage::Bootloader { .. } => {
            let after = session.last_words().await;
            LoadError::Refused {
                why,
                advice: None,
                state: LeftState(left::state(reached, after)),
            }
        }
        _ => LoadError::DoesNotFit { why },
    }
}
