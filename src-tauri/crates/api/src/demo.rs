//! The seam to the simulated world. Nothing here or below knows what it is made of; a face
//! registers who can open it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use firmdrop_core::Diagnosis;
use firmdrop_engine::AccessKey;

use crate::DemoFault;

/// A simulated world that is open. Dropping it ends it.
pub trait DemoWorld: std::fmt::Debug + Send + Sync {
    /// Address of its Pelion service.
    fn pelion_host(&self) -> String;
    /// The access key that service takes.
    fn access_key(&self) -> AccessKey;
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
    async fn open(&self) -> Result<Arc<dyn DemoWorld>, Diagnosis>;
    /// Takes the Pelion service of a world that another process on this home holds open, beside
    /// readers of its own. Fails when another port was asked for.
    fn join(&self, pelion_host: String) -> Result<Arc<dyn DemoWorld>, Diagnosis>;
}
