//! Carries an import out, and the deployment after it.

use std::sync::Arc;

use firmdrop_cloud::azure::deploying::{DeployError, DeployRequest, Deployable, deploy};
use firmdrop_cloud::azure::importing::{
    self, ImportError, ImportRequest, ImportRun, PlannedFile, PlannedUpdate,
};
use firmdrop_core::{Code, Diagnose as _, Diagnosis, Note, NoteKind, Outcome, Remedy};
use firmdrop_engine::{Ended, JobContext};

use super::account::{Connected, client};
use super::facts::{deploy_state, deployment_id, import_state};
use super::options::AzureOptions;
use super::planned::{PlannedDeployment, PlannedImport};
use super::record::Record;
use super::remote_state::remote_state;
use super::{AzureWaits, facts};

/// The import, then the deployment if there is one.
pub(super) async fn run(context: &JobContext, waits: AzureWaits) -> Ended {
    let prepared = match prepare(context, waits).await {
        Ok(prepared) => prepared,
        Err(diagnosis) => return not_prepared(context, diagnosis).await,
    };
    let history = context.history().await.unwrap_or_default();
    let state = import_state(&history, context.clock().now());
    let record = Record { context };
    let events = context.events();
    let deploys = deploy_state(&history);
    let imported = if deploys.starting || deploys.started {
        // It was imported, or it could not have been deployed.
        Ok(None)
    } else {
        let run = ImportRun {
            service: &prepared.account.service,
            store: &prepared.account.store,
            record: &record,
            events: &*events,
            cancel: context.stop(),
        };
        Box::pin(importing::import(run, &prepared.request, state))
            .await
            .map(Some)
    };
    let outcome = match imported {
        Ok(outcome) => outcome,
        Err(ImportError::Stopped { .. }) => return stopped(context).await,
        Err(error) if error.is_resumable() => return Ended::resumable(error.diagnose()),
        Err(error) => return Ended::failed(error.diagnose()),
    };
    match (prepared.planned.deployment.as_ref(), outcome) {
        (None, Some(outcome)) => Ended::Done(outcome),
        (None, None) => Ended::failed(incomplete("It has no deployment, and one was begun.")),
        (Some(_), Some(Outcome::Sent { reason })) => {
            Ended::resumable(unproved(&prepared.planned.names(), &reason))
        }
        (Some(deployment), _) => Box::pin(deployed(context, &prepared, deployment, waits)).await,
    }
}

/// Deletes what a cancelled job left in the storage.
pub(super) async fn give_up(context: &JobContext, waits: AzureWaits) {
    let events = context.events();
    let account = match client(context.accounts(), &context.plan().destination.address).await {
        Ok(account) => account,
        Err(diagnosis) => {
            let note = Note::new(NoteKind::Warning, "What was staged was not deleted");
            events.note(note.detail(diagnosis.what_happened));
            return;
        }
    };
    let history = context.history().await.unwrap_or_default();
    let state = facts::import_state(&history, context.clock().now());
    let record = Record { context };
    let run = ImportRun {
        service: &account.service,
        store: &account.store,
        record: &record,
        events: &*events,
        cancel: context.stop(),
    };
    let mut request = ImportRequest::new(Vec::new());
    request.waits = waits.import;
    request.leave_staged =
        AzureOptions::read(&context.plan().options).is_ok_and(|options| options.leave_staged);
    Box::pin(importing::give_up(run, &request, state)).await;
}

struct Prepared {
    account: Connected,
    planned: PlannedImport,
    request: ImportRequest,
}

async fn prepare(context: &JobContext, waits: AzureWaits) -> Result<Prepared, Diagnosis> {
    let plan = context.plan();
    let options = AzureOptions::read(&plan.options)?;
    let planned = PlannedImport::of(plan)?;
    let account = client(context.accounts(), &plan.destination.address).await?;
    same_world(context, &account)?;
    let mut updates = Vec::new();
    for update in &planned.updates {
        let mut files = Vec::new();
        for name in &update.files {
            let source = context.open_file(name.file).await?;
            let expected = plan.files.get(name.file).map(|file| file.expected);
            let expected =
                expected.ok_or_else(|| incomplete("A file of an update is missing in it."))?;
            files.push(PlannedFile {
                name: name.name.clone(),
                source: source as Arc<_>,
                expected,
            });
        }
        updates.push(PlannedUpdate {
            id: update.id.clone(),
            friendly_name: update.friendly_name.clone(),
            manifest_name: update.manifest_name.clone(),
            manifest: update.manifest.clone().into_bytes(),
            files,
        });
    }
    let mut request = ImportRequest::new(updates);
    request.prefix.clone_from(&account.prefix);
    request.leave_staged = options.leave_staged;
    request.waits = waits.import;
    Ok(Prepared {
        account,
        planned,
        request,
    })
}

async fn deployed(
    context: &JobContext,
    prepared: &Prepared,
    deployment: &PlannedDeployment,
    waits: AzureWaits,
) -> Ended {
    let history = context.history().await.unwrap_or_default();
    let update = prepared.planned.updates.first().map(|update| Deployable {
        id: update.id.clone(),
        compatibility: update.compatibility.clone(),
    });
    let Some(update) = update else {
        return Ended::failed(incomplete("It has no update."));
    };
    let id = deployment_id(&history)
        .or_else(|| deployment.deployment_id.clone())
        .unwrap_or_else(|| format!("firmdrop-{}", context.id()));
    let request = DeployRequest {
        update,
        group: deployment.group.clone(),
        deployment_id: id,
        start: prepared
            .account
            .service
            .time(context.clock().now())
            .to_string(),
        download_security: deployment.download_security,
        expected_devices: deployment.expect_devices,
        waits: waits.deploy,
    };
    let (record, events) = (Record { context }, context.events());
    let deployed = deploy(
        &prepared.account.service,
        &request,
        deploy_state(&history),
        &record,
        &*events,
        context.stop(),
    );
    match Box::pin(deployed).await {
        Ok(outcome) => Ended::Done(outcome),
        Err(DeployError::Stopped { .. }) => stopped(context).await,
        Err(error) => {
            let mut diagnosis = error.diagnose();
            let imported = prepared.planned.names();
            diagnosis.state_now = format!(
                "The service held {imported} when the import ended. {}",
                diagnosis.state_now
            );
            if error.is_resumable() {
                Ended::resumable(diagnosis)
            } else {
                Ended::failed(diagnosis)
            }
        }
    }
}

async fn stopped(context: &JobContext) -> Ended {
    let history = context.history().await.unwrap_or_default();
    Ended::Stopped {
        state_now: remote_state(context.plan(), &history).sentence,
    }
}

/// Nothing was asked for. What an earlier run left with the service is there for a later one.
async fn not_prepared(context: &JobContext, diagnosis: Diagnosis) -> Ended {
    let history = context.history().await.unwrap_or_default();
    let is_final = diagnosis.code == Code::FileChanged
        || diagnosis.remedies.contains(&Remedy::PlanAgain)
        || history.facts::<serde_json::Value>().next().is_none()
            && !diagnosis.remedies.contains(&Remedy::Resume);
    if is_final {
        return Ended::failed(diagnosis);
    }
    Ended::resumable(diagnosis)
}

/// An account of the same name may have become a real one, or a simulated one, since it was planned.
fn same_world(context: &JobContext, account: &Connected) -> Result<(), Diagnosis> {
    if account.simulated == context.plan().simulated {
        return Ok(());
    }
    Err(Diagnosis::new(
        Code::AccountInvalid,
        format!("{} is not the account that was planned.", account.name),
        "It was part of the simulated world then and is not now, or the other way round.",
    )
    .state("Nothing was sent to it.")
    .remedy(Remedy::PlanAgain))
}

/// The plan of the journal lacks a part that every plan has.
fn incomplete(reason: &str) -> Diagnosis {
    let what = "The plan of this delivery is not complete.";
    Diagnosis::new(Code::JobNotResumable, what, reason)
        .state("Nothing was sent by this run.")
        .remedy(Remedy::PlanAgain)
}

fn unproved(imported: &str, reason: &str) -> Diagnosis {
    Diagnosis::new(
        Code::RemoteDiffers,
        "The update was imported, and it was not compared whole.",
        reason,
    )
    .titled("The import is not proved")
    .state(format!(
        "The service held {imported} when the import ended. No deployment was started."
    ))
    .remedy(Remedy::Resume)
}
