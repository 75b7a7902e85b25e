//! Lists of an account, page by page, and deleting what they show.

use firmdrop_api::pelion::{
    CloudKind, DeviceGroup, FirmwareImage, Page, PageQuery, SavedQuery, UploadJob,
};

use crate::commands::{Answer, State};

/// One page of the upload jobs.
#[tauri::command]
#[specta::specta]
pub(crate) async fn cloud_upload_jobs(
    backend: State<'_>,
    account: String,
    query: PageQuery,
) -> Answer<Page<UploadJob>> {
    backend
        .firmdrop()?
        .pelion(&account)
        .upload_jobs(&query)
        .await
}

/// One page of the firmware images.
#[tauri::command]
#[specta::specta]
pub(crate) async fn cloud_images(
    backend: State<'_>,
    account: String,
    query: PageQuery,
) -> Answer<Page<FirmwareImage>> {
    backend.firmdrop()?.pelion(&account).images(&query).await
}

/// The saved device queries.
#[tauri::command]
#[specta::specta]
pub(crate) async fn cloud_queries(backend: State<'_>, account: String) -> Answer<Vec<SavedQuery>> {
    backend.firmdrop()?.pelion(&account).queries().await
}

/// Saves a device query under a new name.
#[tauri::command]
#[specta::specta]
pub(crate) async fn save_cloud_query(
    backend: State<'_>,
    account: String,
    name: String,
    query: String,
) -> Answer<SavedQuery> {
    backend
        .firmdrop()?
        .pelion(&account)
        .save_query(&name, &query)
        .await
}

/// The device groups.
#[tauri::command]
#[specta::specta]
pub(crate) async fn cloud_groups(backend: State<'_>, account: String) -> Answer<Vec<DeviceGroup>> {
    backend.firmdrop()?.pelion(&account).groups().await
}

/// Deletes one object of the account. It cannot be undone.
#[tauri::command]
#[specta::specta]
pub(crate) async fn delete_in_cloud(
    backend: State<'_>,
    account: String,
    kind: CloudKind,
    id: String,
) -> Answer<()> {
    backend.firmdrop()?.pelion(&account).delete(kind, &id).await
}
