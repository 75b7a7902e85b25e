//! Device classes, best updates, compliance and health, as a screen or a table has them.

use std::collections::BTreeMap;

use firmdrop_cloud::azure::{BestUpdate, Compliance, DeviceClass, DeviceHealth};
use serde::Serialize;

/// Devices that report the same properties.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct ClassRow {
    /// Its id, a SHA-1 in hexadecimal.
    pub id: String,
    /// The name that a user gave it.
    pub name: Option<String>,
    /// What the compatibility of an update is compared with: manufacturer, model.
    pub properties: BTreeMap<String, String>,
    /// Id and name of the model that its agents implement.
    pub contract_model: BTreeMap<String, String>,
    /// The newest update that fits them, `PROVIDER/NAME/VERSION`.
    pub best_update: Option<String>,
}

/// The newest update that fits the devices of one class within a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct BestUpdateRow {
    /// The class.
    pub class: String,
    /// The update, `PROVIDER/NAME/VERSION`.
    pub update: String,
    /// Devices that it is the best one for and that do not have it; `None` when the service leaves the
    /// number out.
    #[cfg_attr(feature = "specta", specta(type = Option<u32>))]
    pub devices: Option<u64>,
}

/// How many devices have their best update. A number that the service left out is `None`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct ComplianceRow {
    /// All of them.
    #[cfg_attr(feature = "specta", specta(type = Option<u32>))]
    pub total: Option<u64>,
    /// Those with their best update.
    #[cfg_attr(feature = "specta", specta(type = Option<u32>))]
    pub on_latest: Option<u64>,
    /// Those that a newer one fits.
    #[cfg_attr(feature = "specta", specta(type = Option<u32>))]
    pub update_available: Option<u64>,
    /// Those in which one is under way.
    #[cfg_attr(feature = "specta", specta(type = Option<u32>))]
    pub in_progress: Option<u64>,
}

/// What a device's agent and its digital twin look like to the service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct HealthRow {
    /// In the service's word: `healthy`.
    pub state: String,
    /// What was looked at, with the service's word for how it was.
    pub checks: Vec<HealthCheckRow>,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct HealthCheckRow {
    /// What it is.
    pub name: String,
    /// How it was, in the service's word.
    pub result: String,
}

impl From<DeviceClass> for ClassRow {
    fn from(class: DeviceClass) -> Self {
        let best = class.best_compatible_update;
        Self {
            id: class.device_class_id,
            name: class.friendly_name.filter(|name| !name.is_empty()),
            properties: class.device_class_properties.compat_properties,
            contract_model: class.device_class_properties.contract_model,
            best_update: best.map(|update| update.update_id.to_string()),
        }
    }
}

impl From<BestUpdate> for BestUpdateRow {
    fn from(best: BestUpdate) -> Self {
        Self {
            class: best.device_class_id,
            update: best.update.update_id.to_string(),
            devices: best.device_count,
        }
    }
}

impl From<Compliance> for ComplianceRow {
    fn from(compliance: Compliance) -> Self {
        Self {
            total: compliance.total_device_count,
            on_latest: compliance.on_latest_update_device_count,
            update_available: compliance.new_updates_available_device_count,
            in_progress: compliance.updates_in_progress_device_count,
        }
    }
}

impl From<DeviceHealth> for HealthRow {
    fn from(health: DeviceHealth) -> Self {
        let checks = health
            .health_checks
            .into_iter()
            .map(|check| HealthCheckRow {
                name: check.name,
                result: check.result,
            });
        Self {
            state: health.state,
            checks: checks.collect(),
        }
    }
}
