//! The simulated world, opened on demand.

use std::sync::Arc;

use firmdrop_core::{Code, Diagnosis};
use firmdrop_engine::{Account, DEMO_KEY, DemoAddress, DemoClaim, DemoPlace, KeyStorage};
use firmdrop_manifest::{KeyPurpose, KeyStore, ManifestError, SigningKey};

use super::{Firmdrop, blocking};
use crate::{DemoServiceView, DemoState, DemoWorld};

/// Name of the account that leads into the simulated world.
pub const DEMO_ACCOUNT: &str = "demo";

/// The simulated world as this process has it.
#[derive(Debug)]
pub(super) struct OpenDemo {
    world: Arc<dyn DemoWorld>,
    /// The right to it, given up after the world has ended; `None` when it is another process's.
    claim: Option<DemoClaim>,
}

impl Firmdrop {
    /// Opens the simulated world, once, and makes its account. When another process on this home
    /// has one open, uses the services of that one instead; the account leads there already.
    pub async fn open_demo(&self) -> Result<DemoState, Diagnosis> {
        let mut open = self.inner.demo.lock().await;
        if let Some(demo) = &*open
            && (demo.claim.is_some() || self.is_open_elsewhere(demo).await?)
        {
            return self.state_of(demo);
        }
        let maker = self.inner.demo_maker.as_ref().ok_or_else(|| {
            let what = "The demo world was not opened.";
            Diagnosis::new(Code::Internal, what, "This program does not offer it.")
        })?;
        let (world, claim) = match self.inner.engine.home().demo_world().await? {
            DemoPlace::Free(claim) => {
                let folder = self.inner.engine.home().demo();
                (maker.open(&folder).await?, Some(claim))
            }
            DemoPlace::Elsewhere { services } => (maker.join(services)?, None),
        };
        let demo = OpenDemo { world, claim };
        self.make_demo_account(&demo).await?;
        if let Some(claim) = &demo.claim {
            claim.announce(&addresses(&*demo.world))?;
        }
        let state = self.state_of(&demo)?;
        *open = Some(demo);
        Ok(state)
    }

    /// Whether the process whose world was joined still has it open.
    async fn is_open_elsewhere(&self, demo: &OpenDemo) -> Result<bool, Diagnosis> {
        Ok(match self.inner.engine.home().demo_world().await? {
            DemoPlace::Free(_) => false,
            DemoPlace::Elsewhere { services } => services == addresses(&*demo.world),
        })
    }

    async fn make_demo_account(&self, demo: &OpenDemo) -> Result<(), Diagnosis> {
        let accounts = self.inner.engine.accounts().clone();
        let services = demo.world.services();
        let manifest_keys = KeyStore::new(self.inner.engine.home().manifest_keys());
        blocking(move || {
            make_demo_key(&manifest_keys)?;
            for service in services {
                let account = Account {
                    name: DEMO_ACCOUNT.to_owned(),
                    host: service.address.host,
                    proxy: None,
                    extra_ca_pem: None,
                    production: false,
                    simulated: true,
                    key_storage: KeyStorage::File,
                };
                accounts.save(account, Some(&service.secret))?;
            }
            Ok(())
        })
        .await
    }

    /// Switches a fault of the simulated world.
    pub async fn set_demo_fault(&self, key: &str, on: bool) -> Result<DemoState, Diagnosis> {
        let open = self.inner.demo.lock().await;
        let demo = open.as_ref().ok_or_else(|| {
            Diagnosis::new(
                Code::Internal,
                "Nothing was switched.",
                "The demo world is not open.",
            )
        })?;
        if !demo.world.set_fault(key, on) {
            let why = format!("The demo world has no fault {key}.");
            return Err(Diagnosis::new(Code::Internal, "Nothing was switched.", why));
        }
        self.state_of(demo)
    }

    /// The simulated world, when it is open.
    pub(super) async fn demo_state(&self) -> Option<DemoState> {
        let open = self.inner.demo.lock().await;
        open.as_ref().and_then(|demo| self.state_of(demo).ok())
    }

    fn state_of(&self, demo: &OpenDemo) -> Result<DemoState, Diagnosis> {
        let (home, world) = (self.inner.engine.home(), &demo.world);
        let sample = world.sample(&home.downloads()).map_err(|error| {
            Diagnosis::new(
                Code::HomeNotWritable,
                "The demo firmware could not be written.",
                error.to_string(),
            )
        })?;
        let services = world.services().into_iter();
        let services = services.map(|service| DemoServiceView {
            scheme: service.address.scheme,
            title: service.title,
            host: service.address.host,
        });
        Ok(DemoState {
            services: services.collect(),
            elsewhere: demo.claim.is_none(),
            faults: world.faults(),
            sample_path: sample.display().to_string(),
        })
    }
}

fn addresses(world: &dyn DemoWorld) -> Vec<DemoAddress> {
    let services = world.services().into_iter();
    services.map(|service| service.address).collect()
}

/// The simulated devices trust any key; this one saves a person from making one.
fn make_demo_key(keys: &KeyStore) -> Result<(), Diagnosis> {
    if keys.names()?.iter().any(|name| name == DEMO_KEY) {
        return Ok(());
    }
    let key = SigningKey::generate()?;
    match keys.add(DEMO_KEY, &key, KeyPurpose::Development) {
        // Another process on this home was quicker.
        Ok(_) | Err(ManifestError::KeyExists { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
