//! Several images of one package through `MCUboot`'s serial recovery: each replaces what its first slot holds, and one
//! restart starts all of them. An image that depends on another one would not be started without it.
//!
//! Nothing is on trial there: an image that the bootloader does not list is not started.

use firmdrop_core::{NoteKind, Progress};

use super::{
    connecting::prepare,
    contents::ImageToSend,
    in_place::{self, Restarted},
    load::Load,
    mode::Mode,
    options::SmpOptions,
    sending::{check_room, send},
    session::Session,
    state::Images,
};
use crate::LoadError;

/// What is known of the others while one of several images is written.
const OTHERS: &str = "The other images of the file that were sent before lie in their first slots as well; those that were not replace nothing yet.";

/// Puts all of them onto a reader in recovery, and restarts it. `wanted` are the images of `loads`, in the same order; nothing is sent
/// before it is clear of each which slot it goes to.
pub(super) async fn run(
    loads: &mut [Load<'_>],
    wanted: &[ImageToSend<'_>],
    mut session: Session,
    mut images: Images,
) -> Result<Restarted, LoadError> {
    for (load, wanted) in loads.iter_mut().zip(wanted) {
        let options = SmpOptions {
            image: wanted.number,
            upload_number: None,
        };
        prepare(load, &mut session, &images, Mode::Recovery, options).await?;
        in_place::refuse_marked(load, &images, load.as_found())?;
    }
    let mut room = Vec::with_capacity(loads.len());
    for load in loads.iter() {
        room.push(if is_there(load, &images) {
            None
        } else {
            Some(check_room(load, &mut session).await?)
        });
    }
    for ((load, wanted), room) in loads.iter_mut().zip(wanted).zip(room) {
        let Some(buffers) = room else {
            let text = format!("The reader already holds {}", wanted.title());
            load.note(NoteKind::Resumed, text);
            let total_bytes = load.context.expected.size_bytes;
            load.context.events.progress(Progress {
                confirmed_bytes: total_bytes,
                in_flight_bytes: 0,
                total_bytes,
            });
            continue;
        };
        load.note(NoteKind::Step, format!("Sending {}", wanted.title()));
        session.reopened_by(load.reopening_before(&images).await);
        let sent = Box::pin(send(load, session, buffers)).await;
        (session, images) = sent.map_err(|error| error.with_state(OTHERS))?;
        load.recognise(&images);
        in_place::examine(load, &images).map_err(|error| error.with_state(OTHERS))?;
    }
    // By its last list: an upload by another number than was thought would have replaced one of them.
    for load in loads.iter() {
        in_place::examine(load, &images)?;
    }
    let Some(first) = loads.first() else {
        return Err(LoadError::does_not_fit("The file holds no image.".into()));
    };
    in_place::restart(first, session).await
}

fn is_there(load: &Load<'_>, images: &Images) -> bool {
    let first = images.first(load.image);
    first.is_some_and(|slot| slot.hash == Some(load.hash))
}
