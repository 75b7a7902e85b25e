//! Fills a campaign's plan in: key, ids, version, and who it would touch. Asks the service, changes
//! nothing.

use firmdrop_cloud::pelion::blast_radius::{
    BlastManifest, BlastRadius, BlastRequest, MAIN_COMPONENT, ManifestFacts, blast_radius,
};
use firmdrop_cloud::pelion::{Collection, FilterText, Pelion, rollout};
use firmdrop_core::{Diagnosis, ProofMethod, grouped};
use firmdrop_manifest::{CertificateFacts, Id, KeyEntry, KeyPurpose, KeyStore, SemanticVersion};

use firmdrop_engine::{Impact, Plan, PlanRequest};

use super::campaign_refusal::{no_certificate, no_key, refuse, which_id, which_key, which_version};
use super::demo_key::DEMO_KEY;
use super::options::{LONGEST_DESCRIPTION, LONGEST_NAME, check_length};
use super::risk::NAME_MUST_BE_FREE;
use super::{CampaignSpec, PlannedCampaign, PlannedManifest, client};

/// Adds a campaign to the plan of an upload.
///
/// Refuses what the service would refuse at the start: no device, a device in a running campaign
/// when it is one-shot, another number of devices than expected.
pub(super) async fn add(
    plan: &mut Plan,
    request: &PlanRequest<'_>,
    spec: &CampaignSpec,
) -> Result<(), Diagnosis> {
    check_length("name", &spec.name, LONGEST_NAME)?;
    check_length("description", &spec.description, LONGEST_DESCRIPTION)?;
    let pelion = client(request.accounts, &plan.destination.address).await?;
    let key = manifest_key(request, spec, plan).await?;
    let filter = filter_text(&pelion, &spec.filter).await?;
    let mut asked = facts(plan, spec, key.certificate.as_ref());
    if spec.manifest.schema_1 {
        asked.version = None;
    }
    let blast = BlastRequest {
        filter,
        strategy: spec.strategy,
        manifest: BlastManifest::ToBeMade(asked.clone()),
        campaign_id: None,
        new_name: Some(spec.name.clone()),
    };
    let radius = blast_radius(&pelion, &blast, &|_| ()).await?;
    refuse(spec, &radius)?;
    let manifest = planned_manifest(plan, request, spec, &key, &radius)?;
    complete(plan, spec, manifest, &radius)
}

/// The key that was named, or the only one there is.
async fn manifest_key(
    request: &PlanRequest<'_>,
    spec: &CampaignSpec,
    plan: &Plan,
) -> Result<KeyEntry, Diagnosis> {
    let keys = KeyStore::new(request.home.manifest_keys());
    let (named, production, simulated) =
        (spec.manifest.key.clone(), plan.production, plan.simulated);
    let read = tokio::task::spawn_blocking(move || {
        let name = match named {
            Some(name) => name,
            None => only_key(keys.names()?, simulated)?,
        };
        let entry = keys.entry(&name)?;
        if production {
            entry.require_production()?;
        }
        Ok(entry)
    });
    read.await
        .map_err(|error| firmdrop_engine::task_died(&error))?
}

fn planned_manifest(
    plan: &Plan,
    request: &PlanRequest<'_>,
    spec: &CampaignSpec,
    key: &KeyEntry,
    radius: &BlastRadius,
) -> Result<PlannedManifest, Diagnosis> {
    let speced = &spec.manifest;
    let id = |what: &str, id: &Option<String>| {
        let id = id.as_deref().ok_or_else(|| which_id(what, radius))?;
        Id::read(id).map_err(Diagnosis::from)
    };
    let (version, version_from) = if speced.schema_1 {
        if key.certificate.is_none() {
            return Err(no_certificate(&key.name));
        }
        let seconds = request.clock.now().as_millisecond() / 1000;
        (seconds.to_string(), "the present time".to_owned())
    } else {
        let version = radius.facts.version.as_deref();
        let version = version.ok_or_else(|| which_version(radius))?;
        let version = SemanticVersion::read(version)?;
        let from = match (&speced.version, inside(plan)) {
            (Some(_), _) => "given",
            (None, Some(_)) => "written in the image",
            (None, None) => "the next after the devices' highest",
        };
        (version.to_string(), from.to_owned())
    };
    Ok(PlannedManifest {
        name: manifest_name(plan.image_name(), &version),
        key: key.name.clone(),
        key_fingerprint: key.fingerprint,
        is_development_key: key.purpose == KeyPurpose::Development,
        vendor_id: id("vendor", &radius.facts.vendor_id)?.to_string(),
        class_id: id("class", &radius.facts.class_id)?.to_string(),
        version,
        version_from,
        component: speced
            .component
            .clone()
            .unwrap_or_else(|| MAIN_COMPONENT.to_owned()),
        priority: speced.priority,
        schema: if speced.schema_1 { 1 } else { 3 },
        sign_image: speced.sign_image,
    })
}

/// Adds what is planned, with its risks and its proof.
fn complete(
    plan: &mut Plan,
    spec: &CampaignSpec,
    manifest: PlannedManifest,
    radius: &BlastRadius,
) -> Result<(), Diagnosis> {
    let start = spec.start_for_devices.is_some();
    let devices = match radius.expected_devices {
        1 => "1 device".to_owned(),
        many => format!("{} devices", grouped(many)),
    };
    plan.phases.extend(rollout::phases(start));
    for risk in &mut plan.risks {
        if risk == NAME_MUST_BE_FREE {
            *risk = "If the account has an image of this name with these bytes, that one is used; with other bytes, nothing is sent.".into();
        }
    }
    if manifest.is_development_key {
        plan.risks.push(format!(
            "The key {} is for development: only devices of developers trust it.",
            manifest.key
        ));
    }
    let warnings = radius.warnings.iter();
    plan.risks
        .extend(warnings.map(|warning| warning.text.clone()));
    if start {
        plan.impact = Impact::Fleet;
        plan.risks.push(format!(
            "This sends new firmware to {devices}. It cannot be undone on devices that have begun."
        ));
        plan.verified_by = Some(ProofMethod::DevicesReported);
        plan.verified_when = match radius.expected_devices {
            1 => "The service holds this image, and the device reports that it runs it.".into(),
            _ => {
                format!("The service holds this image, and {devices} report that they run it.")
            }
        };
        plan.if_stopped = "Before the start nothing touches a device. Once it is started, the campaign continues at the service, whether Firmdrop watches or not.".into();
    } else {
        let blockers = radius.blockers.iter();
        plan.risks.extend(
            blockers.map(|blocker| format!("It could not be started now: {}", blocker.text)),
        );
        plan.verified_by = Some(ProofMethod::RemoteSizeAndSha256);
        plan.verified_when = "The service holds this image and the manifest byte for byte, and the draft says what was asked for.".into();
    }
    let planned = PlannedCampaign {
        name: spec.name.clone(),
        description: spec.description.clone(),
        filter: radius.filter.clone(),
        strategy: spec.strategy,
        stop_at_percent: spec.stop_at_percent,
        manifest,
        matching_devices: radius.expected_devices,
        start,
    };
    planned.put(plan)
}

/// The key that signs when nobody names one. That of the simulated world signs nothing else.
fn only_key(mut names: Vec<String>, simulated: bool) -> Result<String, Diagnosis> {
    let is_demo = |name: &String| name == DEMO_KEY;
    if simulated && names.iter().any(is_demo) {
        return Ok(DEMO_KEY.to_owned());
    }
    names.retain(|name| !is_demo(name));
    match names.as_slice() {
        [only] => Ok(only.clone()),
        [] => Err(no_key()),
        several => Err(which_key(several)),
    }
}

/// The version written inside the image, as far as a manifest can tell it.
fn inside(plan: &Plan) -> Option<SemanticVersion> {
    let version = plan.image().inspection.identity.version.as_deref()?;
    // MCUboot writes a build number behind a plus; the manifest has no place for it.
    let plain = version.split('+').next().unwrap_or_default();
    SemanticVersion::read(plain).ok()
}

/// What is known about the manifest before the devices are asked: what the person says, then what
/// the key's certificate notes and what is written inside the image.
fn facts(
    plan: &Plan,
    spec: &CampaignSpec,
    certificate: Option<&CertificateFacts>,
) -> ManifestFacts {
    let speced = &spec.manifest;
    let noted = |id: Option<Id>| id.map(|id| id.to_string());
    ManifestFacts {
        vendor_id: (speced.vendor_id.clone())
            .or_else(|| noted(certificate.and_then(|facts| facts.vendor_id))),
        class_id: (speced.class_id.clone())
            .or_else(|| noted(certificate.and_then(|facts| facts.class_id))),
        component: speced.component.clone(),
        version: speced
            .version
            .clone()
            .or_else(|| inside(plan).map(|version| version.to_string())),
        image_sha256: Some(plan.image().expected.sha256.to_string()),
    }
}

/// The filter; the id of a saved query becomes that query's text, since it is not certain that the
/// service would read the id.
async fn filter_text(pelion: &Pelion, filter: &str) -> Result<String, Diagnosis> {
    let text = match FilterText::saved_query_id(filter) {
        Some(id) => {
            let query = pelion.device_query(id).await;
            query?.query
        }
        None => filter.to_owned(),
    };
    let read = FilterText::parse(&text, Collection::Devices);
    read.map(|filter| filter.to_string())
        .map_err(Diagnosis::from)
}

/// The image's name and the version, within the service's length.
fn manifest_name(image: &str, version: &str) -> String {
    let room = LONGEST_NAME.saturating_sub(version.chars().count() + 1);
    let image: String = image.chars().take(room).collect();
    format!("{image} {version}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demo_worlds_key_signs_for_the_demo_world_and_nowhere_else() {
        let names = || vec!["demo".to_owned(), "front".to_owned()];
        assert_eq!(only_key(names(), true).unwrap(), "demo");
        assert_eq!(only_key(names(), false).unwrap(), "front");
        assert!(only_key(vec!["demo".to_owned()], false).is_err());
        let several = vec!["a".to_owned(), "b".to_owned()];
        assert!(
            only_key(several, true)
                .unwrap_err()
                .what_happened
                .contains("a, b")
        );
    }

    #[test]
    fn a_manifests_name_fits_whatever_the_images_length() {
        assert_eq!(manifest_name("puck.bin", "1.4.2"), "puck.bin 1.4.2");
        let long = manifest_name(&"n".repeat(128), "999.999.999");
        assert_eq!(long.chars().count(), 128);
        assert!(long.ends_with(" 999.999.999"));
    }
}
