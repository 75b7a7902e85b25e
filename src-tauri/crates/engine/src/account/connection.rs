//! From an account to a client of its service.

use firmdrop_cloud::pelion::{ConnectionReport, Pelion, PelionAccount};
use firmdrop_core::Diagnosis;

use super::{AccessKey, Account};
use crate::{Engine, blocking};

impl Account {
    /// A client of the account's service. Connects to nothing yet; refuses an address, proxy or
    /// certificate that no client can be made of.
    pub fn connect(&self, key: AccessKey) -> Result<Pelion, Diagnosis> {
        let address = PelionAccount {
            name: self.name.clone(),
            host: self.host.clone(),
            proxy: self.proxy.clone(),
            extra_ca_pem: self.extra_ca_pem.clone(),
            production: self.production,
        };
        Pelion::new(&address, key).map_err(Diagnosis::from)
    }
}

impl Engine {
    /// A client of an account's service, for acts that are no delivery. Waits for the key store.
    pub async fn pelion(&self, account: &str) -> Result<Pelion, Diagnosis> {
        let (accounts, name) = (self.accounts().clone(), account.to_owned());
        blocking(move || {
            let (account, key) = accounts.with_key(&name)?;
            account.connect(key)
        })
        .await
    }

    /// Tries an account layer by layer and names the first that fails. Changes nothing.
    pub async fn test_account(&self, account: &str) -> Result<ConnectionReport, Diagnosis> {
        Ok(self.pelion(account).await?.test().await)
    }
}
