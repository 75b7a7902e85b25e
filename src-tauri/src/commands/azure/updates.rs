//! Updates of an account, and the operations that import and delete them.

use firmdrop_api::azure::{OperationRow, UpdateId, UpdateRow, UpdateView};
use tauri::AppHandle;

use crate::commands::{Answer, State};
use crate::confirm;

/// The imported updates.
#[tauri::command]
#[specta::specta]
pub(crate) async fn adu_updates(backend: State<'_>, account: String) -> Answer<Vec<UpdateRow>> {
    backend.firmdrop()?.azure(&account).updates(None).await
}

/// One update with its files.
#[tauri::command]
#[specta::specta]
pub(crate) async fn adu_update(
    backend: State<'_>,
    account: String,
    id: UpdateId,
) -> Answer<UpdateView> {
    backend.firmdrop()?.azure(&account).update(&id).await
}

/// Deletes an update, once the user confirmed that outside of the page. Cannot be undone.
#[tauri::command]
#[specta::specta]
pub(crate) async fn delete_adu_update(
    app: AppHandle,
    backend: State<'_>,
    account: String,
    id: UpdateId,
) -> Answer<()> {
    let firmdrop = backend.firmdrop()?;
    let what = format!("Delete the update {id}. This cannot be undone.");
    confirm::at_account(
        &app,
        firmdrop,
        &format!("adu:{account}"),
        what,
        "Delete update",
    )
    .await?;
    firmdrop.azure(&account).delete_update(&id).await
}

/// Imports and deletions of the last days.
#[tauri::command]
#[specta::specta]
pub(crate) async fn adu_operations(
    backend: State<'_>,
    account: String,
) -> Answer<Vec<OperationRow>> {
    backend.firmdrop()?.azure(&account).operations(false).await
}
