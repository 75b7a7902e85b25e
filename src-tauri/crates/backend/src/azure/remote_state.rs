//! What the service holds of a delivery, from what was written down. It asks nobody.

use firmdrop_core::{Detail, Moment};
use firmdrop_engine::{History, Plan, RemoteState};

use super::facts::{deploy_state, deployment_id, import_state};
use super::planned::PlannedImport;

/// What the service holds of a delivery that stopped here.
pub(super) fn remote_state(plan: &Plan, history: &History) -> RemoteState {
    let import = import_state(history, Moment::from_millisecond(0));
    let update = PlannedImport::of(plan).ok();
    let update = update.and_then(|planned| planned.updates.into_iter().next());
    let update = update.map(|update| update.id.to_string());
    let mut names = Vec::new();
    let mut name = |label: &str, value: String| {
        names.push(Detail {
            label: label.to_owned(),
            value,
        });
    };
    if let Some(operation) = import.operation.as_ref().and_then(|one| one.operation_id()) {
        name("Operation", operation.to_owned());
    }
    if import.imported
        && let Some(update) = &update
    {
        name("Update", update.clone());
    }
    for file in import.staging.files.iter().filter(|file| file.staged) {
        name("Staged", file.blob.clone());
    }
    let mut sentence = import.sentence();
    if let Some(id) = deployment_id(history) {
        name("Deployment", id.clone());
        sentence = format!("{sentence} {}", deploy_state(history).sentence(&id));
    }
    RemoteState {
        sentence,
        names,
        remote_id: update.filter(|_| import.imported),
    }
}
