//! Readers.

use firmdrop_api::ReaderView;

use super::{Answer, State};

/// Every reader that can be seen now.
#[tauri::command]
#[specta::specta]
pub(crate) async fn readers(backend: State<'_>) -> Answer<Vec<ReaderView>> {
    Ok(backend.firmdrop()?.readers().await)
}

/// Asks a reader what it is. Changes nothing on it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn probe(backend: State<'_>, destination: String) -> Answer<ReaderView> {
    backend.firmdrop()?.probe(&destination).await
}
