//! One image goes to the reader, which is asked afterwards what it holds.

use firmdrop_core::NoteKind;

use super::{
    buffers::Buffers, left, load::Load, phase, session::Session, state::Images, upload::Upload,
    which,
};
use crate::{LeftState, LoadError};

/// Asks the reader for its buffers, and whether it has room for the image. Changes nothing.
pub(super) async fn check_room(
    load: &Load<'_>,
    session: &mut Session,
) -> Result<Buffers, LoadError> {
    let timeouts = [load.timing.answer; 2];
    let asking = Buffers::of(session, &timeouts);
    let buffers = load.unless_stopped(load.as_found(), asking).await?;
    let fitting = which::fits(session, load, buffers);
    let fits = load.unless_stopped(load.as_found(), fitting).await?;
    fits.map_err(LoadError::does_not_fit)?;
    Ok(buffers)
}

/// Sends the image to a reader with these buffers, and asks what it holds afterwards.
pub(super) async fn send(
    load: &Load<'_>,
    mut session: Session,
    buffers: Buffers,
) -> Result<(Session, Images), LoadError> {
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
