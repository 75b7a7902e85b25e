//! The devices of a fleet, each with its share of the fleet's properties.

use std::{collections::BTreeMap, sync::Arc};

use firmdrop_core::{Moment, Sha256};

use super::{
    device::{Behaviour, Device, DeviceState, Map},
    inventory::Fleet,
};

/// Over how long the devices of a fleet came, milliseconds: a year.
const HISTORY_MILLISECONDS: i64 = 365 * 24 * 3600 * 1000;
/// How failing devices fail: numbers of `UPD4_FAIL_`, downloads, storage and installation.
const FAILURES: [u16; 6] = [303, 306, 309, 408, 501, 504];

/// Deals a fleet's properties out. Devices that have the same share it.
pub(super) struct Dealer<'a> {
    fleet: &'a Fleet,
    now: Moment,
    vendor_id: Arc<str>,
    class_id: Arc<str>,
    versions: Vec<(Map, Sha256)>,
    attributes: Vec<Map>,
}

impl<'a> Dealer<'a> {
    pub(super) fn new(fleet: &'a Fleet, now: Moment) -> Self {
        let version = |version: &String| {
            let components = BTreeMap::from([("MAIN".to_owned(), version.clone())]);
            let firmware = format!("{} {version}", fleet.class_id);
            (Map::new(components), Sha256::of(firmware.as_bytes()))
        };
        // Values of all keys repeat together after this many devices.
        let period = fleet.attributes.iter().map(|(_, values)| values.len());
        let period = period.product::<usize>().clamp(1, 1000);
        let attributes = |number: usize| {
            let pairs = fleet.attributes.iter();
            let pair = |(key, values): &(String, Vec<String>)| {
                Some((key.clone(), dealt(values, number)?.clone()))
            };
            Map::new(pairs.filter_map(pair).collect())
        };
        Self {
            fleet,
            now,
            vendor_id: Arc::from(&*fleet.vendor_id),
            class_id: Arc::from(&*fleet.class_id),
            versions: fleet.versions.iter().map(version).collect(),
            attributes: (0..period).map(attributes).collect(),
        }
    }

    pub(super) fn device(&self, number: usize) -> Device {
        let fleet = self.fleet;
        let count = i64::try_from(fleet.devices).unwrap_or(i64::MAX).max(1);
        let age = count - i64::try_from(number).unwrap_or(count);
        let step = HISTORY_MILLISECONDS / count;
        let created_at = self.now.as_millisecond() - age.saturating_mul(step);
        let created_at = Moment::from_millisecond(created_at);
        // 37 has no factor in common with 100: each hundred devices has each slot once.
        let slot = number.wrapping_mul(37) % 100;
        let silent_from = fleet.deregistered_percent;
        let failing_from = silent_from + fleet.silent_percent;
        let behaviour = if (silent_from..failing_from).contains(&slot) {
            Behaviour::Silent
        } else if (failing_from..failing_from + fleet.failing_percent).contains(&slot) {
            Behaviour::Fails(dealt(&FAILURES, number).copied().unwrap_or(303))
        } else {
            Behaviour::Installs
        };
        let mut device = Device::new(created_at);
        device.name = format!("{}-{:04}", fleet.name, number + 1).into();
        device.vendor_id = Arc::clone(&self.vendor_id);
        device.class_id = Arc::clone(&self.class_id);
        if let Some((components, checksum)) = dealt(&self.versions, number) {
            device.components = Map::clone(components);
            device.firmware_checksum = Some(*checksum);
        }
        if let Some(attributes) = dealt(&self.attributes, number) {
            device.custom_attributes = Map::clone(attributes);
        }
        device.state = if slot < silent_from {
            DeviceState::Deregistered
        } else {
            DeviceState::Registered
        };
        device.behaviour = behaviour;
        device.bootstrapped_at = Some(created_at);
        device
    }
}

/// The value whose turn it is.
fn dealt<T>(values: &[T], number: usize) -> Option<&T> {
    values.get(number.checked_rem(values.len())?)
}
