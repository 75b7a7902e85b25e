//! A device of the account, stored small: a fleet has 100,000 of them.
//!
//! How it takes an update is the campaign's part.

mod map;
mod row;

use std::sync::{Arc, LazyLock};

use firmdrop_core::{Moment, Sha256};
use serde::{Deserialize, Serialize};

use super::{
    id::Id,
    serial::{shared_map, shared_text},
};

pub(crate) use map::Map;
pub(crate) use row::{FIELDS, date};

/// Whether a device is known to the service: vendor's API reference.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceState {
    /// It was made by hand and never came.
    #[default]
    Unenrolled,
    /// It is enrolling.
    CloudEnrolling,
    /// It has its credentials.
    Bootstrapped,
    /// It is there.
    Registered,
    /// It has gone.
    Deregistered,
}

impl DeviceState {
    pub(crate) const fn text(self) -> &'static str {
        match self {
            Self::Unenrolled => "unenrolled",
            Self::CloudEnrolling => "cloud_enrolling",
            Self::Bootstrapped => "bootstrapped",
            Self::Registered => "registered",
            Self::Deregistered => "deregistered",
        }
    }
}

/// What a simulated device does with an update that is right for it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Behaviour {
    /// It installs it.
    #[default]
    Installs,
    /// It says nothing, as a device that is registered and asleep.
    Silent,
    /// It fails with this number of the vendor's `UPD4_FAIL_` codes.
    Fails(u16),
}

/// A device.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Device {
    pub(crate) name: Box<str>,
    #[serde(with = "shared_text")]
    pub(crate) vendor_id: Arc<str>,
    #[serde(with = "shared_text")]
    pub(crate) class_id: Arc<str>,
    #[serde(with = "shared_map")]
    pub(crate) components: Map,
    #[serde(with = "shared_map")]
    pub(crate) custom_attributes: Map,
    pub(crate) firmware_checksum: Option<Sha256>,
    pub(crate) state: DeviceState,
    pub(crate) is_blocked: bool,
    pub(crate) behaviour: Behaviour,
    pub(crate) created_at: Moment,
    pub(crate) updated_at: Moment,
    pub(crate) bootstrapped_at: Option<Moment>,
    pub(crate) manifest_at: Option<Moment>,
    /// The manifest of its last update.
    pub(crate) manifest: Option<Id>,
    /// The campaign it is in.
    pub(crate) campaign: Option<Id>,
    details: Option<Box<Details>>,
}

/// What most devices have in common; stored only for those that differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Details {
    pub(crate) auto_update: bool,
    pub(crate) bootstrap_expiration_date: Option<String>,
    pub(crate) ca_id: String,
    pub(crate) connector_expiration_date: Option<String>,
    pub(crate) deployment: String,
    pub(crate) description: String,
    pub(crate) device_execution_mode: u64,
    pub(crate) device_key: Option<String>,
    pub(crate) endpoint_name: Option<String>,
    pub(crate) endpoint_type: String,
    pub(crate) host_gateway: String,
    pub(crate) mechanism: String,
    pub(crate) mechanism_url: String,
    pub(crate) net_id: Option<String>,
    pub(crate) serial_number: Option<String>,
    pub(crate) suspension: Option<Suspension>,
}

/// Why an operator suspended the device.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Suspension {
    pub(crate) category: String,
    pub(crate) description: String,
    pub(crate) at: Option<Moment>,
}

static USUAL: LazyLock<Details> = LazyLock::new(|| Details {
    auto_update: false,
    bootstrap_expiration_date: None,
    ca_id: String::new(),
    connector_expiration_date: None,
    deployment: String::new(),
    description: String::new(),
    device_execution_mode: 1,
    device_key: None,
    endpoint_name: None,
    endpoint_type: "default".to_owned(),
    host_gateway: String::new(),
    mechanism: "connector".to_owned(),
    mechanism_url: String::new(),
    net_id: None,
    serial_number: None,
    suspension: None,
});

static NO_ENTRIES: LazyLock<Map> = LazyLock::new(Map::default);

impl Device {
    /// A device without a name that never came.
    pub(crate) fn new(created_at: Moment) -> Self {
        let nothing: Arc<str> = Arc::from("");
        Self {
            name: Box::from(""),
            vendor_id: Arc::clone(&nothing),
            class_id: nothing,
            components: Arc::clone(&NO_ENTRIES),
            custom_attributes: Arc::clone(&NO_ENTRIES),
            firmware_checksum: None,
            state: DeviceState::Unenrolled,
            is_blocked: false,
            behaviour: Behaviour::Installs,
            created_at,
            updated_at: created_at,
            bootstrapped_at: None,
            manifest_at: None,
            manifest: None,
            campaign: None,
            details: None,
        }
    }

    pub(crate) fn details(&self) -> &Details {
        self.details.as_deref().unwrap_or(&USUAL)
    }

    pub(crate) fn details_mut(&mut self) -> &mut Details {
        self.details.get_or_insert_with(|| Box::new(USUAL.clone()))
    }

    /// Whether it would answer if it were asked.
    pub(crate) fn is_reachable(&self) -> bool {
        self.state == DeviceState::Registered
            && !self.is_blocked
            && self.behaviour != Behaviour::Silent
    }

    pub(crate) fn endpoint_name(&self, id: Id) -> String {
        let given = self.details().endpoint_name.clone();
        given.unwrap_or_else(|| format!("{:020x}", id.number() & 0xffff_ffff_ffff_ffff_ffff))
    }

    pub(crate) fn serial_number(&self, id: Id) -> String {
        let given = self.details().serial_number.clone();
        given.unwrap_or_else(|| format!("SN-{:08}", id.number() & 0xffff_ffff))
    }

    /// What the device identifies itself by.
    pub(crate) fn key(&self, id: Id) -> String {
        let given = self.details().device_key.clone();
        given.unwrap_or_else(|| Sha256::of(id.to_string().as_bytes()).to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_of_a_large_fleet_needs_less_than_400_bytes() {
        let name_bytes = 32;
        let in_map = size_of::<Id>() + size_of::<Device>() + name_bytes;
        assert!(in_map < 400, "{in_map}");
    }
}
