//! Protocols that put an image onto a reader, one folder each; [`all`] is the one list.
//!
//! A loader knows links and images. It has never heard of clouds, jobs or windows, and it never
//! sees a type of the crates that drive serial ports or radios.

mod context;
mod dfu;
mod error;
mod loader;
mod options;
mod planned;
mod smp;
mod target;
mod text_filter;
mod volume;

use std::sync::Arc;

pub use context::{LoadContext, ProbeContext};
pub use dfu::{DfuLoader, Timing as DfuTiming};
pub use error::{LeftState, LoadError};
pub use loader::{LoadPlan, Loader, Restarted, Scheme, SentImage};
pub use options::{OptionInfo, Options};
pub use smp::{FixedPieces as SmpFixedPieces, SmpLoader, Timing as SmpTiming};
pub use target::{MemoryArea, Slot, Target, UsbIds};
pub use text_filter::{AllText, TextFilter};
pub use volume::{Timing as VolumeTiming, VolumeLoader};

/// Every protocol there is. A new one is a folder and a line here.
pub fn all() -> Vec<Arc<dyn Loader>> {
    vec![smp::loader(), volume::loader(), dfu::loader()]
}
