//! One load from the connection to its outcome.
//!
//! What follows depends on which program answers: `trial` loads an application, `in_place` a bootloader.

use firmdrop_core::{NoteKind, Outcome};
use firmdrop_link::{Link, LinkError};
use tokio::time::{Instant, sleep};

use super::{
    buffers::Buffers,
    earlier::EarlierRun,
    failure::Failure,
    in_place, left,
    load::Load,
    mode::{self, Mode},
    options::SmpOptions,
    plan::{self, phase},
    session::Session,
    state::Images,
    timing::Timing,
    trial,
    upload::Upload,
    which,
};
use crate::{LeftState, LoadContext, LoadError};

/// Puts the image onto the reader.
pub(super) async fn run(context: &LoadContext, timing: Timing) -> Result<Outcome, LoadError> {
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
        hash,
        image: options.image.unwrap_or(0),
        upload_number: 0,
        earlier: EarlierRun::of(context.began.iter().map(String::as_str)),
        mode: Mode::Unclear,
    };
    load.begin(phase::CONNECT, load.as_found())?;
    let connecting = load.unless_stopped(load.as_found(), connect_again(&load));
    let (mut session, images, mode) = connecting.await?;
    load.mode = mode;
    load.image = which::image(&images, &hash, options).map_err(does_not_fit)?;
    let numbering = which::upload_number(&mut session, mode, load.image, options, &load.timing);
    let number = load.unless_stopped(load.as_found(), numbering).await?;
    load.upload_number = number.map_err(does_not_fit)?;
    match mode {
        Mode::Application => trial::run(&load, session, images).await,
        Mode::Recovery | Mode::Unclear => in_place::run(&mut load, session, images).await,
    }
}

fn does_not_fit(why: String) -> LoadError {
    LoadError::DoesNotFit { why }
}

/// A reader that an earlier run restarted is waited for, as that run would have.
async fn connect_again(load: &Load<'_>) -> Result<(Session<Link>, Images, Mode), Failure> {
    let deadline = Instant::now() + load.timing.restart;
    loop {
        match connect(load).await {
            Err(Failure::Link(
                LinkError::NotFound { .. } | LinkError::Lost { .. } | LinkError::Timeout { .. },
            )) if load.earlier == EarlierRun::Restarted && Instant::now() < deadline => {
                sleep(load.timing.look_again).await;
            }
            ended => return ended,
        }
    }
}

async fn connect(load: &Load<'_>) -> Result<(Session<Link>, Images, Mode), Failure> {
    let mut session = load.session(load.context.open().await?, 0);
    let images = load.images(&mut session).await?;
    let mode = mode::of(&mut session, &images, &load.timing).await?;
    Ok((session, images, mode))
}

/// Sends the image and asks what the reader holds afterwards.
pub(super) async fn send(
    load: &Load<'_>,
    mut session: Session<Link>,
) -> Result<(Session<Link>, Images), LoadError> {
    let asking = Buffers::of(&mut session, &load.timing);
    let buffers = load.unless_stopped(load.as_found(), asking).await?;
    load.about_to(phase::UPLOAD, load.as_found()).await?;
    let upload = Upload::new(load, buffers.size_bytes, buffers.count);
    // Boxed: a piece of the image lies in it while it waits.
    let mut session = Box::pin(upload.send(session)).await?;
    let stored = left::stored(load.mode);
    load.begin(phase::CHECK_HASH, stored)?;
    let asking = load.images(&mut session);
    let images = load.unless_stopped(stored, asking).await?;
    if !images.lists_hashes(load.image) {
        let text = "The reader lists no hashes: what it stored cannot be compared by hash";
        load.note(NoteKind::Warning, text);
    }
    Ok((session, images))
}
