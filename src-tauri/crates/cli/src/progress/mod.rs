//! Follows jobs of this process to their end: bars for a user, lines for a log, events for a script.

#[cfg(unix)]
mod hang_up;
mod row;
mod screen;
mod shown;

use std::time::Duration;

use firmdrop_api::{Change, Diagnosis, Firmdrop, JobId, JobState};
use tokio::sync::broadcast::error::RecvError;
use tokio::time::MissedTickBehavior;

use self::shown::Shown;
use crate::exit::Exit;
use crate::{kinds, print};

/// How often a clock on the screen is looked at.
const TICK: Duration = Duration::from_millis(500);

/// Waits until these jobs are settled; Ctrl+C pauses them, so that they can be resumed.
///
/// `watch` must have begun before the jobs were submitted.
pub(crate) async fn follow(
    firmdrop: &Firmdrop,
    mut watch: tokio::sync::broadcast::Receiver<Change>,
    ids: &[JobId],
    json: bool,
) -> Result<Exit, Diagnosis> {
    let engine = firmdrop.engine();
    let mut shown = Shown::new(json, ids.len());
    for id in ids {
        shown.job(&engine.job(id)?.summary);
    }
    let settled = async {
        for id in ids {
            engine.settled(id).await?;
        }
        Ok::<(), Diagnosis>(())
    };
    let mut settled = std::pin::pin!(settled);
    // Stored over the turns of the loop, so that none is missed between two of them.
    let mut interrupted = std::pin::pin!(interrupted());
    let mut ticks = tokio::time::interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        tokio::select! {
            biased;
            () = &mut interrupted => {
                for id in ids {
                    // One that has ended meanwhile cannot be paused any more.
                    let _ = engine.pause(id).await;
                }
                interrupted.set(self::interrupted());
            }
            change = watch.recv() => match change {
                Ok(Change::Job(job)) if ids.contains(&job.id) => shown.job(&job),
                Ok(Change::Note { id, note }) if ids.contains(&id) => shown.note(&id, &note),
                Ok(Change::Progress { id, progress, percent, pace }) if ids.contains(&id) => {
                    shown.progress(&id, progress, percent, pace);
                }
                Ok(_) | Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => break,
            },
            done = &mut settled => {
                done?;
                break;
            }
            _ = ticks.tick() => {
                for id in ids {
                    if let Some((progress, pace)) = engine.progress(id) {
                        shown.tick(id, progress, pace);
                    }
                }
            }
        }
    }
    // What was noted last is shown before the result.
    while let Ok(change) = watch.try_recv() {
        match change {
            Change::Job(job) if ids.contains(&job.id) => shown.job(&job),
            Change::Note { id, note } if ids.contains(&id) => shown.note(&id, &note),
            _ => {}
        }
    }
    shown.end();
    let mut worst = Exit::Done;
    for id in ids {
        let job = engine.settled(id).await?;
        shown.result(&job);
        if !json
            && job.state == JobState::Paused
            && let Some(line) = kinds::still_running(&engine.job(id)?)
        {
            print::line_to_error(line);
        }
        worst = worst.max(Exit::of(&job.state));
    }
    Ok(worst)
}

/// Ctrl+C, the polite signal of a program that started this one, or the end of its terminal.
#[cfg(unix)]
pub(crate) async fn interrupted() {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut interrupt), Ok(mut terminate)) = (
        signal(SignalKind::interrupt()),
        signal(SignalKind::terminate()),
    ) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
        () = hang_up::hung_up() => {}
    }
}

#[cfg(not(unix))]
pub(crate) async fn interrupted() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending().await
    }
}
