//! The seam to the simulated world. Nothing here or below knows what it is made of; a face
//! registers who can open it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use firmdrop_core::Diagnosis;
use firmdrop_engine::{DemoAddress, Secrets};

use crate::DemoFault;

/// A service of the simulated world.
#[derive(Debug, Clone)]
pub struct DemoService {
    /// Where it is.
    pub address: DemoAddress,
    /// What users call it.
    pub title: String,
    /// The secrets it accepts.
    pub secrets: Secrets,
}

/// A simulated world that is open. Dropping it ends it.
pub trait DemoWorld: std::fmt::Debug + Send + Sync {
    /// Its services.
    fn services(&self) -> Vec<DemoService>;
    /// Its faults and whether they are on; none when they are another process's.
    fn faults(&self) -> Vec<DemoFault>;
    /// Switches a fault; `false` when there is none of that name.
    fn set_fault(&self, key: &str, on: bool) -> bool;
    /// Writes a firmware file to try with into the folder, unless it is there.
    fn sample(&self, folder: &Path) -> std::io::Result<PathBuf>;
}

/// Opens the simulated world.
#[async_trait]
pub trait DemoMaker: std::fmt::Debug + Send + Sync {
    /// Opens it, its readers included: they appear through the providers it was registered with.
    /// What its services hold is stored in the folder, so that the next one opened there has it.
    async fn open(&self, folder: &Path) -> Result<Arc<dyn DemoWorld>, Diagnosis>;
    /// Uses the services of a world that another process on this home has open, beside readers of
    /// its own. Fails when a service was requested at another place.
    fn join(&self, services: Vec<DemoAddress>) -> Result<Arc<dyn DemoWorld>, Diagnosis>;
}
