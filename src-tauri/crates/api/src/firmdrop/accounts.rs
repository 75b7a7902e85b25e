//! Cloud accounts.

use firmdrop_backend::pelion;
use firmdrop_core::{ConnectionReport, Diagnosis};
use firmdrop_engine::{AccessKey, Account, KeyStorage};

use super::{Firmdrop, blocking};
use crate::{AccountDraft, AccountView};

impl Firmdrop {
    /// All accounts, by name.
    #[expect(
        clippy::unused_async,
        reason = "every question of the facade is asked the same way"
    )]
    pub async fn accounts(&self) -> Result<Vec<AccountView>, Diagnosis> {
        let accounts = self.inner.engine.accounts().list()?;
        Ok(accounts.into_iter().map(view).collect())
    }

    /// Adds an account or changes the one of that name.
    pub async fn save_account(&self, draft: AccountDraft) -> Result<AccountView, Diagnosis> {
        let accounts = self.inner.engine.accounts().clone();
        blocking(move || {
            let old = accounts
                .list()?
                .into_iter()
                .find(|account| account.name == draft.name);
            let account = Account {
                name: draft.name,
                kind: pelion::SCHEME.to_owned(),
                host: draft.host.trim().trim_end_matches('/').to_owned(),
                proxy: draft.proxy.filter(|proxy| !proxy.trim().is_empty()),
                extra_ca_pem: draft.extra_ca_pem.filter(|pem| !pem.trim().is_empty()),
                production: draft.production,
                simulated: false,
                key_storage: old.map_or(KeyStorage::KeyStore, |old| old.key_storage),
                own: serde_json::Map::new(),
            };
            // Refuses an address, proxy or certificate that no client can be made of.
            pelion::connect(&account, AccessKey::from(""))?;
            Ok(view(accounts.save(account, draft.access_key.as_ref())?))
        })
        .await
    }

    /// Removes an account and its key. What it uploaded stays with the service.
    pub async fn remove_account(&self, name: &str) -> Result<(), Diagnosis> {
        let (accounts, name) = (self.inner.engine.accounts().clone(), name.to_owned());
        blocking(move || accounts.remove(&name)).await
    }

    /// Tries an account layer by layer and names the first that fails. Sends nothing but a look.
    pub async fn test_account(&self, name: &str) -> Result<ConnectionReport, Diagnosis> {
        self.inner.engine.test_account(name).await
    }
}

fn view(account: Account) -> AccountView {
    AccountView {
        name: account.name,
        kind: "pelion".to_owned(),
        host: account.host,
        proxy: account.proxy,
        has_extra_ca: account.extra_ca_pem.is_some(),
        production: account.production,
        simulated: account.simulated,
        key_storage: account.key_storage,
    }
}
