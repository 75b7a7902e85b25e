//! What a list of an account is asked.

use firmdrop_cloud::pelion::blast_radius::{BlastManifest, BlastRequest, ManifestFacts};
use firmdrop_cloud::pelion::{Campaign, Strategy};
use serde::Deserialize;

/// One page of a list.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct PageQuery {
    /// Conditions in the service's words, joined by `&`; empty for all.
    pub filter: String,
    /// Id of the last entry of the page before.
    pub after: Option<String>,
    /// Most entries, 2 to 1000; the service's own 50 when absent.
    pub limit: Option<u32>,
    /// Newest first.
    pub newest_first: bool,
    /// Whether to count all that match.
    pub count: bool,
}

/// Kinds of objects that can be deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub enum CloudKind {
    /// An upload job with its chunks.
    UploadJob,
    /// A firmware image.
    FirmwareImage,
    /// A firmware manifest.
    Manifest,
    /// A campaign.
    Campaign,
    /// A saved device query.
    SavedQuery,
}

/// A campaign that may be started, drafted already or not.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct BlastQuery {
    /// Its device filter.
    pub filter: String,
    /// Its strategy.
    pub strategy: Strategy,
    /// Its manifest on the service.
    pub manifest_id: Option<String>,
    /// A manifest that is still to be made, when there is none on the service: what is known of it.
    pub to_be_made: Option<ManifestFacts>,
    /// Its own id, when it exists already: it is not in its own way.
    pub campaign_id: Option<String>,
}

impl BlastQuery {
    /// What a campaign of the service would touch.
    pub fn of_campaign(campaign: &Campaign) -> Self {
        Self {
            filter: campaign.device_filter.clone(),
            strategy: campaign.strategy().unwrap_or_default(),
            manifest_id: Some(campaign.root_manifest_id.clone()).filter(|id| !id.is_empty()),
            to_be_made: None,
            campaign_id: Some(campaign.id.clone()),
        }
    }

    pub(crate) fn request(self) -> BlastRequest {
        BlastRequest {
            filter: self.filter,
            strategy: self.strategy,
            manifest: match (self.manifest_id, self.to_be_made) {
                (Some(id), _) => BlastManifest::Id(id),
                (None, Some(facts)) => BlastManifest::ToBeMade(facts),
                (None, None) => BlastManifest::Missing,
            },
            campaign_id: self.campaign_id,
            new_name: None,
        }
    }
}
