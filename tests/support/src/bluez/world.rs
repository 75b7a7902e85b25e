//! The radio, the readers around, and what the service knows of them.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use firmdrop_simulator::reader::GattWriter;
use futures::StreamExt as _;
use tokio::runtime::Handle;
use zbus::Connection;
use zbus::fdo::ObjectManager;
use zbus::zvariant::Value;

use super::Peer;
use super::adapter::Adapter;
use super::device::Device;
use super::gatt::{Characteristic, Service};

pub(super) const ADAPTER: &str = "/org/bluez/hci0";
/// How often a reader advertises. Zephyr, fast advertising: 100 to 150 ms.
const ADVERTISES: Duration = Duration::from_millis(100);

/// Everything. Clones are the same.
#[derive(Clone)]
pub(super) struct World(pub(super) Arc<Shared>);

pub(super) struct Shared {
    pub(super) bus: Connection,
    pub(super) runtime: Handle,
    pub(super) peers: Vec<Peer>,
    state: Mutex<State>,
}

#[derive(Default)]
pub(super) struct State {
    pub(super) on: bool,
    /// Who listens, by their names on the bus.
    pub(super) listeners: HashSet<String>,
    pub(super) devices: HashMap<&'static str, Known>,
}

/// What the service knows of one reader.
#[derive(Default)]
pub(super) struct Known {
    /// There is an object for it.
    pub(super) listed: bool,
    pub(super) signal: Option<i16>,
    pub(super) connected: bool,
    pub(super) resolved: bool,
    /// There are objects for its service.
    pub(super) offered: bool,
    pub(super) notifies: bool,
    pub(super) writer: Option<GattWriter>,
    /// Ends a connection.
    pub(super) end: Option<tokio::task::AbortHandle>,
}

impl World {
    pub(super) async fn start(address: &str, peers: Vec<Peer>) -> Self {
        let builder = zbus::connection::Builder::address(address).unwrap();
        let bus = builder.build().await.unwrap();
        let world = Self(Arc::new(Shared {
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
        tokio::spawn(world.clone().advertise());
        tokio::spawn(world.clone().follow_who_leaves());
        world
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap()
    }

    pub(super) fn known<T>(&self, address: &'static str, read: impl FnOnce(&mut Known) -> T) -> T {
        read(self.state().devices.entry(address).or_default())
    }

    pub(super) fn is_listening(&self) -> bool {
        !self.state().listeners.is_empty()
    }

    pub(super) fn is_connected(&self, address: &str) -> bool {
        self.state()
            .devices
            .get(address)
            .is_some_and(|known| known.connected)
    }

    pub(super) async fn switch(&self, on: bool) {
        {
            let mut state = self.state();
            state.on = on;
            if !on {
                state.listeners.clear();
            }
        }
        if !on {
            for peer in &self.0.peers {
                self.disconnect(peer.address).await;
            }
        }
        self.changed(ADAPTER, "Adapter1", "Powered", on.into())
            .await;
        self.changed(ADAPTER, "Adapter1", "Discovering", false.into())
            .await;
    }

    /// Tells everybody about a property.
    pub(super) async fn changed(&self, path: &str, of: &str, name: &str, value: Value<'_>) {
        let values = HashMap::from([(name, value)]);
        let body = (format!("org.bluez.{of}"), values, Vec::<&str>::new());
        let properties = "org.freedesktop.DBus.Properties";
        let bus = &self.0.bus;
        let told = bus.emit_signal(None::<&str>, path, properties, "PropertiesChanged", &body);
        // A bus that ended tells nobody.
        let _ = told.await;
    }

    /// Who left the bus listens no more.
    async fn follow_who_leaves(self) {
        let bus = zbus::fdo::DBusProxy::new(&self.0.bus).await.unwrap();
        let mut changes = bus.receive_name_owner_changed().await.unwrap();
        while let Some(change) = changes.next().await {
            let change = change.args().unwrap();
            if change.new_owner().is_none() {
                self.listens_no_more(change.name());
            }
        }
    }

    /// One who listened does no more; with the last one the signals are forgotten.
    pub(super) fn listens_no_more(&self, who: &str) {
        let mut state = self.state();
        state.listeners.remove(who);
        if state.listeners.is_empty() {
            for known in state.devices.values_mut() {
                known.signal = None;
            }
        }
    }

    /// Readers advertise as long as they are there and not connected, to whoever listens.
    async fn advertise(self) {
        let mut tick = tokio::time::interval(ADVERTISES);
        let mut number = 0_i16;
        loop {
            tick.tick().await;
            number = (number + 1) % 3;
            for peer in &self.0.peers {
                let here = peer.reader.is_reachable();
                let (listens, listed, connected) = {
                    let mut state = self.state();
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
                    self.known(peer.address, |known| known.listed = true);
                    let device = Device::new(self.clone(), peer.clone());
                    let _ = self.0.bus.object_server().at(path, device).await;
                } else if here {
                    let signal = Value::from(-61 - number);
                    self.changed(&path, "Device1", "RSSI", signal).await;
                } else if listed {
                    // The real one waits for half a minute.
                    self.forget(peer.address).await;
                }
            }
        }
    }

    async fn forget(&self, address: &'static str) {
        let path = path(address);
        let objects = self.0.bus.object_server();
        let at = |end: &str| format!("{path}{end}");
        let _ = objects
            .remove::<Characteristic, _>(at("/service000a/char000b"))
            .await;
        let _ = objects.remove::<Service, _>(at("/service000a")).await;
        let _ = objects.remove::<Device, _>(path.as_str()).await;
        self.known(address, |known| *known = Known::default());
    }

    /// Ends a connection, and tells everybody.
    pub(super) async fn disconnect(&self, address: &'static str) {
        let ended = self.known(address, |known| {
            if let Some(end) = known.end.take() {
                end.abort();
            }
            known.writer = None;
            known.notifies = false;
            known.resolved = false;
            known.signal = None;
            std::mem::take(&mut known.connected)
        });
        if ended {
            let path = path(address);
            self.changed(&path, "Device1", "ServicesResolved", false.into())
                .await;
            self.changed(&path, "Device1", "Connected", false.into())
                .await;
        }
    }
}

/// The object of a device.
pub(super) fn path(address: &str) -> String {
    format!("{ADAPTER}/dev_{}", address.replace(':', "_"))
}
