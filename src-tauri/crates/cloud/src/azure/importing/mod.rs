//! Brings the updates of one import over and proves that the service holds them: staged, imported,
//! compared, cleaned up.
//!
//! It stores nothing on disk itself: what must survive a kill goes through [`ImportRecord`] before the
//! network is touched, and comes back as [`ImportState`].

mod clean_up;
mod compare;
mod error;
mod held;
mod import_run;
mod phases;
mod record;
mod request;
mod run;
mod settle;
mod slots;
mod stage;
mod submit;
mod watch;

pub use error::ImportError;
pub use held::{Held, Holdings, UpdateContent, holdings};
pub use import_run::ImportRun;
pub use phases::phases;
pub use record::{ImportFact, ImportRecord, ImportState, Said};
pub use request::{ImportRequest, ImportWaits, PlannedFile, PlannedUpdate};

use firmdrop_core::{NoteKind, Outcome};

use compare::Compared;
use run::Run;

/// Imports the updates, or continues what an earlier run began.
///
/// Ends *Verified* only when the service reports the size and SHA-256 of every file of every update as
/// ours. An update that the service holds already with these files is not imported again; one of the
/// same version with other files is refused before a byte is sent. After an unclear response the
/// service is asked what it does before the import is requested again. `cancel` ends it with
/// [`ImportError::Stopped`]; an import that the service accepted continues there. What was staged is
/// removed after success and after a failure that no later run can mend.
pub async fn import(
    run: ImportRun<'_>,
    request: &ImportRequest,
    state: ImportState,
) -> Result<Outcome, ImportError> {
    let mut run = Run::new(run, request, state);
    let imported = Box::pin(imported(&mut run)).await;
    match imported {
        Err(error) if !error.is_resumable() && clean_up::clean_up(&mut run).await => {
            Err(error.after_the_clean_up(run.left()))
        }
        Ok(outcome) => {
            clean_up::clean_up(&mut run).await;
            Ok(outcome)
        }
        failed => failed,
    }
}

/// Removes what an import that is given up left in the storage. What the service accepted continues
/// there and may then fail, because it can read its files no longer.
pub async fn give_up(run: ImportRun<'_>, request: &ImportRequest, state: ImportState) {
    clean_up::clean_up(&mut Run::new(run, request, state)).await;
}

async fn imported(run: &mut Run<'_>) -> Result<Outcome, ImportError> {
    request::check(run.request)?;
    if run.state.operation.is_none() && run.state.requested_ago.is_none() {
        run.phase(phases::CHECK_UPDATE);
        if let Compared::Same(outcome) =
            compare::compare_all(run, compare::Expectation::MayBeMissing).await?
        {
            run.note(NoteKind::Kept, "The service holds this update already");
            return Ok(outcome);
        }
    }
    let staged = if run.state.operation.is_none() {
        Some(stage::stage_all(run).await?)
    } else {
        None
    };
    // Held until the service is done with the import: it counts those that run.
    let _slot = match &staged {
        Some(_) => Some(slots::wait(run).await?),
        // The service accepted it already.
        None => slots::free(run.service),
    };
    if let Some(staged) = staged {
        submit::submit(run, &staged).await?;
    }
    watch::watch(run).await?;
    run.phase(phases::COMPARE);
    match compare::compare_all(run, compare::Expectation::MustBeThere).await? {
        Compared::Same(outcome) => Ok(outcome),
        Compared::Missing => Err(run.failed_without_an_update()),
    }
}
