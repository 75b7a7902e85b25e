//! The simulated world, opened on demand.

use firmdrop_core::{Code, Diagnosis};
use firmdrop_engine::{DemoAddress, DemoPlace, SimulatedAccount, blocking};

use super::Firmdrop;
use super::open_demo::OpenDemo;
use crate::{DemoServiceView, DemoState, DemoWorld};

/// Name of the account that leads into the simulated world, unless a real one is called so.
const DEMO_ACCOUNT: &str = "demo";

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
        let accounts = self.make_demo_accounts(world.as_ref()).await?;
        let demo = OpenDemo {
            world,
            accounts,
            claim,
        };
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

    /// Makes the accounts that lead into this world, and returns their names.
    async fn make_demo_accounts(&self, world: &dyn DemoWorld) -> Result<Vec<String>, Diagnosis> {
        let engine = self.inner.engine.clone();
        let services = world.services();
        blocking(move || {
            let (accounts, home) = (engine.accounts(), engine.home());
            let mut names = Vec::new();
            for service in services {
                let DemoAddress {
                    scheme,
                    host,
                    fields,
                } = service.address;
                let account = accounts.put_simulated(SimulatedAccount {
                    kind: scheme,
                    name: DEMO_ACCOUNT.to_owned(),
                    host,
                    own: fields,
                    secrets: service.secrets,
                })?;
                engine
                    .backends()
                    .of_account(&account)?
                    .prepare_simulated(home)?;
                names.push(account.name);
            }
            Ok(names)
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
        let services = world.services().into_iter().zip(&demo.accounts);
        let services = services.map(|(service, account)| DemoServiceView {
            scheme: service.address.scheme,
            title: service.title,
            host: service.address.host,
            account: account.clone(),
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
