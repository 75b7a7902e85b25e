//! Files: picking, fetching, judging.

use firmdrop_api::{FileDigests, Verdict};
use serde::Serialize;
use tauri::AppHandle;
use tauri::ipc::Channel;

use super::{Answer, State};
use crate::dialog;

/// How far the reading of a file is.
#[derive(Debug, Clone, Serialize, specta::Type)]
pub(crate) struct ByteCount {
    /// Bytes so far.
    #[specta(type = u32)]
    bytes: u64,
    /// Bytes in all, when it is known.
    #[specta(type = Option<u32>)]
    total_bytes: Option<u64>,
}

/// What a file is and where it can go.
#[tauri::command]
#[specta::specta]
pub(crate) async fn inspect(backend: State<'_>, path: String) -> Answer<Verdict> {
    backend.firmdrop()?.inspect(&path).await
}

/// SHA-256 and MD5 of the whole file.
#[tauri::command]
#[specta::specta]
pub(crate) async fn digests(
    backend: State<'_>,
    path: String,
    on_bytes: Channel<ByteCount>,
) -> Answer<FileDigests> {
    let tell = move |bytes| {
        drop(on_bytes.send(ByteCount {
            bytes,
            total_bytes: None,
        }));
    };
    backend.firmdrop()?.digests(&path, tell).await
}

/// Brings a file from an https address and returns where it lies now.
#[tauri::command]
#[specta::specta]
pub(crate) async fn fetch_url(
    backend: State<'_>,
    url: String,
    on_bytes: Channel<ByteCount>,
) -> Answer<String> {
    let tell = move |bytes, total_bytes| drop(on_bytes.send(ByteCount { bytes, total_bytes }));
    let firmdrop = backend.firmdrop()?;
    #[cfg(feature = "e2e")]
    if let Ok(host) = std::env::var("FIRMDROP_E2E_ALLOW_HOST") {
        return firmdrop.fetch_url_from(&url, [host].into(), tell).await;
    }
    firmdrop.fetch_url(&url, tell).await
}

/// Lets the user pick files.
#[tauri::command]
#[specta::specta]
pub(crate) async fn pick_files(app: AppHandle) -> Vec<String> {
    let files = dialog::pick_files(&app).await;
    files
        .iter()
        .map(|file| file.to_string_lossy().into_owned())
        .collect()
}
