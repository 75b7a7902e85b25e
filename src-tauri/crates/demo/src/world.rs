//! Opens the simulated world and turns its dial.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use firmdrop_api::{AccessKey, Code, DemoFault, DemoMaker, DemoWorld, Diagnosis, Remedy};
use firmdrop_simulator::fault::Fault;
use firmdrop_simulator::pelion::{Inventory, Storage};
use firmdrop_simulator::world::{DEMO_ACCESS_KEY, DemoWorld as World, WorldOptions};

use crate::DemoReaders;
use crate::sample::write_sample;

/// Opens the simulated world for a face.
#[derive(Debug, Clone, Default)]
pub struct Demo {
    readers: DemoReaders,
    port: u16,
    devices: Option<usize>,
}

impl Demo {
    /// A world whose readers appear through `readers`, which the face registers as a provider.
    pub fn new(readers: &DemoReaders) -> Self {
        Self {
            readers: readers.clone(),
            port: 0,
            devices: None,
        }
    }

    /// With the Pelion service at this port of 127.0.0.1.
    #[must_use]
    pub fn at_port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// With a fleet of that many devices of one class in its account instead of the usual 120 of
    /// several: to try large fleets with.
    #[must_use]
    pub fn with_devices(mut self, devices: usize) -> Self {
        self.devices = Some(devices);
        self
    }

    /// Opens the world itself, for a face that serves it to other programs.
    pub async fn start(&self) -> Result<OpenDemo, Diagnosis> {
        let options = WorldOptions {
            pelion_port: self.port,
            storage: Storage::Discard,
            inventory: self.devices.map_or_else(Inventory::demo, Inventory::pucks),
            ..WorldOptions::default()
        };
        let world = World::start(options).await.map_err(|error| {
            let what = "The demo world was not opened.";
            Diagnosis::new(Code::Internal, what, error.to_string())
                .state("Nothing was sent.")
                .remedy(Remedy::Advice {
                    text: "Choose another port, or none.".into(),
                })
        })?;
        world.pelion().keep_moving();
        self.readers.appear();
        Ok(OpenDemo { world })
    }
}

#[async_trait]
impl DemoMaker for Demo {
    async fn open(&self) -> Result<Arc<dyn DemoWorld>, Diagnosis> {
        Ok(Arc::new(self.start().await?))
    }

    fn join(&self, pelion_host: String) -> Result<Arc<dyn DemoWorld>, Diagnosis> {
        if self.port != 0 && !pelion_host.ends_with(&format!(":{}", self.port)) {
            let what = "The demo world was not opened.";
            let why = format!(
                "Another Firmdrop on this home keeps it open at {pelion_host}; two would fight for the account."
            );
            return Err(Diagnosis::new(Code::Internal, what, why)
                .state("Nothing was changed.")
                .remedy(Remedy::Advice {
                    text:
                        "Close the other one, ask for no port, or name another folder with --home."
                            .into(),
                }));
        }
        self.readers.appear();
        Ok(Arc::new(JoinedDemo { pelion_host }))
    }
}

/// The Pelion service of another process's world. Its faults are switched there.
#[derive(Debug)]
struct JoinedDemo {
    pelion_host: String,
}

impl DemoWorld for JoinedDemo {
    fn pelion_host(&self) -> String {
        self.pelion_host.clone()
    }

    fn access_key(&self) -> AccessKey {
        AccessKey::from(DEMO_ACCESS_KEY.to_owned())
    }

    fn faults(&self) -> Vec<DemoFault> {
        Vec::new()
    }

    fn set_fault(&self, _: &str, _: bool) -> bool {
        false
    }

    fn sample(&self, folder: &Path) -> std::io::Result<PathBuf> {
        write_sample(folder)
    }
}

/// The simulated world, open. Dropping it ends it.
#[derive(Debug)]
pub struct OpenDemo {
    world: World,
}

impl DemoWorld for OpenDemo {
    fn pelion_host(&self) -> String {
        format!("http://{}", self.world.pelion_address())
    }

    fn access_key(&self) -> AccessKey {
        AccessKey::from(self.world.access_key().to_owned())
    }

    fn faults(&self) -> Vec<DemoFault> {
        let dial = self.world.dial();
        let fault = |fault: Fault| DemoFault {
            key: key(fault),
            title: fault.title().to_owned(),
            on: dial.is_on(fault),
        };
        Fault::ALL.into_iter().map(fault).collect()
    }

    fn set_fault(&self, wanted: &str, on: bool) -> bool {
        let fault = Fault::ALL.into_iter().find(|fault| key(*fault) == wanted);
        if let Some(fault) = fault {
            self.world.dial().turn(fault, on);
        }
        fault.is_some()
    }

    fn sample(&self, folder: &Path) -> std::io::Result<PathBuf> {
        write_sample(folder)
    }
}

/// Names a fault for a face: its title in small letters with underscores.
fn key(fault: Fault) -> String {
    fault.title().to_lowercase().replace(' ', "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn every_fault_can_be_switched_by_its_key_and_no_other() {
        let demo = Demo::new(&DemoReaders::default()).start().await.unwrap();
        for fault in demo.faults() {
            assert!(!fault.on);
            assert!(demo.set_fault(&fault.key, true), "{}", fault.key);
        }
        assert!(demo.faults().iter().all(|fault| fault.on));
        assert!(!demo.set_fault("unknown", true));
    }

    #[tokio::test]
    async fn readers_appear_when_the_world_is_opened() {
        use firmdrop_link::Provider as _;
        let readers = DemoReaders::default();
        assert!(readers.readers().await.is_empty());
        let _demo = Demo::new(&readers).start().await.unwrap();
        assert_eq!(readers.readers().await.len(), 3);
    }

    #[tokio::test]
    async fn the_sample_is_written_once_and_is_a_whole_image() {
        let folder = tempfile::tempdir().unwrap();
        let demo = Demo::new(&DemoReaders::default()).start().await.unwrap();
        let path = demo.sample(folder.path()).unwrap();
        assert_eq!(demo.sample(folder.path()).unwrap(), path);
        assert_eq!(std::fs::read(path).unwrap(), crate::sample_image());
    }
}
