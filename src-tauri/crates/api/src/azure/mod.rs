//! Azure Device Update as faces use it: the acts on an account, and what is made of the service's
//! types for a screen.
//!
//! Deliveries are no acts of this module: a plan of any kind of destination becomes a job.

mod deployments;
mod rows;
mod service;
mod updates;

pub use deployments::StartDeployment;
pub use rows::{
    DeploymentRow, DeploymentView, DeviceRow, FileRow, GroupRow, OperationRow, ReportedRow,
    UpdateRow, UpdateView,
};
pub use service::Service;

pub use firmdrop_backend::azure::{
    AzureOptions, DeploySpec, NewUpdate, PlannedDeployment, PlannedImport, PlannedManifest,
};
pub use firmdrop_cloud::azure::deploying::{Reach, ReachedSubgroup};
pub use firmdrop_cloud::azure::sign_in::DeviceCodePrompt;
pub use firmdrop_cloud::azure::{BestUpdate, Compliance, DeviceClass, DownloadSecurity, UpdateId};
