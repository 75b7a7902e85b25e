//! Devices of an account, their classes, and how many have their best update.

use firmdrop_api::azure::{
    self, BestUpdateRow, ClassRow, ComplianceRow, DeviceRow, ExplainedCode, HealthRow,
};

use crate::commands::{Answer, State};

/// The devices of a group, or of the instance.
#[tauri::command]
#[specta::specta]
pub(crate) async fn adu_devices(
    backend: State<'_>,
    account: String,
    group: Option<String>,
) -> Answer<Vec<DeviceRow>> {
    backend.firmdrop()?.azure(&account).devices(group).await
}

/// What a device's agent and its twin look like to the service.
#[tauri::command]
#[specta::specta]
pub(crate) async fn adu_device_health(
    backend: State<'_>,
    account: String,
    device: String,
) -> Answer<Option<HealthRow>> {
    let account = backend.firmdrop()?.azure(&account);
    account.device_health(&device).await
}

/// The device classes of the instance.
#[tauri::command]
#[specta::specta]
pub(crate) async fn adu_classes(backend: State<'_>, account: String) -> Answer<Vec<ClassRow>> {
    backend.firmdrop()?.azure(&account).device_classes().await
}

/// The updates that fit a device class.
#[tauri::command]
#[specta::specta]
pub(crate) async fn adu_updates_of_class(
    backend: State<'_>,
    account: String,
    id: String,
) -> Answer<Vec<String>> {
    let account = backend.firmdrop()?.azure(&account);
    account.updates_of_class(&id).await
}

/// Gives a device class a name.
#[tauri::command]
#[specta::specta]
pub(crate) async fn rename_adu_class(
    backend: State<'_>,
    account: String,
    id: String,
    name: String,
) -> Answer<ClassRow> {
    let account = backend.firmdrop()?.azure(&account);
    account.rename_class(&id, &name).await
}

/// How many devices have their best update: of a group, or of the instance.
#[tauri::command]
#[specta::specta]
pub(crate) async fn adu_compliance(
    backend: State<'_>,
    account: String,
    group: Option<String>,
) -> Answer<ComplianceRow> {
    let account = backend.firmdrop()?.azure(&account);
    account.compliance(group.as_deref()).await
}

/// The newest update that fits each class of a group's devices.
#[tauri::command]
#[specta::specta]
pub(crate) async fn adu_best_updates(
    backend: State<'_>,
    account: String,
    group: String,
) -> Answer<Vec<BestUpdateRow>> {
    backend
        .firmdrop()?
        .azure(&account)
        .best_updates(&group)
        .await
}

/// Takes an extended result code of an agent apart. Asks nobody.
#[tauri::command]
#[specta::specta]
#[expect(clippy::needless_pass_by_value, reason = "the page hands texts over")]
pub(crate) fn explain_adu_code(text: String) -> Answer<ExplainedCode> {
    azure::explain_code(&text)
}
