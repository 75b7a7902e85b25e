//! Brings the service up, and lets the readers around advertise.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::StreamExt as _;
use tokio::runtime::Handle;
use zbus::fdo::ObjectManager;
use zbus::zvariant::Value;

use super::adapter::Adapter;
use super::device::Device;
use super::gatt::{Characteristic, Service};
use super::peer::Peer;
use super::world::{ADAPTER, Known, Shared, State, World, path};

/// How often a reader advertises. Zephyr, fast advertising: 100 to 150 ms.
const ADVERTISES: Duration = Duration::from_millis(100);

/// The service on the bus at this address.
pub(super) async fn start(address: &str, peers: Vec<Peer>) -> World {
    let builder = zbus::connection::Builder::address(address).unwrap();
    let bus = builder.build().await.unwrap();
    let world = World(Arc::new(Shared {
        bus: bus.clone(),
        runtime: Handle::current(),
        peers,
        state: Mutex::new(State {
            on: true,
            ..State::default()
        }),
    }));
    let objects = bus.object_server();
    objects.at("/", ObjectManager).await.unwrap();
    objects.at(ADAPTER, Adapter(world.clone())).await.unwrap();
    bus.request_name("org.bluez").await.unwrap();
    tokio::spawn(advertise(world.clone()));
    tokio::spawn(follow_who_leaves(world.clone()));
    world
}

/// Who left the bus listens no more.
async fn follow_who_leaves(world: World) {
    let bus = zbus::fdo::DBusProxy::new(&world.0.bus).await.unwrap();
    let mut changes = bus.receive_name_owner_changed().await.unwrap();
    while let Some(change) = changes.next().await {
        let change = change.args().unwrap();
        if change.new_owner().is_none() {
            world.listens_no_more(change.name());
        }
    }
}

/// Readers advertise as long as they are there and not connected, to whoever listens.
async fn advertise(world: World) {
    let mut tick = tokio::time::interval(ADVERTISES);
    let mut number = 0_i16;
    loop {
        tick.tick().await;
        number = (number + 1) % 3;
        for peer in &world.0.peers {
            let here = peer.reader.is_reachable();
            let (listens, listed, connected) = {
                let mut state = world.state();
                let listens = !state.listeners.is_empty();
                let known = state.devices.entry(peer.address).or_default();
                if here && listens && !known.connected {
                    known.signal = Some(-61 - number);
                }
                (listens, known.listed, known.connected)
            };
            if !listens || connected {
                continue;
            }
            let path = path(peer.address);
            if here && !listed {
                world.known(peer.address, |known| known.listed = true);
                let device = Device::new(world.clone(), peer.clone());
                let _ = world.0.bus.object_server().at(path, device).await;
            } else if here {
                let signal = Value::from(-61 - number);
                world.changed(&path, "Device1", "RSSI", signal).await;
            } else if listed {
                // The real one waits for half a minute.
                forget(&world, peer.address).await;
            }
        }
    }
}

async fn forget(world: &World, address: &'static str) {
    let path = path(address);
    let objects = world.0.bus.object_server();
    let at = |end: &str| format!("{path}{end}");
    let _ = objects
        .remove::<Characteristic, _>(at("/service000a/char000b"))
        .await;
    let _ = objects.remove::<Service, _>(at("/service000a")).await;
    let _ = objects.remove::<Device, _>(path.as_str()).await;
    world.known(address, |known| *known = Known::default());
}
