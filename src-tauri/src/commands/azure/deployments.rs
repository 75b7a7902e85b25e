//! Groups of an account and their deployments.

use firmdrop_api::azure::{
    DeploymentRow, DeploymentView, GroupRow, Reach, StartDeployment, UpdateId,
};
use tauri::AppHandle;

use crate::commands::{Answer, State};
use crate::confirm;

/// The groups of devices.
#[tauri::command]
#[specta::specta]
pub(crate) async fn adu_groups(backend: State<'_>, account: String) -> Answer<Vec<GroupRow>> {
    backend.firmdrop()?.azure(&account).groups().await
}

/// Whom a deployment of an update to a group would touch now. Changes nothing.
#[tauri::command]
#[specta::specta]
pub(crate) async fn adu_reach(
    backend: State<'_>,
    account: String,
    group: String,
    id: UpdateId,
) -> Answer<Reach> {
    backend.firmdrop()?.azure(&account).reach(&group, &id).await
}

/// The same for an update that is not imported yet, by the text of its manifest.
#[tauri::command]
#[specta::specta]
pub(crate) async fn adu_reach_of_manifest(
    backend: State<'_>,
    account: String,
    group: String,
    text: String,
) -> Answer<Reach> {
    let account = backend.firmdrop()?.azure(&account);
    account.reach_of_manifest(&group, &text).await
}

/// The deployments of a group.
#[tauri::command]
#[specta::specta]
pub(crate) async fn adu_deployments(
    backend: State<'_>,
    account: String,
    group: String,
) -> Answer<Vec<DeploymentRow>> {
    backend
        .firmdrop()?
        .azure(&account)
        .deployments(&group)
        .await
}

/// A deployment and what its devices have reported.
#[tauri::command]
#[specta::specta]
pub(crate) async fn adu_deployment(
    backend: State<'_>,
    account: String,
    group: String,
    id: String,
) -> Answer<DeploymentView> {
    backend
        .firmdrop()?
        .azure(&account)
        .deployment(&group, &id)
        .await
}

/// Starts a deployment for exactly that many devices, once the user confirmed that outside of the page.
#[tauri::command]
#[specta::specta]
pub(crate) async fn start_adu_deployment(
    app: AppHandle,
    backend: State<'_>,
    account: String,
    start: StartDeployment,
) -> Answer<DeploymentRow> {
    let firmdrop = backend.firmdrop()?;
    let what = format!(
        "Deploy {} / {} / {} to {} devices of the group {}",
        start.provider, start.name, start.version, start.expect_devices, start.group
    );
    confirm::at_account(
        &app,
        firmdrop,
        &format!("adu:{account}"),
        what,
        "Start deployment",
    )
    .await?;
    firmdrop.azure(&account).start_deployment(&start).await
}

/// Cancels a deployment: devices that have not begun do not begin.
#[tauri::command]
#[specta::specta]
pub(crate) async fn cancel_adu_deployment(
    backend: State<'_>,
    account: String,
    group: String,
    id: String,
) -> Answer<DeploymentView> {
    let account = backend.firmdrop()?.azure(&account);
    account.cancel_deployment(&group, &id).await
}

/// Tries a deployment again on the devices where it failed, once the user confirmed that outside of the page.
#[tauri::command]
#[specta::specta]
pub(crate) async fn retry_adu_deployment(
    app: AppHandle,
    backend: State<'_>,
    account: String,
    group: String,
    id: String,
) -> Answer<DeploymentView> {
    let firmdrop = backend.firmdrop()?;
    let what = format!("Retry the deployment {id} of the group {group} where it failed");
    confirm::at_account(
        &app,
        firmdrop,
        &format!("adu:{account}"),
        what,
        "Retry deployment",
    )
    .await?;
    let account = firmdrop.azure(&account);
    account.retry_deployment(&group, &id).await
}

/// Deletes a deployment, once the user confirmed that outside of the page. Devices that have installed the
/// update retain it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn delete_adu_deployment(
    app: AppHandle,
    backend: State<'_>,
    account: String,
    group: String,
    id: String,
) -> Answer<()> {
    let firmdrop = backend.firmdrop()?;
    let what = format!("Delete the deployment {id} of the group {group}");
    confirm::at_account(
        &app,
        firmdrop,
        &format!("adu:{account}"),
        what,
        "Delete deployment",
    )
    .await?;
    let account = firmdrop.azure(&account);
    account.delete_deployment(&group, &id).await
}
