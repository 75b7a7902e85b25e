//! How long a delivery waits for the service, and how often it asks.

use firmdrop_cloud::azure::deploying::DeployWaits;
use firmdrop_cloud::azure::importing::ImportWaits;

/// The waits of a delivery.
#[derive(Debug, Clone, Copy, Default)]
pub struct AzureWaits {
    /// Of an import.
    pub import: ImportWaits,
    /// Of a deployment.
    pub deploy: DeployWaits,
}
