//! Azure Device Update for IoT Hub: updates and their import, groups and deployments, and the blob
//! storage that an import is read from.
//!
//! [`DeviceUpdate`] has one method per operation of the service, each one request. Nothing here knows
//! a device on the bench, a journal or a window.

mod account;
mod address;
mod api_version;
mod best_updates;
mod bounds;
mod client;
mod compliance;
mod connection;
mod deleting;
pub mod deploying;
mod deployments;
mod device_classes;
mod devices;
mod diagnostics;
mod error;
mod exchange;
mod groups;
mod import;
pub mod import_manifest;
pub mod importing;
mod limits;
mod list;
mod operations;
mod refusal;
pub mod result_code;
pub mod sign_in;
pub mod staging;
mod token;
mod updates;
mod wire;

pub use account::AzureAccount;
pub use api_version::{ApiVersion, UnknownApiVersion};
pub use bounds::{
    DEPLOYMENT_ID_CHARACTERS, DEVICE_CLASS_NAME_CHARACTERS, FRIENDLY_NAME_CHARACTERS,
    LOG_DESCRIPTION_CHARACTERS, LOG_DEVICES, LOOKS_WITHIN, MOST_FILES, MOST_IMPORT_ITEMS,
    MOST_JOBS_AT_ONCE, OPERATION_ID_CHARACTERS, USUAL_LOOK,
};
pub use client::{DeviceUpdate, RequestId};
pub use deleting::DeletionError;
pub use deployments::{DeploymentDeviceQuery, DownloadSecurity, NewDeployment, SubgroupDeployment};
pub use devices::{DeviceImport, DeviceQuery};
pub use diagnostics::HealthQuery;
pub use error::AzureError;
pub use import::{Accepted, ImportItem, StagedFile, StagedManifest};
pub use list::{List, Page};
pub use operations::{OperationLocation, Polled};
pub use refusal::{OperationFailure, Refusal, Traces};
pub use token::{AccessToken, Resource, TokenError, TokenSource};
pub use updates::UpdateQuery;
pub use wire::{
    BestUpdate, Compliance, Counter, Counters, Deployment, DeploymentDevice, DeploymentStatus,
    Device, DeviceClass, DeviceClassProperties, DeviceHealth, DeviceOperation, DownloadHandler,
    ErrorCause, Group, HealthCheck, InstallResult, InstanceLimits, Instructions, LogCollection,
    LogDevice, LogDeviceStatus, LogStatus, Operation, OperationStatus, RelatedFile,
    RollbackFailure, RollbackPolicy, ServiceError, Step, StepResult, Subgroup, SubgroupStatus,
    Update, UpdateFile, UpdateId, UpdateInfo,
};
