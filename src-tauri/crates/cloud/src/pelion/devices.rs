//! The operations of devices and device events. It changes no device.

use firmdrop_net::Method;

use super::{
    Device, DeviceEvent, FilterText, ListQuery, Page, Pelion, PelionError, blast_radius::parts,
    exchange::checked_id, limits::SMALLEST_PAGE,
};

const DEVICES: &str = "v3/devices";
const EVENTS: &str = "v3/device-events";

impl Pelion {
    /// One page of the devices.
    pub async fn devices(&self, query: &ListQuery) -> Result<Page<Device>, PelionError> {
        self.list(DEVICES, query).await
    }

    /// How many devices match a filter now, as the service counts them. One request of the smallest
    /// page; several when the filter names more ids than one address can hold.
    pub async fn count_devices(&self, filter: &FilterText) -> Result<u64, PelionError> {
        let mut counted: u64 = 0;
        for part in parts(filter) {
            let query = ListQuery::default()
                .limit(SMALLEST_PAGE)
                .counted()
                .matching(&part);
            let page = self.devices(&query).await?;
            let listed = page.data.len() as u64;
            counted = counted.saturating_add(page.total_count.unwrap_or(listed));
        }
        Ok(counted)
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
