//! Readers.

use firmdrop_api::{Code, ReaderView, RecoveryOffer, RestartedReader};

use tauri::AppHandle;

use super::{Answer, State};
use crate::confirm;
use crate::open_files::OpenFile;

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

/// Restarts a reader without writing to it. When something else may run afterwards, the user confirms that outside
/// of the page.
#[tauri::command]
#[specta::specta]
pub(crate) async fn restart_reader(
    app: AppHandle,
    backend: State<'_>,
    destination: String,
) -> Answer<RestartedReader> {
    let firmdrop = backend.firmdrop()?;
    confirm::destination(&app, firmdrop, &destination).await?;
    match firmdrop.restart_reader(&destination, false).await {
        Err(needed) if needed.code == Code::ConfirmationMissing => {
            confirm::restart(&app, &destination, &needed.why).await?;
            firmdrop.restart_reader(&destination, true).await
        }
        restarted => restarted,
    }
}

/// The label of a reader, as one line.
#[tauri::command]
#[specta::specta]
pub(crate) async fn reader_label(backend: State<'_>, destination: String) -> Answer<String> {
    let firmdrop = backend.firmdrop()?;
    let reader = firmdrop.meant_reader(&destination).await?;
    firmdrop.reader_label(&reader, None)
}

/// What a reader can be recovered with, and the file of it.
#[derive(Debug, serde::Serialize, specta::Type)]
pub(crate) struct Recovery {
    /// What is offered.
    offer: RecoveryOffer,
    /// Its file.
    file: OpenFile,
}

/// What a reader whose last load broke off can be recovered with. Sends nothing.
#[tauri::command]
#[specta::specta]
pub(crate) async fn recovery(backend: State<'_>, destination: String) -> Answer<Recovery> {
    let offer = backend.firmdrop()?.recovery(&destination).await?;
    let file = backend.files.open(offer.path.clone());
    Ok(Recovery { offer, file })
}

/// Forgets a reader that was added. The reader itself is not touched.
#[tauri::command]
#[specta::specta]
pub(crate) async fn remove_reader(backend: State<'_>, destination: String) -> Answer<()> {
    backend.firmdrop()?.remove_reader(&destination)
}
