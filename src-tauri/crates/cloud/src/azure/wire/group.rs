//! Groups of devices, their subgroups, and what is known about them.

use serde::{Deserialize, Serialize};

use super::{UpdateInfo, count, maybe_text, or_default, text};

/// A group: the devices with one value of the tag `ADUGroup`, or with none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Group {
    /// Its id: the value of the tag, or `$default`.
    #[serde(default, deserialize_with = "text")]
    pub group_id: String,
    /// `IoTHubTag` or `DefaultNoTag`; others may come.
    #[serde(default, deserialize_with = "text")]
    pub group_type: String,
    /// When it appeared.
    #[serde(default, deserialize_with = "text")]
    pub created_date_time: String,
    /// Number of its devices.
    #[serde(default, deserialize_with = "count")]
    pub device_count: Option<u64>,
    /// Subgroups that a newer update fits.
    #[serde(default, deserialize_with = "count")]
    pub subgroups_with_new_updates_available_count: Option<u64>,
    /// Subgroups in which an update is under way.
    #[serde(default, deserialize_with = "count")]
    pub subgroups_with_updates_in_progress_count: Option<u64>,
    /// Subgroups that have their best update.
    #[serde(default, deserialize_with = "count")]
    pub subgroups_with_on_latest_update_count: Option<u64>,
    /// Ids of its active deployments; `None` when the service does not say them.
    #[serde(default, deserialize_with = "or_default")]
    pub deployments: Option<Vec<String>>,
}

/// The devices of a group that have one class.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Subgroup {
    /// Its class.
    #[serde(default, deserialize_with = "text")]
    pub device_class_id: String,
    /// Its group.
    #[serde(default, deserialize_with = "text")]
    pub group_id: String,
    /// When it appeared.
    #[serde(default, deserialize_with = "text")]
    pub created_date_time: String,
    /// Number of its devices.
    #[serde(default, deserialize_with = "count")]
    pub device_count: Option<u64>,
    /// Id of its active deployment.
    #[serde(default, deserialize_with = "maybe_text")]
    pub deployment_id: Option<String>,
}

/// The newest update that fits devices of a subgroup.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BestUpdate {
    /// The group.
    #[serde(default, deserialize_with = "text")]
    pub group_id: String,
    /// The class.
    #[serde(default, deserialize_with = "text")]
    pub device_class_id: String,
    /// The update.
    #[serde(default, deserialize_with = "or_default")]
    pub update: UpdateInfo,
    /// Devices that it fits.
    #[serde(default, deserialize_with = "count")]
    pub device_count: Option<u64>,
}

/// How many devices have which update. A number that the service did not say is `None`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Compliance {
    /// All of them.
    #[serde(default, deserialize_with = "count")]
    pub total_device_count: Option<u64>,
    /// Those with their best update.
    #[serde(default, deserialize_with = "count")]
    pub on_latest_update_device_count: Option<u64>,
    /// Those that a newer one fits.
    #[serde(default, deserialize_with = "count")]
    pub new_updates_available_device_count: Option<u64>,
    /// Those in which one is under way.
    #[serde(default, deserialize_with = "count")]
    pub updates_in_progress_device_count: Option<u64>,
}

/// What an instance uses of what it may use.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstanceLimits {
    /// Each kind.
    #[serde(default, deserialize_with = "or_default")]
    pub counters: Counters,
}

/// Each kind of object that is limited.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Counters {
    /// Devices.
    #[serde(default, deserialize_with = "or_default")]
    pub device_count: Option<Counter>,
    /// Device classes.
    #[serde(default, deserialize_with = "or_default")]
    pub device_class_count: Option<Counter>,
    /// Groups.
    #[serde(default, deserialize_with = "or_default")]
    pub device_group_count: Option<Counter>,
    /// Active deployments.
    #[serde(default, deserialize_with = "or_default")]
    pub active_deployment_count: Option<Counter>,
    /// All deployments.
    #[serde(default, deserialize_with = "or_default")]
    pub deployment_count: Option<Counter>,
}

/// How many there are and may be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counter {
    /// There are.
    #[serde(default, deserialize_with = "count")]
    pub usage: Option<u64>,
    /// There may be.
    #[serde(default, deserialize_with = "count")]
    pub quota: Option<u64>,
}

#[cfg(test)]
mod tests {
    use super::Group;

    #[test]
    fn a_group_without_deployments_does_not_say_that_it_has_none() {
        let read = |text: &str| serde_json::from_str::<Group>(text).unwrap().deployments;
        assert_eq!(read(r#"{"groupId":"lab"}"#), None);
        assert_eq!(read(r#"{"groupId":"lab","deployments":null}"#), None);
        assert_eq!(read(r#"{"deployments":[]}"#), Some(Vec::new()));
    }
}
