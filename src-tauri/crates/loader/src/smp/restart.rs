//! Restarting a reader that is not being loaded: it is asked what would run then, asked to restart, and looked for.

use firmdrop_link::LinkError;
use tokio::time::{Instant, sleep};

use super::{
    failure::Failure,
    left,
    mode::Mode,
    packet::{Command, Fields},
    probe,
    reopening::Reopening,
    session::{Session, Thread},
    state::in_words,
    timing::Timing,
    whereabouts::Whereabouts,
};
use crate::{LeftState, LoadError, ProbeContext, Restarted, Slot, Target};

const ASKED: &str = "The reader was asked to restart. What it runs is not known.";
const REFUSED: &str = "The reader refused to restart and was left as it was.";

/// Restarts the reader; when something else may run afterwards only if that was accepted.
pub(super) async fn restart(
    context: &ProbeContext,
    accepted: bool,
    timing: &Timing,
) -> Result<Restarted, LoadError> {
    let whereabouts = Whereabouts::default();
    let opening = whereabouts.open(&context.providers, &context.address);
    let link = opening
        .await
        .map_err(|error| Failure::from(error).leaving(left::UNTOUCHED))?;
    let mut session = Session::over(link, &context.address, Thread::NEW);
    let before = probe::first_target(&mut session, timing).await?;
    if let Some(why) = change(&before).filter(|_| !accepted) {
        return Err(LoadError::RestartChanges { why });
    }
    // Once only: a second restart would end the test of an image.
    let (nothing, timeouts) = (Fields::default(), [timing.answer]);
    let asked = session.have_done(Command::Reset, &nothing, &timeouts);
    let confirmed = match asked.await {
        Ok(_) => true,
        // Some restart before their answer is out, and the port goes with them; others answer what cannot be read.
        Err(Failure::Link(_) | Failure::Protocol(_)) => false,
        Err(Failure::Refused(refusal)) => {
            return Err(LoadError::Refused {
                why: refusal.to_string(),
                advice: Some(if refusal.is_busy() {
                    "Wait until the reader has finished what it is doing, then repeat."
                } else {
                    "Switch the reader off and on again."
                }),
                state: LeftState(REFUSED.into()),
            });
        }
        Err(failure) => return Err(failure.leaving(ASKED)),
    };
    let thread = session.thread();
    // The port has to be free when it comes back.
    drop(session);
    let target = find_again(context, &whereabouts, thread, timing).await?;
    Ok(Restarted {
        statement: statement(confirmed, &target),
        target: Some(target),
    })
}

/// What may run after a restart instead of what runs now; `None` when nothing else may, as far as the reader says.
fn change(target: &Target) -> Option<String> {
    let pending = |slot: &&Slot| slot.pending && !slot.active;
    if let Some(slot) = target.slots.iter().find(pending) {
        let stays = if slot.permanent {
            "and stays"
        } else {
            "and is on trial: it stays only when it is confirmed"
        };
        return Some(format!(
            "Slot {} holds {}, which is marked to be started: it runs after the restart, {stays}.",
            slot.slot,
            in_words(slot)
        ));
    }
    if target.mode.as_deref() == Mode::Recovery.name() {
        return Some(
            "The reader waits in its bootloader's serial recovery. A restart starts the image in its first slot, if its bootloader accepts it."
                .into(),
        );
    }
    if !target.slots.iter().any(|slot| slot.active) {
        return Some(
            "The reader does not list what it runs, so that what runs after a restart is not known."
                .into(),
        );
    }
    let on_trial = |slot: &&Slot| slot.active && !slot.confirmed;
    let slot = target.slots.iter().find(on_trial)?;
    (target.reverts != Some(false)).then(|| {
        format!(
            "The reader runs {}, which is not confirmed: a bootloader that swaps images returns to the old one at a restart.",
            in_words(slot)
        )
    })
}

/// Waits until the reader answers again, and asks what it is.
async fn find_again(
    context: &ProbeContext,
    whereabouts: &Whereabouts,
    mut thread: Thread,
    timing: &Timing,
) -> Result<Target, LoadError> {
    let deadline = Instant::now() + timing.restart;
    sleep(timing.settle).await;
    loop {
        match poll(context, whereabouts, &mut thread, timing).await {
            Ok(target) => return Ok(target),
            Err(failure) if Instant::now() >= deadline => {
                if let Failure::Link(error) = failure
                    && let Some(closed) = Reopening::closed(error)
                {
                    return Err(Failure::Link(closed).leaving(ASKED));
                }
                return Err(LoadError::NotReturned {
                    seconds: timing.restart.as_secs(),
                    address: context.address.clone(),
                    state: LeftState(ASKED.into()),
                });
            }
            Err(_) => sleep(timing.poll_every).await,
        }
    }
}

async fn poll(
    context: &ProbeContext,
    whereabouts: &Whereabouts,
    thread: &mut Thread,
    timing: &Timing,
) -> Result<Target, Failure> {
    let link = whereabouts
        .open(&context.providers, &context.address)
        .await?;
    let mut session = Session::over(link, &context.address, *thread);
    // One short question first: a reader that is away is not waited for with all of them.
    let (nothing, timeouts) = (Fields::default(), [timing.answer; 2]);
    let asked = session.have_done(Command::ReadState, &nothing, &timeouts);
    let found = match asked.await {
        Ok(_) => probe::read_target(&mut session, timing).await,
        Err(failure) => Err(failure),
    };
    *thread = session.thread();
    match found {
        // It answers and lists nothing that runs: it is starting.
        Ok(target) if target.slots.is_empty() => Err(Failure::Link(LinkError::Timeout {
            place: context.address.to_string(),
        })),
        found => found,
    }
}

fn statement(confirmed: bool, now: &Target) -> String {
    let runs = now.slots.iter().find(|slot| slot.active);
    let runs = match (now.mode.as_deref() == Mode::Recovery.name(), runs) {
        (true, _) => "it waits in its bootloader's serial recovery".to_owned(),
        (false, Some(slot)) => format!("it runs {}", in_words(slot)),
        (false, None) => "it does not list what it runs".to_owned(),
    };
    if confirmed {
        format!("The reader confirmed the request to restart and answers again: {runs}.")
    } else {
        format!(
            "The reader did not answer the request to restart, and answers now: {runs}. Whether it restarted is not known."
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slot(number: u32, version: &str) -> Slot {
        Slot {
            image: 0,
            slot: number,
            version: Some(version.into()),
            hash: None,
            active: number == 0,
            confirmed: number == 0,
            pending: false,
            bootable: true,
            permanent: false,
        }
    }

    fn reader(slots: Vec<Slot>) -> Target {
        Target {
            mode: Some("application".into()),
            slots,
            ..Target::default()
        }
    }

    #[test]
    fn a_reader_that_runs_a_confirmed_image_runs_the_same_after_a_restart() {
        assert_eq!(
            change(&reader(vec![slot(0, "2.4.0"), slot(1, "2.4.1")])),
            None
        );
    }

    #[test]
    fn a_reader_that_does_not_list_what_it_runs_is_restarted_only_when_that_was_accepted() {
        let idle = Slot {
            active: false,
            ..slot(0, "2.4.0")
        };
        for slots in [vec![], vec![idle]] {
            let why = change(&reader(slots)).unwrap_or_default();
            assert!(why.contains("not known"), "{why}");
        }
    }

    #[test]
    fn an_image_that_is_marked_or_on_trial_changes_what_runs() {
        let marked = Slot {
            pending: true,
            ..slot(1, "2.4.1")
        };
        let why = change(&reader(vec![slot(0, "2.4.0"), marked])).unwrap_or_default();
        assert!(why.contains("2.4.1") && why.contains("on trial"), "{why}");
        let trial = Slot {
            confirmed: false,
            ..slot(0, "2.4.1")
        };
        let tried = reader(vec![trial, slot(1, "2.4.0")]);
        let why = change(&tried).unwrap_or_default();
        assert!(why.contains("not confirmed"), "{why}");
        let stays = Target {
            reverts: Some(false),
            ..tried
        };
        assert_eq!(change(&stays), None);
    }
}
