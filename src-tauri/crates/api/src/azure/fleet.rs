//! Devices of an instance, their classes, and how many have their best update.

use firmdrop_cloud::azure::{DeviceHealth, DeviceQuery, HealthQuery};
use firmdrop_core::Diagnosis;

use super::fleet_rows::{BestUpdateRow, ClassRow, ComplianceRow, HealthRow};
use super::rows::DeviceRow;
use super::service::{Service, diagnosed};

impl Service {
    /// The newest update that fits each class of a group's devices.
    pub async fn best_updates(&self, group: &str) -> Result<Vec<BestUpdateRow>, Diagnosis> {
        let best = self.all(|service| service.best_updates(group)).await?;
        Ok(best.into_iter().map(BestUpdateRow::from).collect())
    }

    /// How many devices have their best update: of a group, or of the instance.
    pub async fn compliance(&self, group: Option<&str>) -> Result<ComplianceRow, Diagnosis> {
        let service = self.client().await?;
        let compliance = match group {
            Some(group) => service.group_compliance(group).await,
            None => service.compliance().await,
        };
        Ok(compliance.map_err(diagnosed)?.into())
    }

    /// The device classes of the instance.
    pub async fn device_classes(&self) -> Result<Vec<ClassRow>, Diagnosis> {
        let classes = self.all(|service| service.device_classes(None)).await?;
        Ok(classes.into_iter().map(ClassRow::from).collect())
    }

    /// The updates that fit a device class, `PROVIDER/NAME/VERSION`.
    pub async fn updates_of_class(&self, class: &str) -> Result<Vec<String>, Diagnosis> {
        let updates = self
            .all(|service| service.installable_updates(class))
            .await?;
        let ids = updates.iter().map(|update| update.update_id.to_string());
        Ok(ids.collect())
    }

    /// Gives a device class a name of 1 to 100 letters, digits, dots and dashes.
    pub async fn rename_class(&self, class: &str, name: &str) -> Result<ClassRow, Diagnosis> {
        let service = self.client().await?;
        let renamed = service.rename_device_class(class, name).await;
        Ok(renamed.map_err(diagnosed)?.into())
    }

    /// The devices of a group, or of the instance.
    pub async fn devices(&self, group: Option<String>) -> Result<Vec<DeviceRow>, Diagnosis> {
        let query = DeviceQuery {
            group,
            ..DeviceQuery::default()
        };
        let devices = self.all(|service| service.devices(&query)).await?;
        Ok(devices.into_iter().map(DeviceRow::from).collect())
    }

    /// What a device's agent and its twin look like to the service; `None` when it says nothing of
    /// them.
    pub async fn device_health(&self, device: &str) -> Result<Option<HealthRow>, Diagnosis> {
        let (id, _) = device.split_once('/').unwrap_or((device, ""));
        let query = HealthQuery::Device(id.to_owned());
        let health = self.all(|service| service.device_health(&query)).await?;
        Ok(health_of(health, device).map(HealthRow::from))
    }
}

/// What is said of this device, or of its module where one is named behind it. What is said of another is nothing
/// of this one.
fn health_of(all: Vec<DeviceHealth>, device: &str) -> Option<DeviceHealth> {
    let (id, module) = match device.split_once('/') {
        Some((id, module)) => (id, Some(module)),
        None => (device, None),
    };
    let is_it = |one: &DeviceHealth| {
        one.device_id == id && (module.is_none() || one.module_id.as_deref() == module)
    };
    all.into_iter().find(is_it)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_health_of_another_device_or_module_is_not_that_of_this_one() {
        let diagnosed = |device: &str, module: Option<&str>| DeviceHealth {
            device_id: device.to_owned(),
            module_id: module.map(str::to_owned),
            state: "healthy".to_owned(),
            ..DeviceHealth::default()
        };
        let all = || vec![diagnosed("other", None), diagnosed("gate-1", Some("agent"))];
        assert!(health_of(all(), "gate-1").is_some());
        assert!(health_of(all(), "gate-1/agent").is_some());
        for none in ["gate-1/another", "gate-2", "Other"] {
            assert_eq!(health_of(all(), none), None, "{none}");
        }
    }
}
