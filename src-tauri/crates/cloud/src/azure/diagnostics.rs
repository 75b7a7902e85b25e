//! The operations of logs and health.

use firmdrop_net::Method;
use serde_json::json;

use super::{
    AzureError, DeviceHealth, DeviceUpdate, List, LogCollection, LogDevice, LogStatus,
    address::Area,
    bounds::{LOG_DESCRIPTION_CHARACTERS, LOG_DEVICES},
    groups::quoted,
};

/// Whose health is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HealthQuery {
    /// Of all devices that are not healthy.
    Unhealthy,
    /// Of this device.
    Device(String),
}

impl DeviceUpdate {
    /// Asks devices for their logs; the service stores them in the storage of the instance. May be
    /// repeated: the id is the caller's.
    pub async fn collect_logs(
        &self,
        id: &str,
        devices: &[LogDevice],
        description: Option<&str>,
    ) -> Result<LogCollection, AzureError> {
        let too_long =
            description.is_some_and(|text| text.chars().count() > LOG_DESCRIPTION_CHARACTERS);
        if too_long || !(1..=LOG_DEVICES).contains(&devices.len()) {
            return Err(AzureError::Argument {
                what: "the request for logs".to_owned(),
                why: "it needs 1 to 100 devices, and a description of at most 512 characters"
                    .to_owned(),
            });
        }
        let mut body = json!({ "deviceList": devices });
        if let Some(description) = description {
            body["description"] = json!(description);
        }
        let path = ["deviceDiagnostics", "logCollections", id];
        let call = self.call(Method::Put, Area::Management, &path, &[])?;
        self.execute(call.json(&body)).await
    }

    /// The requests for logs.
    pub fn log_collections(&self) -> Result<List<LogCollection>, AzureError> {
        self.list(
            Area::Management,
            &["deviceDiagnostics", "logCollections"],
            &[],
        )
    }

    /// One request for logs. May be repeated.
    pub async fn log_collection(&self, id: &str) -> Result<LogCollection, AzureError> {
        self.get(
            Area::Management,
            &["deviceDiagnostics", "logCollections", id],
        )
        .await
    }

    /// How far it is, device by device. May be repeated.
    pub async fn log_collection_status(&self, id: &str) -> Result<LogStatus, AzureError> {
        let path = ["deviceDiagnostics", "logCollections", id, "detailedStatus"];
        self.get(Area::Management, &path).await
    }

    /// The health of devices. The service needs to know whose.
    pub fn device_health(&self, query: &HealthQuery) -> Result<List<DeviceHealth>, AzureError> {
        self.ensure_current("the health of devices")?;
        let filter = match query {
            HealthQuery::Unhealthy => "state eq 'unhealthy'".to_owned(),
            HealthQuery::Device(device) => format!("deviceId eq {}", quoted(device)),
        };
        let path = ["deviceDiagnostics", "deviceHealth"];
        self.list(Area::Management, &path, &[("filter", &filter)])
    }
}
