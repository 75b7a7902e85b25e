//! Cloud accounts.

use firmdrop_api::ConnectionReport;
use firmdrop_api::{AccountDraft, AccountForm, AccountView};

use tauri::AppHandle;

use super::{Answer, State};
use crate::confirm;

/// Every account, by name.
#[tauri::command]
#[specta::specta]
pub(crate) async fn accounts(backend: State<'_>) -> Answer<Vec<AccountView>> {
    backend.firmdrop()?.accounts().await
}

/// What an account of each kind needs.
#[tauri::command]
#[specta::specta]
pub(crate) async fn account_forms(backend: State<'_>) -> Answer<Vec<AccountForm>> {
    Ok(backend.firmdrop()?.account_forms())
}

/// Adds an account, once the user confirmed its address; a name that exists is refused.
#[tauri::command]
#[specta::specta]
pub(crate) async fn add_account(
    app: AppHandle,
    backend: State<'_>,
    draft: AccountDraft,
) -> Answer<AccountView> {
    let title = format!("Add the account {}?", draft.name);
    confirm::contact(&app, &title, &way_of(&draft)).await?;
    backend.firmdrop()?.add_account(draft).await
}

/// Changes an account. Its stored key serves no other address, proxy or authority; to change those, and to take the
/// production mark away, is confirmed by the user outside of the page.
#[tauri::command]
#[specta::specta]
pub(crate) async fn change_account(
    app: AppHandle,
    backend: State<'_>,
    draft: AccountDraft,
) -> Answer<AccountView> {
    let firmdrop = backend.firmdrop()?;
    if firmdrop.change_needs_key(&draft)? {
        let title = format!("Change the account {}?", draft.name);
        confirm::contact(&app, &title, &way_of(&draft)).await?;
    }
    firmdrop.change_account(draft).await
}

/// Where requests of an account go, and what it is.
fn way_of(draft: &AccountDraft) -> String {
    let proxy = draft.proxy.as_deref().filter(|proxy| !proxy.is_empty());
    let proxy = proxy.map(|proxy| {
        format!(
            "\nthrough the proxy {}",
            firmdrop_api::split_password(proxy).0
        )
    });
    let kind = if draft.production {
        "production"
    } else {
        "not production"
    };
    format!(
        "Its requests and its access key go to {}{}\nMarked as {kind}",
        draft.host,
        proxy.unwrap_or_default()
    )
}

/// Forgets an account and its access key. What the service holds stays there.
#[tauri::command]
#[specta::specta]
pub(crate) async fn remove_account(backend: State<'_>, name: String) -> Answer<()> {
    backend.firmdrop()?.remove_account(&name).await
}

/// Tries the connection, layer by layer.
#[tauri::command]
#[specta::specta]
pub(crate) async fn test_account(backend: State<'_>, name: String) -> Answer<ConnectionReport> {
    backend.firmdrop()?.test_account(&name).await
}
