//! A reader as the service lists it: `org.bluez.Device1`.

use std::time::Duration;

use firmdrop_simulator::reader::connect_gatt;
use zbus::interface;
use zbus::zvariant::{ObjectPath, Value};

use super::gatt::{Characteristic, SERVICE, Service};
use super::peer::Peer;
use super::problem::Problem;
use super::world::{ADAPTER, World, path};

/// How long reading what a reader offers takes: some round trips of the least interval.
const RESOLVES: Duration = Duration::from_millis(30);

pub(super) struct Device {
    world: World,
    peer: Peer,
}

impl Device {
    pub(super) fn new(world: World, peer: Peer) -> Self {
        Self { world, peer }
    }
}

#[interface(name = "org.bluez.Device1")]
impl Device {
    #[zbus(property)]
    fn address(&self) -> &'static str {
        self.peer.address
    }

    #[zbus(property)]
    fn address_type(&self) -> &'static str {
        "random"
    }

    #[zbus(property)]
    fn name(&self) -> &'static str {
        self.peer.name
    }

    #[zbus(property)]
    fn alias(&self) -> &'static str {
        self.peer.name
    }

    #[zbus(property)]
    fn adapter(&self) -> ObjectPath<'static> {
        ObjectPath::from_static_str_unchecked(ADAPTER)
    }

    #[zbus(property)]
    fn paired(&self) -> bool {
        false
    }

    #[zbus(property)]
    fn bonded(&self) -> bool {
        false
    }

    #[zbus(property)]
    fn trusted(&self) -> bool {
        false
    }

    #[zbus(property)]
    fn blocked(&self) -> bool {
        false
    }

    #[zbus(property)]
    fn legacy_pairing(&self) -> bool {
        false
    }

    #[zbus(property, name = "RSSI")]
    fn rssi(&self) -> zbus::fdo::Result<i16> {
        let signal = self.world.known(self.peer.address, |known| known.signal);
        let none = || zbus::fdo::Error::UnknownProperty("it is not heard".into());
        signal.ok_or_else(none)
    }

    #[zbus(property)]
    fn connected(&self) -> bool {
        self.world.known(self.peer.address, |known| known.connected)
    }

    #[zbus(property)]
    fn services_resolved(&self) -> bool {
        self.world.known(self.peer.address, |known| known.resolved)
    }

    #[zbus(property, name = "UUIDs")]
    fn uuids(&self) -> Vec<&'static str> {
        if self.peer.advertises_service {
            vec![SERVICE]
        } else {
            Vec::new()
        }
    }

    async fn connect(&self) -> Result<(), Problem> {
        let (world, peer) = (&self.world, &self.peer);
        if world.known(peer.address, |known| known.connected) {
            return Ok(());
        }
        let connected = {
            let _inside = world.0.runtime.enter();
            connect_gatt(&peer.reader, &peer.radio)
        };
        let Some((writer, mut connection)) = connected else {
            return Err(Problem::failed("le-connection-abort-by-local"));
        };
        world.known(peer.address, |known| {
            known.connected = true;
            known.writer = Some(writer);
        });
        world.begins(peer.address);
        let path = path(peer.address);
        world
            .changed(&path, "Device1", "Connected", true.into())
            .await;
        let (world, address) = (world.clone(), peer.address);
        let offers = (world.clone(), peer.clone());
        let task = self.world.0.runtime.spawn(async move {
            tokio::time::sleep(RESOLVES).await;
            if offers.1.resolves {
                offer(&offers.0, &offers.1).await;
            }
            while let Some(value) = connection.notified().await {
                if world.known(address, |known| known.notifies) {
                    let at = format!("{path}/service000a/char000b");
                    let value = Value::from(value);
                    world
                        .changed(&at, "GattCharacteristic1", "Value", value)
                        .await;
                }
            }
            world.known(address, |known| known.end = None);
            world.disconnect(address).await;
        });
        let task = task.abort_handle();
        self.world.known(address, |known| known.end = Some(task));
        Ok(())
    }

    async fn disconnect(&self) {
        self.world.disconnect(self.peer.address).await;
    }
}

/// Shows what the reader offers.
async fn offer(world: &World, peer: &Peer) {
    let path = path(peer.address);
    let offered = world.known(peer.address, |known| {
        std::mem::replace(&mut known.offered, true)
    });
    if !offered {
        let objects = world.0.bus.object_server();
        let service = format!("{path}/service000a");
        let of_service = Service(path.clone());
        objects.at(service.as_str(), of_service).await.unwrap();
        let characteristic = Characteristic {
            world: world.clone(),
            peer: peer.clone(),
            service: service.clone(),
        };
        let at = format!("{service}/char000b");
        objects.at(at, characteristic).await.unwrap();
    }
    world.known(peer.address, |known| known.resolved = true);
    world
        .changed(&path, "Device1", "ServicesResolved", true.into())
        .await;
}
