//! What a device must be able to do to be plugged into a pretend bus: answer control transfers, leave, come back.

use firmdrop_simulator::dfu::{Reply, SimulatedDfu};

/// A device that comes onto a bus and leaves it by itself. `appearance` counts how often it came.
pub trait Device: Send + Sync + 'static {
    /// Somebody looks for it, and it is one look nearer to its return; whether it is on the bus.
    fn poll(&self) -> bool;
    /// Whether it is on the bus.
    fn is_here(&self) -> bool;
    /// Counts how often it came onto the bus.
    fn appearance(&self) -> u32;
    /// A reset of the bus; whether it is still the one that came onto the bus at `appearance`.
    fn reset(&self, appearance: u32) -> bool;
    /// One control transfer to the device as it came onto the bus at `appearance`.
    fn control(&self, appearance: u32, setup: [u8; 8], data: &[u8]) -> Reply;
}

/// A device that somebody pulls out.
pub trait Pulled: Device {
    /// It leaves the bus and does not come back.
    fn unplug(&self);
}

impl Pulled for SimulatedDfu {
    fn unplug(&self) {
        Self::unplug(self);
    }
}

impl Device for SimulatedDfu {
    fn poll(&self) -> bool {
        Self::poll(self)
    }

    fn is_here(&self) -> bool {
        Self::is_here(self)
    }

    fn appearance(&self) -> u32 {
        Self::appearance(self)
    }

    fn reset(&self, appearance: u32) -> bool {
        Self::reset(self, appearance)
    }

    fn control(&self, appearance: u32, setup: [u8; 8], data: &[u8]) -> Reply {
        Self::control(self, appearance, setup, data)
    }
}
