//! The simulated world, opened on demand.

use std::sync::Arc;

use firmdrop_core::{Code, Diagnose as _, Diagnosis};
use firmdrop_engine::{Account, DEMO_KEY, KeyStorage};
use firmdrop_manifest::{KeyPurpose, KeyStore, ManifestError, SigningKey};

use super::{Firmdrop, blocking};
use crate::{DemoState, DemoWorld};

/// Name of the account that leads into the simulated world.
pub const DEMO_ACCOUNT: &str = "demo";

impl Firmdrop {
    /// Opens the simulated world, once, and makes its account.
    pub async fn open_demo(&self) -> Result<DemoState, Diagnosis> {
        let mut open = self.inner.demo.lock().await;
        if let Some(world) = &*open {
            return self.state_of(world);
        }
        let maker = self.inner.demo_maker.as_ref().ok_or_else(|| {
            let what = "The demo world was not opened.";
            Diagnosis::new(Code::Internal, what, "This program does not offer it.")
        })?;
        let world = maker.open().await?;
        let accounts = self.inner.engine.accounts().clone();
        let (host, key) = (world.pelion_host(), world.access_key());
        let manifest_keys = KeyStore::new(self.inner.engine.home().manifest_keys());
        blocking(move || {
            make_demo_key(&manifest_keys)?;
            let account = Account {
                name: DEMO_ACCOUNT.to_owned(),
                host,
                proxy: None,
                extra_ca_pem: None,
                production: false,
                simulated: true,
                key_storage: KeyStorage::File,
            };
            accounts.save(account, Some(&key))
        })
        .await?;
        let state = self.state_of(&world)?;
        *open = Some(world);
        Ok(state)
    }

    /// Switches a fault of the simulated world.
    pub async fn set_demo_fault(&self, key: &str, on: bool) -> Result<DemoState, Diagnosis> {
        let open = self.inner.demo.lock().await;
        let world = open.as_ref().ok_or_else(|| {
            Diagnosis::new(
                Code::Internal,
                "Nothing was switched.",
                "The demo world is not open.",
            )
        })?;
        if !world.set_fault(key, on) {
            let why = format!("The demo world has no fault {key}.");
            return Err(Diagnosis::new(Code::Internal, "Nothing was switched.", why));
        }
        self.state_of(world)
    }

    /// The simulated world, when it is open.
    pub(super) async fn demo_state(&self) -> Option<DemoState> {
        let open = self.inner.demo.lock().await;
        open.as_ref().and_then(|world| self.state_of(world).ok())
    }

    fn state_of(&self, world: &Arc<dyn DemoWorld>) -> Result<DemoState, Diagnosis> {
        let home = self.inner.engine.home();
        let sample = world.sample(&home.downloads()).map_err(|error| {
            Diagnosis::new(
                Code::HomeNotWritable,
                "The demo firmware could not be written.",
                error.to_string(),
            )
        })?;
        Ok(DemoState {
            pelion_host: world.pelion_host(),
            faults: world.faults(),
            sample_path: sample.display().to_string(),
        })
    }
}

/// The simulated devices trust any key; this one saves a person from making one.
fn make_demo_key(keys: &KeyStore) -> Result<(), Diagnosis> {
    let told = |error: ManifestError| error.diagnose();
    if keys
        .names()
        .map_err(told)?
        .iter()
        .any(|name| name == DEMO_KEY)
    {
        return Ok(());
    }
    let key = SigningKey::generate().map_err(told)?;
    match keys.add(DEMO_KEY, &key, KeyPurpose::Development) {
        // Another process on this home was quicker.
        Ok(_) | Err(ManifestError::KeyExists { .. }) => Ok(()),
        Err(error) => Err(told(error)),
    }
}
