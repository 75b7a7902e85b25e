//! The answers to "jobs are running, close the window?".

use tauri::{AppHandle, WebviewWindow};

use super::{Answer, State};
use crate::closing;

/// Pauses the jobs of this process and ends the program; the next start offers to resume them.
#[tauri::command]
#[specta::specta]
pub(crate) async fn pause_and_quit(app: AppHandle, backend: State<'_>) -> Answer<()> {
    closing::pause_and_quit(&app, backend.firmdrop()?).await
}

/// Draws everything at this size, 50 to 300 percent of the usual one.
#[tauri::command]
#[specta::specta]
pub(crate) async fn set_zoom(webview: WebviewWindow, percent: u16) {
    // A web view that refuses keeps its size, which is what the user then sees.
    let _ = webview.set_zoom(f64::from(percent.clamp(50, 300)) / 100.0);
}

/// Fills the screen for whoever works at the bench, or shows the window again. Meanwhile a request to close the window
/// goes to the page, which asks for the PIN.
#[tauri::command]
#[specta::specta]
pub(crate) async fn operator_mode(
    webview: WebviewWindow,
    backend: State<'_>,
    on: bool,
) -> Answer<()> {
    backend.set_operator(on);
    // A window manager that refuses leaves the window as it is; the page fills it all the same.
    let _ = webview.set_fullscreen(on);
    Ok(())
}

/// Hides the window; the program ends when the last job has ended. Starting it again shows it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn continue_hidden(app: AppHandle, backend: State<'_>) -> Answer<()> {
    let firmdrop = backend.firmdrop()?.clone();
    tauri::async_runtime::spawn(async move { closing::continue_hidden(&app, &firmdrop).await });
    Ok(())
}
