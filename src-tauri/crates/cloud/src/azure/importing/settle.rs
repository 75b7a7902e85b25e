//! What became of a request whose response is unknown: the service is asked until its time is over.

use tokio::time::{Duration, Instant};

use super::ImportError;
use super::compare::{Compared, Expectation, compare_all};
use super::run::Run;
use crate::azure::{Operation, OperationLocation};

/// What the service does, or did.
pub(super) enum Settled {
    /// It carries the import out there.
    Running(OperationLocation),
    /// It holds the updates.
    Imported,
    /// Neither: the request was not carried out.
    Nothing,
}

/// Looks at its operations and updates until one is ours, or the time is over in which it may still
/// act on the request and none of its operations is unnamed.
pub(super) async fn settle(run: &mut Run<'_>) -> Result<Settled, ImportError> {
    let waits = run.request.waits;
    let until = Instant::now()
        + waits
            .settles_within
            .saturating_sub(run.state.requested_ago.unwrap_or_default());
    loop {
        let running = unfinished(run).await?;
        let ours = |operation: &&Operation| {
            let subject = operation.subject();
            run.request
                .updates
                .iter()
                .any(|update| subject.is_some_and(|subject| subject.is_same(&update.id)))
        };
        if let Some(ours) = running.iter().find(ours) {
            let location = run.service.location_of(&ours.operation_id);
            return Ok(Settled::Running(
                location.map_err(|error| run.service_failed(error))?,
            ));
        }
        if let Compared::Same(_) = compare_all(run, Expectation::MayBeMissing).await? {
            return Ok(Settled::Imported);
        }
        // One that does not say yet what it imports may be ours.
        let unnamed = running
            .iter()
            .any(|operation| operation.subject().is_none());
        let now = Instant::now();
        if now >= until && (!unnamed || now >= until + waits.settles_within) {
            return Ok(Settled::Nothing);
        }
        let look = Duration::from_secs(2).min(waits.longest_pause.unwrap_or(Duration::MAX));
        let slept = run.session.unless_stopped(tokio::time::sleep(look)).await;
        slept.ok_or_else(|| run.stopped())?;
    }
}

/// The operations that are not over.
async fn unfinished(run: &mut Run<'_>) -> Result<Vec<Operation>, ImportError> {
    let list = run.service.operations(true, None);
    let list = list.map_err(|error| run.service_failed(error))?;
    run.query(|service| {
        let list = list.clone();
        async move { service.all(&list).await }
    })
    .await
}
