//! The refresh token of a user, among the secrets of the account.

use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use firmdrop_cloud::azure::TokenError;
use firmdrop_cloud::azure::sign_in::{BoundSecret, RefreshStore};
use firmdrop_core::Diagnosis;
use firmdrop_engine::{Accounts, blocking};
use firmdrop_net::Secret;
use secrecy::ExposeSecret as _;

/// Its name among the secrets.
pub(super) const REFRESH_TOKEN: &str = "refresh_token";

/// Stores the token of one account. What it belongs to stands before it, in a line of its own.
#[derive(Debug)]
pub(super) struct StoredRefresh {
    accounts: Option<Accounts>,
    account: String,
    held: Mutex<Option<Secret>>,
}

impl StoredRefresh {
    /// Of this account, which has this secret now. Without accounts it lives in memory.
    pub(super) fn new(
        accounts: Option<Accounts>,
        account: String,
        secret: Option<&Secret>,
    ) -> Self {
        Self {
            accounts,
            account,
            held: Mutex::new(secret.cloned()),
        }
    }

    fn hold(&self, secret: Option<Secret>) {
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = secret;
    }
}

#[async_trait]
impl RefreshStore for StoredRefresh {
    async fn load(&self) -> Result<Option<BoundSecret>, TokenError> {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(held.as_ref().and_then(|secret| {
            let (binding, token) = secret.expose_secret().split_once('\n')?;
            Some(BoundSecret::stored(token.to_owned().into(), binding))
        }))
    }

    async fn save(&self, token: &BoundSecret) -> Result<(), TokenError> {
        let text = format!("{}\n{}", token.binding(), token.secret().expose_secret());
        let secret: Secret = text.into();
        self.hold(Some(secret.clone()));
        let Some(accounts) = self.accounts.clone() else {
            return Ok(());
        };
        let account = self.account.clone();
        blocking(move || {
            accounts
                .store_secret(&account, REFRESH_TOKEN, &secret)
                .map(drop)
        })
        .await
        .map_err(failed)
    }

    async fn erase(&self) -> Result<(), TokenError> {
        self.hold(None);
        let Some(accounts) = self.accounts.clone() else {
            return Ok(());
        };
        let account = self.account.clone();
        blocking(move || accounts.erase_secret(&account, REFRESH_TOKEN))
            .await
            .map_err(failed)
    }
}

fn failed(diagnosis: Diagnosis) -> TokenError {
    TokenError(Box::new(diagnosis))
}
