//! Serial ports: adapters, USB CDC devices, pseudo terminals.
//!
//! Finds and opens them; what is spoken over them is a loader's business.

mod address;
mod discovery;
mod latency;
mod line;
mod open;
mod place;
mod port;
mod stream;

use std::sync::Arc;

use async_trait::async_trait;

use self::address::CHANNEL;
pub use self::address::DEFAULT_BAUD;
pub(crate) use self::address::KNOWN;
use crate::blocking::blocking;
use crate::usb::PlugEvents;
use crate::{Link, LinkAddress, LinkError, Place, Provider, Reader, WATCH_PERIOD, Watch};

/// The serial ports of this computer.
#[derive(Debug, Clone, Copy, Default)]
pub struct SerialPorts;

#[async_trait]
impl Provider for SerialPorts {
    fn channel(&self) -> &'static str {
        CHANNEL
    }

    async fn discover(&self) -> Result<Vec<Reader>, LinkError> {
        let place = || "serial ports".to_owned();
        // Asking the system reads files and, on some, asks drivers: not on the runtime's own thread.
        blocking(place, discovery::list).await
    }

    /// By looking again and again, and when a USB device comes or leaves: the crate `serialport` reports no changes.
    fn watch(self: Arc<Self>) -> Watch {
        Watch::woken(self, WATCH_PERIOD, PlugEvents::listen())
    }

    async fn place(&self, address: &LinkAddress) -> Result<Place, LinkError> {
        let port = address.without_options().to_owned();
        blocking(|| address.to_string(), move || Ok(place::of(&port))).await
    }

    async fn open(&self, address: &LinkAddress) -> Result<Link, LinkError> {
        let place = || address.to_string();
        let Some(baud) = address.baud() else {
            return Err(LinkError::NotFound { place: place() });
        };
        let port = address.without_options().to_owned();
        let link = blocking(place, move || open::open(&port, baud)).await?;
        Ok(Link::Stream(Box::new(link)))
    }
}
