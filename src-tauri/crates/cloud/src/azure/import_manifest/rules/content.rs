//! A manifest against its files, whose sizes and hashes were computed by the caller.

use firmdrop_core::grouped;

use crate::azure::import_manifest::file_name::is_path;
use crate::azure::import_manifest::files_given::{FileFacts, FilesGiven};
use crate::azure::import_manifest::finding::{Finding, Rule, shown};
use crate::azure::import_manifest::model::{FileEntry, ImportManifest};
use crate::azure::import_manifest::pointer::item;

pub(in crate::azure::import_manifest) fn content(
    manifest: &ImportManifest,
    given: &FilesGiven<'_>,
    found: &mut Vec<Finding>,
) {
    for (at, file) in manifest.files.iter().enumerate() {
        let pointer = item("/files", at);
        compare(&file.entry, given.files, &pointer, found);
        for (at, related) in file.related.iter().enumerate() {
            let here = item(&format!("{pointer}/relatedFiles"), at);
            compare(related, given.files, &here, found);
        }
    }
    if given.is_exact {
        let named = |name: &str| manifest.all_files().any(|file| file.name == name);
        for file in given.files.iter().filter(|file| !named(&file.name)) {
            let what = format!("The manifest does not name {}.", shown(&file.name));
            found.push(Finding::new(Rule::FileExtra, "", what));
        }
    }
}

fn compare(entry: &FileEntry, files: &[FileFacts], pointer: &str, found: &mut Vec<Finding>) {
    if entry.name.is_empty() || is_path(&entry.name) {
        return; // said already
    }
    let Some(file) = files.iter().find(|file| file.name == entry.name) else {
        found.push(not_there(entry, files, pointer));
        return;
    };
    if file.size_bytes != entry.size_bytes {
        let what = format!(
            "{} has {} bytes; the manifest says {}.",
            shown(&entry.name),
            grouped(file.size_bytes),
            grouped(entry.size_bytes)
        );
        found.push(Finding::new(
            Rule::FileSizeDiffers,
            format!("{pointer}/sizeInBytes"),
            what,
        ));
    }
    if let Some(hash) = entry.sha256()
        && hash != file.sha256
    {
        let what = format!(
            "{} has the SHA-256 {}; the manifest says {}.",
            shown(&entry.name),
            file.sha256.to_base64(),
            hash.to_base64()
        );
        found.push(Finding::new(
            Rule::FileHashDiffers,
            format!("{pointer}/hashes/sha256"),
            what,
        ));
    }
}

fn not_there(entry: &FileEntry, files: &[FileFacts], pointer: &str) -> Finding {
    let what = format!("There is no file {}.", shown(&entry.name));
    let finding = Finding::new(Rule::FileNotThere, format!("{pointer}/filename"), what);
    let close = |file: &&FileFacts| file.name.to_lowercase() == entry.name.to_lowercase();
    match files.iter().find(close) {
        Some(file) => finding.instead(format!(
            "Rename {} or the name in the manifest: they differ in large and small letters.",
            shown(&file.name)
        )),
        None => finding,
    }
}
