//! The list of files: how many, how large together, each used by a step.

use std::collections::BTreeMap;

use firmdrop_core::grouped;

use crate::azure::import_manifest::CheckContext;
use crate::azure::import_manifest::finding::{Finding, Rule, shown};
use crate::azure::import_manifest::model::{Action, ImportManifest};
use crate::azure::import_manifest::pointer::item;

use super::number;

/// Files of an update above which the API's own description contradicts its limits page.
const MANY: usize = 5;

pub(in crate::azure::import_manifest) fn files(
    manifest: &ImportManifest,
    context: &CheckContext<'_>,
    found: &mut Vec<Finding>,
) {
    let files = &manifest.files;
    let sent = manifest.all_files().count();
    if let Some(finding) = number(
        files.len(),
        0..=10,
        Rule::FileCount,
        ("/files", "file", "files"),
    ) {
        found.push(finding);
    } else if sent > MANY {
        let what = format!("{sent} files are sent, related ones included.");
        found.push(Finding::new(Rule::FilesMany, "/files", what));
    }
    let steps = manifest.steps.iter();
    let is_inline = |action: &Action| matches!(action, Action::Inline { .. });
    if files.is_empty() && steps.clone().any(|step| is_inline(&step.action)) {
        found.push(Finding::new(
            Rule::FilesNeeded,
            "/files",
            "There is no file.",
        ));
    }
    let bytes = manifest.files_bytes();
    let is_each_allowed = manifest
        .all_files()
        .all(|file| file.size_bytes <= super::file::MOST_BYTES);
    if is_each_allowed && bytes > context.limits.files_bytes {
        let what = format!(
            "The files have {} bytes together; the limit is {}.",
            grouped(bytes),
            grouped(context.limits.files_bytes)
        );
        found.push(Finding::new(Rule::FileSizeSum, "/files", what));
    }
    for (at, file) in files.iter().enumerate() {
        let pointer = item("/files", at);
        super::file::file(file, &pointer, found);
        // Without steps or a name, that is what is said.
        let is_named = !file.entry.name.is_empty() && !manifest.steps.is_empty();
        if is_named && !is_used(manifest, &file.entry.name) {
            let what = format!("No step uses {}.", shown(&file.entry.name));
            found.push(Finding::new(Rule::FileUnused, pointer, what));
        }
    }
    unique_names(manifest, found);
}

fn is_used(manifest: &ImportManifest, name: &str) -> bool {
    manifest.steps.iter().any(|step| match &step.action {
        Action::Inline { files, .. } => files.iter().any(|file| file == name),
        Action::Reference(_) => false,
    })
}

/// All names, related files included: each is sent under its name.
fn unique_names(manifest: &ImportManifest, found: &mut Vec<Finding>) {
    let mut seen = BTreeMap::new();
    for (at, file) in manifest.files.iter().enumerate() {
        let pointer = item("/files", at);
        let related = file.related.iter().enumerate();
        let related = related.map(|(at, one)| (item(&format!("{pointer}/relatedFiles"), at), one));
        for (pointer, entry) in std::iter::once((pointer.clone(), &file.entry)).chain(related) {
            if entry.name.is_empty() {
                continue; // said already
            }
            let here = format!("{pointer}/filename");
            if let Some(first) = seen.insert(entry.name.to_lowercase(), here.clone()) {
                let what = format!("{} is the name at {first} too.", shown(&entry.name));
                found.push(Finding::new(Rule::FileNameUnique, here, what));
            }
        }
    }
}
