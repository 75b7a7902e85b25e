//! The USB devices of this computer as a channel, over libusb.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use super::address::UsbAddress;
use super::bus::Bus;
use super::found::{self, Found};
use super::hotplug::PlugEvents;
use super::open::OpenDevice;
use super::system::System;
use super::texts::TextCache;
use crate::blocking::blocking;
use crate::{Link, LinkAddress, LinkError, Place, Provider, Reader, WATCH_PERIOD, Watch};

/// The USB devices of this computer.
#[derive(Debug, Clone, Default)]
pub struct UsbDevices {
    bus: Bus,
    system: System,
    asked: TextCache,
    period: Option<Duration>,
}

impl UsbDevices {
    /// Looks only so often by itself; what the system reports is seen at once all the same.
    #[must_use]
    pub fn looking_every(self, period: Duration) -> Self {
        Self {
            period: Some(period),
            ..self
        }
    }

    fn all(&self) -> Result<Vec<Found>, LinkError> {
        let devices = self.bus.devices(&self.system)?;
        Ok(found::all(devices, &self.system, &self.asked))
    }

    /// The one device that an address means.
    fn find(&self, address: &LinkAddress) -> Result<Found, LinkError> {
        let written = UsbAddress::of(address)?;
        let mut all = self.all()?;
        let devices: Vec<_> = all.iter().map(|found| &found.says).collect();
        let index = written.one_of(&devices, &address.to_string())?;
        Ok(all.swap_remove(index))
    }

    /// Runs what may wait on a thread for that.
    async fn blocking<T: Send + 'static>(
        &self,
        place: String,
        work: impl FnOnce(&Self) -> Result<T, LinkError> + Send + 'static,
    ) -> Result<T, LinkError> {
        let this = self.clone();
        blocking(move || place.clone(), move || work(&this)).await
    }
}

#[async_trait]
impl Provider for UsbDevices {
    fn channel(&self) -> &'static str {
        UsbAddress::CHANNEL
    }

    async fn discover(&self) -> Result<Vec<Reader>, LinkError> {
        let look = |this: &Self| {
            let all = this.all()?;
            Ok(all
                .iter()
                .filter_map(|found| found.reader(&this.system))
                .collect())
        };
        self.blocking("USB".into(), look).await
    }

    fn watch(self: Arc<Self>) -> Watch {
        let period = self.period.unwrap_or(WATCH_PERIOD);
        Watch::woken(self, period, PlugEvents::listen())
    }

    async fn place(&self, address: &LinkAddress) -> Result<Place, LinkError> {
        let (text, address) = (address.to_string(), address.clone());
        let look = move |this: &Self| Ok(this.find(&address)?.place(&this.system));
        self.blocking(text, look).await
    }

    async fn open(&self, address: &LinkAddress) -> Result<Link, LinkError> {
        let (text, address) = (address.to_string(), address.clone());
        let open = move |this: &Self| {
            let found = this.find(&address)?;
            OpenDevice::open(&found, &this.system, &address.to_string())
        };
        Ok(Link::Usb(Box::new(self.blocking(text, open).await?)))
    }
}
