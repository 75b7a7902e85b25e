//! The request to import what was staged.

use firmdrop_core::{NoteKind, Sha256};
use firmdrop_net::retry::{Idempotency, RetryVerdict};

use super::run::Run;
use super::settle::{Settled, settle};
use super::{ImportError, ImportFact, phases};
use crate::azure::staging;
use crate::azure::{Accepted, AzureError, ImportItem, StagedFile, StagedManifest};
use crate::session::Failure as _;

/// Requests the import, unless the service is seen to carry it out already.
pub(super) async fn submit(
    run: &mut Run<'_>,
    staged: &[staging::StagedFile],
) -> Result<(), ImportError> {
    run.phase(phases::IMPORT);
    let items = items(run, staged)?;
    if run.state.requested_ago.is_some() && seen(run).await? {
        return Ok(());
    }
    loop {
        run.fact(ImportFact::Requesting).await?;
        let service = run.service;
        let sent = run
            .session
            .unless_stopped(service.import_update(&items))
            .await;
        let error = match sent {
            None => return Err(run.stopped()),
            Some(Ok(accepted)) => return accept(run, accepted).await,
            Some(Err(error)) => error,
        };
        match error.verdict(Idempotency::Once) {
            RetryVerdict::Final => return refused(run, error).await,
            RetryVerdict::Again => {
                // It did not arrive, or was turned away before anything was done.
                run.fact(ImportFact::Refused).await?;
                run.session
                    .pause(error)
                    .await
                    .map_err(|ended| run.ended(ended))?;
            }
            RetryVerdict::AskFirst => {
                run.note(
                    NoteKind::Retry,
                    "The response was lost; the service is asked first",
                );
                run.session
                    .pause(error)
                    .await
                    .map_err(|ended| run.ended(ended))?;
                if seen(run).await? {
                    return Ok(());
                }
            }
        }
    }
}

/// Whether an earlier request is carried out, or was.
async fn seen(run: &mut Run<'_>) -> Result<bool, ImportError> {
    match settle(run).await? {
        Settled::Running(operation) => {
            run.note(
                NoteKind::Resumed,
                "The service carries out the import already",
            );
            let operation = Some(operation);
            run.fact(ImportFact::Accepted { operation }).await?;
            Ok(true)
        }
        Settled::Imported => Ok(true),
        Settled::Nothing => {
            run.fact(ImportFact::Refused).await?;
            Ok(false)
        }
    }
}

async fn accept(run: &mut Run<'_>, accepted: Accepted) -> Result<(), ImportError> {
    let operation = match accepted {
        Accepted::Running(operation) => Some(operation),
        Accepted::Finished(_) => None,
        Accepted::Unnamed => match settle(run).await? {
            Settled::Running(operation) => Some(operation),
            Settled::Imported | Settled::Nothing => None,
        },
    };
    run.fact(ImportFact::Accepted { operation }).await
}

/// A refusal. That the update exists may be our own earlier request: the comparison after it decides.
async fn refused(run: &mut Run<'_>, error: AzureError) -> Result<(), ImportError> {
    let exists = matches!(&error, AzureError::Refused(refusal)
        if refusal.error.has_code("UpdateAlreadyExists"));
    if exists {
        return Ok(());
    }
    run.fact(ImportFact::Refused).await?;
    Err(run.service_failed(error))
}

/// The items of the request: staged files belong to the updates in their order.
fn items(run: &Run<'_>, staged: &[staging::StagedFile]) -> Result<Vec<ImportItem>, ImportError> {
    let mut staged = staged.iter();
    let mut next = || {
        staged.next().ok_or_else(|| ImportError::Planned {
            why: "Not everything was staged.".to_owned(),
        })
    };
    let mut items = Vec::new();
    for update in &run.request.updates {
        let mut files = Vec::new();
        for file in &update.files {
            files.push(StagedFile {
                file_name: file.name.clone(),
                url: next()?.url.clone(),
            });
        }
        items.push(ImportItem {
            manifest: StagedManifest {
                url: next()?.url.clone(),
                size_bytes: update.manifest.len() as u64,
                sha256: Sha256::of(&update.manifest),
            },
            friendly_name: update.friendly_name.clone(),
            files,
        });
    }
    Ok(items)
}
