//! Answers as lines for a user.

use std::collections::BTreeMap;

use firmdrop_api::azure::{
    BestUpdateRow, ClassRow, ComplianceRow, DeploymentRow, DeploymentView, DeviceRow, GroupRow,
    HealthRow, LogRow, LogView, OperationRow, Reach, UpdateRow, UpdateView,
};

use crate::words;

/// A number that may be unknown.
fn number(value: Option<u64>) -> String {
    value.map_or_else(|| "unknown".to_owned(), firmdrop_core::grouped)
}

/// The service's word, where it said one.
fn word(said: &str) -> &str {
    if said.is_empty() { "unknown" } else { said }
}

/// Lines, or one that says that there is none.
pub(super) fn or_none(lines: impl Iterator<Item = String>, none: &str) -> Vec<String> {
    let lines: Vec<String> = lines.collect();
    if lines.is_empty() {
        return vec![none.to_owned()];
    }
    lines
}

/// Properties as they are written on the command line.
fn pairs(properties: &BTreeMap<String, String>) -> String {
    let pairs = properties
        .iter()
        .map(|(name, value)| format!("{name}={value}"));
    pairs.collect::<Vec<String>>().join(", ")
}

pub(super) fn update(row: &UpdateRow) -> String {
    let name = row.friendly_name.as_deref().or(row.description.as_deref());
    let child = if row.is_deployable {
        ""
    } else {
        "  (part of another update)"
    };
    format!("{:<44} {}{child}", row.id, name.unwrap_or_default())
        .trim_end()
        .to_owned()
}

pub(super) fn update_view(view: &UpdateView) -> Vec<String> {
    let row = &view.update;
    let mut lines = vec![update(row)];
    let mut add = |label: &str, value: &str| lines.push(format!("  {label:<16} {value}"));
    add("Imported", &row.imported);
    add("Manifest", &row.manifest_version);
    for set in &row.compatibility {
        add("For", &pairs(set));
    }
    for (number, step) in row.steps.iter().enumerate() {
        add(&format!("Step {}", number + 1), step);
    }
    for file in &view.files {
        let size = file
            .size_bytes
            .map_or_else(|| "size unknown".to_owned(), words::size);
        let hash = file.sha256.as_deref().unwrap_or("SHA-256 unknown");
        add("File", &format!("{} ({size}) {hash}", file.name));
    }
    lines
}

pub(super) fn operation(row: &OperationRow) -> Vec<String> {
    let unnamed = if row.is_over {
        "no update named"
    } else {
        "manifest not read yet"
    };
    let update = row.update.as_deref().unwrap_or(unnamed);
    let status = word(&row.status);
    let line = format!("{}  {status:<12} {update}  {}", row.id, row.created);
    let mut lines = vec![line.trim_end().to_owned()];
    if let Some(failure) = &row.failure {
        lines.push(format!("  {}", failure.what_happened));
        lines.push(format!("  {}", failure.why));
    }
    if let Some(trace) = row.trace_id.as_deref().filter(|_| row.failure.is_some()) {
        lines.push(format!("  Trace id {trace}"));
    }
    lines
}

pub(super) fn group(row: &GroupRow) -> String {
    let deployments = match row.deployments.as_deref() {
        None => "deployments not known".to_owned(),
        Some([]) => "no active deployment".to_owned(),
        Some(active) => format!("active: {}", active.join(", ")),
    };
    format!(
        "{:<24} {:>9} devices  {deployments}",
        row.id,
        number(row.devices)
    )
}

pub(super) fn device(row: &DeviceRow) -> String {
    let installed = row.installed.as_deref().unwrap_or("no update known");
    let status = row.status.as_deref().unwrap_or("");
    let result = row.result.as_deref().unwrap_or("");
    let code = row.result_code.as_deref().unwrap_or("");
    format!(
        "{:<28} {installed:<36} {status:<11} {result} {code}",
        row.id
    )
    .trim_end()
    .to_owned()
}

pub(super) fn deployment(row: &DeploymentRow) -> String {
    let mark = if row.is_canceled {
        "  cancelled"
    } else if row.is_rollback {
        "  rollback by the service"
    } else {
        ""
    };
    format!("{:<36} {:<36} {}{mark}", row.id, row.update, row.start)
}

pub(super) fn deployment_view(view: &DeploymentView) -> Vec<String> {
    let mut lines = vec![deployment(&view.deployment)];
    lines.push(format!("  {:<16} {}", "State", word(&view.state)));
    lines.push(format!("  {:<16} {}", "Devices", view.in_words));
    lines.extend(
        view.error
            .iter()
            .map(|error| format!("  {:<16} {error}", "Error")),
    );
    lines
}

pub(super) fn reach(reach: &Reach) -> Vec<String> {
    let grouped = firmdrop_core::grouped;
    let mut lines = vec![format!(
        "{} devices of the group {} match; {} of them have the update already.",
        grouped(reach.matching()),
        reach.group,
        grouped(reach.have_it())
    )];
    for one in &reach.subgroups {
        let name = one.class_name.clone();
        let name = name.unwrap_or_else(|| pairs(&one.properties));
        let fits = if one.fits { "match" } else { "other class" };
        let active = one.active_deployment.as_ref();
        let active = active.map_or_else(String::new, |id| format!("  replaces {id}"));
        lines.push(format!(
            "  {name:<40} {:>9} devices  {fits}{active}",
            grouped(one.devices)
        ));
    }
    lines
}

pub(super) fn class(row: &ClassRow) -> Vec<String> {
    let name = row.name.as_deref().unwrap_or("no name");
    let best = row.best_update.as_deref().unwrap_or("no update fits");
    vec![
        format!("{}  {name}", row.id),
        format!("  {:<16} {}", "Properties", pairs(&row.properties)),
        format!("  {:<16} {best}", "Best update"),
    ]
}

pub(super) fn best_update(row: &BestUpdateRow) -> String {
    let devices = number(row.devices);
    format!(
        "{:<44} {devices:>9} devices to update  {}",
        row.update, row.class
    )
}

pub(super) fn compliance(row: &ComplianceRow) -> Vec<String> {
    let line = |label: &str, value| format!("{label:<24} {:>12}", number(value));
    vec![
        line("Devices", row.total),
        line("On their best update", row.on_latest),
        line("Can be updated", row.update_available),
        line("Being updated", row.in_progress),
    ]
}

pub(super) fn health(row: &HealthRow) -> Vec<String> {
    let checks = row.checks.iter();
    let checks = checks.map(|check| format!("  {:<40} {}", check.name, check.result));
    std::iter::once(word(&row.state).to_owned())
        .chain(checks)
        .collect()
}

pub(super) fn log(row: &LogRow) -> String {
    let devices = row.devices.join(", ");
    let description = row.description.as_deref().unwrap_or_default();
    format!(
        "{:<28} {:<11} {}  {devices}  {description}",
        word(&row.id),
        word(&row.status),
        row.created
    )
    .trim_end()
    .to_owned()
}

pub(super) fn log_view(view: &LogView) -> Vec<String> {
    let devices = view.devices.iter().map(|one| {
        let location = one.location.as_deref().unwrap_or("no logs stored");
        let code = one.code.as_ref().map_or("", |code| code.hex.as_str());
        let (id, status) = (word(&one.id), word(&one.status));
        format!("  {id:<28} {status:<11} {location} {code}")
            .trim_end()
            .to_owned()
    });
    std::iter::once(word(&view.status).to_owned())
        .chain(devices)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deployments_that_the_service_does_not_say_are_not_said_to_be_none() {
        let row = |deployments: Option<Vec<String>>| GroupRow {
            id: "lab".into(),
            devices: Some(2),
            created: String::new(),
            deployments,
            classes_with_new_updates: None,
            classes_on_latest_update: None,
        };
        assert!(group(&row(None)).ends_with("deployments not known"));
        assert!(group(&row(Some(Vec::new()))).ends_with("no active deployment"));
        assert!(group(&row(Some(vec!["d1".into()]))).ends_with("active: d1"));
    }
}
