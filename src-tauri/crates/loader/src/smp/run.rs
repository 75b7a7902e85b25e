//! One load from the connection to its outcome.
//!
//! What follows the upload depends on which program answers: `trial` starts what an application stored,
//! `in_place` what was written over the first slot.

use std::sync::Mutex;
use std::time::Duration;

use firmdrop_core::{NoteKind, Outcome};
use firmdrop_link::LinkError;
use tokio::time::{Instant, sleep};

use super::{
    FixedPieces,
    buffers::Buffers,
    earlier::EarlierRun,
    expected::Expected,
    failure::Failure,
    identify, in_place, left,
    load::Load,
    mode::Mode,
    options::SmpOptions,
    packet::{Command, Fields},
    phase, plan,
    session::{Session, Thread},
    state::{ImageState, Images},
    timing::Timing,
    trial,
    upload::Upload,
    which,
};
use crate::{LeftState, LoadContext, LoadError};

/// Puts the image onto the reader.
pub(super) async fn run(
    context: &LoadContext,
    timing: Timing,
    fixed: Option<FixedPieces>,
) -> Result<Outcome, LoadError> {
    let options = SmpOptions::read(&context.options)?;
    let hash = plan::loadable(&context.inspection).map_err(does_not_fit)?;
    if context.source.len() != context.expected.size_bytes {
        return Err(LoadError::Read {
            source: std::io::Error::other("the file has another size than when it was inspected"),
            state: LeftState(left::UNTOUCHED.into()),
        });
    }
    let mut load = Load {
        context,
        timing,
        fixed,
        hash,
        image: options.image.unwrap_or(0),
        upload_number: 0,
        earlier: EarlierRun::of(context.began.iter().map(String::as_str)),
        on_disk: Mutex::new(EarlierRun::None),
        mode: Mode::Unclear,
    };
    load.begin(phase::CONNECT, load.as_found())?;
    let connecting = load.unless_stopped(load.as_found(), connect_again(&load));
    let (mut session, images, mode) = connecting.await?;
    load.mode = mode;
    load.recognise(&images);
    load.image = which::image(&images, &load.hash, options).map_err(does_not_fit)?;
    let written = (options.upload_number.is_none()).then_some(load.image);
    let serial = load.context.providers.serial_number(&load.context.address);
    let expected = Expected::before(mode, &images, written, &load.hash).with_serial(serial.await);
    session.reopened_by(load.reopening(expected));
    let numbering = which::upload_number(&mut session, mode, load.image, options, &load.timing);
    let number = load.unless_stopped(load.as_found(), numbering).await?;
    load.upload_number = number.map_err(does_not_fit)?;
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
            starts.map_err(does_not_fit)?;
        }
        ImageState::Testing | ImageState::Pending | ImageState::Uploaded => {
            let text = "The reader already holds the image; resuming from there";
            load.note(NoteKind::Resumed, text);
            return trial::finish(load, session, state, &images).await;
        }
    }
    let (session, after) = send(load, session).await?;
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
    session: Session,
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
    let (session, after) = send(load, session).await?;
    load.recognise(&after);
    if trial::may_mark(load, &after) {
        let state = after.state_of(load.image, &load.hash);
        return trial::finish(load, session, state, &after).await;
    }
    // An application runs an image throughout, and lists it: what replaces it, or loses it, is a bootloader.
    load.mode = Mode::Recovery;
    in_place::examine(load, &after)?;
    in_place::start(load, session).await
}

fn does_not_fit(why: String) -> LoadError {
    LoadError::DoesNotFit { why }
}

/// A reader that an earlier run restarted is waited for, as that run would have; one that got bytes from it, or was
/// there when the load was planned, may just be coming back. A link that breaks once the reader answered is opened again as in every later phase.
async fn connect_again(load: &Load<'_>) -> Result<(Session, Images, Mode), Failure> {
    let began = Instant::now();
    let mut longest = match load.earlier {
        EarlierRun::None if !load.context.answered => Duration::ZERO,
        EarlierRun::None | EarlierRun::Sent => load.timing.reconnect,
        EarlierRun::Restarted => load.timing.restart,
    };
    loop {
        let mut answered = false;
        let ended = connect(load, &mut answered).await;
        if answered && longest.is_zero() {
            longest = began.elapsed() + load.timing.reconnect;
        }
        let again = match &ended {
            Err(Failure::Link(
                LinkError::NotFound { .. } | LinkError::Lost { .. } | LinkError::Timeout { .. },
            )) => true,
            // A port that was just plugged in is root's until its rule is carried out, and another program may look at
            // it first.
            Err(Failure::Link(
                LinkError::Denied { .. }
                | LinkError::NoPermission { .. }
                | LinkError::Busy { .. }
                | LinkError::InUse { .. },
            )) => answered || began.elapsed() < load.timing.reconnect,
            Err(Failure::Link(_)) => answered,
            // It has yet to find its images.
            Ok((_, images, mode)) => {
                load.earlier == EarlierRun::Restarted
                    && *mode != Mode::Recovery
                    && !images.any_active()
            }
            Err(_) => false,
        };
        if !again || began.elapsed() >= longest {
            return ended;
        }
        drop(ended);
        sleep(load.timing.look_again).await;
    }
}

/// Asks what the reader holds, and which program answers; says whether it answered at all.
async fn connect(load: &Load<'_>, answered: &mut bool) -> Result<(Session, Images, Mode), Failure> {
    let mut session = load.session(load.open().await?, Thread::NEW);
    let fields = Fields::default();
    let timeouts = load.timing.of_the_first_question();
    let asked = session.ask_within(Command::ReadState, &fields, &timeouts);
    let images = Images::read(&asked.await?)?;
    *answered = true;
    let mode = identify::mode_of(&mut session, &images, &load.timing).await?;
    Ok((session, images, mode))
}

/// Sends the image and asks what the reader holds afterwards.
pub(super) async fn send(
    load: &Load<'_>,
    mut session: Session,
) -> Result<(Session, Images), LoadError> {
    let timeouts = [load.timing.answer; 2];
    let asking = Buffers::of(&mut session, &timeouts);
    let buffers = load.unless_stopped(load.as_found(), asking).await?;
    let fitting = which::fits(&mut session, load, buffers);
    let fits = load.unless_stopped(load.as_found(), fitting).await?;
    fits.map_err(does_not_fit)?;
    load.about_to(phase::UPLOAD, load.as_found()).await?;
    let mut may_resume = true;
    let stored = left::stored(load.mode);
    loop {
        let upload = Upload::new(load, &session, buffers, may_resume);
        // Boxed: a piece of the image lies in it while it waits.
        let uploaded = Box::pin(upload.send(&mut session)).await?;
        load.begin(phase::CHECK_HASH, stored)?;
        let asking = load.images_when_ready(&mut session);
        let images = load.unless_stopped(stored, asking).await?;
        let lists = images.lists_hashes(load.image);
        let listed = load.is_stored(&images) || images.any_is(&load.hash_of_file());
        let differs = uploaded.matches == Some(false) || lists && !listed;
        let unproven = uploaded.held_before && !lists && uploaded.matches.is_none();
        if (differs || unproven) && uploaded.resumed && may_resume {
            // What it had of an earlier upload was not what was sent then: erased, or of other bytes.
            let text = if differs {
                "What the reader held of the image was not the image; sending it from its start"
            } else {
                "What the reader held of the image cannot be compared; sending it from its start"
            };
            load.note(NoteKind::Retry, text);
            load.begin(phase::UPLOAD, stored)?;
            may_resume = false;
            continue;
        }
        if uploaded.matches == Some(false) {
            return Err(LoadError::SlotDiffers {
                ours: load.context.expected.sha256.short(),
                theirs: "bytes with another SHA-256".into(),
                state: LeftState(stored.into()),
            });
        }
        if !lists {
            let text = "The reader lists no hashes: what it stored cannot be compared by hash";
            load.note(NoteKind::Warning, text);
        }
        return Ok((session, images));
    }
}
