//! What the service knows of its radio and of the readers around, and whom it tells.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard};

use firmdrop_simulator::reader::GattWriter;
use tokio::runtime::Handle;
use zbus::Connection;
use zbus::zvariant::Value;

use super::peer::Peer;

pub(super) const ADAPTER: &str = "/org/bluez/hci0";
/// Everything. Clones are the same.
#[derive(Clone)]
pub(super) struct World(pub(super) Arc<Shared>);

pub(super) struct Shared {
    pub(super) bus: Connection,
    pub(super) runtime: Handle,
    pub(super) peers: Vec<Peer>,
    pub(super) state: Mutex<State>,
}

#[derive(Default)]
pub(super) struct State {
    pub(super) on: bool,
    /// Who listens, by their names on the bus.
    pub(super) listeners: HashSet<String>,
    pub(super) devices: HashMap<&'static str, Known>,
    /// How often each device was connected, also one that was forgotten meanwhile.
    pub(super) connections: HashMap<&'static str, usize>,
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
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap()
    }

    pub(super) fn known<T>(&self, address: &'static str, read: impl FnOnce(&mut Known) -> T) -> T {
        read(self.state().devices.entry(address).or_default())
    }

    /// Writes down that a connection begins.
    pub(super) fn begins(&self, address: &'static str) {
        *self.state().connections.entry(address).or_default() += 1;
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
