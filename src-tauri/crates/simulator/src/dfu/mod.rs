//! Pretend USB devices that load firmware: DFU 1.0 and 1.1, and ST's extensions, with the faults of real
//! ones.
//!
//! They know nothing of loaders: requests, states and descriptors are written here a second time, from
//! the specifications.

mod descriptors;
mod device;
mod fault;
mod flash;
mod link;
mod load_time;
mod machine;
mod power;
mod provider;
mod request;
mod settings;
mod st;
mod state;

pub use device::SimulatedDfu;
pub use fault::{Cut, DfuFaults, LastBlock};
pub use load_time::LoadTime;
pub use provider::SimulatedUsb;
pub use request::Reply;
pub use settings::{DfuSettings, Dialect, FunctionalDescriptor, Identity, Pace};
