//! Readers on a bench that is made up: one of every access, and simulated ones behind those that answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use firmdrop_demo::DemoReaders;
use firmdrop_link::{Access, Link, LinkAddress, LinkError, Provider, Providers, Reader, Watch};
use firmdrop_simulator::reader::{Settings, SimulatedReader, SimulatedReaders, demo_image};
use firmdrop_simulator::volume::{DriveKind, SimulatedDrive, SimulatedDrives};

/// Size of the image a reader runs, bytes.
const RUNS_BYTES: u32 = 64 * 1024;

/// Everything that can be seen.
#[derive(Debug, Clone)]
pub(crate) struct Bench {
    serial: Arc<Made>,
    network: Arc<Made>,
}

/// The readers of one channel.
#[derive(Debug)]
struct Made {
    channel: &'static str,
    readers: Vec<Reader>,
    links: SimulatedReaders,
    /// Whether some have left or are in use by now; before, each that has a version answers.
    is_settled: AtomicBool,
}

impl Bench {
    pub(crate) fn new() -> Self {
        let held = Access::InUse {
            by: Some("lane-control".into()),
        };
        let refused = Access::Denied {
            why: "The port belongs to the group dialout".into(),
            rule: Some("group dialout".into()),
        };
        let serial = Made::of("serial")
            .with(
                "/dev/ttyACM0",
                "Gate reader 04",
                Access::Ready,
                Some((2, 4, 0)),
            )
            .with(
                "/dev/ttyACM5",
                "Gate reader 12",
                Access::Ready,
                Some((2, 5, 0)),
            )
            .with(
                "/dev/ttyACM2",
                "Gate reader 02",
                Access::Ready,
                Some((2, 4, 0)),
            )
            .with(
                "/dev/ttyACM3",
                "Gate reader 07",
                Access::NotIdentified,
                None,
            )
            .with("/dev/ttyUSB0", "CP2104 bridge", refused, None)
            .with(
                "/dev/ttyACM4",
                "Gate reader 05",
                Access::Gone,
                Some((2, 4, 1)),
            );
        let network = Made::of("udp")
            .with(
                "192.168.16.40:1337",
                "Gate reader 11",
                Access::Ready,
                Some((2, 3, 8)),
            )
            .with("192.168.16.225:1337", "SpringPark", held, Some((2, 10, 0)));
        Self {
            serial: Arc::new(serial),
            network: Arc::new(network),
        }
    }

    /// They, a drive, and the readers of the demo world.
    pub(crate) fn providers(&self, demo: &DemoReaders) -> Providers {
        let drive = SimulatedDrive::new(DriveKind::Uf2, "/media/PUCK");
        Providers::default()
            .with(Arc::clone(&self.serial) as _)
            .with(Arc::clone(&self.network) as _)
            .with(Arc::new(SimulatedDrives::default().with(&drive)))
            .with(Arc::new(demo.clone()))
    }

    /// Destinations of the readers that answer at first.
    pub(crate) fn answering(&self) -> Vec<String> {
        let made = [&self.serial, &self.network];
        let readers = made.iter().flat_map(|made| {
            let answers =
                |reader: &&Reader| made.links.reader(reader.address.on_channel()).is_some();
            made.readers.iter().filter(answers)
        });
        readers
            .map(|reader| format!("smp+{}", reader.address))
            .collect()
    }

    /// Some leave, some are taken by another program.
    pub(crate) fn settle(&self) {
        for made in [&self.serial, &self.network] {
            made.is_settled.store(true, Ordering::Relaxed);
        }
    }
}

impl Made {
    fn of(channel: &'static str) -> Self {
        Self {
            channel,
            readers: Vec::new(),
            links: SimulatedReaders::default(),
            is_settled: AtomicBool::default(),
        }
    }

    /// With one more reader; behind one with a version stands a simulated reader that runs it.
    fn with(
        mut self,
        place: &str,
        name: &str,
        access: Access,
        runs: Option<(u8, u8, u16)>,
    ) -> Self {
        let address = LinkAddress::new(self.channel, place);
        self.readers.push(Reader {
            id: address.to_string(),
            name: name.to_owned(),
            serial: Some(format!("4E1A{:04}", self.readers.len() + 700)),
            place: place.to_owned(),
            channel: address.kind(),
            address,
            access,
            simulated: false,
        });
        if let Some(version) = runs {
            let settings = Settings {
                name: name.to_owned(),
                ..Settings::default()
            };
            let reader = SimulatedReader::new(settings, demo_image(version, RUNS_BYTES));
            self.links = self.links.with(place, &reader);
        }
        self
    }
}

#[async_trait]
impl Provider for Made {
    fn channel(&self) -> &'static str {
        self.channel
    }

    fn watch(self: Arc<Self>) -> Watch {
        Watch::silent()
    }

    async fn discover(&self) -> Result<Vec<Reader>, LinkError> {
        let mut readers = self.readers.clone();
        if !self.is_settled.load(Ordering::Relaxed) {
            for reader in &mut readers {
                if self.links.reader(reader.address.on_channel()).is_some() {
                    reader.access = Access::Ready;
                }
            }
        }
        Ok(readers)
    }

    async fn open(&self, address: &LinkAddress) -> Result<Link, LinkError> {
        let simulated = LinkAddress::simulated(address.without_options());
        self.links.open(&simulated).await
    }
}
