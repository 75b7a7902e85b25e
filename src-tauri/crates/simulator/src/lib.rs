//! A pretend cloud and pretend readers: the demo world and the test world are the same code.
//!
//! It knows nothing of the clients that talk to it. Its wire structures are its own, written from
//! what the services document: sharing the client's would share its bugs.

pub mod azure;
pub mod blob;
pub mod dfu;
mod error;
pub mod fault;
mod http;
mod keyed_hash;
pub mod pelion;
pub mod reader;
mod timeline;
pub mod volume;
pub mod world;

pub use error::SimulatorError;
