//! The devices of a campaign, joined with what each of them last said.

use std::collections::{HashMap, HashSet};

use firmdrop_cloud::pelion::campaign::{deployment_meaning, event_meaning};
use firmdrop_cloud::pelion::{
    CampaignDevice, DeviceEvent, Filter, ListQuery, Operator, Page, Pelion,
};
use firmdrop_core::Diagnosis;

use super::{CampaignDeviceRow, DeviceEnd, PageQuery, Service, TimedEvent};

/// Devices whose events are asked for in one request: their ids fill an address of less than 4,096
/// characters, which is all the service takes.
const IDS_IN_A_REQUEST: usize = 100;

/// The same as a page.
const DEVICES_IN_A_REQUEST: u32 = 100;

/// Pages of events that are looked through at most. A device of a month's trouble has some hundred.
const PAGES_OF_EVENTS: usize = 50;

/// Events that are looked through for the last one of each of those devices.
const EVENTS_IN_A_REQUEST: u32 = 1000;

impl Service {
    /// One page of a campaign's devices. The service cannot filter here; `ask.filter` is not used.
    pub async fn campaign_devices(
        &self,
        id: &str,
        query: &PageQuery,
    ) -> Result<Page<CampaignDeviceRow>, Diagnosis> {
        let pelion = self.client().await?;
        campaign_devices(&pelion, id, query).await
    }
}

pub(super) async fn campaign_devices(
    pelion: &Pelion,
    id: &str,
    query: &PageQuery,
) -> Result<Page<CampaignDeviceRow>, Diagnosis> {
    let mut asked = ListQuery {
        limit: query.limit,
        after: query.after.clone(),
        total_count: query.count,
        ..ListQuery::default()
    };
    if query.newest_first {
        asked = asked.newest_first();
    }
    let mut page = pelion.campaign_devices(id, &asked).await?;
    name(pelion, &mut page.data).await?;
    let events = last_events(pelion, id, &page.data).await?;
    Ok(page.map(|device| {
        let event = events.get(&device.device_id);
        row(device, event)
    }))
}

/// Gives each record its device's name. The service names a record after its own id, or not at all.
async fn name(pelion: &Pelion, records: &mut [CampaignDevice]) -> Result<(), Diagnosis> {
    let nameless = |record: &CampaignDevice| record.name.is_empty() || record.name == record.id;
    let unnamed = records.iter().filter(|record| nameless(record));
    let ids: Vec<String> = unnamed.map(|record| record.device_id.clone()).collect();
    let mut names = HashMap::new();
    for ids in ids.chunks(IDS_IN_A_REQUEST) {
        let mut asked = ListQuery::default().limit(DEVICES_IN_A_REQUEST);
        asked.filters.push(Filter::devices(ids));
        for device in pelion.devices(&asked).await?.data {
            names.insert(device.id, device.name);
        }
    }
    for record in records.iter_mut().filter(|record| nameless(record)) {
        // A device that was deleted meanwhile has no name any more.
        record.name = names.remove(&record.device_id).unwrap_or_default();
    }
    Ok(())
}

/// The last event of each device that belongs to the campaign. Devices that wait have none worth a
/// request.
async fn last_events(
    pelion: &Pelion,
    campaign: &str,
    devices: &[CampaignDevice],
) -> Result<HashMap<String, DeviceEvent>, Diagnosis> {
    let mut last: HashMap<String, DeviceEvent> = HashMap::new();
    let told_something = devices
        .iter()
        .filter(|device| device.deployment_state != "pending" && !device.device_id.is_empty());
    let ids: Vec<&str> = told_something.map(|device| &*device.device_id).collect();
    for ids in ids.chunks(IDS_IN_A_REQUEST) {
        let mut asked = ListQuery::default()
            .newest_first()
            .limit(EVENTS_IN_A_REQUEST);
        asked
            .filters
            .push(Filter::new("device_id", Operator::In, ids.join(",")));
        let mut missing: HashSet<&str> = ids.iter().copied().collect();
        for _ in 0..PAGES_OF_EVENTS {
            let page = pelion.device_events(&asked).await?;
            let may_have_more = page.may_have_more();
            let newest = page.data.last().map(|event| event.id.clone());
            for event in page.data {
                let of = event.data.get("campaign_id");
                if of.is_none_or(|id| id == campaign) {
                    missing.remove(&*event.device_id);
                    last.entry(event.device_id.clone()).or_insert(event);
                }
            }
            match newest {
                Some(newest)
                    if may_have_more
                        && !missing.is_empty()
                        && asked.after.as_ref() != Some(&newest) =>
                {
                    asked = asked.after(newest);
                }
                _ => break,
            }
        }
    }
    Ok(last)
}

fn row(device: CampaignDevice, event: Option<&DeviceEvent>) -> CampaignDeviceRow {
    let state = deployment_meaning(&device.deployment_state);
    let category = event.map(|event| event_meaning(&event.event_type).category);
    let event = event.cloned().map(TimedEvent::from);
    CampaignDeviceRow {
        state_title: state.title,
        ended: DeviceEnd::of(state.progress, category),
        event_type: event.as_ref().map(|timed| timed.event.event_type.clone()),
        event_meaning: event.as_ref().map(|timed| timed.meaning.clone()),
        what_to_do: event.and_then(|timed| timed.what_to_do),
        id: device.id,
        device_id: device.device_id,
        name: device.name,
        state: device.deployment_state,
        since: device.updated_at,
    }
}
