//! Opens the simulated world and switches its faults.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use firmdrop_api::{
    Code, DemoAddress, DemoFault, DemoMaker, DemoService, DemoWorld, Diagnosis, Remedy,
};
use firmdrop_simulator::SimulatorError;
use firmdrop_simulator::azure::AzureWorld;
use firmdrop_simulator::fault::Fault;
use firmdrop_simulator::world::DemoWorld as World;

use crate::DemoReaders;
use crate::azure;
use crate::pelion::{self, PelionRequest};
use crate::sample::write_sample;

/// Opens the simulated world for a face.
#[derive(Debug, Clone, Default)]
pub struct Demo {
    readers: DemoReaders,
    pelion: PelionRequest,
}

impl Demo {
    /// A world whose readers appear through `readers`, which the face registers as a provider.
    pub fn new(readers: &DemoReaders) -> Self {
        Self {
            readers: readers.clone(),
            pelion: PelionRequest::default(),
        }
    }

    /// With the Pelion service at this port of 127.0.0.1.
    #[must_use]
    pub fn at_port(mut self, port: u16) -> Self {
        self.pelion.port = port;
        self
    }

    /// With a fleet of that many devices of one class in its account instead of the usual 120 of
    /// several: to try large fleets with. It is a world of its own, and one of more than ten
    /// thousand devices ends with its process.
    #[must_use]
    pub fn with_devices(mut self, devices: usize) -> Self {
        self.pelion.devices = Some(devices);
        self
    }

    /// Opens the world; what it holds is stored in the folder, or ends with it without one.
    async fn start(&self, folder: Option<&Path>) -> Result<OpenDemo, Diagnosis> {
        let started = World::start(self.pelion.options(folder)).await;
        let world = started.map_err(|error| not_opened(&error))?;
        world.pelion().keep_moving();
        self.readers.appear();
        self.readers.follow(world.dial().plug());
        let azure = azure::start(folder, world.dial()).await;
        let azure = azure.map_err(|error| not_opened(&error))?;
        Ok(OpenDemo { world, azure })
    }
}

fn not_opened(error: &SimulatorError) -> Diagnosis {
    let what = "The demo world was not opened.";
    Diagnosis::new(Code::DemoNotOpened, what, error.to_string())
        .state("Nothing was sent.")
        .remedy(Remedy::Advice {
            text: "Choose another port, or none.".into(),
        })
}

#[async_trait]
impl DemoMaker for Demo {
    async fn open(&self, folder: &Path) -> Result<Arc<dyn DemoWorld>, Diagnosis> {
        Ok(Arc::new(self.start(Some(folder)).await?))
    }

    fn join(&self, services: Vec<DemoAddress>) -> Result<Arc<dyn DemoWorld>, Diagnosis> {
        if !self.pelion.is_met_by(&services) {
            let hosts: Vec<_> = services.iter().map(|service| &*service.host).collect();
            let what = "The demo world was not opened.";
            let why = format!(
                "Another Firmdrop on this home has it open at {}; two would fight for the account.",
                hosts.join(", ")
            );
            let advice =
                "Close the other one, request no port, or name another folder with --home.";
            return Err(Diagnosis::new(Code::DemoNotOpened, what, why)
                .state("Nothing was changed.")
                .remedy(Remedy::Advice {
                    text: advice.into(),
                }));
        }
        self.readers.appear();
        let service = |one: DemoAddress| {
            if one.scheme == azure::SCHEME {
                azure::service(one)
            } else {
                pelion::service(one.host)
            }
        };
        Ok(Arc::new(JoinedDemo {
            services: services.into_iter().map(service).collect(),
        }))
    }
}

/// The services of another process's world. Their faults are switched there.
#[derive(Debug)]
struct JoinedDemo {
    services: Vec<DemoService>,
}

impl DemoWorld for JoinedDemo {
    fn services(&self) -> Vec<DemoService> {
        self.services.clone()
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
struct OpenDemo {
    world: World,
    azure: AzureWorld,
}

impl DemoWorld for OpenDemo {
    fn services(&self) -> Vec<DemoService> {
        let pelion = format!("http://{}", self.world.pelion_address());
        vec![pelion::service(pelion), azure::service_of(&self.azure)]
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
        let demo = Demo::new(&DemoReaders::default())
            .start(None)
            .await
            .unwrap();
        for fault in demo.faults() {
            assert!(!fault.on);
            assert!(demo.set_fault(&fault.key, true), "{}", fault.key);
        }
        assert!(demo.faults().iter().all(|fault| fault.on));
        assert!(!demo.set_fault("unknown", true));
    }

    #[tokio::test]
    async fn a_world_opened_again_on_its_folder_has_its_service_at_the_same_address() {
        let folder = tempfile::tempdir().unwrap();
        let demo = Demo::new(&DemoReaders::default());
        let first = demo.open(folder.path()).await.unwrap();
        let address = first.services().remove(0).address;
        drop(first);
        // The dropped server closes its port as soon as its task runs.
        tokio::task::yield_now().await;
        let second = demo.open(folder.path()).await.unwrap();
        assert_eq!(second.services().remove(0).address, address);
    }

    #[test]
    fn a_world_at_another_port_than_the_requested_one_is_not_joined() {
        let there = vec![pelion::service("http://127.0.0.1:4711".to_owned()).address];
        let demo = Demo::new(&DemoReaders::default());
        assert!(demo.join(there.clone()).is_ok());
        assert!(demo.clone().at_port(4711).join(there.clone()).is_ok());
        assert!(demo.at_port(9).join(there).is_err());
    }

    #[tokio::test]
    async fn readers_appear_when_the_world_is_opened() {
        use firmdrop_link::Provider as _;
        let readers = DemoReaders::default();
        assert!(readers.discover().await.unwrap().is_empty());
        let _demo = Demo::new(&readers).start(None).await.unwrap();
        assert_eq!(readers.discover().await.unwrap().len(), 3);
    }

    #[tokio::test]
    async fn without_the_plug_the_readers_are_gone_and_with_it_they_are_back() {
        use firmdrop_link::{Access, Provider as _};
        let readers = DemoReaders::default();
        let demo = Demo::new(&readers).start(None).await.unwrap();
        let until_gone = async |gone: bool| {
            let all_are = async || {
                let seen = readers.discover().await.unwrap();
                seen.iter()
                    .all(|reader| (reader.access == Access::Gone) == gone)
            };
            while !all_are().await {
                tokio::task::yield_now().await;
            }
        };
        for (pulled, gone) in [(true, true), (false, false)] {
            assert!(demo.set_fault("pull_the_plug", pulled));
            tokio::time::timeout(std::time::Duration::from_secs(10), until_gone(gone))
                .await
                .unwrap();
        }
    }

    #[tokio::test]
    async fn the_sample_is_written_once_and_is_a_whole_image() {
        let folder = tempfile::tempdir().unwrap();
        let demo = Demo::new(&DemoReaders::default())
            .start(None)
            .await
            .unwrap();
        let path = demo.sample(folder.path()).unwrap();
        assert_eq!(demo.sample(folder.path()).unwrap(), path);
        assert_eq!(std::fs::read(path).unwrap(), crate::sample_image());
    }
}
