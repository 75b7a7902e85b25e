//! What a rollout is asked to do.

use firmdrop_core::{ExpectedFile, Sha256};
use firmdrop_manifest::{Id, SemanticVersion, SigningKey};

use crate::pelion::CampaignDraft;
use crate::pelion::campaign::WatchPolicy;

/// A manifest and a campaign for an image that is already on the service.
#[derive(Debug)]
pub struct RolloutRequest {
    /// The image's size and SHA-256, which the manifest repeats.
    pub image: ExpectedFile,
    /// The manifest.
    pub manifest: ManifestRequest,
    /// The campaign: all it says but its manifest, whose id is filled in.
    pub campaign: CampaignDraft,
    /// Starts the campaign when exactly that many devices match its filter; `None` leaves a draft.
    pub start: Option<u64>,
    /// How often a started campaign is looked at.
    pub watch: WatchPolicy,
}

/// The manifest to make.
#[derive(Debug)]
pub struct ManifestRequest {
    /// Its name on the service.
    pub name: String,
    /// Its description there.
    pub description: String,
    /// Whose devices it is for.
    pub vendor_id: Id,
    /// Which model.
    pub class_id: Id,
    /// Urgency.
    pub priority: u32,
    /// Bytes for the vendor's application.
    pub vendor_data: Vec<u8>,
    /// The schema and its version.
    pub version: ManifestVersion,
    /// Who signs.
    pub key: SigningKey,
}

/// What the two schemas do not share.
#[derive(Debug, Clone)]
pub enum ManifestVersion {
    /// Schema 3.
    V3 {
        /// Which part of the device.
        component: String,
        /// The version.
        version: SemanticVersion,
        /// Whether the image is signed as well.
        sign_image: bool,
    },
    /// Schema 1.
    V1 {
        /// Seconds since 1970, or a migration number.
        version: u64,
        /// Fingerprint of the certificate devices hold.
        certificate: Sha256,
    },
}
