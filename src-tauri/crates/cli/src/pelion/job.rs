//! What `deliver`, `job` and the progress lines say of a campaign.

use firmdrop_api::pelion::{
    CampaignSpec, ManifestSpec, PelionOptions, PlannedCampaign, Strategy, rollout,
};
use firmdrop_api::{Job, Plan};
use serde_json::{Map, Value};

use super::CampaignOptions;
use crate::print;

/// The options of a delivery, with its campaign.
pub(crate) fn options(
    campaign: &CampaignOptions,
    description: Option<&str>,
    chunk_bytes: Option<u64>,
) -> Map<String, Value> {
    let options = PelionOptions {
        campaign: campaign_spec(campaign, description),
        chunk_bytes,
    };
    options.to_map()
}

/// The campaign that was requested, with the description of the delivery.
fn campaign_spec(options: &CampaignOptions, description: Option<&str>) -> Option<CampaignSpec> {
    Some(CampaignSpec {
        name: options.campaign.clone()?,
        description: description.unwrap_or_default().to_owned(),
        filter: options.filter.clone().unwrap_or_default(),
        strategy: if options.continuous {
            Strategy::Continuous
        } else {
            Strategy::OneShot
        },
        stop_at_percent: (!options.no_autostop).then_some(options.stop_at_percent),
        manifest: ManifestSpec {
            key: options.key.clone(),
            vendor_id: options.vendor_id.clone(),
            class_id: options.class_id.clone(),
            version: options.fw_version.clone(),
            component: options.component.clone(),
            priority: options.priority,
            schema_1: options.schema_1,
            sign_image: options.sign_image,
        },
        start_for_devices: options.expect_devices,
    })
}

/// The campaign of a plan, for the user who confirms it.
pub(crate) fn planned(plan: &Plan) -> Vec<String> {
    let Ok(Some(campaign)) = PlannedCampaign::of(plan) else {
        return Vec::new();
    };
    let manifest = &campaign.manifest;
    vec![
        format!(
            "  Campaign {}: {} {}",
            campaign.name,
            matching(campaign.matching_devices),
            campaign.filter
        ),
        format!(
            "  Manifest of schema {}: version {} ({}), vendor {}, class {}, signed with {}",
            manifest.schema,
            manifest.version,
            manifest.version_from,
            manifest.vendor_id,
            manifest.class_id,
            manifest.key
        ),
    ]
}

/// The campaign that a job was planned with.
pub(crate) fn show_planned_in_job(plan: &Plan) {
    let Ok(Some(campaign)) = PlannedCampaign::of(plan) else {
        return;
    };
    let manifest = &campaign.manifest;
    print::line(&format!(
        "  {:<28} {}: when planned, {} {}",
        "Planned campaign",
        campaign.name,
        matching(campaign.matching_devices),
        campaign.filter
    ));
    print::line(&format!(
        "  {:<28} version {} of {}, signed with {}",
        "Planned manifest", manifest.version, manifest.component, manifest.key
    ));
}

/// An upload job that was not finished has its name until somebody deletes it.
pub(crate) fn left_behind(job: &Job) -> Option<String> {
    let named = |label: &str| job.remote.iter().find(|detail| detail.label == label);
    let destination = &job.plan.destination;
    let upload_job = named("Upload job").filter(|_| destination.scheme == "pelion")?;
    if named("Firmware image").is_some() {
        return None;
    }
    Some(format!(
        "The upload job was not deleted and has the name until it is: `firmdrop-cli pelion upload-jobs delete {} -a {}`.",
        upload_job.value, destination.address
    ))
}

/// Key of the phase in which a campaign is watched.
pub(crate) fn watch_phase() -> &'static str {
    rollout::watch_phase()
}

/// How many devices a filter names, before the filter.
pub(crate) fn matching(devices: u64) -> String {
    match devices {
        0 => "no device matches".into(),
        1 => "1 device matches".into(),
        many => format!("{} devices match", firmdrop_core::grouped(many)),
    }
}
