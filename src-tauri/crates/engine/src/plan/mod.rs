//! A plan: everything a delivery will do, as plain data, before anything is touched.

mod campaign;
mod campaign_planner;
mod campaign_refusal;
mod image_file;
mod manifest_request;
mod planner;

pub use campaign::{CampaignSpec, ManifestSpec, PlannedCampaign, PlannedManifest};
pub use campaign_planner::DEMO_KEY;
pub use image_file::{digest, inspect, sha256};
pub use planner::{LONGEST_DESCRIPTION, LONGEST_NAME};

use std::path::PathBuf;

use firmdrop_core::{ExpectedFile, Phase};
use firmdrop_image::Inspection;
use serde::{Deserialize, Serialize};

use crate::{Destination, FileIdentity};

/// Names a plan that was computed and not yet confirmed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct PlanId(pub String);

impl PlanId {
    /// A new name.
    pub(crate) fn new() -> Self {
        Self(uuid::Uuid::new_v4().simple().to_string())
    }
}

/// An inspected file on disk, and what it was when it was planned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct ImageFile {
    /// Where it lies.
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub path: PathBuf,
    /// Its name, without folders.
    pub file_name: String,
    /// Size and SHA-256 when it was planned.
    #[serde(alias = "promise")] // in journals of format 1
    pub expected: ExpectedFile,
    /// What tells without reading whether it is still the same file.
    pub identity: FileIdentity,
    /// What it is.
    pub inspection: Inspection,
}

/// What a person chose besides image and destination.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct DeliveryOptions {
    /// Name of the firmware image in the cloud; the file's name when absent. At most 128 characters.
    pub name: Option<String>,
    /// Description in the cloud. At most 2,000 characters.
    pub description: Option<String>,
    /// Where a raw image belongs in the target's memory.
    #[cfg_attr(feature = "specta", specta(type = Option<u32>))]
    pub address: Option<u64>,
    /// Bytes of a chunk; chosen by the line when absent.
    #[cfg_attr(feature = "specta", specta(type = Option<u32>))]
    pub chunk_bytes: Option<u64>,
    /// A campaign that brings the image to a fleet; Pelion only.
    pub campaign: Option<CampaignSpec>,
}

/// How much harm a delivery can do; how it is confirmed depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub enum Impact {
    /// Adds something that can be deleted again.
    Upload,
    /// Writes one reader that fits.
    DeviceWrite,
    /// Starts a campaign: many devices, and no way back for those that have begun.
    Fleet,
}

/// One delivery of one image to one destination.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Plan {
    /// Its name until it is confirmed.
    pub id: PlanId,
    /// The image.
    pub image: ImageFile,
    /// Where it goes.
    pub destination: Destination,
    /// What a person calls the destination: "Demo account", "Demo reader 3".
    pub destination_name: String,
    /// The destination is part of the simulated world.
    pub simulated: bool,
    /// The destination is marked as production.
    pub production: bool,
    /// What a person chose.
    pub options: DeliveryOptions,
    /// The name the image gets there, when it gets one.
    pub remote_name: Option<String>,
    /// The campaign that brings it to a fleet.
    #[serde(default)]
    pub campaign: Option<PlannedCampaign>,
    /// What will happen, in order.
    pub phases: Vec<Phase>,
    /// What may go wrong and what then, one sentence each.
    pub risks: Vec<String>,
    /// How it is confirmed.
    #[serde(alias = "danger")] // in journals of format 1
    pub impact: Impact,
    /// When it will count as verified, one sentence.
    pub verified_when: String,
    /// What a stop would keep, one or two sentences.
    pub if_stopped: String,
}

impl Plan {
    /// Name of the image as headings show it: the remote name, or the file's.
    pub fn image_name(&self) -> &str {
        self.remote_name.as_deref().unwrap_or(&self.image.file_name)
    }

    /// Bytes all phases will confirm.
    pub fn total_bytes(&self) -> u64 {
        self.phases.iter().map(|phase| phase.bytes).sum()
    }
}
