//! What the service says, as a screen or a table has it.

use std::collections::BTreeMap;

use firmdrop_cloud::azure::deploying::{Reported, is_over};
use firmdrop_cloud::azure::{
    Deployment, DeploymentStatus, Device, Group, Operation, Update, UpdateFile, UpdateId,
    UpdateInfo,
};
use firmdrop_core::{Diagnose as _, Diagnosis};
use serde::Serialize;

use super::agent_report::AgentReport;

/// An imported update.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct UpdateRow {
    /// `PROVIDER/NAME/VERSION`, for a list.
    pub id: String,
    /// Who made it.
    pub provider: String,
    /// What it is for.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The name that the importer gave it.
    pub friendly_name: Option<String>,
    /// Its description.
    pub description: Option<String>,
    /// Whether it may be deployed on its own.
    pub is_deployable: bool,
    /// The devices it is for: any of these sets.
    pub compatibility: Vec<BTreeMap<String, String>>,
    /// Handlers of its steps, in their order; a referenced update by its id.
    pub steps: Vec<String>,
    /// Updates that have it as a step.
    pub referenced_by: Vec<String>,
    /// Version of its manifest.
    pub manifest_version: String,
    /// When it was imported.
    pub imported: String,
    /// What the service's search for malware found.
    pub scan_result: Option<String>,
}

/// An update with its files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct UpdateView {
    /// The update.
    pub update: UpdateRow,
    /// Its files.
    pub files: Vec<FileRow>,
}

/// A file of an update.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct FileRow {
    /// Its name.
    pub name: String,
    /// Its size, bytes; `None` when the service does not say it.
    #[cfg_attr(feature = "specta", specta(type = Option<u32>))]
    pub size_bytes: Option<u64>,
    /// Its SHA-256 in base64, as the service writes it.
    pub sha256: Option<String>,
    /// Files that it can be made from.
    pub related: Vec<String>,
}

/// An import or a deletion.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct OperationRow {
    /// Its id.
    pub id: String,
    /// In the service's word.
    pub status: String,
    /// Whether nothing more will happen.
    pub is_over: bool,
    /// The update, once its manifest was read.
    pub update: Option<String>,
    /// When it was made.
    pub created: String,
    /// When it last changed.
    pub changed: String,
    /// What Microsoft's support asks for.
    pub trace_id: Option<String>,
    /// Why it failed.
    pub failure: Option<Diagnosis>,
}

/// A group of devices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct GroupRow {
    /// Its id.
    pub id: String,
    /// Number of its devices; `None` when the service does not say it.
    #[cfg_attr(feature = "specta", specta(type = Option<u32>))]
    pub devices: Option<u64>,
    /// When it appeared.
    pub created: String,
    /// Its active deployments; `None` when the service does not say them.
    pub deployments: Option<Vec<String>>,
    /// Classes of its devices that a newer update fits.
    #[cfg_attr(feature = "specta", specta(type = Option<u32>))]
    pub classes_with_new_updates: Option<u64>,
    /// Classes of its devices that have their best update.
    #[cfg_attr(feature = "specta", specta(type = Option<u32>))]
    pub classes_on_latest_update: Option<u64>,
}

/// A deployment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct DeploymentRow {
    /// Its id.
    pub id: String,
    /// Its group.
    pub group: String,
    /// The update.
    pub update: String,
    /// When it starts.
    pub start: String,
    /// Whether it was cancelled.
    pub is_canceled: bool,
    /// Whether it was tried again.
    pub is_retried: bool,
    /// Whether the service made it to go back to another update.
    pub is_rollback: bool,
    /// Classes of its devices.
    pub classes: Vec<String>,
}

/// A deployment and what its devices have reported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct DeploymentView {
    /// The deployment.
    pub deployment: DeploymentRow,
    /// In the service's word: `Active`.
    pub state: String,
    /// Why it failed.
    pub error: Option<String>,
    /// Devices by how they ended; `None` when the service leaves a number out.
    pub reported: Option<ReportedRow>,
    /// The same in words.
    pub in_words: String,
    /// No device is expected to report any more: the service ended it, or every device has reported.
    pub is_over: bool,
    /// Devices that have not reported how it ended; `None` when the service leaves a number out.
    #[cfg_attr(feature = "specta", specta(type = Option<u32>))]
    pub not_reported: Option<u64>,
}

/// Devices of a deployment by how they ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct ReportedRow {
    /// All of them.
    #[cfg_attr(feature = "specta", specta(type = u32))]
    pub total: u64,
    /// Those that have the update.
    #[cfg_attr(feature = "specta", specta(type = u32))]
    pub succeeded: u64,
    /// Those that failed.
    #[cfg_attr(feature = "specta", specta(type = u32))]
    pub failed: u64,
    /// Those it was cancelled for.
    #[cfg_attr(feature = "specta", specta(type = u32))]
    pub canceled: u64,
    /// Those under way.
    #[cfg_attr(feature = "specta", specta(type = u32))]
    pub in_progress: u64,
}

/// A device, or a module of one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename = "AduDeviceRow")]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct DeviceRow {
    /// Its id, the module's behind it: `gate-1/agent`.
    pub id: String,
    /// Its class.
    pub class: String,
    /// Its group.
    pub group: Option<String>,
    /// The update that it runs.
    pub installed: Option<String>,
    /// The update that it tried last.
    pub attempted: Option<String>,
    /// How that ended, in the service's word.
    pub status: Option<String>,
    /// What its agent reported, in words.
    pub result: Option<String>,
    /// The agent's extended code, as its logs write it: `0x30500004`.
    pub result_code: Option<String>,
    /// Whether the service counts it as having its best update.
    pub on_latest: Option<bool>,
    /// Its last deployment.
    pub last_deployment: Option<String>,
    /// What its agent reported, code by code.
    pub report: Option<AgentReport>,
}

impl From<Update> for UpdateRow {
    fn from(update: Update) -> Self {
        let steps = update.instructions.steps.into_iter();
        let steps = steps.map(|step| match (step.update_id, step.handler) {
            (Some(id), _) => id.to_string(),
            (None, handler) => handler.unwrap_or_default(),
        });
        Self {
            id: update.update_id.to_string(),
            provider: update.update_id.provider,
            name: update.update_id.name,
            version: update.update_id.version,
            friendly_name: update.friendly_name,
            description: update.description,
            is_deployable: update.is_deployable,
            compatibility: update.compatibility,
            steps: steps.chain(update.update_type).collect(),
            referenced_by: update
                .referenced_by
                .iter()
                .map(UpdateId::to_string)
                .collect(),
            manifest_version: update.manifest_version,
            imported: update.imported_date_time,
            scan_result: update.scan_result,
        }
    }
}

impl From<UpdateFile> for FileRow {
    fn from(file: UpdateFile) -> Self {
        Self {
            sha256: file.sha256().map(str::to_owned),
            name: file.file_name,
            size_bytes: file.size_in_bytes,
            related: file
                .related_files
                .into_iter()
                .map(|one| one.file_name)
                .collect(),
        }
    }
}

impl From<Operation> for OperationRow {
    fn from(operation: Operation) -> Self {
        Self {
            is_over: operation.status().is_over(),
            update: operation.subject().map(UpdateId::to_string),
            failure: operation.failure().map(|failure| failure.diagnose()),
            id: operation.operation_id,
            status: operation.status_word,
            created: operation.created_date_time,
            changed: operation.last_action_date_time,
            trace_id: operation.trace_id,
        }
    }
}

impl From<Group> for GroupRow {
    fn from(group: Group) -> Self {
        Self {
            id: group.group_id,
            devices: group.device_count,
            created: group.created_date_time,
            deployments: group.deployments,
            classes_with_new_updates: group.subgroups_with_new_updates_available_count,
            classes_on_latest_update: group.subgroups_with_on_latest_update_count,
        }
    }
}

impl From<Deployment> for DeploymentRow {
    fn from(deployment: Deployment) -> Self {
        Self {
            update: deployment
                .subject()
                .map(UpdateId::to_string)
                .unwrap_or_default(),
            id: deployment.deployment_id,
            group: deployment.group_id,
            start: deployment.start_date_time,
            is_canceled: deployment.is_canceled,
            is_retried: deployment.is_retried,
            is_rollback: deployment.is_cloud_initiated_rollback,
            classes: deployment.device_class_subgroups,
        }
    }
}

impl DeploymentView {
    /// A deployment with its status.
    pub(super) fn of(deployment: Deployment, status: DeploymentStatus) -> Self {
        let reported = Reported::of(&status);
        let subgroups = status.subgroup_status.iter();
        let errors = status
            .error
            .iter()
            .chain(subgroups.filter_map(|one| one.error.as_ref()));
        let errors: Vec<String> = errors.map(ToString::to_string).collect();
        Self {
            is_over: is_over(&status),
            not_reported: reported.map(|reported| reported.silent()),
            deployment: deployment.into(),
            state: status.deployment_state,
            error: (!errors.is_empty()).then(|| errors.join("; ")),
            in_words: reported.map_or_else(
                || "the service does not count its devices".to_owned(),
                |reported| reported.in_words(),
            ),
            reported: reported.map(ReportedRow::from),
        }
    }
}

impl From<Reported> for ReportedRow {
    fn from(reported: Reported) -> Self {
        let Reported {
            total,
            succeeded,
            failed,
            canceled,
            in_progress,
        } = reported;
        Self {
            total,
            succeeded,
            failed,
            canceled,
            in_progress,
        }
    }
}

impl From<Device> for DeviceRow {
    fn from(device: Device) -> Self {
        let id = match &device.module_id {
            Some(module) => format!("{}/{module}", device.device_id),
            None => device.device_id,
        };
        let shown = |update: Option<UpdateInfo>| update.map(|update| update.update_id.to_string());
        let report = device.last_install_result.map(AgentReport::from);
        let words = report.as_ref().and_then(|report| report.result.clone());
        let code = report.as_ref().and_then(|report| report.code.as_ref());
        let cause = code.and_then(|code| code.cause.as_ref());
        Self {
            id,
            class: device.device_class_id,
            group: device.group_id,
            installed: shown(device.installed_update),
            attempted: shown(device.last_attempted_update),
            status: device.deployment_status,
            result: match (words, cause) {
                (Some(words), Some(what)) => Some(format!("{words}: {what}")),
                (words, _) => words,
            },
            result_code: code.map(|code| code.hex.clone()),
            on_latest: device.on_latest_update,
            last_deployment: device.last_deployment_id,
            report,
        }
    }
}
