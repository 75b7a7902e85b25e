//! From an account to a client of its service.

use firmdrop_cloud::pelion::{Pelion, PelionAccount};
use firmdrop_core::{Code, Diagnosis};
use firmdrop_engine::{AccessKey, Account, Accounts};

/// A client of the account's service. Connects to nothing yet; refuses an address, proxy or
/// certificate that no client can be made of.
pub fn connect(account: &Account, key: AccessKey) -> Result<Pelion, Diagnosis> {
    let address = PelionAccount {
        name: account.name.clone(),
        host: account.host.clone(),
        proxy: account.proxy.clone(),
        extra_ca_pem: account.extra_ca_pem.clone(),
        production: account.production,
    };
    Ok(Pelion::new(&address, key)?)
}

/// A client of the service of the account of this name. Waits for the key store.
pub async fn client(accounts: &Accounts, name: &str) -> Result<Pelion, Diagnosis> {
    let (accounts, name) = (accounts.clone(), name.to_owned());
    let read = tokio::task::spawn_blocking(move || {
        let (account, key) = accounts.with_key(&name)?;
        connect(&account, key)
    });
    read.await.map_err(|error| stopped_working(&error))?
}

/// A task that computes something ended without a result: it panicked.
pub(super) fn stopped_working(error: &tokio::task::JoinError) -> Diagnosis {
    Diagnosis::new(
        Code::Internal,
        "A part of Firmdrop stopped working.",
        error.to_string(),
    )
}
