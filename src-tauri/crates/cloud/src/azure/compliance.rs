//! How many devices have which update: of the instance, a group, a subgroup.

use super::{AzureError, Compliance, DeviceUpdate, address::Area};

impl DeviceUpdate {
    /// Of all devices. May be repeated.
    pub async fn compliance(&self) -> Result<Compliance, AzureError> {
        let path = [self.segment("updateCompliance", "updatecompliance")];
        self.get(Area::Management, &path).await
    }

    /// Of a group. May be repeated.
    pub async fn group_compliance(&self, group: &str) -> Result<Compliance, AzureError> {
        self.get(Area::Management, &["groups", group, "updateCompliance"])
            .await
    }

    /// Of a subgroup. May be repeated.
    pub async fn subgroup_compliance(
        &self,
        group: &str,
        class: &str,
    ) -> Result<Compliance, AzureError> {
        self.ensure_current("subgroups")?;
        let path = [
            "groups",
            group,
            "deviceClassSubgroups",
            class,
            "updateCompliance",
        ];
        self.get(Area::Management, &path).await
    }
}
