//! What a cloud account holds.

use firmdrop_api::pelion::{
    CampaignChange, CampaignDraft, DeviceGroup, FirmwareImage, FirmwareManifest, Page, SavedQuery,
    UploadJob,
};
use firmdrop_api::{BlastAsk, BlastRadius};
use firmdrop_api::{
    CampaignDeviceRow, CampaignLive, CampaignView, CloudAsk, CloudKind, DeviceDetail, DeviceRow,
    KeyEntry, ManifestOrder, ManifestView,
};
use tauri::AppHandle;

use super::{Answer, State};
use crate::dialog;

/// One page of the upload jobs.
#[tauri::command]
#[specta::specta]
pub(crate) async fn cloud_upload_jobs(
    backend: State<'_>,
    account: String,
    ask: CloudAsk,
) -> Answer<Page<UploadJob>> {
    backend.firmdrop()?.cloud_upload_jobs(&account, &ask).await
}

/// One page of the firmware images.
#[tauri::command]
#[specta::specta]
pub(crate) async fn cloud_images(
    backend: State<'_>,
    account: String,
    ask: CloudAsk,
) -> Answer<Page<FirmwareImage>> {
    backend.firmdrop()?.cloud_images(&account, &ask).await
}

/// One page of the manifests.
#[tauri::command]
#[specta::specta]
pub(crate) async fn cloud_manifests(
    backend: State<'_>,
    account: String,
    ask: CloudAsk,
) -> Answer<Page<FirmwareManifest>> {
    backend.firmdrop()?.cloud_manifests(&account, &ask).await
}

/// A manifest, field by field, with every check that can be made here.
#[tauri::command]
#[specta::specta]
pub(crate) async fn cloud_manifest(
    backend: State<'_>,
    account: String,
    id: String,
) -> Answer<ManifestView> {
    backend.firmdrop()?.cloud_manifest(&account, &id).await
}

/// The keys of this computer that sign manifests.
#[tauri::command]
#[specta::specta]
pub(crate) async fn manifest_keys(backend: State<'_>) -> Answer<Vec<KeyEntry>> {
    backend.firmdrop()?.manifest_keys().await
}

/// Makes a key that signs manifests.
#[tauri::command]
#[specta::specta]
pub(crate) async fn new_manifest_key(
    backend: State<'_>,
    name: String,
    development: bool,
) -> Answer<KeyEntry> {
    let firmdrop = backend.firmdrop()?;
    firmdrop.new_manifest_key(&name, development).await
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
    let firmdrop = backend.firmdrop()?;
    firmdrop
        .import_manifest_key(&name, &path, development)
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
    let firmdrop = backend.firmdrop()?;
    firmdrop
        .certify_manifest_key(&name, vendor_id, class_id)
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
    backend.firmdrop()?.make_manifest(&account, order).await
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
    let firmdrop = backend.firmdrop()?;
    firmdrop.send_manifest(&account, &path, &name, "").await
}

/// One page of the devices.
#[tauri::command]
#[specta::specta]
pub(crate) async fn cloud_devices(
    backend: State<'_>,
    account: String,
    ask: CloudAsk,
) -> Answer<Page<DeviceRow>> {
    backend.firmdrop()?.cloud_devices(&account, &ask).await
}

/// One device and its last events.
#[tauri::command]
#[specta::specta]
pub(crate) async fn cloud_device(
    backend: State<'_>,
    account: String,
    id: String,
) -> Answer<DeviceDetail> {
    backend.firmdrop()?.cloud_device(&account, &id).await
}

/// One page of the devices of a group.
#[tauri::command]
#[specta::specta]
pub(crate) async fn cloud_group_devices(
    backend: State<'_>,
    account: String,
    group: String,
    ask: CloudAsk,
) -> Answer<Page<DeviceRow>> {
    let firmdrop = backend.firmdrop()?;
    firmdrop.cloud_group_devices(&account, &group, &ask).await
}

/// How many devices match a filter now.
#[tauri::command]
#[specta::specta]
pub(crate) async fn count_cloud_devices(
    backend: State<'_>,
    account: String,
    filter: String,
) -> Answer<u32> {
    let counted = backend.firmdrop()?.count_cloud_devices(&account, &filter);
    Ok(u32::try_from(counted.await?).unwrap_or(u32::MAX))
}

/// The saved device queries.
#[tauri::command]
#[specta::specta]
pub(crate) async fn cloud_queries(backend: State<'_>, account: String) -> Answer<Vec<SavedQuery>> {
    backend.firmdrop()?.cloud_queries(&account).await
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
    let saved = backend.firmdrop()?;
    saved.save_cloud_query(&account, &name, &query).await
}

/// The device groups.
#[tauri::command]
#[specta::specta]
pub(crate) async fn cloud_groups(backend: State<'_>, account: String) -> Answer<Vec<DeviceGroup>> {
    backend.firmdrop()?.cloud_groups(&account).await
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
    backend
        .firmdrop()?
        .delete_in_cloud(&account, kind, &id)
        .await
}

/// One page of the campaigns.
#[tauri::command]
#[specta::specta]
pub(crate) async fn cloud_campaigns(
    backend: State<'_>,
    account: String,
    ask: CloudAsk,
) -> Answer<Page<CampaignView>> {
    backend.firmdrop()?.cloud_campaigns(&account, &ask).await
}

/// Drafts a campaign.
#[tauri::command]
#[specta::specta]
pub(crate) async fn create_campaign(
    backend: State<'_>,
    account: String,
    draft: CampaignDraft,
) -> Answer<CampaignView> {
    backend.firmdrop()?.create_campaign(&account, &draft).await
}

/// Changes a draft, or name and description of any campaign.
#[tauri::command]
#[specta::specta]
pub(crate) async fn change_campaign(
    backend: State<'_>,
    account: String,
    id: String,
    change: CampaignChange,
) -> Answer<CampaignView> {
    let firmdrop = backend.firmdrop()?;
    firmdrop.change_campaign(&account, &id, &change).await
}

/// Who a campaign would touch.
#[tauri::command]
#[specta::specta]
pub(crate) async fn blast_radius(
    backend: State<'_>,
    account: String,
    ask: BlastAsk,
) -> Answer<BlastRadius> {
    backend.firmdrop()?.blast_radius(&account, ask).await
}

/// Starts a campaign for exactly that many devices.
#[tauri::command]
#[specta::specta]
pub(crate) async fn start_campaign(
    backend: State<'_>,
    account: String,
    id: String,
    expected_devices: u32,
) -> Answer<CampaignView> {
    let firmdrop = backend.firmdrop()?;
    firmdrop
        .start_campaign(&account, &id, expected_devices.into())
        .await
}

/// Stops a campaign.
#[tauri::command]
#[specta::specta]
pub(crate) async fn stop_campaign(
    backend: State<'_>,
    account: String,
    id: String,
) -> Answer<CampaignView> {
    backend.firmdrop()?.stop_campaign(&account, &id).await
}

/// Archives a stopped campaign.
#[tauri::command]
#[specta::specta]
pub(crate) async fn archive_campaign(
    backend: State<'_>,
    account: String,
    id: String,
) -> Answer<CampaignView> {
    backend.firmdrop()?.archive_campaign(&account, &id).await
}

/// A campaign at this moment, and when to look again.
#[tauri::command]
#[specta::specta]
pub(crate) async fn campaign_live(
    backend: State<'_>,
    account: String,
    id: String,
    quiet_seconds: u32,
) -> Answer<CampaignLive> {
    let firmdrop = backend.firmdrop()?;
    firmdrop.campaign_live(&account, &id, quiet_seconds).await
}

/// One page of a campaign's devices.
#[tauri::command]
#[specta::specta]
pub(crate) async fn campaign_devices(
    backend: State<'_>,
    account: String,
    id: String,
    ask: CloudAsk,
) -> Answer<Page<CampaignDeviceRow>> {
    let firmdrop = backend.firmdrop()?;
    firmdrop.campaign_devices(&account, &id, &ask).await
}

/// Lets a person choose a file for the table of a campaign's devices and writes it; tells where.
#[tauri::command]
#[specta::specta]
pub(crate) async fn export_campaign(
    app: AppHandle,
    backend: State<'_>,
    account: String,
    id: String,
) -> Answer<Option<String>> {
    let table = backend.firmdrop()?.campaign_table(&account, &id).await?;
    let saved = dialog::save_table(&app, format!("campaign-{id}.csv"), table).await?;
    Ok(saved.map(|path| path.to_string_lossy().into_owned()))
}

/// A draft that says what a campaign says, also for its failed devices only. Creates nothing.
#[tauri::command]
#[specta::specta]
pub(crate) async fn copy_of_campaign(
    backend: State<'_>,
    account: String,
    id: String,
    name: String,
    failed: bool,
) -> Answer<CampaignDraft> {
    let firmdrop = backend.firmdrop()?;
    firmdrop
        .copy_of_campaign(&account, &id, &name, failed)
        .await
}
