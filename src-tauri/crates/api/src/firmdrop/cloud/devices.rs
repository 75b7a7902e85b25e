//! Devices: the list, one of them, and how many match a filter.

use firmdrop_cloud::pelion::{Collection, Device, FilterText, ListQuery, Operator, Page};
use firmdrop_core::Diagnosis;

use super::lists::query;
use crate::{CloudAsk, DeviceDetail, DeviceRow, Firmdrop, TimedEvent};

/// Events of a device that are shown.
const EVENTS: u32 = 50;

impl Firmdrop {
    /// One page of the devices.
    pub async fn cloud_devices(
        &self,
        account: &str,
        ask: &CloudAsk,
    ) -> Result<Page<DeviceRow>, Diagnosis> {
        let pelion = self.pelion_client(account).await?;
        Ok(rows(
            pelion.devices(&query(ask, Collection::Devices)?).await?,
        ))
    }

    /// One page of a group's devices. The service cannot filter inside a group; `ask.filter` is not
    /// used.
    pub async fn cloud_group_devices(
        &self,
        account: &str,
        group: &str,
        ask: &CloudAsk,
    ) -> Result<Page<DeviceRow>, Diagnosis> {
        let pelion = self.pelion_client(account).await?;
        let all = CloudAsk {
            filter: String::new(),
            ..ask.clone()
        };
        let asked = query(&all, Collection::Devices)?;
        Ok(rows(pelion.group_devices(group, &asked).await?))
    }

    /// How many devices match a filter now.
    pub async fn count_cloud_devices(&self, account: &str, filter: &str) -> Result<u64, Diagnosis> {
        let pelion = self.pelion_client(account).await?;
        let filter = FilterText::parse(filter, Collection::Devices);
        let filter = filter?;
        Ok(pelion.count_devices(&filter).await?)
    }

    /// One device and its last events.
    pub async fn cloud_device(&self, account: &str, id: &str) -> Result<DeviceDetail, Diagnosis> {
        let pelion = self.pelion_client(account).await?;
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

fn rows(page: Page<Device>) -> Page<DeviceRow> {
    Page {
        data: page.data.into_iter().map(DeviceRow::from).collect(),
        has_more: page.has_more,
        limit: page.limit,
        after: page.after,
        order: page.order,
        total_count: page.total_count,
    }
}
