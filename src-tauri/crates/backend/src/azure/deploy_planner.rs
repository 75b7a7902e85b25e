//! The part of a plan that deploys: whom it would touch, asked before anything is sent.

use firmdrop_cloud::azure::UpdateId;
use firmdrop_cloud::azure::deploying::{self, DeployError, Deployable, reach};
use firmdrop_core::{Code, Diagnose as _, Diagnosis, ProofMethod, Remedy, grouped};
use firmdrop_engine::{Impact, Plan};

use super::account::Connected;
use super::gather::Gathered;
use super::options::DeploySpec;
use super::planned::{PlannedDeployment, PlannedImport};

/// Refuses to deploy what its manifest says is a part of other updates.
pub(super) fn ensure_deployable(gathered: &Gathered) -> Result<(), Diagnosis> {
    let first = gathered.updates.first().map(|update| &update.manifest);
    let Some(part) = first.filter(|manifest| !manifest.is_deployable()) else {
        return Ok(());
    };
    let id = &part.update_id;
    let update = UpdateId {
        provider: id.provider.clone(),
        name: id.name.clone(),
        version: id.version.clone(),
    };
    let error = DeployError::NotDeployable { update };
    Err(error.diagnose().state("Nothing was sent."))
}

/// Adds the deployment of the first update.
pub(super) async fn add(
    plan: &mut Plan,
    planned: &mut PlannedImport,
    account: &Connected,
    spec: &DeploySpec,
) -> Result<(), Diagnosis> {
    let update = planned.updates.first().map(|update| Deployable {
        id: update.id.clone(),
        compatibility: update.compatibility.clone(),
    });
    let update = update.ok_or_else(|| {
        Diagnosis::new(
            Code::Internal,
            "The plan has no update.",
            "It was not made.",
        )
    })?;
    let service = account.service.clone().alone();
    let reach = reach(&service, &spec.group, &update).await;
    let reach = reach.map_err(|error| error.diagnose().state("Nothing was sent."))?;
    let matching = reach.matching();
    ensure_expected(matching, spec)?;
    plan.impact = Impact::Fleet;
    plan.phases.extend(deploying::phases());
    let devices = if matching == 1 { "device" } else { "devices" };
    plan.risks.push(format!(
        "{} {devices} of the group {} begin to install it. Devices that have begun are not called back.",
        grouped(matching),
        spec.group
    ));
    if reach.have_it() > 0 {
        plan.risks.push(format!(
            "{} of them have it already.",
            grouped(reach.have_it())
        ));
    }
    if reach.not_for() > 0 {
        plan.risks.push(format!(
            "{} devices of the group are of classes it is not for; they are not touched.",
            grouped(reach.not_for())
        ));
    }
    for active in reach.replaced() {
        plan.risks
            .push(format!("It replaces the active deployment {active}."));
    }
    plan.verified_by = Some(ProofMethod::DevicesReported);
    plan.verified_when = format!(
        "{} Then every one of the {} {devices} reports success.",
        plan.verified_when,
        grouped(matching)
    );
    planned.deployment = Some(PlannedDeployment {
        group: spec.group.clone(),
        deployment_id: spec.deployment_id.clone(),
        download_security: spec.download_security,
        expect_devices: spec.expect_devices,
        reach,
    });
    Ok(())
}

/// Refuses another number of devices than a user confirmed, and a deployment for none.
fn ensure_expected(matching: u64, spec: &DeploySpec) -> Result<(), Diagnosis> {
    if matching != spec.expect_devices {
        let what = format!(
            "{} devices of the group {} match the update, {} were given.",
            grouped(matching),
            spec.group,
            grouped(spec.expect_devices)
        );
        let why = "A deployment starts only for the number of devices that a user confirmed.";
        let advice = match matching {
            0 => "Check the group, and the properties that the update is compatible with.".into(),
            _ => format!("If these are the right ones, give --deploy-devices {matching}."),
        };
        return Err(Diagnosis::new(Code::CountChanged, what, why)
            .state("Nothing was sent.")
            .remedy(Remedy::advice(advice)));
    }
    if matching == 0 {
        let group = spec.group.clone();
        let error = DeployError::NoDevices { group };
        return Err(error.diagnose().state("Nothing was sent."));
    }
    Ok(())
}
