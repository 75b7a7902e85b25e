//! Pretend devices as the channel of USB.

use std::sync::Arc;

use async_trait::async_trait;
use firmdrop_link::{
    Access, Channel, Link, LinkAddress, LinkError, Place, Provider, Reader, UsbAddress,
    WATCH_PERIOD, Watch,
};

use super::SimulatedDfu;
use super::link::{OpenUsb, device};

/// The USB devices of a pretend computer.
#[derive(Debug, Default)]
pub struct SimulatedUsb(Vec<SimulatedDfu>);

impl SimulatedUsb {
    /// With one more device.
    #[must_use]
    pub fn with(mut self, device: &SimulatedDfu) -> Self {
        self.0.push(device.clone());
        self
    }

    /// The one device that an address means.
    fn find(&self, address: &LinkAddress) -> Result<&SimulatedDfu, LinkError> {
        let written = UsbAddress::of(address)?;
        let here = self.0.iter().filter(|device| device.state().poll());
        let found: Vec<_> = here.map(|one| (device(one), one)).collect();
        let devices: Vec<_> = found.iter().map(|(device, _)| device).collect();
        let index = written.one_of(&devices, &address.to_string())?;
        let found = found.get(index).map(|(_, one)| *one);
        found.ok_or_else(|| LinkError::NotFound {
            place: address.to_string(),
        })
    }
}

#[async_trait]
impl Provider for SimulatedUsb {
    fn channel(&self) -> &'static str {
        UsbAddress::CHANNEL
    }

    fn watch(self: Arc<Self>) -> Watch {
        Watch::polling(self, WATCH_PERIOD)
    }

    async fn discover(&self) -> Result<Vec<Reader>, LinkError> {
        let here = self.0.iter().filter(|one| one.state().poll());
        let readers = here.map(|one| {
            let device = device(one);
            let address = UsbAddress::at(&device.port_chain).to_link();
            Reader {
                id: format!("{address}#{:04x}:{:04x}", device.vendor, device.product),
                name: device.product_name.clone().unwrap_or_default(),
                serial: device.serial.clone(),
                place: device.port_chain,
                channel: Channel::Usb,
                address,
                access: Access::Ready,
                simulated: true,
            }
        });
        Ok(readers.collect())
    }

    async fn place(&self, address: &LinkAddress) -> Result<Place, LinkError> {
        let found = device(self.find(address)?);
        Ok(Place::new(format!("usb:{}", found.port_chain)))
    }

    async fn open(&self, address: &LinkAddress) -> Result<Link, LinkError> {
        let found = self.find(address)?;
        let is_denied = {
            let state = found.state();
            state.faults.denied_after_leaving && state.appearance > 0
        };
        if is_denied {
            return Err(LinkError::NoPermission {
                place: address.to_string(),
                why: "No rule lets this account use the device.".into(),
                rule: "SUBSYSTEM==\"usb\", TAG+=\"uaccess\"".into(),
            });
        }
        Ok(Link::Usb(Box::new(OpenUsb::new(
            found,
            address.to_string(),
        ))))
    }
}
