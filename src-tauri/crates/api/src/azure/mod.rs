//! Azure Device Update as faces use it: the acts on an account, and what is made of the service's
//! types for a screen. Import manifests need no account, and so their acts are functions.
//!
//! Deliveries are no acts of this module: a plan of any kind of destination becomes a job.

mod agent_report;
mod deployments;
mod edited_manifest;
mod fleet;
mod fleet_rows;
mod logs;
mod manifest_file;
mod manifest_file_name;
mod manifests;
mod rows;
mod service;
mod stored_manifests;
mod update_files;
mod updates;
mod watching;

pub use agent_report::{AgentReport, ExplainedCode, StepReport, explain_code};
pub use deployments::StartDeployment;
pub use edited_manifest::{
    ManifestFinding, UpdateFile, UpdateFileFacts, check_manifest_text, mend_manifest_text,
    read_manifest_text, read_update_file,
};
pub use fleet_rows::{BestUpdateRow, ClassRow, ComplianceRow, HealthCheckRow, HealthRow};
pub use logs::{LogDeviceRow, LogRow, LogView, StartLogs};
pub use manifest_file_name::manifest_file_name;
pub use manifests::{
    CheckOptions, CheckedManifest, CreatedManifest, MendedManifest, PlacedFinding, check_manifests,
    create_manifest, mend_manifest, read_manifest, write_manifests,
};
pub use rows::{
    DeploymentRow, DeploymentView, DeviceRow, FileRow, GroupRow, OperationRow, ReportedRow,
    UpdateRow, UpdateView,
};
pub use service::Service;
pub(crate) use stored_manifests::sweep;
pub use update_files::{HashedFile, hash_files};
pub use watching::{DeploymentWatch, PollFailure};

pub use firmdrop_backend::azure::{
    AzureOptions, DeploySpec, NewUpdate, PlannedDeployment, PlannedImport, PlannedManifest,
};
pub use firmdrop_cloud::azure::deploying::{Reach, ReachedSubgroup, watch_phase};
pub use firmdrop_cloud::azure::import_manifest;
pub use firmdrop_cloud::azure::sign_in::DeviceCodePrompt;
pub use firmdrop_cloud::azure::{DEPLOYMENT_ID_CHARACTERS, DownloadSecurity, UpdateId};
