//! A stand-in for the system's Bluetooth service: it owns `org.bluez` on a bus of its own, with one radio and
//! pretend readers around it. What talks to it is the real driver.
//!
//! It says and refuses what `BlueZ` 5.66 does where that matters: a write that is longer than the MTU carries is
//! not taken, characteristics stay after a disconnection and refuse, signals forget the strength with the listening.

#![expect(
    clippy::needless_pass_by_value,
    clippy::struct_excessive_bools,
    clippy::unused_self,
    clippy::used_underscore_binding,
    reason = "methods and properties have the form that the bus wants"
)]

mod adapter;
mod air;
mod bus;
mod device;
mod gatt;
mod peer;
mod problem;
mod world;

use self::bus::Bus;
pub use self::peer::Peer;
use self::world::World;

/// The service. Dropping it ends it and its bus.
pub struct Bluez {
    world: World,
    bus: Bus,
    // After what runs on it.
    _runtime: tokio::runtime::Runtime,
}

impl Bluez {
    /// A service with these readers around, its radio switched on.
    pub fn with(peers: Vec<Peer>) -> Self {
        let mut runtime = tokio::runtime::Builder::new_multi_thread();
        let runtime = runtime.worker_threads(2).enable_all().build().unwrap();
        let bus = Bus::start();
        let world = runtime.block_on(air::start(&bus.address(), peers));
        Self {
            world,
            bus,
            _runtime: runtime,
        }
    }

    /// What `DBUS_SYSTEM_BUS_ADDRESS` is for programs that use it.
    pub fn address(&self) -> String {
        self.bus.address()
    }

    /// Switches the radio on or off, as a user does in the settings.
    pub fn switch(&self, on: bool) {
        zbus::block_on(self.world.switch(on));
    }

    /// Whether somebody listens.
    pub fn is_listening(&self) -> bool {
        self.world.is_listening()
    }

    /// How often a reader was connected.
    pub fn connections(&self, address: &str) -> usize {
        let state = self.world.state();
        state.connections.get(address).copied().unwrap_or(0)
    }

    /// Whether a reader is connected.
    pub fn is_connected(&self, address: &str) -> bool {
        self.world.is_connected(address)
    }
}
