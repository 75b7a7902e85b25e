//! The import of an update: its files and its manifest, which is a text until it is planned.

use std::path::PathBuf;

use firmdrop_api::azure::{self, ManifestFinding, UpdateFile, UpdateFileFacts};
use firmdrop_api::{DeliveryOptions, Plan};
use tauri::AppHandle;
use tauri::ipc::Channel;

use crate::commands::image::ByteCount;
use crate::commands::{Answer, State};
use crate::open_files::FileToken;
use crate::{confirm, dialog};

/// Reads a file of an update once: size, hash, and the handler it is made for.
#[tauri::command]
#[specta::specta]
pub(crate) async fn update_file(
    backend: State<'_>,
    file: FileToken,
    on_bytes: Channel<ByteCount>,
) -> Answer<UpdateFile> {
    let path = PathBuf::from(backend.files.path(file)?);
    azure::read_update_file(path, move |bytes| {
        drop(on_bytes.send(ByteCount {
            bytes,
            total_bytes: None,
        }));
    })
    .await
}

/// The text of an import manifest.
#[tauri::command]
#[specta::specta]
pub(crate) async fn read_import_manifest(backend: State<'_>, file: FileToken) -> Answer<String> {
    azure::read_manifest_text(PathBuf::from(backend.files.path(file)?)).await
}

/// Everything that is wrong with a manifest, as far as it can be known on this computer.
#[tauri::command]
#[specta::specta]
#[expect(clippy::needless_pass_by_value, reason = "the page hands texts over")]
pub(crate) fn check_import_manifest(
    text: String,
    files: Vec<UpdateFileFacts>,
) -> Vec<ManifestFinding> {
    azure::check_manifest_text(&text, &files)
}

/// A manifest with the sizes and hashes of these files renewed.
#[tauri::command]
#[specta::specta]
#[expect(clippy::needless_pass_by_value, reason = "the page hands texts over")]
pub(crate) fn mend_import_manifest(text: String, files: Vec<UpdateFileFacts>) -> Answer<String> {
    azure::mend_manifest_text(&text, &files)
}

/// Lets the user choose a place for a manifest and writes it; returns where.
#[tauri::command]
#[specta::specta]
pub(crate) async fn save_import_manifest(app: AppHandle, text: String) -> Answer<Option<String>> {
    let name = azure::manifest_file_name(&text);
    let path = dialog::save_text(&app, name, text).await?;
    Ok(path.map(|path| path.to_string_lossy().into_owned()))
}

/// What importing these files with this manifest would do. Sends nothing.
#[tauri::command]
#[specta::specta]
#[expect(clippy::too_many_arguments, reason = "each is a value of the page")]
pub(crate) async fn plan_import(
    app: AppHandle,
    backend: State<'_>,
    destination: String,
    files: Vec<FileToken>,
    text: String,
    options: DeliveryOptions,
) -> Answer<Vec<Plan>> {
    let firmdrop = backend.firmdrop()?;
    confirm::destination(&app, firmdrop, &destination).await?;
    let paths: Result<Vec<String>, _> = files
        .into_iter()
        .map(|one| backend.files.path(one))
        .collect();
    firmdrop
        .plan_import(&destination, &paths?, &text, options)
        .await
}
