//! The simulated world as faces open it.
//!
//! It joins the seam of the crate `api` and the simulator, and holds nothing else: what is pretended
//! is the simulator's business, what is shown is the face's.

mod azure;
mod pelion;
mod readers;
mod sample;
mod serve;
mod world;

pub use firmdrop_simulator::pelion::{
    DEMO_GATE_CLASS_ID, DEMO_GATE_MODEL, DEMO_PUCK_CLASS_ID, DEMO_PUCK_MODEL, DEMO_VENDOR_DOMAIN,
    DEMO_VENDOR_ID,
};
pub use firmdrop_simulator::world::DEMO_ACCESS_KEY;
pub use readers::DemoReaders;
pub use sample::sample_image;
pub use serve::{ServedReader, serve_readers};
pub use world::Demo;
