//! Logs that an account collects from devices.

use firmdrop_api::azure::{LogRow, LogView, StartLogs};

use crate::commands::{Answer, State};

/// Requests logs of devices; the service stores them in the storage of the instance.
#[tauri::command]
#[specta::specta]
pub(crate) async fn collect_adu_logs(
    backend: State<'_>,
    account: String,
    start: StartLogs,
) -> Answer<LogRow> {
    backend
        .firmdrop()?
        .azure(&account)
        .collect_logs(&start)
        .await
}

/// The collections of logs.
#[tauri::command]
#[specta::specta]
pub(crate) async fn adu_logs(backend: State<'_>, account: String) -> Answer<Vec<LogRow>> {
    backend.firmdrop()?.azure(&account).log_collections().await
}

/// One collection, device by device.
#[tauri::command]
#[specta::specta]
pub(crate) async fn adu_log(backend: State<'_>, account: String, id: String) -> Answer<LogView> {
    backend
        .firmdrop()?
        .azure(&account)
        .log_collection(&id)
        .await
}
