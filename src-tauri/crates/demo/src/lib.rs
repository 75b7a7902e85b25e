//! The simulated world as faces open it.
//!
//! It joins the seam of the crate `api` and the simulator, and holds nothing else: what is pretended
//! is the simulator's business, what is shown is the face's.

mod readers;
mod sample;
mod world;

pub use readers::DemoReaders;
pub use sample::sample_image;
pub use world::{Demo, OpenDemo};
