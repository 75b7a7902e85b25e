//! Finds a reader again after its restart.
//!
//! It may answer with its old image for a moment, be gone for a minute, or never come back.

use firmdrop_core::NoteKind;
use firmdrop_link::Link;
use tokio::time::{Instant, sleep, timeout_at};

use super::{
    conversation::Conversation,
    failure::Failure,
    packet::{Command, Fields},
    run::Run,
    state::{Images, Standing},
    timing::RESTARTS,
};
use crate::{LeftState, LoadError};

const RESTARTING: &str = "The reader was told to restart and to try the new image. Unless it is confirmed, the reader goes back to the old one at the restart after that.";

/// How a reader came back.
pub(super) enum Returned {
    /// It runs our image, kept or on trial.
    WithOurs(Box<Conversation<Link>>),
    /// It tells no hash of what it runs.
    TellingNothing,
}

/// What one look saw.
enum Look {
    /// Nobody answers.
    Away,
    /// It answers and has not restarted.
    NotYet(Box<Conversation<Link>>),
    Back(Returned),
    OldImage,
}

/// Waits until the reader answers again. The context's wish to stop ends the waiting.
pub(super) async fn find_again(run: &Run<'_>, first_sequence: u8) -> Result<Returned, LoadError> {
    let deadline = Instant::now() + run.timing.restart;
    let mut told_to = (Instant::now(), 1);
    let mut sequence = first_sequence;
    pause(run, run.timing.settle).await?;
    loop {
        match look(run, &mut sequence, deadline).await {
            Look::Back(returned) => return Ok(returned),
            Look::OldImage => return Err(LoadError::NotActivated),
            Look::Away if Instant::now() >= deadline => {
                return Err(LoadError::NotReturned {
                    seconds: run.timing.restart.as_secs(),
                });
            }
            Look::Away => {}
            Look::NotYet(mut conversation) => {
                let (when, times) = told_to;
                if when.elapsed() >= run.timing.restart_again {
                    if times >= RESTARTS {
                        return Err(not_restarting());
                    }
                    told_to = (Instant::now(), times + 1);
                    run.note(NoteKind::Retry, "Telling the reader again to restart");
                    let reset = Fields::default();
                    // Whether it heard shows at the next look.
                    let patience = run.timing.answer;
                    let _ = conversation.ask(Command::Reset, &reset, patience, 0).await;
                    sequence = conversation.next_sequence();
                }
            }
        }
        pause(run, run.timing.look_again).await?;
    }
}

async fn look(run: &Run<'_>, sequence: &mut u8, deadline: Instant) -> Look {
    let Ok(link) = run.context.open().await else {
        return Look::Away;
    };
    let mut conversation = Box::new(run.conversation(link, *sequence));
    let images = {
        let fields = Fields::default();
        let asked = conversation.ask(Command::ReadState, &fields, run.timing.answer, 0);
        timeout_at(deadline, asked).await
    };
    *sequence = conversation.next_sequence();
    let images = match images {
        Ok(Ok(fields)) => Images::read(&fields),
        Ok(Err(failure)) => Err(failure),
        Err(_) => return Look::Away,
    };
    match images {
        Ok(images) => match images.standing(&run.hash) {
            Standing::Kept | Standing::OnTrial => Look::Back(Returned::WithOurs(conversation)),
            Standing::Marked => Look::NotYet(conversation),
            Standing::Absent if images.active().is_some_and(|slot| slot.hash.is_none()) => {
                Look::Back(Returned::TellingNothing)
            }
            Standing::Stored | Standing::Absent => Look::OldImage,
        },
        // It answers, and refuses: not ready yet.
        Err(Failure::Refused(_) | Failure::Link(_) | Failure::Protocol(_)) => Look::Away,
    }
}

async fn pause(run: &Run<'_>, length: std::time::Duration) -> Result<(), LoadError> {
    tokio::select! {
        biased;
        () = run.context.cancel.cancelled() => Err(LoadError::Stopped {
            state: LeftState(RESTARTING.into()),
        }),
        () = sleep(length) => Ok(()),
    }
}

fn not_restarting() -> LoadError {
    LoadError::Refused {
        why: "it was told to restart several times and did not".into(),
        state: LeftState(RESTARTING.into()),
    }
}
