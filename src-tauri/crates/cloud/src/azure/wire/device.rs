//! Devices, their classes, and what their agents reported.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{UpdateInfo, code, each, maybe_flag, maybe_text, or_default, text, texts};

/// A device, or a module of one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Device {
    /// Its id.
    #[serde(default, deserialize_with = "text")]
    pub device_id: String,
    /// The module's id.
    #[serde(default, deserialize_with = "maybe_text")]
    pub module_id: Option<String>,
    /// Its class.
    #[serde(default, deserialize_with = "text")]
    pub device_class_id: String,
    /// Its group.
    #[serde(default, deserialize_with = "maybe_text")]
    pub group_id: Option<String>,
    /// The update that it tried last.
    #[serde(default, deserialize_with = "or_default")]
    pub last_attempted_update: Option<UpdateInfo>,
    /// `Succeeded`, `InProgress`, `Canceled`, `Failed`; others may come.
    #[serde(default, deserialize_with = "maybe_text")]
    pub deployment_status: Option<String>,
    /// The update that it runs.
    #[serde(default, deserialize_with = "or_default")]
    pub installed_update: Option<UpdateInfo>,
    /// Whether that is its best one, when the service says so.
    #[serde(default, deserialize_with = "maybe_flag")]
    pub on_latest_update: Option<bool>,
    /// Its last deployment.
    #[serde(default, deserialize_with = "maybe_text")]
    pub last_deployment_id: Option<String>,
    /// What its agent reported of it.
    #[serde(default, deserialize_with = "or_default")]
    pub last_install_result: Option<InstallResult>,
}

/// What an agent reported of an installation.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InstallResult {
    /// Above 0: success.
    #[serde(default, deserialize_with = "code")]
    pub result_code: Option<i32>,
    /// Facility, component and value; see [`crate::azure::result_code`].
    #[serde(default, deserialize_with = "code")]
    pub extended_result_code: Option<i32>,
    /// In the agent's words.
    #[serde(default, deserialize_with = "maybe_text")]
    pub result_details: Option<String>,
    /// Each step.
    #[serde(default, deserialize_with = "each")]
    pub step_results: Vec<StepResult>,
}

/// What an agent reported of a step.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StepResult {
    /// The update that the step installs.
    #[serde(default, deserialize_with = "or_default")]
    pub update: Option<UpdateInfo>,
    /// Its description.
    #[serde(default, deserialize_with = "maybe_text")]
    pub description: Option<String>,
    /// Above 0: success.
    #[serde(default, deserialize_with = "code")]
    pub result_code: Option<i32>,
    /// Facility, component and value.
    #[serde(default, deserialize_with = "code")]
    pub extended_result_code: Option<i32>,
    /// In the agent's words.
    #[serde(default, deserialize_with = "maybe_text")]
    pub result_details: Option<String>,
}

/// Devices that report the same properties.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeviceClass {
    /// Its id, a SHA-1 in hexadecimal.
    #[serde(default, deserialize_with = "text")]
    pub device_class_id: String,
    /// The name that a user gave it.
    #[serde(default, deserialize_with = "maybe_text")]
    pub friendly_name: Option<String>,
    /// What its devices report.
    #[serde(default, deserialize_with = "or_default")]
    pub device_class_properties: DeviceClassProperties,
    /// The newest update that fits them.
    #[serde(default, deserialize_with = "or_default")]
    pub best_compatible_update: Option<UpdateInfo>,
}

/// What the devices of a class report.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeviceClassProperties {
    /// Id and name of the model that the agent implements.
    #[serde(default, deserialize_with = "texts")]
    pub contract_model: BTreeMap<String, String>,
    /// What the compatibility of an update is compared with: manufacturer, model.
    #[serde(default, deserialize_with = "texts")]
    pub compat_properties: BTreeMap<String, String>,
}
