//! The operations of devices and device events. It changes no device.

use firmdrop_net::Method;

use super::{Device, DeviceEvent, ListQuery, Page, Pelion, PelionError, exchange::checked_id};

const DEVICES: &str = "v3/devices";
const EVENTS: &str = "v3/device-events";

impl Pelion {
    /// One page of the devices.
    pub async fn devices(&self, query: &ListQuery) -> Result<Page<Device>, PelionError> {
        self.list(DEVICES, query).await
    }

    /// One device.
    pub async fn device(&self, id: &str) -> Result<Device, PelionError> {
        let path = format!("{DEVICES}/{}", checked_id(id)?);
        self.ask(self.call(Method::Get, &path)?).await
    }

    /// One page of what happened to devices.
    pub async fn device_events(&self, query: &ListQuery) -> Result<Page<DeviceEvent>, PelionError> {
        self.list(EVENTS, query).await
    }

    /// One event.
    pub async fn device_event(&self, id: &str) -> Result<DeviceEvent, PelionError> {
        let path = format!("{EVENTS}/{}", checked_id(id)?);
        self.ask(self.call(Method::Get, &path)?).await
    }
}
