//! The device directory of the account: devices, saved queries, groups, events.
//!
//! Knows nothing of campaigns.

use std::collections::BTreeSet;

use super::{
    Table, device::Device, event::DeviceEvent, group::Group, id::Id, query::SavedQuery,
    refusal::Refusal,
};

/// Events that are stored; the oldest go first. A world that runs for weeks must not grow.
const MOST_EVENTS: usize = 250_000;

/// The device directory.
#[derive(Debug, Default)]
pub(crate) struct Directory {
    pub(crate) devices: Table<Id, Device>,
    pub(crate) queries: Table<Id, SavedQuery>,
    pub(crate) groups: Table<Id, Group>,
    pub(super) events: Table<Id, DeviceEvent>,
    /// Devices with their events, so that nobody has to look through all of them.
    by_device: BTreeSet<(Id, Id)>,
}

impl Directory {
    pub(crate) fn device(&self, id: Id) -> Result<&Device, Refusal> {
        self.devices
            .get(&id)
            .ok_or_else(|| Refusal::not_found("The device"))
    }

    pub(crate) fn device_mut(&mut self, id: Id) -> Result<&mut Device, Refusal> {
        self.devices
            .get_mut(&id)
            .ok_or_else(|| Refusal::not_found("The device"))
    }

    pub(crate) fn has_endpoint(&self, name: &str) -> bool {
        let mut devices = self.devices.iter();
        devices.any(|(id, device)| device.endpoint_name(*id) == name)
    }

    /// Takes a device out, also out of its groups.
    pub(crate) fn remove_device(&mut self, id: Id) -> Result<Device, Refusal> {
        self.device(id)?;
        for group in self.groups_of(id) {
            if let Some(group) = self.groups.get_mut(&group) {
                group.devices.remove(&id);
            }
        }
        self.devices
            .remove(&id)
            .ok_or_else(|| Refusal::not_found("The device"))
    }

    pub(crate) fn groups_of(&self, device: Id) -> Vec<Id> {
        let groups = self.groups.iter();
        groups
            .filter(|(_, group)| group.devices.contains(&device))
            .map(|(id, _)| *id)
            .collect()
    }

    /// Writes an event down.
    pub(crate) fn log(&mut self, id: Id, event: DeviceEvent) {
        if self.events.len() >= MOST_EVENTS
            && let Some((oldest, event)) = self.events.pop_first()
        {
            self.by_device.remove(&(event.device, oldest));
        }
        self.by_device.insert((event.device, id));
        self.events.insert(id, event);
    }

    /// Finds events by their devices again, after they were read.
    pub(super) fn index_events(&mut self) {
        let events = self.events.iter();
        self.by_device = events.map(|(id, event)| (event.device, *id)).collect();
    }

    pub(crate) fn events(&self) -> &Table<Id, DeviceEvent> {
        &self.events
    }

    /// The events of these devices.
    pub(crate) fn events_of(&self, devices: &BTreeSet<Id>) -> BTreeSet<Id> {
        let of = |device: &Id| {
            let all = (*device, Id::LEAST)..=(*device, Id::GREATEST);
            self.by_device.range(all).map(|(_, event)| *event)
        };
        devices.iter().flat_map(of).collect()
    }
}
