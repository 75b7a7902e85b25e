//! The acts on an account of Device Update. Each connects by itself, with the account as it is then.

use firmdrop_cloud::azure::sign_in::DeviceCodePrompt;
use firmdrop_cloud::azure::{AzureError, DeviceUpdate, List};
use firmdrop_core::{Diagnose as _, Diagnosis};

use crate::Firmdrop;

/// An account of the service, with the acts on what it holds.
#[derive(Debug, Clone)]
pub struct Service {
    pub(super) firmdrop: Firmdrop,
    account: String,
}

impl Firmdrop {
    /// The acts on what this account holds. Nothing is connected yet.
    pub fn azure(&self, account: &str) -> Service {
        Service {
            firmdrop: self.clone(),
            account: account.to_owned(),
        }
    }
}

impl Service {
    /// A client with one method for each operation of the service.
    pub async fn client(&self) -> Result<DeviceUpdate, Diagnosis> {
        let accounts = self.firmdrop.engine().accounts();
        let service = firmdrop_backend::azure::service_of(accounts, &self.account).await?;
        Ok(service.alone())
    }

    /// Signs the user of the account in, in the system's browser; `open` opens the address. What the
    /// sign-in gives is stored with the account's secrets.
    pub async fn sign_in(
        &self,
        open: impl FnOnce(&str) -> Result<(), String> + Send,
    ) -> Result<(), Diagnosis> {
        let accounts = self.firmdrop.engine().accounts();
        let user = firmdrop_backend::azure::user_sign_in(accounts, &self.account).await?;
        user.interactive(|address| open(address.as_str()))
            .await
            .map_err(|error| *error.0)
    }

    /// Whether the account says that its user signs in with a code.
    pub async fn signs_in_with_code(&self) -> Result<bool, Diagnosis> {
        let accounts = self.firmdrop.engine().accounts();
        firmdrop_backend::azure::signs_in_with_code(accounts, &self.account).await
    }

    /// Signs the user of the account in with a code that is entered on any device; `show` shows it.
    pub async fn sign_in_with_code(
        &self,
        show: impl FnOnce(DeviceCodePrompt) + Send,
    ) -> Result<(), Diagnosis> {
        let accounts = self.firmdrop.engine().accounts();
        let user = firmdrop_backend::azure::user_sign_in(accounts, &self.account).await?;
        user.with_device_code(show).await.map_err(|error| *error.0)
    }

    /// Forgets the user of the account here. The issuer is not asked.
    pub async fn sign_out(&self) -> Result<(), Diagnosis> {
        let accounts = self.firmdrop.engine().accounts();
        let user = firmdrop_backend::azure::user_sign_in(accounts, &self.account).await?;
        user.sign_out().await.map_err(|error| *error.0)
    }

    /// A list to its end.
    pub(super) async fn all<T: serde::de::DeserializeOwned + Default>(
        &self,
        list: impl FnOnce(&DeviceUpdate) -> Result<List<T>, AzureError>,
    ) -> Result<Vec<T>, Diagnosis> {
        let service = self.client().await?;
        let list = list(&service).map_err(diagnosed)?;
        service.all(&list).await.map_err(diagnosed)
    }
}

/// An error of the service, for a user.
#[expect(
    clippy::needless_pass_by_value,
    reason = "errors end here, by `map_err`"
)]
pub(super) fn diagnosed(error: AzureError) -> Diagnosis {
    error.diagnose()
}
