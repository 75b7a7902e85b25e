//! Bluetooth Low Energy devices: how they are written, who is heard, and the link to one.
//!
//! Drives the radio of this computer through `btleplug`; what is spoken over it is a loader's business.

mod address;
mod air;
mod around;
mod device;
mod errors;
mod hold;
mod listen;
mod notified;
mod open;
mod provider;
mod radio;
mod threads;
mod timing;

pub use self::address::BleAddress;
pub(crate) use self::address::KNOWN;
pub use self::provider::BleDevices;
