//! Closing the window while jobs of this process run: asks once, with honest choices.

use std::time::Duration;

use firmdrop_api::{Diagnosis, Firmdrop};
use tauri::{AppHandle, Manager as _, Window, WindowEvent};
use tauri_specta::Event as _;

use crate::backend::Backend;
use crate::event::CloseAsked;

/// Longest time the jobs are given to reach a safe point after they were paused.
const PAUSE_TIMEOUT: Duration = Duration::from_secs(20);

/// Lets an idle window close; otherwise, and in operator mode, prevents it and lets the page ask.
pub(crate) fn guard(window: &Window, event: &WindowEvent) {
    let WindowEvent::CloseRequested { api, .. } = event else {
        return;
    };
    let Some(backend) = window.try_state::<Backend>() else {
        return;
    };
    let Ok(firmdrop) = backend.firmdrop() else {
        return;
    };
    let running = u32::try_from(firmdrop.running_here().len()).unwrap_or(u32::MAX);
    // A page that cannot be reached must not hold the window open for ever.
    let asks = running > 0 || backend.is_operator();
    if asks && (CloseAsked { running }).emit(window.app_handle()).is_ok() {
        api.prevent_close();
    }
}

/// Pauses the jobs of this process, waits until each reached a safe point, and ends the program.
///
/// Nothing ends when one of them cannot be paused now: its diagnosis comes back instead.
pub(crate) async fn pause_and_quit(app: &AppHandle, firmdrop: &Firmdrop) -> Result<(), Diagnosis> {
    firmdrop.pause_here(PAUSE_TIMEOUT).await?;
    app.exit(0);
    Ok(())
}

/// Hides the window and ends the program once nothing runs, unless a second start showed it again.
pub(crate) async fn continue_hidden(app: &AppHandle, firmdrop: &Firmdrop) {
    let windows = app.webview_windows();
    let hidden = windows
        .values()
        .filter(|window| window.hide().is_ok())
        .count();
    if hidden == 0 {
        return;
    }
    firmdrop.idle().await;
    let seen = windows
        .values()
        .any(|window| window.is_visible().unwrap_or(false));
    if !seen {
        app.exit(0);
    }
}
