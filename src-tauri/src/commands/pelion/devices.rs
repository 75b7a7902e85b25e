//! Devices of an account.

use firmdrop_api::pelion::{DeviceDetail, DeviceRow, Page, PageQuery};

use crate::commands::{Answer, State};

/// One page of the devices.
#[tauri::command]
#[specta::specta]
pub(crate) async fn cloud_devices(
    backend: State<'_>,
    account: String,
    query: PageQuery,
) -> Answer<Page<DeviceRow>> {
    backend.firmdrop()?.pelion(&account).devices(&query).await
}

/// One device and its last events.
#[tauri::command]
#[specta::specta]
pub(crate) async fn cloud_device(
    backend: State<'_>,
    account: String,
    id: String,
) -> Answer<DeviceDetail> {
    backend.firmdrop()?.pelion(&account).device(&id).await
}

/// One page of the devices of a group.
#[tauri::command]
#[specta::specta]
pub(crate) async fn cloud_group_devices(
    backend: State<'_>,
    account: String,
    group: String,
    query: PageQuery,
) -> Answer<Page<DeviceRow>> {
    backend
        .firmdrop()?
        .pelion(&account)
        .group_devices(&group, &query)
        .await
}

/// How many devices match a filter now.
#[tauri::command]
#[specta::specta]
pub(crate) async fn count_cloud_devices(
    backend: State<'_>,
    account: String,
    filter: String,
) -> Answer<u32> {
    let service = backend.firmdrop()?.pelion(&account);
    let devices = service.count_devices(&filter).await?;
    Ok(u32::try_from(devices).unwrap_or(u32::MAX))
}
