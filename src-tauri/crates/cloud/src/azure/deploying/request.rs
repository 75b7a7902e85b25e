//! What is deployed, to whom, and how many devices that may be.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::azure::{DownloadSecurity, UpdateId};

/// An update as far as it decides which devices it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deployable {
    /// The update.
    pub id: UpdateId,
    /// The devices it is for: those whose class has all properties of one of these sets.
    pub compatibility: Vec<BTreeMap<String, String>>,
}

/// A deployment that a user confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeployRequest {
    /// The update.
    pub update: Deployable,
    /// The group.
    pub group: String,
    /// Its id, the caller's own, so that a repeated start is the same deployment.
    pub deployment_id: String,
    /// When it starts, RFC 3339.
    pub start: String,
    /// How devices download; the service decides when absent.
    pub download_security: Option<DownloadSecurity>,
    /// How many devices must match at its start; any other number starts nothing.
    pub expected_devices: u64,
    /// How long it is waited for.
    pub waits: DeployWaits,
}

/// How long and how often a deployment is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeployWaits {
    /// Time between two looks.
    pub look: Duration,
    /// How long a deployment that was started, or an update that was imported, may be unknown to the service.
    pub appears_within: Duration,
    /// How long a started deployment is watched. Devices that have not reported by then are unknown.
    pub watch_within: Duration,
}

impl Default for DeployWaits {
    fn default() -> Self {
        Self {
            look: Duration::from_secs(30),
            appears_within: Duration::from_mins(1),
            watch_within: Duration::from_hours(24 * 30),
        }
    }
}
