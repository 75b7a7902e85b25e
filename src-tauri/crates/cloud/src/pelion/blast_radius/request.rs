//! What is asked: a filter, a strategy, and what the manifest says.

use firmdrop_manifest::{Manifest, SemanticVersion, Version};
use serde::{Deserialize, Serialize};

use crate::pelion::{FirmwareManifest, Strategy};

/// What a manifest says about whom it is for. What is `None` is not judged.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct ManifestFacts {
    /// Vendor id; hyphens and case do not matter.
    pub vendor_id: Option<String>,
    /// Class id; hyphens and case do not matter.
    pub class_id: Option<String>,
    /// The component it is for; `None` is the main one.
    pub component: Option<String>,
    /// Its version: `1.42.0`.
    pub version: Option<String>,
    /// SHA-256 of the image that a device runs afterwards, hexadecimal.
    pub image_sha256: Option<String>,
}

impl From<&FirmwareManifest> for ManifestFacts {
    /// What the service itself tells. It tells no version.
    fn from(manifest: &FirmwareManifest) -> Self {
        let stated = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let is_full = manifest.delivered_payload_type.as_deref() != Some("delta");
        Self {
            vendor_id: stated(&manifest.device_vendor),
            class_id: stated(&manifest.device_class),
            component: None,
            version: None,
            image_sha256: manifest
                .delivered_payload_digest
                .clone()
                .filter(|_| is_full),
        }
    }
}

impl From<&Manifest> for ManifestFacts {
    /// What the signed bytes tell. A version that is a moment in time is compared by no device list.
    fn from(manifest: &Manifest) -> Self {
        let version = match &manifest.version {
            Version::Semantic(version) => Some(version.to_string()),
            Version::Number(number) => {
                SemanticVersion::from_migration_number(*number).map(|version| version.to_string())
            }
            Version::Other(_) => None,
        };
        Self {
            vendor_id: Some(manifest.vendor_id.without_hyphens()),
            class_id: Some(manifest.class_id.without_hyphens()),
            component: manifest.component.clone(),
            version,
            image_sha256: manifest
                .payload
                .as_ref()
                .map(|payload| payload.installed_digest().to_string()),
        }
    }
}

/// The manifest of a campaign, as far as the caller knows it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum BlastManifest {
    /// There is none.
    #[default]
    Missing,
    /// The service holds it; it is asked what it says.
    Id(String),
    /// The caller has parsed it; nothing is asked.
    Facts(ManifestFacts),
    /// It will be made for these devices: what is `None` is taken from the first page of them.
    /// Vendor and class when all of them say the same, the version as the next after their highest.
    ToBeMade(ManifestFacts),
}

/// A campaign that may be started.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BlastRequest {
    /// Its device filter.
    pub filter: String,
    /// Its strategy.
    pub strategy: Strategy,
    /// Its manifest.
    pub manifest: BlastManifest,
    /// Its own id, when it exists already: it is not in its own way.
    pub campaign_id: Option<String>,
    /// The name it is to get, when it is still to be made: another one may have it.
    pub new_name: Option<String>,
}

/// How far the count is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlastProgress {
    /// Devices counted.
    pub devices: u64,
    /// Of how many, when the service says so. It may be wrong.
    pub of: Option<u64>,
}
