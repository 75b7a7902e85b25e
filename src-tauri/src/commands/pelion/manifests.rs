//! Manifests and the keys that sign them.

use firmdrop_api::pelion::{
    FirmwareManifest, KeyEntry, ManifestOrder, ManifestView, Page, PageQuery,
};

use tauri::AppHandle;

use crate::commands::{Answer, State};
use crate::confirm;
use crate::open_files::FileToken;

/// One page of the manifests.
#[tauri::command]
#[specta::specta]
pub(crate) async fn cloud_manifests(
    backend: State<'_>,
    account: String,
    query: PageQuery,
) -> Answer<Page<FirmwareManifest>> {
    backend.firmdrop()?.pelion(&account).manifests(&query).await
}

/// A manifest, field by field, with every check that can be made here.
#[tauri::command]
#[specta::specta]
pub(crate) async fn cloud_manifest(
    backend: State<'_>,
    account: String,
    id: String,
) -> Answer<ManifestView> {
    backend.firmdrop()?.pelion(&account).manifest(&id).await
}

/// The keys of this computer that sign manifests.
#[tauri::command]
#[specta::specta]
pub(crate) async fn manifest_keys(backend: State<'_>) -> Answer<Vec<KeyEntry>> {
    backend.firmdrop()?.manifest_keys().list().await
}

/// Makes a key that signs manifests.
#[tauri::command]
#[specta::specta]
pub(crate) async fn new_manifest_key(
    backend: State<'_>,
    name: String,
    development: bool,
) -> Answer<KeyEntry> {
    backend
        .firmdrop()?
        .manifest_keys()
        .add(&name, development)
        .await
}

/// Takes a key over from a PEM file.
#[tauri::command]
#[specta::specta]
pub(crate) async fn import_manifest_key(
    backend: State<'_>,
    name: String,
    file: FileToken,
    development: bool,
) -> Answer<KeyEntry> {
    let path = backend.files.path(file)?;
    backend
        .firmdrop()?
        .manifest_keys()
        .import(&name, &path, development)
        .await
}

/// Gives a key a certificate with these ids noted in it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn certify_manifest_key(
    backend: State<'_>,
    name: String,
    vendor_id: Option<String>,
    class_id: Option<String>,
) -> Answer<KeyEntry> {
    backend
        .firmdrop()?
        .manifest_keys()
        .certify(&name, vendor_id, class_id)
        .await
}

/// Makes a manifest for an image of the service, signs it and sends it, once the user confirmed that outside of the page.
///
#[tauri::command]
#[specta::specta]
pub(crate) async fn make_manifest(
    app: AppHandle,
    backend: State<'_>,
    account: String,
    order: ManifestOrder,
) -> Answer<FirmwareManifest> {
    let firmdrop = backend.firmdrop()?;
    let what = format!("Sign a manifest for the image {}", order.image_id);
    confirm::at_account(
        &app,
        firmdrop,
        &format!("pelion:{account}"),
        what,
        "Sign and upload",
    )
    .await?;
    firmdrop.pelion(&account).make_manifest(order).await
}

/// Sends a manifest that was made elsewhere, once the user confirmed that outside of the page.
#[tauri::command]
#[specta::specta]
pub(crate) async fn send_manifest(
    app: AppHandle,
    backend: State<'_>,
    account: String,
    file: FileToken,
    name: String,
) -> Answer<FirmwareManifest> {
    let path = backend.files.path(file)?;
    let firmdrop = backend.firmdrop()?;
    let what = format!("Upload the manifest {path}");
    confirm::at_account(&app, firmdrop, &format!("pelion:{account}"), what, "Upload").await?;
    let account = firmdrop.pelion(&account);
    account.send_manifest(&path, &name, "").await
}
