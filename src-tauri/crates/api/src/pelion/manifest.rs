//! A manifest of the service, read by our own parser.

use firmdrop_cloud::pelion::FirmwareManifest;
use firmdrop_core::Check;
use firmdrop_manifest::Manifest;
use serde::Serialize;

/// What the service says about a manifest, and what its bytes say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct ManifestView {
    /// What the service says.
    pub record: FirmwareManifest,
    /// What the bytes say; absent when they cannot be read, and then a check says why.
    pub manifest: Option<Manifest>,
    /// Name of the key of this computer whose signature it carries.
    pub signed_by: Option<String>,
    /// Signature, hash, limits of devices, agreement with the service's record.
    pub checks: Vec<Check>,
}
