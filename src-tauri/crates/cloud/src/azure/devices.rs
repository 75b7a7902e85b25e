//! The operations of devices that the service knows from its hub.

use firmdrop_net::Method;
use serde_json::json;

use super::{
    AzureError, Device, DeviceOperation, DeviceUpdate, List, OperationLocation, Polled,
    address::Area, exchange::Call, groups::quoted,
};

/// Which devices are listed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeviceQuery {
    /// Those of this group.
    pub group: Option<String>,
    /// Those of this class.
    pub class: Option<String>,
    /// Those in this state of their last deployment: `Failed`. The service takes it together with a
    /// group only.
    pub deployment_status: Option<String>,
}

/// What is imported from the hub.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceImport {
    /// Devices and modules.
    All,
    /// Devices alone.
    Devices,
    /// Modules alone.
    Modules,
}

impl DeviceUpdate {
    /// The devices of the instance.
    pub fn devices(&self, query: &DeviceQuery) -> Result<List<Device>, AzureError> {
        let condition = |name: &str, value: &Option<String>| {
            value
                .as_ref()
                .map(|value| format!("{name} eq {}", quoted(value)))
        };
        let conditions: Vec<String> = [
            condition("groupId", &query.group),
            condition("deviceClassId", &query.class),
            condition("deploymentStatus", &query.deployment_status),
        ]
        .into_iter()
        .flatten()
        .collect();
        let filter = conditions.join(" and ");
        let pairs = self.pairs((!filter.is_empty()).then_some(&filter), None);
        self.list(Area::Management, &["devices"], &pairs)
    }

    /// One device. May be repeated.
    pub async fn device(&self, device: &str) -> Result<Device, AzureError> {
        self.get(Area::Management, &["devices", device]).await
    }

    /// A module of a device. May be repeated.
    pub async fn device_module(&self, device: &str, module: &str) -> Result<Device, AzureError> {
        self.get(Area::Management, &["devices", device, "modules", module])
            .await
    }

    /// Asks the service to read the devices of its hub. May be repeated: what is there stays.
    pub async fn import_devices(
        &self,
        what: DeviceImport,
    ) -> Result<Option<OperationLocation>, AzureError> {
        self.ensure_current("the import of devices")?;
        // The body is a bare text, not an object.
        let body = match what {
            DeviceImport::All => json!("All"),
            DeviceImport::Devices => json!("Devices"),
            DeviceImport::Modules => json!("Modules"),
        };
        let call = self.call(Method::Post, Area::Management, &["devices:import"], &[])?;
        let answer = self.exchange(call.json(&body)).await?;
        Ok(OperationLocation::of(&answer))
    }

    /// The operations on devices of the last seven days.
    pub fn device_operations(&self) -> Result<List<DeviceOperation>, AzureError> {
        self.list(Area::Management, &["operations"], &[])
    }

    /// Looks at an operation on devices where the service said that it is. May be repeated.
    pub async fn device_operation(
        &self,
        location: &OperationLocation,
        etag: Option<&str>,
    ) -> Result<Polled<DeviceOperation>, AzureError> {
        let url = self.own_address("Operation-Location", location.as_str())?;
        self.poll(Call::new(Method::Get, url).unless(etag)).await
    }
}
