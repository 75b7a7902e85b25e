//! Protocols that put an image onto a reader, one module each.
//!
//! A loader knows links and images. It has never heard of clouds, jobs or windows, and it never
//! sees a type of the crates that drive serial ports or radios.

mod context;
mod error;
mod loader;
mod smp;
mod target;

pub use context::{EarlierRun, LoadContext};
pub use error::{LeftState, LoadError};
pub use loader::{LoadPlan, Loader, Protocol};
pub use smp::{SmpLoader, Timing as SmpTiming, UDP_PORT as SMP_UDP_PORT};
pub use target::{Slot, Target};
