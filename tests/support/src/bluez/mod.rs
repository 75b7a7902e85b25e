//! A stand-in for the system's Bluetooth service: it owns `org.bluez` on a bus of its own, with one radio and
//! pretend readers around it. What talks to it is the real driver.
//!
//! It says and refuses what `BlueZ` 5.66 does where that matters: a write that is longer than the MTU carries is
//! not taken, characteristics stay after a disconnection and refuse, signals forget the strength with the listening.

mod adapter;
mod bus;
mod device;
mod gatt;
mod problem;
mod world;

use firmdrop_simulator::reader::{Radio, SimulatedReader};

use self::bus::Bus;
use self::world::World;

/// A reader around.
#[derive(Clone)]
pub struct Peer {
    /// Its address, `C0:FF:EE:00:00:01`.
    pub address: &'static str,
    /// What it advertises as its name.
    pub name: &'static str,
    /// What it is.
    pub reader: SimulatedReader,
    /// What its radio is like.
    pub radio: Radio,
    /// It advertises the service for firmware.
    pub advertises_service: bool,
}

impl Peer {
    /// A reader that advertises what it is.
    pub fn new(address: &'static str, name: &'static str, reader: &SimulatedReader) -> Self {
        Self {
            address,
            name,
            reader: reader.clone(),
            radio: Radio::default(),
            advertises_service: true,
        }
    }
}

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
        let world = runtime.block_on(World::start(&bus.address(), peers));
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

    /// Whether a reader is connected.
    pub fn is_connected(&self, address: &str) -> bool {
        self.world.is_connected(address)
    }
}
