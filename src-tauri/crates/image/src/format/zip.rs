//! Zip archives that are no firmware packages: what firmware lies in them.
//!
//! Entries are unpacked one by one into bounded memory and described like files that came alone.

use std::collections::HashMap;

use firmdrop_core::grouped;

use crate::archive::{local_name, unpack};
use crate::archive_directory::{Entry, read_directory};
use crate::budget::Budget;
use crate::bytes::shown;
use crate::flaws::Flaws;
use crate::limits::{INNER_BYTES, PARTS};
use crate::{CheckResult, Format, ImageError, Inspection, Source};

/// Describes an archive.
pub(crate) fn inspect(source: &dyn Source, budget: &mut Budget) -> Result<Inspection, ImageError> {
    let mut inspection = Inspection::new(Format::Archive, source.len());
    let Some(entries) = read_directory(source)? else {
        "Zip archive with a very large directory".clone_into(&mut inspection.summary);
        let why = "its directory is larger than is read here, so that no entry was looked at";
        inspection.check("Entries", CheckResult::NotMade, why);
        return Ok(inspection);
    };
    let files: Vec<_> = entries.iter().filter(|entry| !entry.is_folder()).collect();
    let plural = if files.len() == 1 { "file" } else { "files" };
    inspection.summary = format!("Zip archive, {} {plural}", grouped(files.len() as u64));
    names(&entries, &mut inspection);
    twice(&files, &mut inspection);
    other_names(source, &files, &mut inspection)?;
    let (mut flaws, mut locked) = (Flaws::default(), Flaws::default());
    let mut whole = 0_u64;
    for entry in &files {
        let name = shown(entry.name.as_bytes());
        if let Some(why) = entry.usable().err().filter(|_| entry.is_locked()) {
            locked.add(|| why);
            continue;
        }
        if !budget.takes(entry.size_bytes.max(entry.packed_bytes)) {
            locked.add(|| format!("“{name}” unpacks to more than is unpacked here"));
            continue;
        }
        let is_opened = entry.usable().is_ok()
            && inspection.parts.len() < PARTS
            && entry.size_bytes <= INNER_BYTES;
        let mut bytes = Vec::new();
        let outcome = unpack(source, entry, &mut |piece| {
            if is_opened {
                bytes.extend_from_slice(piece);
            }
        })?;
        if let Err(why) = outcome {
            flaws.add(|| why);
        } else {
            whole += 1;
            budget.describe(bytes, &name, None, &mut inspection);
        }
    }
    if whole > 0 || !flaws.is_empty() {
        let why = format!("{} unpacked, each with its CRC-32", grouped(whole));
        inspection.verdict("Entries", flaws.verdict(why));
    }
    if let Err(why) = locked.verdict("") {
        inspection.check("Entries not opened", CheckResult::NotMade, why);
    }
    if entries
        .iter()
        .any(|entry| entry.name.ends_with("manifest.json"))
    {
        let text = "manifest.json is that of no firmware package known here";
        inspection.fact("Manifest", text);
    } else if let Some(name) = init_packet(&entries) {
        let text = format!(
            "of a Nordic DFU package whose manifest.json is missing: {name} stands beside its firmware. DFU programs refuse it; nrfutil makes a whole one"
        );
        inspection.fact("Looks like the content", text);
    }
    Ok(inspection)
}

/// A file with an init packet: it has the name of a firmware file, and the ending `.dat`.
fn init_packet(entries: &[Entry]) -> Option<&str> {
    let has = |name: &str| entries.iter().any(|entry| entry.name == name);
    entries
        .iter()
        .map(|entry| entry.name.as_str())
        .find(|name| {
            let stem = name.strip_suffix(".dat");
            stem.is_some_and(|stem| has(&format!("{stem}.bin")))
        })
}

/// Files of one name with different bytes: which one counts is the choice of whoever unpacks them.
fn twice(files: &[&Entry], inspection: &mut Inspection) {
    let mut flaws = Flaws::default();
    let mut known = HashMap::new();
    for entry in files {
        let content = (entry.crc, entry.size_bytes);
        let first = *known.entry(entry.name.as_str()).or_insert(content);
        if first != content {
            let name = shown(entry.name.as_bytes());
            flaws.add(|| format!("“{name}” is there more than once, with different bytes"));
        }
    }
    if let Err(why) = flaws.verdict("") {
        let why = format!("{why}. Some programs take the first one, others the last");
        inspection.check("Files of one name", CheckResult::Warning, why);
    }
}

/// Files that have one name in the directory and another one in front of their bytes.
fn other_names(
    source: &dyn Source,
    files: &[&Entry],
    inspection: &mut Inspection,
) -> Result<(), ImageError> {
    let mut flaws = Flaws::default();
    for entry in files {
        if let Some(other) = local_name(source, entry)?
            && other.replace('\\', "/") != entry.name.replace('\\', "/")
        {
            let (name, other) = (shown(entry.name.as_bytes()), shown(other.as_bytes()));
            flaws.add(|| {
                format!(
                    "the directory has the name “{name}”, the header before the bytes “{other}”"
                )
            });
        }
    }
    if let Err(why) = flaws.verdict("") {
        let why = format!(
            "{why}. Some programs use one name, others the other, and some refuse the archive"
        );
        inspection.check("Names in the directory", CheckResult::Warning, why);
    }
    Ok(())
}

/// Names that would lead a careless program out of its folder. Nothing is unpacked by name here.
fn names(entries: &[Entry], inspection: &mut Inspection) {
    let mut flaws = Flaws::default();
    for entry in entries {
        if let Some(why) = entry.hostile_name() {
            flaws.add(|| format!("“{}” {why}", shown(entry.name.as_bytes())));
        }
    }
    if let Err(why) = flaws.verdict("") {
        let why = format!("{why}. Do not unpack this archive with a program that does not check");
        inspection.check("Names", CheckResult::Warning, why);
    }
}
