//! Ways to a reader.
//!
//! A [`Provider`] finds readers and opens links to them; a [`Link`] carries bytes or datagrams. What
//! the bytes mean is a loader's business.

mod address;
mod error;
mod link;
mod provider;
mod reader;
mod serial;
mod timing;
mod udp;

pub use address::{AddressError, DEFAULT_BAUD, DEFAULT_SMP_UDP_PORT, LinkAddress};
pub use error::LinkError;
pub use link::{DatagramLink, Link, StreamLink};
pub use provider::{Provider, Providers};
pub use reader::{Access, Channel, Reader};
pub use serial::SerialPorts;
pub use timing::OPEN_DEADLINE;
pub use udp::UdpPeers;
