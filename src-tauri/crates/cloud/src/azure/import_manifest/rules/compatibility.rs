//! The devices an update is for.

use crate::azure::import_manifest::finding::{Finding, Rule, count, shown};
use crate::azure::import_manifest::json::Members;
use crate::azure::import_manifest::model::ImportManifest;
use crate::azure::import_manifest::pointer::{item, member};

use super::{length, number};

/// What agents report since 1.0.
const NEW_NAMES: [&str; 2] = ["manufacturer", "model"];
/// What older ones report.
const OLD_NAMES: [&str; 2] = ["deviceManufacturer", "deviceModel"];

pub(in crate::azure::import_manifest) fn compatibility(
    manifest: &ImportManifest,
    found: &mut Vec<Finding>,
) {
    let sets = &manifest.compatibility;
    let place = ("/compatibility", "set", "sets");
    found.extend(number(sets.len(), 1..=10, Rule::CompatibilityCount, place));
    for (at, set) in sets.iter().enumerate() {
        let pointer = item("/compatibility", at);
        properties(set, &pointer, found);
        if sets.iter().take(at).any(|before| is_same(before, set)) {
            let what = "The same set stands before it.";
            found.push(Finding::new(
                Rule::CompatibilityRepeated,
                pointer.clone(),
                what,
            ));
        }
        found.extend(family(set, manifest, &pointer));
    }
}

fn properties(set: &Members, pointer: &str, found: &mut Vec<Finding>) {
    if !(1..=5).contains(&set.len()) {
        let what = format!(
            "The set has {}.",
            count(set.len(), "property", "properties")
        );
        found.push(Finding::new(Rule::CompatibilityProperties, pointer, what));
    }
    for (name, value) in set.iter() {
        let here = member(pointer, name);
        let of_name = length(name, 1..=32, Rule::CompatibilityName, &here);
        found.extend(of_name.map(|mut finding| {
            finding.what = format!("The name {} is too long or empty.", shown(name));
            finding
        }));
        let text = value.text();
        found.extend(text.and_then(|text| length(text, 1..=64, Rule::CompatibilityValue, &here)));
        let mut texts = [Some(name), text].into_iter().flatten();
        if let Some(padded) = texts.find(|text| text.trim() != *text) {
            let what = format!("{} begins or ends with a space.", shown(padded));
            found.push(Finding::new(Rule::CompatibilitySpaces, here, what));
        }
    }
}

/// Whether two sets are equal, in whatever order.
pub(in crate::azure::import_manifest) fn is_same(one: &Members, other: &Members) -> bool {
    one.len() == other.len()
        && one
            .iter()
            .all(|(name, value)| other.get(name) == Some(value))
}

/// A set that no device can report: neither both names of one family, nor names of one family only.
fn family(set: &Members, manifest: &ImportManifest, pointer: &str) -> Option<Finding> {
    let has_all = |names: [&str; 2]| names.iter().all(|name| set.get(name).is_some());
    let has_any = |names: [&str; 2]| names.iter().any(|name| set.get(name).is_some());
    if set.is_empty() {
        return None; // said already
    }
    // Manifests 2.0 and 3.0 are of the time of the old names.
    let wanted = if manifest.manifest_version.has_steps() {
        has_all(NEW_NAMES) && !has_any(OLD_NAMES) || has_all(OLD_NAMES) && !has_any(NEW_NAMES)
    } else {
        has_all(OLD_NAMES) && !has_any(NEW_NAMES)
    };
    (!wanted).then(|| {
        let names: Vec<&str> = set.iter().map(|(name, _)| name).take(5).collect();
        let what = format!("The set names {}.", shown(&names.join(", ")));
        Finding::new(Rule::CompatibilityFamily, pointer, what)
    })
}
