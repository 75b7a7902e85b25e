//! The demo world.

use firmdrop_api::DemoState;

use super::{Answer, State};

/// Opens the demo world; nothing leaves this computer.
#[tauri::command]
#[specta::specta]
pub(crate) async fn open_demo(backend: State<'_>) -> Answer<DemoState> {
    backend.firmdrop()?.open_demo().await
}

/// Turns one fault of the demo world on or off.
#[tauri::command]
#[specta::specta]
pub(crate) async fn set_demo_fault(backend: State<'_>, key: String, on: bool) -> Answer<DemoState> {
    backend.firmdrop()?.set_demo_fault(&key, on).await
}
