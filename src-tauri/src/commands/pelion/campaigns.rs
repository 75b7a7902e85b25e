//! Campaigns of an account.

use firmdrop_api::pelion::{
    BlastQuery, BlastRadius, CampaignChange, CampaignDeviceRow, CampaignDraft, CampaignLive,
    CampaignView, Page, PageQuery,
};
use tauri::AppHandle;

use crate::commands::{Answer, State};
use crate::confirm;
use crate::dialog::PartFile;

/// One page of the campaigns.
#[tauri::command]
#[specta::specta]
pub(crate) async fn cloud_campaigns(
    backend: State<'_>,
    account: String,
    query: PageQuery,
) -> Answer<Page<CampaignView>> {
    backend.firmdrop()?.pelion(&account).campaigns(&query).await
}

/// Drafts a campaign.
#[tauri::command]
#[specta::specta]
pub(crate) async fn create_campaign(
    backend: State<'_>,
    account: String,
    draft: CampaignDraft,
) -> Answer<CampaignView> {
    backend
        .firmdrop()?
        .pelion(&account)
        .create_campaign(&draft)
        .await
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
    backend
        .firmdrop()?
        .pelion(&account)
        .change_campaign(&id, &change)
        .await
}

/// Who a campaign would touch.
#[tauri::command]
#[specta::specta]
pub(crate) async fn blast_radius(
    backend: State<'_>,
    account: String,
    query: BlastQuery,
) -> Answer<BlastRadius> {
    backend
        .firmdrop()?
        .pelion(&account)
        .blast_radius(query)
        .await
}

/// Starts a campaign for exactly that many devices, once the user confirmed that outside of the page.
#[tauri::command]
#[specta::specta]
pub(crate) async fn start_campaign(
    app: AppHandle,
    backend: State<'_>,
    account: String,
    id: String,
    expected_devices: u32,
) -> Answer<CampaignView> {
    let firmdrop = backend.firmdrop()?;
    let live = firmdrop.pelion(&account).campaign_live(&id, 0).await?;
    let name = live.view.campaign.name;
    let what = format!("Start the campaign {name} for {expected_devices} devices");
    confirm::at_account(
        &app,
        firmdrop,
        &format!("pelion:{account}"),
        what,
        "Start campaign",
    )
    .await?;
    let account = firmdrop.pelion(&account);
    account.start_campaign(&id, expected_devices.into()).await
}

/// Stops a campaign.
#[tauri::command]
#[specta::specta]
pub(crate) async fn stop_campaign(
    backend: State<'_>,
    account: String,
    id: String,
) -> Answer<CampaignView> {
    backend
        .firmdrop()?
        .pelion(&account)
        .stop_campaign(&id)
        .await
}

/// Archives a stopped campaign.
#[tauri::command]
#[specta::specta]
pub(crate) async fn archive_campaign(
    backend: State<'_>,
    account: String,
    id: String,
) -> Answer<CampaignView> {
    backend
        .firmdrop()?
        .pelion(&account)
        .archive_campaign(&id)
        .await
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
    backend
        .firmdrop()?
        .pelion(&account)
        .campaign_live(&id, quiet_seconds)
        .await
}

/// One page of a campaign's devices.
#[tauri::command]
#[specta::specta]
pub(crate) async fn campaign_devices(
    backend: State<'_>,
    account: String,
    id: String,
    query: PageQuery,
) -> Answer<Page<CampaignDeviceRow>> {
    backend
        .firmdrop()?
        .pelion(&account)
        .campaign_devices(&id, &query)
        .await
}

/// Lets the user choose a file for the table of a campaign's devices and writes it; returns where.
#[tauri::command]
#[specta::specta]
pub(crate) async fn export_campaign(
    app: AppHandle,
    backend: State<'_>,
    account: String,
    id: String,
) -> Answer<Option<String>> {
    let mut table = backend
        .firmdrop()?
        .pelion(&account)
        .campaign_table(&id)
        .await?;
    let Some(mut file) = PartFile::choose(&app, format!("campaign-{id}.csv")).await? else {
        return Ok(None);
    };
    while let Some(lines) = table.lines().await? {
        file.write(&lines).await?;
    }
    Ok(Some(file.finish().await?.to_string_lossy().into_owned()))
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
    backend
        .firmdrop()?
        .pelion(&account)
        .copy_of_campaign(&id, &name, failed)
        .await
}
