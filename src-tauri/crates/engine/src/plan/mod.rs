//! A plan: everything a delivery will do, as plain data, before anything is touched.

mod confirmation;
mod files;
mod image_file;
mod old_plan;
mod planner;

pub use confirmation::{Confirmation, ConfirmationAbout};
pub use files::{Files, NoFile};
pub use image_file::{digest, inspect, sha256, sha256_while};
pub(crate) use old_plan::upgrade;
pub use planner::check_file_phase;

use std::path::PathBuf;

use firmdrop_core::{ExpectedFile, Phase, ProofMethod, SaveBefore};
use firmdrop_image::Inspection;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

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
    pub expected: ExpectedFile,
    /// What tells without reading whether it is still the same file.
    pub identity: FileIdentity,
    /// What it is.
    pub inspection: Inspection,
}

/// What the user chose besides files and destination.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct DeliveryOptions {
    /// Name of the image at a destination that stores images by name; the file's name when absent.
    pub name: Option<String>,
    /// Description at a destination that has one.
    pub description: Option<String>,
    /// Where a raw image belongs in the target's memory.
    #[cfg_attr(feature = "specta", specta(type = Option<u32>))]
    pub address: Option<u64>,
    /// Options of the destination's own kind. Its backend refuses those it does not know.
    #[serde(flatten)]
    #[cfg_attr(feature = "specta", specta(skip))]
    pub own: Map<String, Value>,
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

/// One delivery: one or several files to one destination.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Plan {
    /// Its name until it is confirmed.
    pub id: PlanId,
    /// The files.
    #[cfg_attr(feature = "specta", specta(type = Vec<ImageFile>))]
    pub files: Files,
    /// Where they go.
    pub destination: Destination,
    /// The destination's name for users: "Demo account", "Demo reader 3".
    pub destination_name: String,
    /// The destination is part of the simulated world.
    pub simulated: bool,
    /// The destination is marked as production.
    pub production: bool,
    /// Where the account of the destination led when it was planned. `None` where there is no account, in
    /// the simulated world, whose addresses change with each start, and in plans of older journals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "specta", specta(skip))]
    pub account_address: Option<String>,
    /// What the user chose.
    pub options: DeliveryOptions,
    /// The name the image gets there, when it gets one.
    pub remote_name: Option<String>,
    /// What will happen, in order.
    pub phases: Vec<Phase>,
    /// Risks and their consequences, one sentence each.
    pub risks: Vec<String>,
    /// How it is confirmed.
    pub impact: Impact,
    /// What is confirmed besides, each by itself.
    #[serde(default)]
    pub confirmations: Vec<Confirmation>,
    /// When it will count as verified, one sentence.
    pub verified_when: String,
    /// How it will be proved; `None` where it can only be sent, and in plans of older journals.
    #[serde(default)]
    pub verified_by: Option<ProofMethod>,
    /// What a stop would leave, one or two sentences.
    pub if_stopped: String,
    /// Whether what the destination holds can be saved before it is written; `None` where there is nothing to save.
    #[serde(default)]
    pub save_before: Option<SaveBefore>,
    /// What the destination's backend planned beyond this, in its own form.
    #[serde(flatten)]
    #[cfg_attr(feature = "specta", specta(skip))]
    pub own: Map<String, Value>,
}

impl Plan {
    /// A plan of these files for this destination. Its backend fills the rest in.
    pub fn new(
        files: Files,
        destination: Destination,
        options: DeliveryOptions,
        impact: Impact,
    ) -> Self {
        Self {
            id: PlanId::new(),
            destination_name: destination.to_string(),
            files,
            destination,
            simulated: false,
            production: false,
            account_address: None,
            options,
            remote_name: None,
            phases: Vec::new(),
            risks: Vec::new(),
            impact,
            confirmations: Vec::new(),
            verified_when: String::new(),
            verified_by: None,
            if_stopped: String::new(),
            save_before: None,
            own: Map::new(),
        }
    }

    /// The first file.
    pub fn image(&self) -> &ImageFile {
        self.files.first()
    }

    /// Name of the image for headings: the remote name, or the file's.
    pub fn image_name(&self) -> &str {
        self.remote_name
            .as_deref()
            .unwrap_or(&self.files.first().file_name)
    }

    /// Bytes all phases will confirm.
    pub fn total_bytes(&self) -> u64 {
        self.phases.iter().map(|phase| phase.bytes).sum()
    }
}
