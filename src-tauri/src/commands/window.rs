//! The answers to "jobs are running, close the window?".

use tauri::AppHandle;

use super::{Answer, State};
use crate::closing;

/// Pauses every job and ends the program; the next start offers to resume them.
#[tauri::command]
#[specta::specta]
pub(crate) async fn pause_and_quit(app: AppHandle, backend: State<'_>) -> Answer<()> {
    closing::pause_and_quit(&app, backend.firmdrop()?).await
}

/// Hides the window; the program ends when the last job has ended. Starting it again shows it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn continue_hidden(app: AppHandle) {
    tauri::async_runtime::spawn(async move { closing::continue_hidden(&app).await });
}
