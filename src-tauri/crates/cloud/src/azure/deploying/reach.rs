//! Whom a deployment would touch if it were started now. Changes nothing.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{DeployError, Deployable};
use crate::azure::{AzureError, Device, DeviceQuery, DeviceUpdate};

/// The devices of a group, seen from one update.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Reach {
    /// The group.
    pub group: String,
    /// Its subgroups: devices of one class.
    pub subgroups: Vec<ReachedSubgroup>,
}

/// The devices of one class within a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct ReachedSubgroup {
    /// Id of the class.
    pub class_id: String,
    /// What users call the class.
    pub class_name: Option<String>,
    /// What its devices report of themselves.
    pub properties: BTreeMap<String, String>,
    /// Whether the update is for them.
    pub fits: bool,
    /// Number of devices.
    #[cfg_attr(feature = "specta", specta(type = u32))]
    pub devices: u64,
    /// Those that have the update already.
    #[cfg_attr(feature = "specta", specta(type = u32))]
    pub have_it: u64,
    /// A deployment that is active there now; this one would replace it.
    pub active_deployment: Option<String>,
}

impl Reach {
    /// Devices that would get the update.
    pub fn matching(&self) -> u64 {
        self.fitting().map(|subgroup| subgroup.devices).sum()
    }

    /// Those of them that have it already.
    pub fn have_it(&self) -> u64 {
        self.fitting().map(|subgroup| subgroup.have_it).sum()
    }

    /// Devices of the group that the update is not for.
    pub fn not_for(&self) -> u64 {
        let others = self.subgroups.iter().filter(|subgroup| !subgroup.fits);
        others.map(|subgroup| subgroup.devices).sum()
    }

    /// Active deployments that this one would replace.
    pub fn replaced(&self) -> Vec<&str> {
        let active = self
            .fitting()
            .filter_map(|one| one.active_deployment.as_deref());
        active.collect()
    }

    fn fitting(&self) -> impl Iterator<Item = &ReachedSubgroup> {
        self.subgroups.iter().filter(|subgroup| subgroup.fits)
    }
}

/// Asks the service for the group's subgroups, their classes and their devices. Each question is asked as
/// often as the client repeats it: a failure is the caller's to judge.
pub async fn reach(
    service: &DeviceUpdate,
    group: &str,
    update: &Deployable,
) -> Result<Reach, DeployError> {
    let failed = |source: AzureError| DeployError::Service {
        source: Box::new(source),
        left: "Nothing was started.".to_owned(),
        resumable: false,
    };
    if update.compatibility.is_empty() {
        return Err(DeployError::NotKnownForWhom {
            update: update.id.clone(),
        });
    }
    let list = service.subgroups(group, None).map_err(failed)?;
    let mut subgroups = Vec::new();
    for subgroup in service.all(&list).await.map_err(failed)? {
        // A part of the group that the service does not name cannot be asked about.
        if subgroup.device_class_id.is_empty() {
            return Err(DeployError::NotCounted {
                group: group.to_owned(),
            });
        }
        let class = service
            .device_class(&subgroup.device_class_id)
            .await
            .map_err(failed)?;
        let properties = class.device_class_properties.compat_properties;
        // Whether the update is for devices of which nothing is known cannot be said.
        if properties.is_empty() {
            return Err(DeployError::ClassNotKnown {
                class: subgroup.device_class_id,
            });
        }
        let fits = update
            .compatibility
            .iter()
            .any(|set| is_met(set, &properties));
        let query = DeviceQuery {
            group: Some(group.to_owned()),
            class: Some(subgroup.device_class_id.clone()),
            ..DeviceQuery::default()
        };
        let devices = service.devices(&query).map_err(failed)?;
        let mut devices = service.all(&devices).await.map_err(failed)?;
        // A filter that the service does not carry out lists others too.
        devices.retain(|device| may_be_in(device, group, &subgroup.device_class_id));
        let has_it = |device: &&Device| {
            let installed = device.installed_update.as_ref();
            installed.is_some_and(|installed| installed.update_id.is_same(&update.id))
        };
        let have_it = devices.iter().filter(has_it).count() as u64;
        let counted = devices.len() as u64;
        let said = subgroup
            .device_count
            .ok_or_else(|| DeployError::NotCounted {
                group: group.to_owned(),
            })?;
        subgroups.push(ReachedSubgroup {
            class_id: subgroup.device_class_id,
            class_name: class.friendly_name,
            properties,
            fits,
            // Both are the service's; the greater one is confirmed, so that nobody is touched uncounted.
            devices: said.max(counted),
            have_it,
            active_deployment: subgroup.deployment_id,
        });
    }
    Ok(Reach {
        group: group.to_owned(),
        subgroups,
    })
}

/// Whether the device may be of this class and group: what it does not say counts as that.
fn may_be_in(device: &Device, group: &str, class: &str) -> bool {
    let is_or_unsaid =
        |said: &str, asked: &str| said.is_empty() || said.eq_ignore_ascii_case(asked);
    is_or_unsaid(&device.device_class_id, class)
        && is_or_unsaid(device.group_id.as_deref().unwrap_or_default(), group)
}

/// Whether devices with these properties are meant by this set. Whether the service regards the case of
/// names and values is not documented; disregarding it leaves no device uncounted.
fn is_met(set: &BTreeMap<String, String>, properties: &BTreeMap<String, String>) -> bool {
    let has = |(name, value): (&String, &String)| {
        let mut all = properties.iter();
        all.any(|(n, v)| n.eq_ignore_ascii_case(name) && v.eq_ignore_ascii_case(value))
    };
    !set.is_empty() && set.iter().all(has)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        pairs.iter().map(owned).collect()
    }

    #[test]
    fn devices_are_meant_when_they_have_every_property_of_one_set() {
        let device = set(&[
            ("manufacturer", "Contoso"),
            ("model", "Toaster"),
            ("other", "x"),
        ]);
        assert!(is_met(
            &set(&[("Manufacturer", "contoso"), ("model", "Toaster")]),
            &device
        ));
        assert!(!is_met(
            &set(&[("manufacturer", "Contoso"), ("model", "Kettle")]),
            &device
        ));
        assert!(!is_met(&set(&[("deviceModel", "Toaster")]), &device));
        assert!(
            !is_met(&BTreeMap::new(), &device),
            "nothing is not everything"
        );
    }

    #[test]
    fn only_devices_that_are_meant_are_counted() {
        let subgroup = |fits, devices, have_it, active: Option<&str>| ReachedSubgroup {
            class_id: String::new(),
            class_name: None,
            properties: BTreeMap::new(),
            fits,
            devices,
            have_it,
            active_deployment: active.map(str::to_owned),
        };
        let reach = Reach {
            group: "g".into(),
            subgroups: vec![
                subgroup(true, 5, 2, Some("before")),
                subgroup(false, 7, 0, Some("another")),
                subgroup(true, 1, 0, None),
            ],
        };
        assert_eq!(
            (reach.matching(), reach.have_it(), reach.not_for()),
            (6, 2, 7)
        );
        assert_eq!(reach.replaced(), ["before"]);
    }
}
