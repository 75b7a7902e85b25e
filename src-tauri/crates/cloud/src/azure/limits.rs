//! What an instance uses of what it may use.

use super::{ApiVersion, AzureError, DeviceUpdate, InstanceLimits, address::Area};

impl DeviceUpdate {
    /// Usage and quota of devices, classes, groups and deployments. Only the preview of 2023 has it.
    /// Updates are not among them. May be repeated.
    pub async fn limits(&self) -> Result<InstanceLimits, AzureError> {
        let has = self.version == ApiVersion::V2023_10_01Preview;
        self.ensure(has, "the limits of an instance")?;
        self.get(Area::Instance, &["limits"]).await
    }
}
