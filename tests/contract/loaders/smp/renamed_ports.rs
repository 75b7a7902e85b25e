//! Serial ports that come back under another name, which may be that of another reader meanwhile.

use std::sync::Arc;

use async_trait::async_trait;
use firmdrop_link::{
    Access, Channel, Link, LinkAddress, LinkError, Place, Provider, Providers, Reader, Watch,
};
use firmdrop_loader::{Loader as _, ProbeContext};
use firmdrop_simulator::reader::{
    Cut, Faults, Recovery, Settings, SimulatedReader, SimulatedReaders, demo_image,
};

use super::loaded::assert_verified;
use super::world::{Way, World, new_image};
use crate::record::Record;

/// Ports on one USB hub, whose names move on by one whenever the first reader's link broke or it restarted.
#[derive(Debug)]
struct Ports {
    readers: Vec<SimulatedReader>,
    pipes: SimulatedReaders,
}

impl Ports {
    fn of(readers: &[&SimulatedReader]) -> Self {
        let mut pipes = SimulatedReaders::default();
        for (number, reader) in readers.iter().enumerate() {
            pipes = pipes.with(number.to_string(), reader);
        }
        Self {
            readers: readers.iter().map(|reader| (*reader).clone()).collect(),
            pipes,
        }
    }

    /// The name of a port now: one for each reader, and a second one where there is one reader.
    fn address(&self, reader: usize) -> LinkAddress {
        let moved = usize::try_from(self.readers[0].counters().restarts).unwrap();
        let name = (reader + moved) % self.readers.len().max(2);
        LinkAddress::serial(&format!("/dev/ttyACM{name}"), 115_200)
    }

    fn at(&self, address: &LinkAddress) -> Option<usize> {
        let same =
            |reader: &usize| self.address(*reader).without_options() == address.without_options();
        (0..self.readers.len()).find(same)
    }
}

#[async_trait]
impl Provider for Ports {
    fn channel(&self) -> &'static str {
        "serial"
    }

    fn watch(self: Arc<Self>) -> Watch {
        Watch::silent()
    }

    async fn discover(&self) -> Result<Vec<Reader>, LinkError> {
        let readers = (0..self.readers.len()).filter(|reader| self.readers[*reader].is_reachable());
        let readers = readers.map(|reader| Reader {
            id: format!("usb:1-{reader}:1.0#1209:0001:-"),
            name: "Reader".into(),
            serial: None,
            place: String::new(),
            channel: Channel::Serial,
            address: self.address(reader),
            access: Access::Ready,
            simulated: true,
        });
        Ok(readers.collect())
    }

    async fn place(&self, address: &LinkAddress) -> Result<Place, LinkError> {
        let name = Place::new(format!("serial:{}", address.without_options()));
        Ok(match self.at(address) {
            Some(reader) if self.readers[reader].is_reachable() => {
                name.and(format!("usb:1-{reader}:1.0"))
            }
            _ => name,
        })
    }

    async fn open(&self, address: &LinkAddress) -> Result<Link, LinkError> {
        let Some(reader) = self.at(address) else {
            let place = address.to_string();
            return Err(LinkError::NotFound { place });
        };
        self.pipes
            .open(&LinkAddress::simulated(reader.to_string()))
            .await
    }
}

async fn world(settings: Settings, others: &[&SimulatedReader]) -> World {
    let world = World::with(Way::Pipe, settings).await;
    let readers = [&[&world.reader], others].concat();
    let providers = Providers::default().with(Arc::new(Ports::of(&readers)));
    world.behind(providers, "serial:/dev/ttyACM0")
}

pub(crate) async fn a_port_that_comes_back_under_another_name_is_found_at_its_place() {
    for recovery in [None, Some(Recovery::default())] {
        let settings = Settings {
            recovery,
            ..Settings::default()
        };
        let world = world(settings, &[]).await;
        let image = new_image(9000);
        assert_verified(&world.load(&image).await.unwrap());
        assert!(world.reader.running() == image);
    }
}

pub(crate) async fn a_reader_that_took_over_the_name_of_the_port_gets_nothing() {
    for recovery in [None, Some(Recovery::default())] {
        let settings = Settings {
            recovery,
            ..Settings::default()
        };
        // Of the same kind, and with the image that is loaded on trial: everything but its place fits.
        let image = new_image(9000);
        let other = SimulatedReader::new(Settings::default(), image.clone());
        let world = world(settings, &[&other]).await;
        assert_verified(&world.load(&image).await.unwrap());
        assert!(world.reader.running() == image && world.reader.is_confirmed());
        assert!(other.counters().changed_nothing());
    }
}

pub(crate) async fn a_restart_without_a_load_follows_the_port() {
    let other = SimulatedReader::new(Settings::default(), demo_image((9, 0, 0), 500));
    let world = world(Settings::default(), &[&other]).await;
    let context: ProbeContext = world.probe_context();
    let restarted = world.loader().restart(&context, false).await.unwrap();
    let version = restarted.target.and_then(|target| target.version);
    assert_eq!(version.as_deref(), Some("1.0.0"));
    assert_eq!(other.counters().restarts, 0);
}

pub(crate) async fn a_link_that_breaks_in_mid_upload_is_opened_again_at_its_place() {
    let world = world(Settings::default(), &[]).await;
    world.reader.set_faults(Faults {
        cut: Some(Cut::AtByte(5000)),
        ..Faults::default()
    });
    let image = new_image(20_000);
    let record = Arc::new(Record::default());
    assert_verified(&world.load_into(&image, &record).await.unwrap());
    assert!(world.reader.running() == image);
}
