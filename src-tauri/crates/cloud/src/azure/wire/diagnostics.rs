//! Logs and health of devices, and operations on devices.

use serde::{Deserialize, Deserializer, Serialize};

use super::{ServiceError, each, maybe_text, service_error, text, without_signatures};

/// A request for the logs of devices.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LogCollection {
    /// Its id, which the caller gave it.
    #[serde(default, deserialize_with = "text")]
    pub operation_id: String,
    /// The devices.
    #[serde(default, deserialize_with = "each")]
    pub device_list: Vec<LogDevice>,
    /// Its description.
    #[serde(default, deserialize_with = "maybe_text")]
    pub description: Option<String>,
    /// When it was made.
    #[serde(default, deserialize_with = "text")]
    pub created_date_time: String,
    /// When it last changed.
    #[serde(default, deserialize_with = "text")]
    pub last_action_date_time: String,
    /// `NotStarted`, `Running`, `Succeeded`, `Failed`; others may come.
    #[serde(default, deserialize_with = "text")]
    pub status: String,
}

/// A device, or a module of one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LogDevice {
    /// Its id.
    #[serde(default, deserialize_with = "text")]
    pub device_id: String,
    /// The module's id.
    #[serde(
        default,
        deserialize_with = "maybe_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub module_id: Option<String>,
}

/// How far a request for logs is, device by device.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LogStatus {
    /// Its id.
    #[serde(default, deserialize_with = "text")]
    pub operation_id: String,
    /// When it was made.
    #[serde(default, deserialize_with = "text")]
    pub created_date_time: String,
    /// When it last changed.
    #[serde(default, deserialize_with = "text")]
    pub last_action_date_time: String,
    /// `NotStarted`, `Running`, `Succeeded`, `Failed`; others may come.
    #[serde(default, deserialize_with = "text")]
    pub status: String,
    /// Each device.
    #[serde(default, deserialize_with = "each")]
    pub device_status: Vec<LogDeviceStatus>,
    /// Its description.
    #[serde(default, deserialize_with = "maybe_text")]
    pub description: Option<String>,
}

/// The logs of one device.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LogDeviceStatus {
    /// Its id.
    #[serde(default, deserialize_with = "text")]
    pub device_id: String,
    /// The module's id.
    #[serde(default, deserialize_with = "maybe_text")]
    pub module_id: Option<String>,
    /// `NotStarted`, `Running`, `Succeeded`, `Failed`; others may come.
    #[serde(default, deserialize_with = "text")]
    pub status: String,
    /// What the agent reported, as text.
    #[serde(default, deserialize_with = "maybe_text")]
    pub result_code: Option<String>,
    /// The same in more detail.
    #[serde(default, deserialize_with = "maybe_text")]
    pub extended_result_code: Option<String>,
    /// Where the logs are in the storage of the instance. A signature in it is left out.
    #[serde(default, deserialize_with = "unsigned")]
    pub log_location: Option<String>,
}

/// A text that may be missing, without the signature of an address.
fn unsigned<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text = maybe_text(deserializer)?;
    Ok(text.map(|text| without_signatures(&text)))
}

/// What a device's agent and its digital twin look like to the service.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeviceHealth {
    /// Its id.
    #[serde(default, deserialize_with = "text")]
    pub device_id: String,
    /// The module's id.
    #[serde(default, deserialize_with = "maybe_text")]
    pub module_id: Option<String>,
    /// `healthy` or `unhealthy`; others may come.
    #[serde(default, deserialize_with = "text")]
    pub state: String,
    /// The model that the agent implements.
    #[serde(default, deserialize_with = "maybe_text")]
    pub digital_twin_model_id: Option<String>,
    /// What was looked at.
    #[serde(default, deserialize_with = "each")]
    pub health_checks: Vec<HealthCheck>,
}

/// One thing that was looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HealthCheck {
    /// What it is.
    #[serde(default, deserialize_with = "text")]
    pub name: String,
    /// `success` or `userError`; others may come.
    #[serde(default, deserialize_with = "text")]
    pub result: String,
}

/// An operation on devices, such as their import.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeviceOperation {
    /// Its id.
    #[serde(default, deserialize_with = "text")]
    pub operation_id: String,
    /// `NotStarted`, `Running`, `Succeeded`, `Failed`; others may come.
    #[serde(default, deserialize_with = "text")]
    pub status: String,
    /// Why it failed.
    #[serde(default, deserialize_with = "service_error::maybe")]
    pub error: Option<ServiceError>,
    /// What Microsoft's support asks for.
    #[serde(default, deserialize_with = "maybe_text")]
    pub trace_id: Option<String>,
    /// When it last changed.
    #[serde(default, deserialize_with = "text")]
    pub last_action_date_time: String,
    /// When it was made.
    #[serde(default, deserialize_with = "text")]
    pub created_date_time: String,
    /// Changes with it; with its quotes.
    #[serde(default, deserialize_with = "maybe_text")]
    pub etag: Option<String>,
}
