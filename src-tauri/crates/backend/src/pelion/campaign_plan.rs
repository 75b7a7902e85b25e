//! The part of a plan that rolls an image out to a fleet, as plain data.

use firmdrop_cloud::pelion::Strategy;
use firmdrop_core::{Code, Diagnosis, Remedy, Sha256};
use firmdrop_engine::Plan;
use serde::{Deserialize, Serialize};

/// What a user asks of a campaign. Whatever is absent is filled in by the planner, or refused
/// with the reason when it cannot be known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct CampaignSpec {
    /// Its name, at most 128 characters.
    pub name: String,
    /// Its description, at most 2,000 characters.
    #[serde(default)]
    pub description: String,
    /// Which devices, as the service writes it: `device_class__eq=…&state__eq=registered`.
    pub filter: String,
    /// How it treats devices of other campaigns and devices that come later.
    #[serde(default)]
    pub strategy: Strategy,
    /// Share of successes at which the service stops it, percent; `None` never stops it.
    #[serde(default = "all_of_them")]
    pub stop_at_percent: Option<u8>,
    /// The manifest.
    #[serde(default)]
    pub manifest: ManifestSpec,
    /// Starts it when exactly that many devices match; `None` leaves a draft.
    #[serde(default)]
    #[cfg_attr(feature = "specta", specta(type = Option<u32>))]
    pub start_for_devices: Option<u64>,
}

/// The service's own default.
#[expect(clippy::unnecessary_wraps, reason = "serde wants the field's type")]
fn all_of_them() -> Option<u8> {
    Some(100)
}

/// What a user asks of the manifest of a campaign.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct ManifestSpec {
    /// Name of the signing key; the only one there is when absent.
    pub key: Option<String>,
    /// Whose devices; what all matching devices say, or the key's certificate, when absent.
    pub vendor_id: Option<String>,
    /// Which model; likewise.
    pub class_id: Option<String>,
    /// Version; the one written in the image, or the next after the devices' highest, when absent.
    pub version: Option<String>,
    /// Which part of the device; `MAIN` when absent.
    pub component: Option<String>,
    /// Urgency.
    pub priority: u32,
    /// Schema 1 instead of 3, for older devices.
    pub schema_1: bool,
    /// Signs the image as well; schema 3 only.
    pub sign_image: bool,
}

/// A planned campaign: every id and value filled in, before anything is sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct PlannedCampaign {
    /// Its name.
    pub name: String,
    /// Its description.
    pub description: String,
    /// Which devices.
    pub filter: String,
    /// How it treats devices of other campaigns and devices that come later.
    pub strategy: Strategy,
    /// Share of successes at which the service stops it, percent.
    pub stop_at_percent: Option<u8>,
    /// The manifest that will be made.
    pub manifest: PlannedManifest,
    /// Devices that matched when it was planned.
    #[cfg_attr(feature = "specta", specta(type = u32))]
    pub matching_devices: u64,
    /// Whether it is started, for exactly [`Self::matching_devices`].
    pub start: bool,
}

impl PlannedCampaign {
    /// Where it stands among what a plan holds beyond its general part.
    const KEY: &str = "campaign";

    /// The campaign of a plan, when it has one.
    pub fn of(plan: &Plan) -> Result<Option<Self>, Diagnosis> {
        let planned = plan.own.get(Self::KEY).filter(|value| !value.is_null());
        planned
            .map(|value| Self::deserialize(value).map_err(|error| unreadable(&error)))
            .transpose()
    }

    pub(super) fn put(&self, plan: &mut Plan) -> Result<(), Diagnosis> {
        let value = serde_json::to_value(self).map_err(|error| unreadable(&error))?;
        plan.own.insert(Self::KEY.to_owned(), value);
        Ok(())
    }
}

fn unreadable(error: &serde_json::Error) -> Diagnosis {
    Diagnosis::new(
        Code::Internal,
        "The campaign of the plan cannot be read.",
        error.to_string(),
    )
    .state("Nothing was sent.")
    .remedy(Remedy::PlanAgain)
}

/// The manifest that will be made and signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct PlannedManifest {
    /// Its name on the service.
    pub name: String,
    /// Name of the key that signs it.
    pub key: String,
    /// SHA-256 of that key's public point.
    pub key_fingerprint: Sha256,
    /// Whether the key is for development.
    pub is_development_key: bool,
    /// Vendor id, with hyphens.
    pub vendor_id: String,
    /// Class id, with hyphens.
    pub class_id: String,
    /// Its version: three numbers, or seconds since 1970 in schema 1.
    pub version: String,
    /// Where the version comes from, for the screen: "the next after 1.4.1, the devices' highest".
    pub version_from: String,
    /// Which part of the device; schema 3 only.
    pub component: String,
    /// Urgency.
    pub priority: u32,
    /// 1 or 3.
    pub schema: u8,
    /// Signs the image as well.
    pub sign_image: bool,
}
