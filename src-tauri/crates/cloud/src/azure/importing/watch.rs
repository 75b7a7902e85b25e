//! An accepted import, until the service says how it ended.

use firmdrop_core::NoteKind;
use tokio::time::{Duration, Instant};

use super::record::Said;
use super::run::{Ending, Run};
use super::{ImportError, ImportFact, phases};
use crate::azure::wire::shortened;
use crate::azure::{Operation, OperationLocation, OperationStatus};

/// Between two looks at an operation that is not listed yet.
const NOT_LISTED_YET: Duration = Duration::from_secs(2);

/// Watches the operation. Without one, the comparison after it finds out.
pub(super) async fn watch(run: &mut Run<'_>) -> Result<(), ImportError> {
    let Some(location) = run.state.operation.clone() else {
        return Ok(());
    };
    let Some(location) = run.service.own_operation(&location) else {
        run.note(
            NoteKind::Warning,
            "The service named no operation of its own; the update is looked for instead",
        );
        return Ok(());
    };
    run.phase(phases::WATCH);
    let begin = Instant::now();
    let waits = run.request.waits;
    let mut last: Option<Operation> = None;
    let mut unlisted: Option<Instant> = None;
    loop {
        let etag = last.as_ref().and_then(|operation| operation.etag.clone());
        let (wait, found) = match poll(run, &location, etag.as_deref()).await? {
            Some((wait, found)) => {
                unlisted = None;
                (wait, found)
            }
            // It was accepted: one that is not listed is not listed yet, until that is repeated.
            None if unlisted.get_or_insert_with(Instant::now).elapsed() < waits.appears_within => {
                (NOT_LISTED_YET, None)
            }
            None => {
                run.note(NoteKind::Warning, "The service does not list the import");
                run.ending = Ending::NotListed;
                return Ok(());
            }
        };
        if let Some(operation) = found {
            noted(run, last.as_ref(), &operation);
            match operation.status() {
                OperationStatus::Succeeded => {
                    run.ending = Ending::Succeeded;
                    run.state.said = Said::Succeeded;
                    return Ok(());
                }
                OperationStatus::Failed => return failed(run, operation).await,
                OperationStatus::NotStarted
                | OperationStatus::Running
                | OperationStatus::Unknown => {}
            }
            last = Some(operation);
        }
        if begin.elapsed() >= waits.watch_within {
            return Err(ImportError::NotOver {
                waited: begin.elapsed(),
                status: last.map(|operation| operation.status_word),
                left: run.left(),
            });
        }
        let wait = wait.min(waits.longest_pause.unwrap_or(Duration::MAX));
        run.events.waiting(wait);
        let slept = run.session.unless_stopped(tokio::time::sleep(wait)).await;
        slept.ok_or_else(|| run.stopped())?;
        run.session.progressed();
    }
}

/// One look: how long to wait for the next one, and the operation if it changed. Nothing when the
/// service does not list it.
async fn poll(
    run: &mut Run<'_>,
    location: &OperationLocation,
    etag: Option<&str>,
) -> Result<Option<(Duration, Option<Operation>)>, ImportError> {
    let service = run.service;
    let answer = run
        .session
        .repeat(|| async move { service.operation(location, etag).await })
        .await;
    match answer {
        Ok(polled) => Ok(Some((polled.wait, polled.found))),
        Err(crate::session::Ended::Failed(error)) if error.is_not_found() => Ok(None),
        Err(ended) => Err(run.ended(ended)),
    }
}

/// A line when something changed that a user waits for.
fn noted(run: &Run<'_>, last: Option<&Operation>, now: &Operation) {
    let before = last.map(|operation| &*operation.status_word);
    if before != Some(&*now.status_word) {
        let known = ["NotStarted", "Running", "Succeeded", "Failed"];
        let is_known = (known.iter()).any(|known| known.eq_ignore_ascii_case(&now.status_word));
        if now.status() == OperationStatus::Running {
            run.note(NoteKind::Step, "The service imports the update");
        } else if !is_known {
            let word = shortened(&now.status_word);
            run.note(
                NoteKind::Warning,
                format!("The service calls the import \"{word}\""),
            );
        }
    }
    if last.is_none_or(|last| last.subject().is_none()) && now.subject().is_some() {
        run.note(NoteKind::Step, "The service has read the import manifest");
    }
}

async fn failed(run: &mut Run<'_>, operation: Operation) -> Result<(), ImportError> {
    run.fact(ImportFact::Failed).await?;
    let left = run.left();
    let failure = operation.failure().map(Box::new);
    Err(failure.map_or_else(
        || run.failed_without_an_update(),
        |failure| ImportError::Failed {
            failure,
            left: left.clone(),
        },
    ))
}
