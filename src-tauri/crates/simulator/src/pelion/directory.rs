//! The device directory of the account: devices, saved queries, groups, events.
//!
//! Knows nothing of HTTP but the refusals, and nothing of campaigns.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    device::Device, event::DeviceEvent, group::Group, id::Id, query::SavedQuery, refusal::Refusal,
};

/// Events kept; the oldest go first. A world that runs for weeks must not grow.
const MOST_EVENTS: usize = 250_000;

/// The device directory.
#[derive(Debug, Default)]
pub(super) struct Directory {
    pub(super) devices: BTreeMap<Id, Device>,
    pub(super) queries: BTreeMap<Id, SavedQuery>,
    pub(super) groups: BTreeMap<Id, Group>,
    events: BTreeMap<Id, DeviceEvent>,
    /// Devices with their events, so that nobody has to look through all of them.
    by_device: BTreeSet<(Id, Id)>,
}

impl Directory {
    pub(super) fn device(&self, id: Id) -> Result<&Device, Refusal> {
        self.devices
            .get(&id)
            .ok_or_else(|| Refusal::not_found("The device"))
    }

    pub(super) fn device_mut(&mut self, id: Id) -> Result<&mut Device, Refusal> {
        self.devices
            .get_mut(&id)
            .ok_or_else(|| Refusal::not_found("The device"))
    }

    pub(super) fn has_endpoint(&self, name: &str) -> bool {
        let mut devices = self.devices.iter();
        devices.any(|(id, device)| device.endpoint_name(*id) == name)
    }

    /// Takes a device out, also out of its groups.
    pub(super) fn remove_device(&mut self, id: Id) -> Result<Device, Refusal> {
        self.device(id)?;
        for group in self.groups.values_mut() {
            group.devices.remove(&id);
        }
        self.devices
            .remove(&id)
            .ok_or_else(|| Refusal::not_found("The device"))
    }

    pub(super) fn groups_of(&self, device: Id) -> Vec<Id> {
        let groups = self.groups.iter();
        groups
            .filter(|(_, group)| group.devices.contains(&device))
            .map(|(id, _)| *id)
            .collect()
    }

    /// Writes an event down.
    pub(super) fn log(&mut self, id: Id, event: DeviceEvent) {
        if self.events.len() >= MOST_EVENTS
            && let Some((oldest, event)) = self.events.pop_first()
        {
            self.by_device.remove(&(event.device, oldest));
        }
        self.by_device.insert((event.device, id));
        self.events.insert(id, event);
    }

    pub(super) fn events(&self) -> &BTreeMap<Id, DeviceEvent> {
        &self.events
    }

    /// The events of these devices.
    pub(super) fn events_of(&self, devices: &BTreeSet<Id>) -> BTreeSet<Id> {
        let of = |device: &Id| {
            let all = (*device, Id::LEAST)..=(*device, Id::GREATEST);
            self.by_device.range(all).map(|(_, event)| *event)
        };
        devices.iter().flat_map(of).collect()
    }
}
