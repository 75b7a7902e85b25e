//! Logs that the service collects from devices and stores in the storage of the instance.

use firmdrop_cloud::azure::result_code::ExtendedResultCode;
use firmdrop_cloud::azure::{LogCollection, LogDevice, LogStatus};
use firmdrop_core::Diagnosis;
use serde::{Deserialize, Serialize};

use super::agent_report::ExplainedCode;
use super::service::{Service, diagnosed};

/// A collection that a user starts.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct StartLogs {
    /// Its id, which the caller gives it: the same one twice is one collection.
    pub id: String,
    /// Ids of the devices, a module's behind its device's: `gate-1/agent`. 1 to 100.
    pub devices: Vec<String>,
    /// At most 512 characters.
    #[serde(default)]
    pub description: Option<String>,
}

/// A collection of logs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct LogRow {
    /// Its id.
    pub id: String,
    /// Its description.
    pub description: Option<String>,
    /// In the service's word: `Running`.
    pub status: String,
    /// Whether nothing more will happen.
    pub is_over: bool,
    /// Ids of its devices.
    pub devices: Vec<String>,
    /// When it was made.
    pub created: String,
    /// When it last changed.
    pub changed: String,
}

/// A collection, device by device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct LogView {
    /// In the service's word.
    pub status: String,
    /// Whether nothing more will happen.
    pub is_over: bool,
    /// When it last changed.
    pub changed: String,
    /// Each device.
    pub devices: Vec<LogDeviceRow>,
}

/// The logs of one device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct LogDeviceRow {
    /// Id of the device, the module's behind it.
    pub id: String,
    /// In the service's word.
    pub status: String,
    /// What the agent reported, as the service hands it on.
    pub result: Option<String>,
    /// Its extended code; `None` for 0 and for what is no code.
    pub code: Option<ExplainedCode>,
    /// Where they are in the storage of the instance.
    pub location: Option<String>,
}

impl Service {
    /// Requests logs of devices. May be repeated with the same id.
    pub async fn collect_logs(&self, start: &StartLogs) -> Result<LogRow, Diagnosis> {
        let devices: Vec<LogDevice> = start.devices.iter().map(|id| device_of(id)).collect();
        let description = start.description.as_deref().map(str::trim);
        let description = description.filter(|text| !text.is_empty());
        let service = self.client().await?;
        let begun = service.collect_logs(&start.id, &devices, description).await;
        Ok(begun.map_err(diagnosed)?.into())
    }

    /// The collections of logs, the newest first.
    pub async fn log_collections(&self) -> Result<Vec<LogRow>, Diagnosis> {
        let collections = self
            .all(firmdrop_cloud::azure::DeviceUpdate::log_collections)
            .await?;
        let mut rows: Vec<LogRow> = collections.into_iter().map(LogRow::from).collect();
        rows.sort_by(|one, other| other.created.cmp(&one.created));
        Ok(rows)
    }

    /// One collection, device by device.
    pub async fn log_collection(&self, id: &str) -> Result<LogView, Diagnosis> {
        let service = self.client().await?;
        Ok(service
            .log_collection_status(id)
            .await
            .map_err(diagnosed)?
            .into())
    }
}

/// A device, or a module of one. The service's ids of devices have no slash.
fn device_of(id: &str) -> LogDevice {
    let (device, module) = match id.split_once('/') {
        Some((device, module)) => (device, Some(module.to_owned())),
        None => (id, None),
    };
    LogDevice {
        device_id: device.to_owned(),
        module_id: module,
    }
}

fn id_of(device: String, module: Option<String>) -> String {
    match module {
        Some(module) => format!("{device}/{module}"),
        None => device,
    }
}

/// Words that the service documents for an end.
fn is_over(status: &str) -> bool {
    ["Succeeded", "Failed"]
        .iter()
        .any(|over| status.eq_ignore_ascii_case(over))
}

impl From<LogCollection> for LogRow {
    fn from(logs: LogCollection) -> Self {
        let devices = logs.device_list.into_iter();
        Self {
            id: logs.operation_id,
            description: logs.description.filter(|text| !text.is_empty()),
            is_over: is_over(&logs.status),
            status: logs.status,
            devices: devices
                .map(|one| id_of(one.device_id, one.module_id))
                .collect(),
            created: logs.created_date_time,
            changed: logs.last_action_date_time,
        }
    }
}

impl From<LogStatus> for LogView {
    fn from(logs: LogStatus) -> Self {
        let diagnosed = |text: Option<String>| text.filter(|text| !text.is_empty());
        let devices = logs.device_status.into_iter().map(|one| {
            let code = one.extended_result_code.as_deref();
            let code = code.and_then(ExtendedResultCode::read);
            LogDeviceRow {
                id: id_of(one.device_id, one.module_id),
                status: one.status,
                result: diagnosed(one.result_code),
                code: code
                    .filter(|code| code.number != 0)
                    .map(ExplainedCode::from),
                location: diagnosed(one.log_location),
            }
        });
        Self {
            devices: devices.collect(),
            is_over: is_over(&logs.status),
            status: logs.status,
            changed: logs.last_action_date_time,
        }
    }
}

#[cfg(test)]
mod tests {
    use firmdrop_cloud::azure::LogDeviceStatus;

    use super::*;

    #[test]
    fn a_module_is_written_behind_its_device_and_read_so() {
        let module = device_of("gate-1/agent");
        assert_eq!(
            (&*module.device_id, module.module_id.as_deref()),
            ("gate-1", Some("agent"))
        );
        assert_eq!(id_of(module.device_id, module.module_id), "gate-1/agent");
        assert_eq!(device_of("gate-1").module_id, None);
    }

    #[test]
    fn a_word_that_is_not_known_for_an_end_is_no_end() {
        assert!(is_over("succeeded") && is_over("Failed"));
        assert!(!is_over("Running") && !is_over("Cancelling") && !is_over(""));
    }

    #[test]
    fn what_a_device_reported_is_explained_and_what_it_left_out_stays_out() {
        let view = LogView::from(LogStatus {
            device_status: vec![
                LogDeviceStatus {
                    device_id: "gate-1".to_owned(),
                    result_code: Some("0".to_owned()),
                    extended_result_code: Some("806355462".to_owned()),
                    log_location: Some(String::new()),
                    ..LogDeviceStatus::default()
                },
                LogDeviceStatus {
                    extended_result_code: Some("0".to_owned()),
                    log_location: Some("gate-2/a.zip".to_owned()),
                    ..LogDeviceStatus::default()
                },
            ],
            ..LogStatus::default()
        });
        let [first, second] = &*view.devices else {
            panic!("two devices")
        };
        assert_eq!(
            first.code.as_ref().map(|code| &*code.hex),
            Some("0x30100206")
        );
        assert_eq!(
            (first.location.as_deref(), second.code.as_ref()),
            (None, None)
        );
        assert_eq!(second.location.as_deref(), Some("gate-2/a.zip"));
    }
}
