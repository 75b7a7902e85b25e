//! A manifest that is to be made for an image of the service.

use firmdrop_backend::pelion::ManifestSpec;
use serde::Deserialize;

/// What is to be made.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct ManifestOrder {
    /// The firmware image.
    pub image_id: String,
    /// Name of the manifest on the service.
    pub name: String,
    /// Its description there.
    #[serde(default)]
    pub description: String,
    /// What it says. Key, ids and, in schema 3, the version are needed: nothing is guessed here.
    pub spec: ManifestSpec,
}
