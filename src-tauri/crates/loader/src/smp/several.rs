//! Several images of one package, for a reader with as many: all are stored and marked, one restart starts them
//! together, and none is confirmed before all are seen to run.
//!
//! Only an application takes them: a bootloader's recovery has no image on trial, so that each is loaded by itself.

use firmdrop_core::{NoteKind, Outcome, Progress, ProofMethod};

use super::{
    buffers::Buffers,
    confirm::confirm,
    connecting::{begin, prepare},
    contents::{Wanted, names},
    earlier::EarlierRun,
    expected::Expected,
    left,
    load::Load,
    mode::Mode,
    options::SmpOptions,
    phase,
    plan::one_by_one,
    refusal,
    returning::{self, Returned},
    sending::send,
    session::Session,
    state::{ImageState, Images, in_words},
    trial::mark,
    which,
};
use crate::{LeftState, LoadError};

/// The images of a package are stored in part.
const SOME_STORED: &str = "The reader runs its old images. Some of the new ones may be stored, and none was marked to be started.";
/// Some of the images are marked.
const SOME_MARKED: &str =
    "Other images of the file may be marked: those start at the next restart.";
/// All were marked, and a restart was asked for.
const ALL_MARKED: &str = "The other images of the file are stored and marked too.";
/// After the restart.
const OTHERS_UNKNOWN: &str =
    "Whether the other images of the file run, and whether they are confirmed, is not known.";

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

/// Puts all of them onto the reader. `wanted` are the images of `loads`, in the same order.
pub(super) async fn run(
    mut loads: Vec<Load<'_>>,
    wanted: &[Wanted<'_>],
) -> Result<Outcome, LoadError> {
    let Some(first) = loads.first() else {
        return Err(LoadError::does_not_fit("The file holds no image.".into()));
    };
    let (mut session, images, mode) = begin(first).await?;
    if mode != Mode::Application {
        return Err(LoadError::does_not_fit(one_by_one(wanted)));
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
    may_be_stored(&loads, &mut session, &images).await?;
    let (mut session, images) = store(&mut loads, wanted, session, images).await?;
    let leader = mark_all(&loads, &mut session, &images).await?;
    let mut session = match leader {
        None => session,
        Some(leader) => match restart(leader, session, &images).await? {
            Some(session) => session,
            None => {
                return Ok(Outcome::sent(
                    "The reader came back, but does not list the hash of the image it runs.",
                ));
            }
        },
    };
    confirm_all(&loads, wanted, &mut session).await
}

/// An image that is on trial ends its trial with the restart that another one needs. One that the reader does not list
/// was started by the restart of an earlier run.
fn refuse_to_end_a_trial(
    loads: &[Load<'_>],
    wanted: &[Wanted<'_>],
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
    let title = |at: usize| wanted.get(at).map_or_else(String::new, Wanted::title);
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

/// Whether every image that is not stored yet can be, before any is sent.
async fn may_be_stored(
    loads: &[Load<'_>],
    session: &mut Session,
    images: &Images,
) -> Result<(), LoadError> {
    let absent = |load: &&Load<'_>| images.state_of(load.image, &load.hash) == ImageState::Absent;
    for load in loads.iter().filter(absent) {
        let starting = which::would_start(session, load, images);
        let starts = load.unless_stopped(load.as_found(), starting).await?;
        starts.map_err(LoadError::does_not_fit)?;
        let timeouts = [load.timing.answer; 2];
        let asking = Buffers::of(session, &timeouts);
        let buffers = load.unless_stopped(load.as_found(), asking).await?;
        let fitting = which::fits(session, load, buffers);
        let fits = load.unless_stopped(load.as_found(), fitting).await?;
        fits.map_err(LoadError::does_not_fit)?;
    }
    Ok(())
}

/// Sends what the reader does not hold. What it lists afterwards.
async fn store(
    loads: &mut [Load<'_>],
    wanted: &[Wanted<'_>],
    mut session: Session,
    mut images: Images,
) -> Result<(Session, Images), LoadError> {
    let mut has_sent = false;
    for (load, wanted) in loads.iter_mut().zip(wanted) {
        let state = images.state_of(load.image, &load.hash);
        if state != ImageState::Absent {
            let text = format!("The reader already holds {}", wanted.title());
            load.note(NoteKind::Resumed, text);
            let total_bytes = load.context.expected.size_bytes;
            load.context.events.progress(Progress {
                confirmed_bytes: total_bytes,
                in_flight_bytes: 0,
                total_bytes,
            });
            continue;
        }
        load.note(NoteKind::Step, format!("Sending {}", wanted.title()));
        let serial = load.context.providers.serial_number(&load.context.address);
        let expected = Expected::before(load.mode, &images, Some(load.image), &load.hash);
        session.reopened_by(load.reopening(expected.with_serial(serial.await)));
        let sent = Box::pin(send(load, session)).await;
        (session, images) = sent.map_err(|error| {
            if has_sent {
                error.with_state(SOME_STORED, left::stored(Mode::Application))
            } else {
                error
            }
        })?;
        has_sent = true;
        load.recognise(&images);
        let lists = images.lists_hashes(load.image);
        if lists && images.state_of(load.image, &load.hash) == ImageState::Absent {
            return Err(LoadError::SlotDiffers {
                ours: load.hash.short(),
                theirs: images.others(load.image),
                state: LeftState(SOME_STORED.into()),
            });
        }
    }
    Ok((session, images))
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
            let others = |error: LoadError| error.with_state(SOME_MARKED, stored);
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

/// Restarts the reader once, and waits until it runs the image of `leader`. `None` when it does not list hashes then.
async fn restart(
    leader: &Load<'_>,
    mut session: Session,
    images: &Images,
) -> Result<Option<Session>, LoadError> {
    let marked = |error: LoadError| error.with_state(ALL_MARKED, left::MARKED);
    let writing = leader.about_to(phase::RESTART, left::MARKED);
    writing.await.map_err(marked)?;
    let restarting = leader.restart(&mut session, left::MARKED);
    restarting.await.map_err(marked)?;
    let thread = session.thread();
    // The reader restarts: the port has to be free when it comes back.
    drop(session);
    let unknown = |error: LoadError| error.with_state(OTHERS_UNKNOWN, left::RESTARTING);
    leader
        .begin(phase::FIND_AGAIN, left::MARKED)
        .map_err(unknown)?;
    let finding = returning::find_again(leader, thread, images.active(leader.image));
    match finding.await.map_err(unknown)? {
        Returned::WithOurs(session) => Ok(Some(*session)),
        Returned::WithoutHash => Ok(None),
    }
}

/// Confirms every image that runs, once none is seen that does not.
async fn confirm_all(
    loads: &[Load<'_>],
    wanted: &[Wanted<'_>],
    session: &mut Session,
) -> Result<Outcome, LoadError> {
    let Some(first) = loads.first() else {
        return Err(LoadError::does_not_fit("The file holds no image.".into()));
    };
    let listing = first.images_once_running(session).await;
    let images = listing.map_err(|failure| {
        let failed = failure.leaving(left::PERHAPS_CONFIRMED);
        failed.with_state(OTHERS_UNKNOWN, left::PERHAPS_CONFIRMED)
    })?;
    let started: Vec<Started> = loads
        .iter()
        .map(|load| Started::of(load, &images))
        .collect();
    let those = |which: Started| -> Vec<Wanted<'_>> {
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
            .map_err(|error| error.with_state(OTHERS_UNKNOWN, left::PERHAPS_CONFIRMED))?;
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
    refused: &[Wanted<'_>],
    running: &[Wanted<'_>],
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
