//! Pretend drives of bootloaders: a UF2 bootloader and a `DAPLink` probe, with the faults of real ones.
//!
//! They know nothing of loaders: blocks and text files are written here a second time, from the
//! specification.

mod drive;
mod fault;
mod memory;
mod provider;

pub use drive::{DriveKind, SimulatedDrive};
pub use fault::DriveFaults;
pub use memory::uf2_file;
pub use provider::SimulatedDrives;
