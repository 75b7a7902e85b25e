//! What a user can choose of a delivery to Device Update.

use std::collections::BTreeMap;

use firmdrop_cloud::azure::DownloadSecurity;
use firmdrop_core::{Code, Diagnosis, Remedy};
use firmdrop_engine::DeliveryOptions;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Names of the options.
pub(super) const UPDATE: &str = "update";
pub(super) const LEAVE_STAGED: &str = "leave_staged";
pub(super) const DEPLOY: &str = "deploy";

/// Options of this kind of destination, beside those that every kind has. Name and description of the
/// delivery are the friendly name and the description of the update.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct AzureOptions {
    /// The update that the files become; not needed when an import manifest is among them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub update: Option<NewUpdate>,
    /// What was staged is not deleted afterwards.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub leave_staged: bool,
    /// A deployment after the import.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deploy: Option<DeploySpec>,
}

/// An update that is made from files.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct NewUpdate {
    /// Who makes it.
    pub provider: String,
    /// What it is for.
    pub name: String,
    /// Two to four numbers with dots between them.
    pub version: String,
    /// The devices it is for: each a set of the properties that their agents report.
    pub compatibility: Vec<BTreeMap<String, String>>,
    /// The handler on the device; chosen by the files when absent.
    #[serde(default)]
    pub handler: Option<String>,
    /// Properties for the handler, such as `installedCriteria`.
    #[serde(default)]
    pub properties: BTreeMap<String, String>,
    /// Each file is a step of its own.
    #[serde(default)]
    pub step_for_each_file: bool,
}

/// A deployment after the import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct DeploySpec {
    /// The group.
    pub group: String,
    /// How many devices must match at the start; any other number starts nothing.
    #[cfg_attr(feature = "specta", specta(type = u32))]
    pub expect_devices: u64,
    /// Id of the deployment; made from that of the job when absent.
    #[serde(default)]
    pub deployment_id: Option<String>,
    /// How devices download; the service decides when absent.
    #[serde(default)]
    pub download_security: Option<DownloadSecurity>,
}

impl AzureOptions {
    /// The options as a delivery holds them. What is absent is left out.
    pub fn to_map(&self) -> Map<String, Value> {
        match serde_json::to_value(self) {
            Ok(Value::Object(map)) => map,
            _ => Map::new(),
        }
    }

    /// The options of this kind among those of a delivery. One that this kind does not know is
    /// refused.
    pub fn read(options: &DeliveryOptions) -> Result<Self, Diagnosis> {
        let own = Value::Object(options.own.clone());
        Self::deserialize(own).map_err(|error| {
            Diagnosis::new(
                Code::OptionUnknown,
                "An option of the delivery cannot be used.",
                error.to_string(),
            )
            .state("Nothing was sent.")
            .remedy(Remedy::PlanAgain)
        })
    }
}
