//! One load from the connection to its outcome.
//!
//! What follows the upload depends on which program answers: `trial` starts what an application stored,
//! `in_place` what was written over the first slot.

use firmdrop_core::{NoteKind, Outcome};

use super::{
    FixedPieces,
    connecting::{Begun, begin, prepare},
    contents::{self, ImageToSend},
    in_place, inside, left,
    load::Load,
    mode::Mode,
    options::SmpOptions,
    sending::{check_room, send},
    session::Session,
    several,
    state::{ImageState, Images},
    timing::Timing,
    trial, which,
};
use crate::{LeftState, LoadContext, LoadError};

/// Puts the image onto the reader.
pub(super) async fn run(
    context: &LoadContext,
    timing: Timing,
    fixed: Option<FixedPieces>,
) -> Result<Outcome, LoadError> {
    let options = SmpOptions::read(&context.options)?;
    let wanted = contents::wanted(&context.inspection, options).map_err(LoadError::does_not_fit)?;
    if context.source.len() != context.expected.size_bytes {
        return Err(LoadError::Read {
            source: std::io::Error::other("the file has another size than when it was inspected"),
            state: LeftState(left::UNTOUCHED.into()),
        });
    }
    let (wanted, begun) = if contents::is_for_slots(&wanted) {
        let (wanted, begun) = choose(context, timing, fixed, wanted).await?;
        (wanted, Some(begun))
    } else {
        (wanted, None)
    };
    match &wanted[..] {
        [image] if image.part.is_none() => {
            let load = Load::of(context, timing, fixed, image);
            Box::pin(one(load, image, options, begun)).await
        }
        [image] => {
            let inner = inside::context(context, image).await?;
            let load = Load::of(&inner, timing, fixed, image);
            Box::pin(one(load, image, options, begun)).await
        }
        images => {
            let inner = inside::contexts(context, images).await?;
            let loads = inner.iter().zip(images);
            let loads = loads.map(|(inner, image)| Load::of(inner, timing, fixed, image));
            several::run(loads.collect(), images, begun).await
        }
    }
}

/// Asks a reader which slot it runs, and chooses of images that are for one slot each.
async fn choose<'w>(
    context: &LoadContext,
    timing: Timing,
    fixed: Option<FixedPieces>,
    wanted: Vec<ImageToSend<'w>>,
) -> Result<(Vec<ImageToSend<'w>>, Begun), LoadError> {
    let loads = wanted
        .iter()
        .map(|image| Load::of(context, timing, fixed, image));
    let loads: Vec<_> = loads.collect();
    let mut begun = begin(&loads).await?;
    if let (Some(load), true) = (loads.first(), begun.mode != Mode::Recovery) {
        let asking = which::starts_in_place(&mut begun.session, &timing);
        let in_place = load.unless_stopped(load.as_found(), asking).await?;
        if in_place == Some(false) {
            return Err(LoadError::does_not_fit(contents::NOT_IN_PLACE.into()));
        }
    }
    let chosen = contents::for_reader(&wanted, &begun.images, begun.mode);
    Ok((chosen, begun))
}

/// Puts one image onto the reader, which may have answered already.
async fn one(
    mut load: Load<'_>,
    wanted: &ImageToSend<'_>,
    options: SmpOptions,
    begun: Option<Begun>,
) -> Result<Outcome, LoadError> {
    let begun = match begun {
        Some(begun) => begun,
        None => begin(std::slice::from_ref(&load)).await?,
    };
    load.whereabouts = begun.whereabouts;
    let (mut session, images, mode) = (begun.session, begun.images, begun.mode);
    let options = SmpOptions {
        image: wanted.number,
        ..options
    };
    prepare(&mut load, &mut session, &images, mode, options).await?;
    match mode {
        Mode::Application => application(&mut load, session, images).await,
        Mode::Recovery | Mode::Unclear => bootloader(&mut load, session, images).await,
    }
}

/// Loads a reader whose application answers, going on from what it holds.
async fn application(
    load: &mut Load<'_>,
    mut session: Session,
    images: Images,
) -> Result<Outcome, LoadError> {
    let state = images.state_of(load.image, &load.hash);
    match state {
        ImageState::Confirmed => {
            load.note(NoteKind::Step, "The reader already runs these bytes");
            return Ok(load.verified("It ran it before; nothing was written."));
        }
        ImageState::Absent => {
            let starting = which::would_start(&mut session, load, &images);
            let starts = load.unless_stopped(load.as_found(), starting).await?;
            starts.map_err(LoadError::does_not_fit)?;
        }
        ImageState::Testing | ImageState::Pending | ImageState::Uploaded => {
            let text = "The reader already holds the image; resuming from there";
            load.note(NoteKind::Resumed, text);
            return trial::finish(load, session, state, &images).await;
        }
    }
    let buffers = check_room(load, &mut session).await?;
    let (session, after) = send(load, session, buffers).await?;
    load.recognise(&after);
    let state = after.state_of(load.image, &load.hash);
    if matches!(state, ImageState::Confirmed | ImageState::Testing) {
        // No application lets the image it runs be overwritten: it was written in place.
        return in_place::start(load, session).await;
    }
    trial::finish(load, session, state, &after).await
}

/// Loads a reader that waits in its bootloader's serial recovery, or does not say that it does not, going on
/// from what its first slot holds.
async fn bootloader(
    load: &mut Load<'_>,
    mut session: Session,
    images: Images,
) -> Result<Outcome, LoadError> {
    in_place::refuse_marked(load, &images, load.as_found())?;
    let state = images.state_of(load.image, &load.hash);
    // What runs on trial can only be confirmed; a restart would end the test.
    let on_trial = load.mode == Mode::Unclear && state == ImageState::Testing;
    if on_trial || trial::may_mark(load, &images) {
        let text = "The reader already holds the image; resuming from there";
        load.note(NoteKind::Resumed, text);
        return trial::finish(load, session, state, &images).await;
    }
    let first = images.first(load.image);
    if first.is_some_and(|slot| slot.hash == Some(load.hash)) {
        let text = "The reader's first slot already holds the image; starting it";
        load.note(NoteKind::Resumed, text);
        return in_place::start(load, session).await;
    }
    let buffers = check_room(load, &mut session).await?;
    let (session, after) = send(load, session, buffers).await?;
    load.recognise(&after);
    if trial::may_mark(load, &after) {
        let state = after.state_of(load.image, &load.hash);
        return trial::finish(load, session, state, &after).await;
    }
    if load.mode == Mode::Unclear && images.slots.is_empty() && after.slots.is_empty() {
        return Err(LoadError::Protocol {
            said: "every piece of the image, and lists no image".into(),
            state: LeftState(left::NEVER_LISTED.into()),
        });
    }
    // An application runs an image throughout, and lists it: what replaces it, or loses it, is a bootloader.
    load.mode = Mode::Recovery;
    in_place::examine(load, &after)?;
    in_place::start(load, session).await
}
