//! What is done on the device, in manifests 4.0 and 5.0.

use crate::azure::import_manifest::finding::{Finding, Rule, shown};
use crate::azure::import_manifest::handler;
use crate::azure::import_manifest::json::Members;
use crate::azure::import_manifest::model::{Action, ImportManifest};
use crate::azure::import_manifest::pointer::item;

use super::handler_properties::handler_properties;
use super::{length, number, update_id};

const STEPS: &str = "/instructions/steps";

pub(in crate::azure::import_manifest) fn steps(
    manifest: &ImportManifest,
    found: &mut Vec<Finding>,
) {
    let steps = &manifest.steps;
    let place = (STEPS, "step", "steps");
    found.extend(number(steps.len(), 1..=10, Rule::StepCount, place));
    for (at, step) in steps.iter().enumerate() {
        let pointer = item(STEPS, at);
        if let Some(text) = &step.description {
            let here = format!("{pointer}/description");
            found.extend(length(text, 1..=64, Rule::StepDescription, &here));
        }
        if let Action::Inline {
            handler,
            files,
            properties,
        } = &step.action
        {
            inline(
                manifest,
                (handler, files, properties.as_ref()),
                &pointer,
                found,
            );
        }
    }
    references(manifest, found);
}

fn inline(
    manifest: &ImportManifest,
    (handler, files, properties): (&str, &[String], Option<&Members>),
    pointer: &str,
    found: &mut Vec<Finding>,
) {
    handler_id(handler, &format!("{pointer}/handler"), found);
    let list = format!("{pointer}/files");
    let place = (list.as_str(), "file", "files");
    found.extend(number(files.len(), 1..=10, Rule::StepFileCount, place));
    if handler::takes_one_file(handler) && files.len() > 1 {
        let what = format!("{handler} has {} files.", files.len());
        found.push(Finding::new(Rule::HandlerFiles, list.clone(), what));
    }
    for (at, name) in files.iter().enumerate() {
        let here = item(&list, at);
        found.extend(step_file(
            manifest,
            files.get(..at).unwrap_or_default(),
            name,
            here,
        ));
    }
    handler_properties(handler, files, properties, pointer, found);
}

/// The rules of a handler's id.
pub(super) fn handler_id(id: &str, pointer: &str, found: &mut Vec<Finding>) {
    let too_long = length(id, 5..=32, Rule::HandlerLength, pointer);
    if too_long.is_some() {
        found.extend(too_long);
        return;
    }
    if let Some(finding) = misspelt_handler(id, pointer) {
        found.push(finding);
        return;
    }
    let (rule, what) = if !handler::is_well_formed(id) {
        (Rule::HandlerFormat, "is no id of a handler")
    } else if handler::is_internal(id) || id == handler::DELTA {
        (Rule::HandlerInternal, "is no handler of a step")
    } else if handler::is_unknown(id) {
        (Rule::HandlerUnknown, "is not known")
    } else {
        return;
    };
    found.push(Finding::new(
        rule,
        pointer,
        format!("{} {what}.", shown(id)),
    ));
}

/// An id that is one of Microsoft's but for large and small letters.
pub(super) fn misspelt_handler(id: &str, pointer: &str) -> Option<Finding> {
    let meant = handler::meant(id)?;
    let what = format!("{} is not the handler {meant}.", shown(id));
    let finding = Finding::new(Rule::HandlerUnknown, pointer, what)
        .because(
            "A device finds a handler by its exact id, in which large and small letters differ.",
        )
        .instead(format!("Write {meant}."));
    Some(finding)
}

fn step_file(
    manifest: &ImportManifest,
    before: &[String],
    name: &str,
    pointer: String,
) -> Option<Finding> {
    let wrong = length(name, 1..=255, Rule::StepFileName, &pointer);
    if wrong.is_some() {
        return wrong;
    }
    if before.iter().any(|other| other == name) {
        let what = format!("{} stands before it.", shown(name));
        return Some(Finding::new(Rule::StepFileRepeated, pointer, what));
    }
    let names = || manifest.files.iter().map(|file| &file.entry.name);
    // Without any file, that is what is said.
    if manifest.files.is_empty() || names().any(|known| known == name) {
        return None;
    }
    let what = format!("{} is not in the list \"files\".", shown(name));
    let finding = Finding::new(Rule::StepFileMissing, pointer, what);
    let close = names().find(|known| known.to_lowercase() == name.to_lowercase());
    Some(match close {
        Some(known) => finding.instead(format!("Write {}, as in the list.", shown(known))),
        None => finding,
    })
}

fn references(manifest: &ImportManifest, found: &mut Vec<Finding>) {
    let all: Vec<_> = manifest.references().collect();
    for (position, (at, id)) in all.iter().enumerate() {
        let pointer = format!("{}/updateId", item(STEPS, *at));
        update_id(id, &pointer, found);
        if id.is_same(&manifest.update_id) {
            let what = format!("The step references {id}, which is this update.");
            found.push(Finding::new(Rule::ReferenceSelf, pointer, what));
        } else if all
            .iter()
            .take(position)
            .any(|(_, before)| before.is_same(id))
        {
            let what = format!("A step before it references {id}.");
            found.push(Finding::new(Rule::ReferenceRepeated, pointer, what));
        }
    }
}
