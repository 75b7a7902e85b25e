//! Serial ports: adapters, USB CDC devices, pseudo terminals.
//!
//! Finds and opens them; what is spoken over them is a loader's business.

mod discovery;
mod latency;
mod open;

use async_trait::async_trait;

use crate::{Link, LinkAddress, LinkError, OPEN_DEADLINE, Provider, Reader};

/// The serial ports of this computer.
#[derive(Debug, Clone, Copy, Default)]
pub struct SerialPorts;

#[async_trait]
impl Provider for SerialPorts {
    fn serves(&self, address: &LinkAddress) -> bool {
        matches!(address, LinkAddress::Serial { .. })
    }

    async fn readers(&self) -> Vec<Reader> {
        // Asking the system reads files and, on some, asks drivers: not on the runtime's own thread.
        let listing = tokio::task::spawn_blocking(discovery::list);
        listing.await.unwrap_or_default()
    }

    async fn open(&self, address: &LinkAddress) -> Result<Link, LinkError> {
        let place = address.to_string();
        let LinkAddress::Serial { port, baud } = address else {
            return Err(LinkError::NotFound { place });
        };
        let (port, baud) = (port.clone(), *baud);
        let opening = tokio::task::spawn_blocking(move || open::open(&port, baud));
        match tokio::time::timeout(OPEN_DEADLINE, opening).await {
            Ok(Ok(opened)) => opened.map(|link| Link::Stream(Box::new(link))),
            Ok(Err(stopped)) => Err(LinkError::Io {
                place,
                source: std::io::Error::other(stopped),
            }),
            Err(_) => Err(LinkError::Timeout { place }),
        }
    }
}
