//! The part of a plan that imports.

use firmdrop_cloud::azure::{UpdateId, importing};
use firmdrop_core::{ProofMethod, grouped};
use firmdrop_engine::{Impact, Plan, PlanRequest, check_file_phase};

use super::account::Connected;
use super::gather::{Gathered, GatheredUpdate};
use super::options::AzureOptions;
use super::planned::{PlannedImport, PlannedManifest};

/// A plan without a deployment.
pub(super) fn import_plan(
    request: &PlanRequest<'_>,
    account: &Connected,
    gathered: Gathered,
    options: &AzureOptions,
) -> (Plan, PlannedImport) {
    let updates = gathered.updates.into_iter();
    let name = request.options.name.as_deref();
    let updates: Vec<PlannedManifest> = updates
        .enumerate()
        .map(|(at, update)| planned(update, name.filter(|_| at == 0)))
        .collect();
    let manifests: u64 = updates
        .iter()
        .map(|update| update.manifest.len() as u64)
        .sum();
    let named = updates.iter().flat_map(|update| &update.files);
    let sizes = named.filter_map(|name| gathered.files.get(name.file));
    let bytes: u64 = sizes.map(|file| file.expected.size_bytes).sum();
    let mut plan = Plan::new(
        gathered.files,
        request.destination.clone(),
        request.options.clone(),
        Impact::Upload,
    );
    plan.destination_name.clone_from(&account.name);
    plan.simulated = account.simulated;
    plan.production = account.production;
    plan.remote_name = updates.first().map(|update| update.id.to_string());
    plan.phases = vec![check_file_phase()];
    plan.phases.extend(importing::phases(bytes + manifests));
    let container = account.store.place().container();
    plan.risks = vec![
        "A version is imported once and never changes: new files need a new version.".into(),
        if options.leave_staged {
            format!("The files stay in the container {container} afterwards.")
        } else {
            format!(
                "The files are stored in the container {container}, readable by signed addresses for eight hours, and deleted afterwards."
            )
        },
    ];
    plan.risks
        .extend(updates.iter().flat_map(|update| update.warnings.clone()));
    let files: usize = updates.iter().map(|update| update.files.len()).sum();
    plan.verified_by = Some(ProofMethod::RemoteSizeAndSha256);
    plan.verified_when = match files {
        1 => format!(
            "The service reports the size and SHA-256 of the file, {} bytes.",
            grouped(bytes)
        ),
        _ => format!(
            "The service reports the size and SHA-256 of all {files} files, {} bytes.",
            grouped(bytes)
        ),
    };
    plan.if_stopped = "What is stored in the container stays until the job is resumed or cancelled. An import that was accepted continues with the service.".into();
    let planned = PlannedImport {
        updates,
        deployment: None,
    };
    (plan, planned)
}

fn planned(update: GatheredUpdate, friendly_name: Option<&str>) -> PlannedManifest {
    let id = &update.manifest.update_id;
    PlannedManifest {
        id: UpdateId {
            provider: id.provider.clone(),
            name: id.name.clone(),
            version: id.version.clone(),
        },
        friendly_name: friendly_name.map(str::to_owned),
        manifest_name: update.manifest_name,
        manifest: update.text,
        files: update.files,
        compatibility: update.manifest.compatible_sets(),
        warnings: update.warnings,
    }
}
