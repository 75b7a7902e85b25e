//! Several images of one package, for a reader with as many: all are stored and marked, one restart starts them
//! together, and none is confirmed before all are seen to run.
//!
//! A bootloader's recovery has no image on trial: `several_in_place`.

use firmdrop_core::{NoteKind, Outcome, Progress, ProofMethod};

use super::{
    buffers::Buffers,
    confirm::confirm,
    connecting::{Begun, begin, prepare},
    contents::{ImageToSend, names},
    earlier::EarlierRun,
    in_place::Restarted,
    left,
    load::Load,
    mode::Mode,
    options::SmpOptions,
    phase,
    plan::one_by_one,
    refusal,
    returning::Returned,
    sending::{check_room, send},
    session::Session,
    several_in_place,
    state::{ImageState, Images, in_words},
    trial::{mark, start},
    which,
};
use crate::{LeftState, LoadError};

/// A mark failed; those before it may have been carried out.
const SOME_MARKED: &str =
    "Other images of the file may be marked: those start at the next restart.";
/// From the request for a restart on.
const OTHERS_AT_RESTART: &str = "The other images of the file ran already, or were stored and marked, before the restart; whether they run now is not known.";
/// From the first request for a confirmation on.
const OTHERS_AT_CONFIRM: &str = "Whether the other images of the file are confirmed is not known.";

/// What became of an image after the restart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Started {
    /// The reader lists it as one that it runs.
    Runs,
    /// It lists another in its place, or this one as waiting to be started.
    No,
    /// It does not list what runs of this image number.
    NotListed,
}

/// Puts all of them onto the reader, which may have answered already. `wanted` are the images of `loads`, in the same order.
pub(super) async fn run(
    mut loads: Vec<Load<'_>>,
    wanted: &[ImageToSend<'_>],
    begun: Option<Begun>,
) -> Result<Outcome, LoadError> {
    let begun = match begun {
        Some(begun) => begun,
        None => begin(&loads).await?,
    };
    for load in &mut loads {
        load.whereabouts = begun.whereabouts.clone();
    }
    let Begun {
        mut session,
        images,
        mode,
        ..
    } = begun;
    match mode {
        Mode::Application => {}
        Mode::Recovery => {
            let storing = several_in_place::run(&mut loads, wanted, session, images);
            return match Box::pin(storing).await? {
                Restarted::Application(mut session, _) => {
                    confirm_all(&loads, wanted, &mut session).await
                }
                Restarted::Ended(outcome) => Ok(outcome),
            };
        }
        Mode::Unclear => return Err(LoadError::does_not_fit(one_by_one(wanted))),
    }
    for (load, wanted) in loads.iter_mut().zip(wanted) {
        let options = SmpOptions {
            image: wanted.number,
            upload_number: None,
        };
        prepare(load, &mut session, &images, mode, options).await?;
    }
    let on_trial = |load: &Load<'_>| images.state_of(load.image, &load.hash) == ImageState::Testing;
    if let Some(on_trial) = loads.iter().position(on_trial) {
        refuse_to_end_a_trial(&loads, wanted, on_trial, &images)?;
        return confirm_all(&loads, wanted, &mut session).await;
    }
    let room = ask_for_all(&loads, &mut session, &images).await?;
    let (mut session, images) = store(&mut loads, wanted, &room, session, images).await?;
    if let Some(leader) = mark_all(&loads, &mut session, &images).await? {
        let starting = start(leader, session, &images).await;
        session = match starting.map_err(|error| error.with_state(OTHERS_AT_RESTART))? {
            Returned::WithOurs(session) => *session,
            Returned::WithoutHash => {
                return Ok(Outcome::sent(
                    "The reader came back, but does not list the hash of the image it runs.",
                ));
            }
        };
    }
    confirm_all(&loads, wanted, &mut session).await
}

/// An image that is on trial ends its trial with the restart that another one needs. One that the reader does not list
/// was started by the restart of an earlier run.
fn refuse_to_end_a_trial(
    loads: &[Load<'_>],
    wanted: &[ImageToSend<'_>],
    on_trial: usize,
    images: &Images,
) -> Result<(), LoadError> {
    let waits = |load: &Load<'_>| match Started::of(load, images) {
        Started::Runs => false,
        Started::No => true,
        Started::NotListed => load.earlier != EarlierRun::Restarted,
    };
    let Some(waiting) = loads.iter().position(waits) else {
        return Ok(());
    };
    let title = |at: usize| wanted.get(at).map_or_else(String::new, ImageToSend::title);
    Err(LoadError::Refused {
        why: format!(
            "it runs {} on trial, and {} needs a restart, which would end that trial",
            title(on_trial),
            title(waiting)
        ),
        advice: Some(refusal::RESTART_OR_CONFIRM),
        state: LeftState(left::ON_TRIAL.into()),
    })
}

/// Asks whether every image that the reader does not hold would be stored and started, before any is sent. `None` in the
/// place of one that it holds.
async fn ask_for_all(
    loads: &[Load<'_>],
    session: &mut Session,
    images: &Images,
) -> Result<Vec<Option<Buffers>>, LoadError> {
    let mut room = Vec::with_capacity(loads.len());
    for load in loads {
        if images.state_of(load.image, &load.hash) != ImageState::Absent {
            room.push(None);
            continue;
        }
        let starting = which::would_start(session, load, images);
        let starts = load.unless_stopped(load.as_found(), starting).await?;
        starts.map_err(LoadError::does_not_fit)?;
        room.push(Some(check_room(load, session).await?));
    }
    Ok(room)
}

/// Sends what the reader does not hold. What it lists afterwards.
async fn store(
    loads: &mut [Load<'_>],
    wanted: &[ImageToSend<'_>],
    room: &[Option<Buffers>],
    mut session: Session,
    mut images: Images,
) -> Result<(Session, Images), LoadError> {
    for at in 0..loads.len() {
        let others = listed(loads, wanted, &images, at);
        let (Some(load), Some(wanted), Some(room)) =
            (loads.get_mut(at), wanted.get(at), room.get(at))
        else {
            break;
        };
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
        let sent = Box::pin(send(load, session, *buffers)).await;
        (session, images) = sent.map_err(|error| error.with_state(&others))?;
        load.recognise(&images);
        let lists = images.lists_hashes(load.image);
        if lists && images.state_of(load.image, &load.hash) == ImageState::Absent {
            let differs = LoadError::SlotDiffers {
                ours: load.hash.short(),
                theirs: images.others(load.image),
                state: LeftState(left::by_list(load.mode, &images, load.image, &load.hash)),
            };
            return Err(differs.with_state(&others));
        }
    }
    Ok((session, images))
}

/// How the reader listed the images but the one at `except`, a sentence; nothing where it listed none of them.
fn listed(
    loads: &[Load<'_>],
    wanted: &[ImageToSend<'_>],
    images: &Images,
    except: usize,
) -> String {
    let others = loads.iter().zip(wanted).enumerate();
    let others = others.filter(|(at, _)| *at != except);
    let rows: Vec<String> = others
        .filter_map(|(_, (load, wanted))| {
            let how = match images.state_of(load.image, &load.hash) {
                ImageState::Confirmed | ImageState::Testing => "as running",
                ImageState::Pending => "as marked to be started at the next restart",
                ImageState::Uploaded => "as stored and not marked",
                ImageState::Absent => return None,
            };
            Some(format!("{} {how}", wanted.title()))
        })
        .collect();
    if rows.is_empty() {
        return String::new();
    }
    format!("Before that, the reader listed {}.", rows.join(", and "))
}

/// Marks every image that neither runs nor is marked. One that waits for the restart afterwards; none when all run.
async fn mark_all<'l, 'a>(
    loads: &'l [Load<'a>],
    session: &mut Session,
    images: &Images,
) -> Result<Option<&'l Load<'a>>, LoadError> {
    let mut leader = None;
    for load in loads {
        let mut state = images.state_of(load.image, &load.hash);
        if matches!(state, ImageState::Absent | ImageState::Uploaded) {
            let stored = left::stored(load.mode);
            let others = |error: LoadError| error.with_state(SOME_MARKED);
            load.about_to(phase::MARK_FOR_TEST, stored)
                .await
                .map_err(others)?;
            state = mark(load, session).await.map_err(others)?;
        }
        if !matches!(state, ImageState::Testing | ImageState::Confirmed) {
            leader.get_or_insert(load);
        }
    }
    Ok(leader)
}

/// Confirms every image that runs, once none is seen that does not.
async fn confirm_all(
    loads: &[Load<'_>],
    wanted: &[ImageToSend<'_>],
    session: &mut Session,
) -> Result<Outcome, LoadError> {
    let Some(first) = loads.first() else {
        return Err(LoadError::does_not_fit("The file holds no image.".into()));
    };
    let listing = first.images_once_running(session).await;
    let images = listing.map_err(|failure| {
        let failed = failure.leaving(left::PERHAPS_CONFIRMED);
        failed.with_state(OTHERS_AT_CONFIRM)
    })?;
    let started: Vec<Started> = loads
        .iter()
        .map(|load| Started::of(load, &images))
        .collect();
    let those = |which: Started| -> Vec<ImageToSend<'_>> {
        let pairs = wanted.iter().zip(&started);
        let those = pairs.filter(|(_, started)| **started == which);
        those.map(|(wanted, _)| *wanted).collect()
    };
    let refused = those(Started::No);
    if !refused.is_empty() {
        return Err(not_all_started(
            loads,
            &refused,
            &those(Started::Runs),
            &images,
        ));
    }
    for (load, _) in loads
        .iter()
        .zip(&started)
        .filter(|(_, one)| **one == Started::Runs)
    {
        confirm(load, session)
            .await
            .map_err(|error| error.with_state(OTHERS_AT_CONFIRM))?;
    }
    let hashes = |which: Started| {
        let pairs = loads.iter().zip(wanted).zip(&started);
        let those = pairs.filter(|(_, started)| **started == which);
        let hashes =
            those.map(|((load, wanted), _)| format!("{} of {}", load.hash.short(), wanted.title()));
        hashes.collect::<Vec<_>>().join(", ")
    };
    let not_listed = those(Started::NotListed);
    let proven = format!(
        "The reader reports that it runs, and has confirmed, the images with these hashes: {}.",
        hashes(Started::Runs)
    );
    Ok(if not_listed.is_empty() {
        Outcome::verified(ProofMethod::HashAfterRestart, proven)
    } else {
        Outcome::sent(format!(
            "{proven} It took {}, and does not list what runs there.",
            names(&not_listed)
        ))
    })
}

impl Started {
    fn of(load: &Load<'_>, images: &Images) -> Self {
        match images.state_of(load.image, &load.hash) {
            ImageState::Confirmed | ImageState::Testing => Self::Runs,
            ImageState::Pending => Self::No,
            ImageState::Uploaded | ImageState::Absent => match images.active(load.image) {
                Some(slot) if slot.hash.is_some() => Self::No,
                _ => Self::NotListed,
            },
        }
    }
}

fn not_all_started(
    loads: &[Load<'_>],
    refused: &[ImageToSend<'_>],
    running: &[ImageToSend<'_>],
    images: &Images,
) -> LoadError {
    let listed: Vec<String> = loads
        .iter()
        .filter_map(|load| Some((load.image, images.active(load.image)?)))
        .map(|(number, slot)| format!("{} as image {number}", in_words(slot)))
        .collect();
    let runs = if listed.is_empty() {
        "The reader lists no image that it runs.".to_owned()
    } else {
        format!("The reader lists as running: {}.", listed.join("; "))
    };
    let trial = if running.is_empty() {
        ""
    } else {
        " None of the new images was confirmed: a bootloader that swaps images returns to the old ones at the next restart."
    };
    LoadError::Refused {
        why: format!(
            "it was restarted, and does not run {}: its bootloader may refuse to start what depends on another version",
            names(refused)
        ),
        advice: Some(refusal::NOT_STARTED),
        state: LeftState(format!("{runs}{trial}")),
    }
}
