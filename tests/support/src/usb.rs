//! USB devices without a bus: a test runs below umockdev, and everything above the kernel is real.

mod bed;
mod usbip;

pub use self::bed::{Bed, below_a_quiet_bed, below_the_bed, program};
