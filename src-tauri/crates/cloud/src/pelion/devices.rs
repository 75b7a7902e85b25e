//! The operations of devices and device events. It changes no device.

use firmdrop_net::Method;

use super::{
    Device, DeviceEvent, FilterText, ListQuery, Page, Pelion, PelionError, cursor::Cursor,
    exchange::checked_id, filter::parts, limits::SMALLEST_PAGE,
};

const DEVICES: &str = "v3/devices";
const EVENTS: &str = "v3/device-events";

impl Pelion {
    /// One page of the devices.
    pub async fn devices(&self, query: &ListQuery) -> Result<Page<Device>, PelionError> {
        self.list(DEVICES, query).await
    }

    /// How many devices match a filter now. One request of the smallest page where the service
    /// counts them, several when the filter names more ids than one address can hold; every page
    /// where it does not count. Campaigns are started by this number: one that is not known is
    /// [`PelionError::CountUnknown`], never a guess.
    pub async fn count_devices(&self, filter: &FilterText) -> Result<u64, PelionError> {
        let mut counted: u64 = 0;
        for part in parts(filter) {
            let query = ListQuery::default()
                .limit(SMALLEST_PAGE)
                .counted()
                .matching(&part);
            let page = self.devices(&query).await?;
            let count = match page.total_count {
                Some(count) if agrees(count, &page) => count,
                _ => self.count_listed(&part).await?,
            };
            counted = counted.saturating_add(count);
        }
        Ok(counted)
    }

    /// Counts what is listed, to the end of the list.
    async fn count_listed(&self, filter: &FilterText) -> Result<u64, PelionError> {
        let list = ListQuery::default().matching(filter);
        let mut cursor = Cursor::default();
        while let Some(query) = cursor.next(&list) {
            cursor.take_uncounted(self.devices(&query).await?);
        }
        if cursor.is_complete() {
            return Ok(cursor.count());
        }
        Err(PelionError::CountUnknown {
            listed: cursor.count(),
        })
    }

    /// One device.
    pub async fn device(&self, id: &str) -> Result<Device, PelionError> {
        let path = format!("{DEVICES}/{}", checked_id(id)?);
        self.execute(self.call(Method::Get, &path)?).await
    }

    /// One page of what happened to devices.
    pub async fn device_events(&self, query: &ListQuery) -> Result<Page<DeviceEvent>, PelionError> {
        self.list(EVENTS, query).await
    }

    /// One event.
    pub async fn device_event(&self, id: &str) -> Result<DeviceEvent, PelionError> {
        let path = format!("{EVENTS}/{}", checked_id(id)?);
        self.execute(self.call(Method::Get, &path)?).await
    }
}

/// Whether a count fits the page that it came with.
fn agrees(count: u64, page: &Page<Device>) -> bool {
    let listed = page.data.len() as u64;
    if page.has_more {
        count > listed
    } else {
        count == listed
    }
}
