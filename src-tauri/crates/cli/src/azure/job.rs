//! What `deliver` takes and says of an import.

use std::collections::BTreeMap;

use clap::Args;
use firmdrop_api::azure::{AzureOptions, DeploySpec, NewUpdate, PlannedImport};
use firmdrop_api::{Diagnosis, Plan};
use serde_json::{Map, Value};

use super::pairs::{Pairs, pairs};
use crate::once::ensure_once;

/// An update of Azure Device Update, and its deployment. Not needed when an import manifest is among
/// the files.
#[derive(Debug, Args)]
pub(crate) struct UpdateOptions {
    /// Provider of the update that the files become.
    #[arg(long, requires_all = ["update_name", "update_version", "compat"])]
    provider: Option<String>,
    /// Name of the update.
    #[arg(long, requires = "provider")]
    update_name: Option<String>,
    /// Version of the update: two to four numbers with dots between.
    #[arg(long, requires = "provider")]
    update_version: Option<String>,
    /// Devices the update is for, by the properties that they report. Once for each kind of device.
    #[arg(long, value_name = "manufacturer=M,model=N", value_parser = pairs, requires = "provider")]
    compat: Vec<Pairs>,
    /// Handler on the devices; chosen by the files when absent.
    #[arg(long, requires = "provider")]
    handler: Option<String>,
    /// Property for the handler, such as installedCriteria=1.0.
    #[arg(long, value_name = "NAME=VALUE", value_parser = crate::words::pair, requires = "provider")]
    property: Vec<(String, String)>,
    /// Each file is a step of its own.
    #[arg(long, requires = "provider")]
    step_for_each_file: bool,
    /// Leave what was staged in the storage.
    #[arg(long)]
    leave_staged: bool,
    /// Deploy the update to this group afterwards. Devices that have begun are not called back.
    #[arg(long, value_name = "GROUP", requires = "deploy_devices")]
    deploy: Option<String>,
    /// How many devices of the group must match; any other number starts nothing.
    #[arg(long, value_name = "N", requires = "deploy")]
    pub(crate) deploy_devices: Option<u64>,
}

/// Key of the phase in which a deployment is watched.
pub(crate) fn watch_phase() -> &'static str {
    firmdrop_api::azure::watch_phase()
}

/// The options of a delivery.
pub(crate) fn options(of: &UpdateOptions) -> Result<Map<String, Value>, Diagnosis> {
    ensure_once("property", &of.property)?;
    let deploy = of.deploy.clone().zip(of.deploy_devices);
    let update = of.provider.clone().map(|provider| NewUpdate {
        provider,
        name: of.update_name.clone().unwrap_or_default(),
        version: of.update_version.clone().unwrap_or_default(),
        compatibility: of.compat.iter().map(set).collect(),
        handler: of.handler.clone(),
        properties: of.property.iter().cloned().collect(),
        step_for_each_file: of.step_for_each_file,
    });
    let options = AzureOptions {
        update,
        leave_staged: of.leave_staged,
        deploy: deploy.map(|(group, expect_devices)| DeploySpec {
            group,
            expect_devices,
            deployment_id: None,
            download_security: None,
        }),
    };
    Ok(options.to_map())
}

fn set(pairs: &Pairs) -> BTreeMap<String, String> {
    pairs.0.iter().cloned().collect()
}

/// The import of a plan, for the user who confirms it.
pub(crate) fn planned(plan: &Plan) -> Vec<String> {
    let Ok(import) = PlannedImport::of(plan) else {
        return Vec::new();
    };
    let mut lines = Vec::new();
    for update in &import.updates {
        let names: Vec<&str> = update.files.iter().map(|file| &*file.name).collect();
        lines.push(format!(
            "  Update {} ({}): {}",
            update.id,
            update.manifest_name,
            names.join(", ")
        ));
        for set in &update.compatibility {
            let pairs: Vec<String> = set
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            lines.push(format!("  For {}", pairs.join(", ")));
        }
    }
    if let Some(deployment) = &import.deployment {
        lines.push(format!(
            "  Deployment to the group {}: {} devices",
            deployment.group,
            firmdrop_core::grouped(deployment.expect_devices)
        ));
    }
    lines
}
