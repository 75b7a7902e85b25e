//! The beginning of a load: the reader answers, says what it holds, and it is clear what is replaced.

use std::time::Duration;

use firmdrop_link::LinkError;
use tokio::time::{Instant, sleep};

use super::{
    earlier::EarlierRun,
    expected::Expected,
    failure::Failure,
    identify,
    load::Load,
    mode::Mode,
    options::SmpOptions,
    packet::{Command, Fields},
    phase, planned,
    session::{Session, Thread},
    state::Images,
    whereabouts::Whereabouts,
    which,
};
use crate::LoadError;

/// A reader that answered.
pub(super) struct Begun {
    pub(super) session: Session,
    /// What it lists.
    pub(super) images: Images,
    /// The program that answers.
    pub(super) mode: Mode,
    /// Where it is.
    pub(super) whereabouts: Whereabouts,
}

/// Connects, asks what the reader holds and which program answers, and makes sure that it is the reader that these loads,
/// which are of one file, were planned for. There is at least one.
pub(super) async fn begin(loads: &[Load<'_>]) -> Result<Begun, LoadError> {
    let Some(load) = loads.first() else {
        return Err(LoadError::does_not_fit("The file holds no image.".into()));
    };
    load.begin(phase::CONNECT, load.as_found())?;
    let connecting = load.unless_stopped(load.as_found(), connect_again(load));
    let (mut session, images, mode) = connecting.await?;
    planned::check(loads, &mut session, &images, mode).await?;
    Ok(Begun {
        session,
        images,
        mode,
        whereabouts: load.whereabouts.clone(),
    })
}

/// Finds out which of the reader's images is replaced, and by which number.
pub(super) async fn prepare(
    load: &mut Load<'_>,
    session: &mut Session,
    images: &Images,
    mode: Mode,
    options: SmpOptions,
) -> Result<(), LoadError> {
    load.mode = mode;
    load.recognise(images);
    load.image = which::image(images, &load.hash, options).map_err(LoadError::does_not_fit)?;
    let written = (options.upload_number.is_none()).then_some(load.image);
    let expected = Expected::before(mode, images, written, &load.hash);
    session.reopened_by(load.reopening(expected.with_serial(load.serial_number().await)));
    let numbering = which::upload_number(session, mode, load.image, options, &load.timing);
    let number = load.unless_stopped(load.as_found(), numbering).await?;
    load.upload_number = number.map_err(LoadError::does_not_fit)?;
    Ok(())
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
                LinkError::NotFound { .. }
                | LinkError::Lost { .. }
                | LinkError::Timeout { .. }
                | LinkError::Unanswered { .. },
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
        sleep(load.timing.poll_every).await;
    }
}

/// Asks what the reader holds, and which program answers; says whether it answered at all.
async fn connect(load: &Load<'_>, answered: &mut bool) -> Result<(Session, Images, Mode), Failure> {
    let mut session = load.session(load.open().await?, Thread::NEW);
    let fields = Fields::default();
    let timeouts = load.timing.of_the_first_question();
    let asked = session.query_within(Command::ReadState, &fields, &timeouts);
    let fields = match asked.await {
        Ok(fields) => fields,
        Err(failure) => return Err(session.without_a_list(failure, load.timing.answer).await),
    };
    let images = Images::read(&fields)?;
    *answered = true;
    let mode = identify::mode_of(&mut session, &images, &load.timing).await?;
    Ok((session, images, mode))
}
