//! Ways to a reader.
//!
//! A [`Provider`] finds readers and opens links to them; a [`Link`] carries bytes or datagrams. What
//! the bytes mean is a loader's business.

mod address;
mod error;
mod link;
mod provider;
mod reader;

pub use address::{AddressError, DEFAULT_BAUD, DEFAULT_SMP_UDP_PORT, LinkAddress, OPEN_DEADLINE};
pub use error::LinkError;
pub use link::{DatagramLink, Link, StreamLink};
pub use provider::{Provider, Providers};
pub use reader::{Access, Channel, Reader};
