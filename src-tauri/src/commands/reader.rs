//! Readers.

use firmdrop_api::ReaderView;

use tauri::AppHandle;

use super::{Answer, State};
use crate::confirm;

/// Every reader that can be seen now.
#[tauri::command]
#[specta::specta]
pub(crate) async fn readers(backend: State<'_>) -> Answer<Vec<ReaderView>> {
    Ok(backend.firmdrop()?.readers().await)
}

/// Identifies a reader. Changes nothing on it. An address that is not known here is contacted once the user confirmed
/// it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn probe(
    app: AppHandle,
    backend: State<'_>,
    destination: String,
) -> Answer<ReaderView> {
    let firmdrop = backend.firmdrop()?;
    confirm::destination(&app, firmdrop, &destination).await?;
    firmdrop.probe(&destination).await
}

/// Adds a reader by its address, once the user confirmed the address. Nothing is sent to it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn add_reader(
    app: AppHandle,
    backend: State<'_>,
    address: String,
) -> Answer<ReaderView> {
    let firmdrop = backend.firmdrop()?;
    let destination = firmdrop.reader_destination(&address)?.to_string();
    confirm::destination(&app, firmdrop, &destination).await?;
    firmdrop.add_reader(&destination).await
}

/// Names a reader that was added.
#[tauri::command]
#[specta::specta]
pub(crate) async fn rename_reader(
    backend: State<'_>,
    destination: String,
    name: String,
) -> Answer<ReaderView> {
    backend.firmdrop()?.rename_reader(&destination, &name).await
}

/// Forgets a reader that was added. The reader itself is not touched.
#[tauri::command]
#[specta::specta]
pub(crate) async fn remove_reader(backend: State<'_>, destination: String) -> Answer<()> {
    backend.firmdrop()?.remove_reader(&destination)
}
