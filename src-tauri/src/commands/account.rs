//! Cloud accounts.

use firmdrop_api::ConnectionReport;
use firmdrop_api::{AccountDraft, AccountForm, AccountView};

use super::{Answer, State};

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

/// Adds an account; a name that exists is refused.
#[tauri::command]
#[specta::specta]
pub(crate) async fn add_account(backend: State<'_>, draft: AccountDraft) -> Answer<AccountView> {
    backend.firmdrop()?.add_account(draft).await
}

/// Changes an account. Its stored key serves no other address, proxy or authority.
#[tauri::command]
#[specta::specta]
pub(crate) async fn change_account(backend: State<'_>, draft: AccountDraft) -> Answer<AccountView> {
    backend.firmdrop()?.change_account(draft).await
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
