//! Devices, as short as a list of a hundred thousand needs them, and one in full.

use firmdrop_cloud::pelion::campaign::event_meaning;
use firmdrop_cloud::pelion::{Device, DeviceEvent};
use serde::Serialize;

/// One row of the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct DeviceRow {
    /// Its id.
    pub id: String,
    /// Its name, or the name it registers under.
    pub name: String,
    /// `registered`, `deregistered`, …
    pub state: String,
    /// `blocked` or `suspended` when it may not be updated; empty otherwise.
    pub blocked: String,
    /// Its vendor, without hyphens.
    pub vendor_id: String,
    /// Its class, without hyphens.
    pub device_class: String,
    /// Version of its main component; empty when it reports none.
    pub version: String,
    /// When its record last changed.
    pub updated_at: String,
}

impl From<Device> for DeviceRow {
    fn from(device: Device) -> Self {
        let blocked = if device.lifecycle_status == "blocked" {
            "blocked"
        } else if device.operator_suspended == Some(true) || device.system_suspended == Some(true) {
            "suspended"
        } else {
            ""
        };
        let main = device.component_attributes.get("MAIN");
        let version = main.or_else(|| device.component_attributes.values().next());
        Self {
            name: if device.name.is_empty() {
                device.endpoint_name
            } else {
                device.name
            },
            blocked: blocked.to_owned(),
            version: version.cloned().unwrap_or_default(),
            id: device.id,
            state: device.state,
            vendor_id: device.vendor_id,
            device_class: device.device_class,
            updated_at: device.updated_at,
        }
    }
}

/// One device with its last events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct DeviceDetail {
    /// What the service says.
    pub device: Device,
    /// Its last events, newest first.
    pub events: Vec<TimedEvent>,
}

/// An event and what it means.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct TimedEvent {
    /// What the service says.
    pub event: DeviceEvent,
    /// What its code means; the service's own words for a code that is not known here.
    pub meaning: String,
    /// What a user can do; absent when nothing is needed.
    pub what_to_do: Option<String>,
}

impl From<DeviceEvent> for TimedEvent {
    fn from(event: DeviceEvent) -> Self {
        let meaning = event_meaning(&event.event_type);
        let own_words = !meaning.is_known && !event.event_type_description.is_empty();
        Self {
            meaning: if own_words {
                event.event_type_description.clone()
            } else {
                meaning.meaning
            },
            what_to_do: meaning.advice,
            event,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_shows_a_name_a_version_and_why_a_device_may_not_be_updated() {
        let device: Device = serde_json::from_value(serde_json::json!({
            "id": "d", "name": "", "endpoint_name": "puck-1", "operator_suspended": true,
            "component_attributes": {"BOOT": "9.9.9", "MAIN": "1.4.1"},
        }))
        .unwrap();
        let row = DeviceRow::from(device);
        assert_eq!((&*row.name, &*row.version), ("puck-1", "1.4.1"));
        assert_eq!(row.blocked, "suspended");
    }
}
