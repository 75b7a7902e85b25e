//! What the instance holds and the rules it follows: updates and their import, operations, devices in
//! groups and classes, deployments, and how all of it is stored between runs.
//!
//! Knows nothing of HTTP: paths, profiles and JSON of answers are the neighbour's, `http`.

pub(crate) mod manifest;

mod batch;
mod class;
mod contents;
mod demo;
mod deployment;
mod device;
mod inventory;
mod operation;
mod pace;
mod persistence;
mod problem;
mod progress;
mod publish;
mod rows;
mod saved;
mod store;
mod update;
mod version;

pub(crate) use batch::{Fetched, FetchedItem, check_file, check_manifest};
pub(crate) use class::DeviceClass;
pub(crate) use contents::LogCollection;
pub(crate) use deployment::{Deployment, DeploymentRequest, Member, MemberState, Subgroup};
pub use device::Outcome;
pub(crate) use device::{Device, InstallResult};
pub use inventory::{Fleet, Inventory};
pub(crate) use operation::{ImportFile, ImportItem, JobFaults, Kind, Operation, Status};
pub use pace::Pace;
pub(crate) use persistence::SavedState;
pub(crate) use problem::{Inner, Problem};
pub(crate) use progress::Compliance;
pub(crate) use store::Store;
pub(crate) use update::{Update, UpdateFile, UpdateId, written};
