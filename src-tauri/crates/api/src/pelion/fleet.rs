//! Devices: the list, one of them, and how many match a filter.

use firmdrop_cloud::pelion::{Collection, FilterText, ListQuery, Operator, Page};
use firmdrop_core::Diagnosis;

use super::lists::list_query;
use super::{DeviceDetail, DeviceRow, PageQuery, Service, TimedEvent};

/// Events of a device that are shown.
const EVENTS: u32 = 50;

impl Service {
    /// One page of the devices.
    pub async fn devices(&self, query: &PageQuery) -> Result<Page<DeviceRow>, Diagnosis> {
        let pelion = self.client().await?;
        let page = pelion
            .devices(&list_query(query, Collection::Devices)?)
            .await?;
        Ok(page.map(DeviceRow::from))
    }

    /// One page of a group's devices. The service cannot filter inside a group; `ask.filter` is not
    /// used.
    pub async fn group_devices(
        &self,
        group: &str,
        query: &PageQuery,
    ) -> Result<Page<DeviceRow>, Diagnosis> {
        let pelion = self.client().await?;
        let all = PageQuery {
            filter: String::new(),
            ..query.clone()
        };
        let asked = list_query(&all, Collection::Devices)?;
        let page = pelion.group_devices(group, &asked).await?;
        Ok(page.map(DeviceRow::from))
    }

    /// How many devices match a filter now.
    pub async fn count_devices(&self, filter: &str) -> Result<u64, Diagnosis> {
        let pelion = self.client().await?;
        let filter = FilterText::parse(filter, Collection::Devices);
        let filter = filter?;
        Ok(pelion.count_devices(&filter).await?)
    }

    /// One device and its last events.
    pub async fn device(&self, id: &str) -> Result<DeviceDetail, Diagnosis> {
        let pelion = self.client().await?;
        let device = pelion.device(id).await?;
        let asked = ListQuery::default()
            .filter("device_id", Operator::Equal, id)
            .newest_first()
            .limit(EVENTS);
        let events = pelion.device_events(&asked).await?.data;
        Ok(DeviceDetail {
            device,
            events: events.into_iter().map(TimedEvent::from).collect(),
        })
    }
}
