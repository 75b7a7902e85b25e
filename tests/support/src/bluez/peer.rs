//! A reader around.

use firmdrop_simulator::reader::{Radio, SimulatedReader};

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
    /// Its disconnection is reported only when it is connected again, as programs see it that are slow to read.
    pub disconnects_late: bool,
    /// It says what it offers once it is connected.
    pub resolves: bool,
    /// How its answers come: `notify` or `indicate`.
    pub answers_by: &'static str,
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
            disconnects_late: false,
            resolves: true,
            answers_by: "notify",
        }
    }
}
