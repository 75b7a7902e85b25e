//! Deployments and how far they are.

use serde::{Deserialize, Serialize};

use super::{
    ServiceError, UpdateId, UpdateInfo, count, each, flag, maybe_text, or_default, service_error,
    text,
};

/// An update for the devices of a group.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Deployment {
    /// Its id, which the caller gave it.
    #[serde(default, deserialize_with = "text")]
    pub deployment_id: String,
    /// When it starts.
    #[serde(default, deserialize_with = "text")]
    pub start_date_time: String,
    /// The update.
    #[serde(default, deserialize_with = "or_default")]
    pub update: Option<UpdateInfo>,
    /// The same in the version of 2021.
    #[serde(
        default,
        deserialize_with = "or_default",
        skip_serializing_if = "Option::is_none"
    )]
    pub update_id: Option<UpdateId>,
    /// The group.
    #[serde(default, deserialize_with = "text")]
    pub group_id: String,
    /// Classes of the devices that the update fits.
    #[serde(default, deserialize_with = "each")]
    pub device_class_subgroups: Vec<String>,
    /// Whether it was cancelled.
    #[serde(default, deserialize_with = "flag")]
    pub is_canceled: bool,
    /// Whether it was tried again.
    #[serde(default, deserialize_with = "flag")]
    pub is_retried: bool,
    /// `https` or `http`; `None` from versions before 2026.
    #[serde(default, deserialize_with = "maybe_text")]
    pub download_security: Option<String>,
    /// When the service goes back to another update.
    #[serde(default, deserialize_with = "or_default")]
    pub rollback_policy: Option<RollbackPolicy>,
    /// Whether the service made it to go back.
    #[serde(default, deserialize_with = "flag")]
    pub is_cloud_initiated_rollback: bool,
}

impl Deployment {
    /// The update that it is for.
    pub fn subject(&self) -> Option<&UpdateId> {
        let update = self.update.as_ref().map(|update| &update.update_id);
        update.or(self.update_id.as_ref())
    }
}

/// When the service goes back to another update, and to which.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RollbackPolicy {
    /// The update to go back to.
    #[serde(default, deserialize_with = "or_default")]
    pub update: UpdateInfo,
    /// When.
    #[serde(default, deserialize_with = "or_default")]
    pub failure: RollbackFailure,
}

/// Both numbers must be reached.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RollbackFailure {
    /// Share of the devices that failed, percent.
    #[serde(default, deserialize_with = "count")]
    pub devices_failed_percentage: Option<u64>,
    /// Number of the devices that failed.
    #[serde(default, deserialize_with = "count")]
    pub devices_failed_count: Option<u64>,
}

/// How far a deployment is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeploymentStatus {
    /// The group.
    #[serde(default, deserialize_with = "text")]
    pub group_id: String,
    /// `Active`, `ActiveWithSubgroupFailures`, `Failed`, `Inactive`, `Canceled`; others may come.
    #[serde(default, deserialize_with = "text")]
    pub deployment_state: String,
    /// Why it failed.
    #[serde(default, deserialize_with = "service_error::maybe")]
    pub error: Option<ServiceError>,
    /// Each subgroup.
    #[serde(default, deserialize_with = "each")]
    pub subgroup_status: Vec<SubgroupStatus>,
}

/// How far a deployment is in one subgroup. A number that the service did not say is `None`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SubgroupStatus {
    /// The group.
    #[serde(default, deserialize_with = "text")]
    pub group_id: String,
    /// The class.
    #[serde(default, deserialize_with = "text")]
    pub device_class_id: String,
    /// `Active`, `Failed`, `Inactive`, `Canceled`; others may come.
    #[serde(default, deserialize_with = "text")]
    pub deployment_state: String,
    /// Why it failed.
    #[serde(default, deserialize_with = "service_error::maybe")]
    pub error: Option<ServiceError>,
    /// All devices.
    #[serde(default, deserialize_with = "count")]
    pub total_devices: Option<u64>,
    /// Those under way.
    #[serde(default, deserialize_with = "count")]
    pub devices_in_progress_count: Option<u64>,
    /// Those that failed.
    #[serde(default, deserialize_with = "count")]
    pub devices_completed_failed_count: Option<u64>,
    /// Those that have it.
    #[serde(default, deserialize_with = "count")]
    pub devices_completed_succeeded_count: Option<u64>,
    /// Those for which it was cancelled.
    #[serde(default, deserialize_with = "count")]
    pub devices_canceled_count: Option<u64>,
}

/// A device of a deployment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeploymentDevice {
    /// Its id.
    #[serde(default, deserialize_with = "text")]
    pub device_id: String,
    /// The module's id.
    #[serde(default, deserialize_with = "maybe_text")]
    pub module_id: Option<String>,
    /// How often it was tried again.
    #[serde(default, deserialize_with = "count")]
    pub retry_count: Option<u64>,
    /// Whether a newer deployment took it over.
    #[serde(default, deserialize_with = "flag")]
    pub moved_on_to_new_deployment: bool,
    /// `Succeeded`, `InProgress`, `Canceled`, `Failed`; others may come.
    #[serde(default, deserialize_with = "text")]
    pub device_state: String,
}
