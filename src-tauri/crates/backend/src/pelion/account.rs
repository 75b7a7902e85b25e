//! From an account to a client of its service.

use firmdrop_cloud::pelion::{Pelion, PelionAccount};
use firmdrop_core::Diagnosis;
use firmdrop_engine::{
    ACCESS_KEY, Account, AccountForm, Accounts, FormField, PROXY_PASSWORD, Secrets, blocking,
    with_password,
};

use super::{SCHEME, destination};

/// What an account needs.
pub(super) fn form() -> AccountForm {
    AccountForm {
        kind: SCHEME.to_owned(),
        title: "Pelion (Izuma) Device Management".to_owned(),
        hint: "The address of a Pelion service and an access key for it.".to_owned(),
        host: FormField::required("host", "Address of the service")
            .hint("An address like https://api.us-east-1.mbedcloud.com")
            .usual("https://api.us-east-1.mbedcloud.com"),
        fields: Vec::new(),
        secrets: vec![
            FormField::required(ACCESS_KEY, "Access key").hint("Made in the service's portal"),
        ],
    }
}

/// A client of the account's service. Connects to nothing yet; refuses an address, proxy or
/// certificate that no client can be made of.
pub fn connect(account: &Account, secrets: &Secrets) -> Result<Pelion, Diagnosis> {
    let password = secrets.get(PROXY_PASSWORD);
    let proxy = account.proxy.as_deref();
    let address = PelionAccount {
        name: account.name.clone(),
        host: account.host.clone(),
        proxy: proxy.map(|proxy| with_password(proxy, password)),
        extra_ca_pem: account.extra_ca_pem.clone(),
        production: account.production,
    };
    let key = secrets.get(ACCESS_KEY).cloned().unwrap_or_default();
    Ok(Pelion::new(&address, key)?)
}

/// A client of the service of the account of this name. Waits for the key store.
pub async fn client(accounts: &Accounts, name: &str) -> Result<Pelion, Diagnosis> {
    let (accounts, name) = (accounts.clone(), destination(name).to_string());
    blocking(move || {
        let (account, secrets) = accounts.with_secrets(&name)?;
        connect(&account, &secrets)
    })
    .await
}
