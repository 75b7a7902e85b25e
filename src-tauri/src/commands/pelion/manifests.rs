//! Manifests and the keys that sign them.

use firmdrop_api::pelion::{
    CloudAsk, FirmwareManifest, KeyEntry, ManifestOrder, ManifestView, Page,
};

use crate::commands::{Answer, State};

/// One page of the manifests.
#[tauri::command]
#[specta::specta]
pub(crate) async fn cloud_manifests(
    backend: State<'_>,
    account: String,
    ask: CloudAsk,
) -> Answer<Page<FirmwareManifest>> {
    backend.firmdrop()?.pelion(&account).manifests(&ask).await
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
    path: String,
    development: bool,
) -> Answer<KeyEntry> {
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

/// Makes a manifest for an image of the service, signs it and sends it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn make_manifest(
    backend: State<'_>,
    account: String,
    order: ManifestOrder,
) -> Answer<FirmwareManifest> {
    backend
        .firmdrop()?
        .pelion(&account)
        .make_manifest(order)
        .await
}

/// Sends a manifest that was made elsewhere.
#[tauri::command]
#[specta::specta]
pub(crate) async fn send_manifest(
    backend: State<'_>,
    account: String,
    path: String,
    name: String,
) -> Answer<FirmwareManifest> {
    backend
        .firmdrop()?
        .pelion(&account)
        .send_manifest(&path, &name, "")
        .await
}
