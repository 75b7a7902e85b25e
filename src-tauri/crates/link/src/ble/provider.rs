//! The Bluetooth devices around this computer as a channel.

use std::sync::Arc;

use async_trait::async_trait;
use tokio::time::timeout;

use super::address::BleAddress;
use super::air::Radio;
use super::around;
use super::device::Device;
use super::open::OpenDevice;
use super::timing::{FIRST_LOOK, SERVICE};
use crate::{Link, LinkAddress, LinkError, Place, Provider, Reader, WATCH_PERIOD, Watch};

/// The Bluetooth Low Energy devices around this computer.
#[derive(Debug, Clone, Copy, Default)]
pub struct BleDevices;

#[async_trait]
impl Provider for BleDevices {
    fn channel(&self) -> &'static str {
        BleAddress::CHANNEL
    }

    /// What was heard until now. Who wants to wait for those that are not heard yet calls
    /// [`Provider::listen`] before.
    async fn discover(&self) -> Result<Vec<Reader>, LinkError> {
        let air = around::air()?;
        air.want();
        let known = air.known();
        let mut readers: Vec<_> = known.devices.values().filter_map(Device::reader).collect();
        readers.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(readers)
    }

    async fn listen(&self) {
        let Ok(air) = around::air() else {
            return;
        };
        air.want();
        let enough = air.until(|known| match known.radio {
            Radio::Unknown => None,
            Radio::On => known
                .since
                .filter(|since| since.elapsed() >= FIRST_LOOK)
                .map(|_| ()),
            Radio::Off | Radio::Absent | Radio::Denied(_) => Some(()),
        });
        // Also a service that takes its time, or links beside which nobody listens, come to an end.
        let _ = timeout(SERVICE + FIRST_LOOK, enough).await;
    }

    fn trouble(&self) -> Option<LinkError> {
        let air = around::air().ok()?;
        let trouble = air.known().unusable("Bluetooth")?;
        // A computer without it is in no trouble.
        (!matches!(trouble, LinkError::RadioOff { there: false, .. })).then_some(trouble)
    }

    fn watch(self: Arc<Self>) -> Watch {
        Watch::polling(self, WATCH_PERIOD)
    }

    /// The device that has a name, as far as it was heard.
    async fn place(&self, address: &LinkAddress) -> Result<Place, LinkError> {
        let wanted = BleAddress::of(address)?;
        if matches!(wanted, BleAddress::Name(_)) {
            self.listen().await;
        }
        let air = around::air()?;
        let known = air.known();
        let mut meant = known
            .devices
            .values()
            .filter(|device| wanted.means(&device.identity, device.name.as_deref()));
        Ok(match (meant.next(), meant.next()) {
            (Some(one), None) => one.place(),
            _ => Place::new(wanted.to_link().to_string()),
        })
    }

    async fn open(&self, address: &LinkAddress) -> Result<Link, LinkError> {
        let wanted = BleAddress::of(address)?;
        let open = OpenDevice::open(around::air()?, wanted).await?;
        Ok(Link::Gatt(Box::new(open)))
    }
}
