//! Manifests 2.0 and 3.0: one handler for the whole update.

use crate::azure::import_manifest::finding::{Finding, Rule, shown};
use crate::azure::import_manifest::handler;
use crate::azure::import_manifest::model::ImportManifest;

use super::steps::misspelt_handler;

pub(in crate::azure::import_manifest) fn legacy(
    manifest: &ImportManifest,
    found: &mut Vec<Finding>,
) {
    let update_type = manifest.update_type.as_deref().unwrap_or_default();
    let misspelt = misspelt_handler(update_type, "/updateType");
    found.extend(misspelt.or_else(|| update_type_rule(update_type)));
    let criteria = manifest.installed_criteria.as_deref().unwrap_or_default();
    if handler::needs_criteria(update_type) && criteria.trim().is_empty() {
        let what = format!("{update_type} has no installedCriteria.");
        found.push(Finding::new(
            Rule::InstalledCriteria,
            "/installedCriteria",
            what,
        ));
    }
    if handler::takes_one_file(update_type) && manifest.files.len() > 1 {
        let what = format!("{update_type} has {} files.", manifest.files.len());
        found.push(Finding::new(Rule::HandlerFiles, "/files", what));
    }
    if manifest.files.is_empty() {
        found.push(Finding::new(
            Rule::FilesNeeded,
            "/files",
            "There is no file.",
        ));
    }
}

fn update_type_rule(id: &str) -> Option<Finding> {
    let (rule, what) = if !handler::is_well_formed(id) {
        (Rule::UpdateType, "is no id of a handler")
    } else if handler::is_unknown(id) || id == handler::SWUPDATE_2 {
        (
            Rule::HandlerUnknown,
            "is not known for manifests 2.0 and 3.0",
        )
    } else {
        return None;
    };
    Some(Finding::new(
        rule,
        "/updateType",
        format!("{} {what}.", shown(id)),
    ))
}
