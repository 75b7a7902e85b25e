//! What the page asks when it opens, and the look.

use firmdrop_api::{ErrorCode, Feed, Settings, Startup};
use tauri::ipc::Channel;

use super::{Answer, State};
use crate::open_files::OpenFile;

/// What the page needs to know first.
#[derive(Debug, Clone, serde::Serialize, specta::Type)]
pub(crate) struct WindowStart {
    /// What every face needs to know.
    startup: Startup,
    /// The files of the start; handed out once.
    files: Vec<OpenFile>,
}

/// What the page needs to know first. The files of the start are handed out once.
#[tauri::command]
#[specta::specta]
pub(crate) async fn startup(backend: State<'_>) -> Answer<WindowStart> {
    Ok(WindowStart {
        startup: backend.firmdrop()?.startup().await,
        files: backend.take_started_with(),
    })
}

/// Everything about jobs and readers: a snapshot, then changes, until the page asks again.
#[tauri::command]
#[specta::specta]
pub(crate) async fn watch(backend: State<'_>, on_feed: Channel<Feed>) -> Answer<()> {
    // A page that went away takes no more; its feed ends with the next one.
    let watch = backend
        .firmdrop()?
        .watch(move |feed| drop(on_feed.send(feed)));
    backend.keep_feed(watch);
    Ok(())
}

/// Every failure there is, with what it is about. Asks nobody.
#[tauri::command]
#[specta::specta]
pub(crate) fn error_codes() -> Vec<ErrorCode> {
    firmdrop_api::error_codes()
}

/// Stores what the user set.
#[tauri::command]
#[specta::specta]
pub(crate) async fn save_settings(backend: State<'_>, settings: Settings) -> Answer<()> {
    backend.firmdrop()?.save_settings(settings).await
}
