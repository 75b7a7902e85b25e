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
        if let Some(device) = devices.iter().find(|device| !has_ids(device)) {
            return Err(AzureError::Argument {
                what: format!("the request for logs of {:?}", device.device_id),
                why: "each device needs an id, and a module one without a slash".to_owned(),
            });
        }
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
        let request = call.name();
        let answer = self.exchange(call.json(&body)).await?;
        if answer.body().is_empty() {
            // It is accepted; what came of it is read.
            return self.log_collection(id).await;
        }
        let collection: LogCollection = self.read(&answer, request.clone())?;
        self.ensure_is_of_id(id, &collection.operation_id, &collection.status, request)?;
        Ok(collection)
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
        let path = ["deviceDiagnostics", "logCollections", id];
        let call = self.call(Method::Get, Area::Management, &path, &[])?;
        let request = call.name();
        let read: LogCollection = self.execute(call).await?;
        self.ensure_is_of_id(id, &read.operation_id, &read.status, request)?;
        Ok(read)
    }

    /// How far it is, device by device. May be repeated.
    pub async fn log_collection_status(&self, id: &str) -> Result<LogStatus, AzureError> {
        let path = ["deviceDiagnostics", "logCollections", id, "detailedStatus"];
        let call = self.call(Method::Get, Area::Management, &path, &[])?;
        let request = call.name();
        let read: LogStatus = self.execute(call).await?;
        self.ensure_is_of_id(id, &read.operation_id, &read.status, request)?;
        Ok(read)
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

/// Whether a device, and its module where one is meant, has an id that it can be found by.
fn has_ids(device: &LogDevice) -> bool {
    let is_id = |id: &str| !id.trim().is_empty() && !id.contains('/');
    is_id(&device.device_id) && device.module_id.as_deref().is_none_or(is_id)
}
