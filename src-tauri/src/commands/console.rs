//! Consoles of readers on serial ports.

use firmdrop_api::ConsoleEvent;
use tauri::AppHandle;
use tauri::ipc::Channel;

use super::{Answer, State};
use crate::confirm;

/// Opens the console of a reader, once the user confirmed that the page may send to it. A simulated reader needs no
/// confirmation.
#[tauri::command]
#[specta::specta]
pub(crate) async fn open_console(
    app: AppHandle,
    backend: State<'_>,
    destination: String,
    baud: Option<u32>,
    on_event: Channel<ConsoleEvent>,
) -> Answer<()> {
    let firmdrop = backend.firmdrop()?;
    confirm::console(&app, firmdrop, &destination).await?;
    let tell = move |event| drop(on_event.send(event));
    firmdrop.open_console(&destination, baud, tell).await
}

/// Sends text to a reader whose console is open, as it is.
#[tauri::command]
#[specta::specta]
pub(crate) async fn write_console(
    backend: State<'_>,
    destination: String,
    text: String,
) -> Answer<()> {
    let firmdrop = backend.firmdrop()?;
    firmdrop.write_console(&destination, text.into_bytes())
}

/// Closes the console of a reader.
#[tauri::command]
#[specta::specta]
pub(crate) async fn close_console(backend: State<'_>, destination: String) -> Answer<()> {
    backend.firmdrop()?.close_console(&destination)
}
