//! What a plan of this kind holds beyond what all plans have.

use std::collections::BTreeMap;

use firmdrop_cloud::azure::DownloadSecurity;
use firmdrop_cloud::azure::UpdateId;
use firmdrop_cloud::azure::deploying::Reach;
use firmdrop_core::{Code, Diagnosis, Remedy};
use firmdrop_engine::Plan;
use serde::{Deserialize, Serialize};

/// Its name in the plan.
const IMPORT: &str = "import";

/// The import, and the deployment after it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct PlannedImport {
    /// The updates; the one that is deployed comes first.
    pub updates: Vec<PlannedManifest>,
    /// The deployment.
    pub deployment: Option<PlannedDeployment>,
}

/// One update with its manifest, byte for byte.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename = "PlannedUpdate")]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct PlannedManifest {
    /// What it is known by.
    pub id: UpdateId,
    /// The name that lists show.
    pub friendly_name: Option<String>,
    /// What the manifest's file is called.
    pub manifest_name: String,
    /// The manifest.
    pub manifest: String,
    /// Its files: what the manifest calls them, and their places among the files of the plan.
    pub files: Vec<PlannedFileName>,
    /// The devices it is for.
    pub compatibility: Vec<BTreeMap<String, String>>,
    /// What is probably not meant, one sentence each.
    pub warnings: Vec<String>,
}

/// A file of an update.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct PlannedFileName {
    /// What the manifest calls it.
    pub name: String,
    /// Its place among the files of the plan.
    #[cfg_attr(feature = "specta", specta(type = u32))]
    pub file: usize,
}

/// The deployment after the import.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct PlannedDeployment {
    /// The group.
    pub group: String,
    /// Id of the deployment; made from that of the job when absent.
    pub deployment_id: Option<String>,
    /// How devices download; the service decides when absent.
    pub download_security: Option<DownloadSecurity>,
    /// How many devices must match at the start.
    #[cfg_attr(feature = "specta", specta(type = u32))]
    pub expect_devices: u64,
    /// Whom it would touch, as the service said when it was planned.
    pub reach: Reach,
}

impl PlannedImport {
    /// Puts it into a plan.
    pub(super) fn put_into(&self, plan: &mut Plan) -> Result<(), Diagnosis> {
        let value = serde_json::to_value(self).map_err(|error| unreadable(&error.to_string()))?;
        plan.own.insert(IMPORT.to_owned(), value);
        Ok(())
    }

    /// The import of a plan of this kind.
    pub fn of(plan: &Plan) -> Result<Self, Diagnosis> {
        let value = plan
            .own
            .get(IMPORT)
            .ok_or_else(|| unreadable("It has no import."))?;
        Self::deserialize(value).map_err(|error| unreadable(&error.to_string()))
    }

    /// Its updates, as a sentence names them.
    pub(super) fn names(&self) -> String {
        let names: Vec<String> = self.updates.iter().map(|one| one.id.to_string()).collect();
        names.join(" and ")
    }
}

fn unreadable(why: &str) -> Diagnosis {
    Diagnosis::new(
        Code::Internal,
        "The plan of the import cannot be read.",
        why,
    )
    .state("Nothing was sent by this run.")
    .remedy(Remedy::PlanAgain)
}
