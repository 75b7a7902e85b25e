//! One file of an update, and the files that are related to it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::azure::import_manifest::file_name::is_path;
use crate::azure::import_manifest::finding::{Finding, Rule, shown};
use crate::azure::import_manifest::handler;
use crate::azure::import_manifest::hash::{self, HashError};
use crate::azure::import_manifest::json::{Json, Members};
use crate::azure::import_manifest::model::{FileEntry, SHA256, UpdateFile};
use crate::azure::import_manifest::pointer::{item, member};

use super::steps::misspelt_handler;
use super::{length, number};

/// Largest file, bytes. Source: the schema's `sizeInBytes`.
pub(super) const MOST_BYTES: u64 = 2_147_483_648;
/// What a delta is made for. Source: article "delta updates".
const DELTA_PROPERTIES: [&str; 2] = [
    "microsoft.sourceFileHash",
    "microsoft.sourceFileHashAlgorithm",
];

/// Algorithms of the agent with the bytes of their digests.
const DIGESTS: [(&str, usize); 5] = [
    ("sha1", 20),
    ("sha224", 28),
    ("sha256", 32),
    ("sha384", 48),
    ("sha512", 64),
];

/// The rules of a file.
pub(super) fn file(file: &UpdateFile, pointer: &str, found: &mut Vec<Finding>) {
    entry(&file.entry, pointer, found);
    let list = format!("{pointer}/relatedFiles");
    let place = (list.as_str(), "related file", "related files");
    found.extend(number(file.related.len(), 0..=4, Rule::RelatedCount, place));
    for (at, related) in file.related.iter().enumerate() {
        entry(related, &item(&list, at), found);
    }
    match (&file.download_handler, file.related.is_empty()) {
        (None, false) => {
            let what = "It has related files and no download handler.";
            let here = format!("{pointer}/downloadHandler");
            found.push(Finding::new(Rule::DownloadHandlerNeeded, here, what));
        }
        (Some(handler), is_alone) => {
            let here = format!("{pointer}/downloadHandler/id");
            found.extend(download_handler(&handler.id, &here));
            if is_alone {
                let what = "It has a download handler and no related files.";
                found.push(Finding::new(Rule::RelatedNeeded, list, what));
            } else if handler.id == handler::DELTA {
                delta(&file.related, &list, found);
            }
        }
        (None, true) => {}
    }
}

fn entry(entry: &FileEntry, pointer: &str, found: &mut Vec<Finding>) {
    found.extend(name(&entry.name, &format!("{pointer}/filename")));
    if !(1..=MOST_BYTES).contains(&entry.size_bytes) {
        let what = format!("The size is {} bytes.", entry.size_bytes);
        found.push(Finding::new(
            Rule::FileSize,
            format!("{pointer}/sizeInBytes"),
            what,
        ));
    }
    let hashes = format!("{pointer}/hashes");
    if entry.hashes.len() > 2 {
        let what = format!("There are {} hashes.", entry.hashes.len());
        found.push(Finding::new(Rule::HashCount, hashes.clone(), what));
    }
    let is_written_otherwise =
        |algorithm: &str| algorithm != SHA256 && algorithm.eq_ignore_ascii_case(SHA256);
    let mut algorithms = entry.hashes.iter().map(|(algorithm, _)| algorithm.as_str());
    if let Some(second) = algorithms.find(|algorithm| is_written_otherwise(algorithm))
        && entry.sha256_text().is_some()
    {
        let what = format!("sha256 is there twice, also as {}.", shown(second));
        found.push(Finding::new(
            Rule::RepeatedKey,
            member(&hashes, second),
            what,
        ));
    }
    if let Some(text) = entry.sha256_text() {
        found.extend(hash_encoding(text, &format!("{hashes}/sha256")));
    }
    if let Some(all) = &entry.properties {
        properties(all, &format!("{pointer}/properties"), found);
    }
}

fn name(name: &str, pointer: &str) -> Option<Finding> {
    let wrong = length(name, 1..=255, Rule::FileNameLength, pointer);
    if wrong.is_some() {
        return wrong;
    }
    let rule = if is_path(name) {
        Rule::FileNamePath
    } else if name.contains(' ') || !name.is_ascii() {
        Rule::FileNameCharacters
    } else {
        return None;
    };
    Some(Finding::new(
        rule,
        pointer,
        format!("The name is {}.", shown(name)),
    ))
}

fn hash_encoding(text: &str, pointer: &str) -> Option<Finding> {
    let error = hash::read(text).err()?;
    let what = format!("{} is no SHA-256: {error}.", shown(text));
    let finding = Finding::new(Rule::HashEncoding, pointer, what);
    Some(match (error, firmdrop_core::Sha256::from_hex(text)) {
        (HashError::Hexadecimal, Ok(hash)) => {
            finding.instead(format!("Write {}, the same as base64.", hash.to_base64()))
        }
        _ => finding,
    })
}

fn properties(all: &Members, pointer: &str, found: &mut Vec<Finding>) {
    let place = (pointer, "property", "properties");
    found.extend(number(all.len(), 0..=5, Rule::PropertyCount, place));
    for (name, value) in all.iter() {
        let here = member(pointer, name);
        if !name.is_ascii() || !(1..=64).contains(&name.len()) {
            let what = format!("The name of the property is {}.", shown(name));
            found.push(Finding::new(Rule::PropertyName, here.clone(), what));
        }
        let written = match value {
            Json::Text(text) => text.clone(),
            other => other.to_text(),
        };
        if !written.is_ascii() || written.len() > 256 {
            let what = format!("The value of {} is {}.", shown(name), shown(&written));
            found.push(Finding::new(Rule::PropertyValue, here, what));
        }
    }
}

fn download_handler(id: &str, pointer: &str) -> Option<Finding> {
    let wrong = length(id, 5..=32, Rule::HandlerLength, pointer);
    if wrong.is_some() {
        return wrong;
    }
    if let Some(finding) = misspelt_handler(id, pointer) {
        return Some(finding);
    }
    let (rule, what) = if !handler::is_well_formed(id) {
        (Rule::HandlerFormat, "is no id of a handler")
    } else if handler::is_of_microsoft(id) && id != handler::DELTA {
        (
            Rule::DownloadHandlerUnknown,
            "is no download handler that is known",
        )
    } else {
        return None;
    };
    Some(Finding::new(
        rule,
        pointer,
        format!("{} {what}.", shown(id)),
    ))
}

fn delta(related: &[FileEntry], list: &str, found: &mut Vec<Finding>) {
    for (at, file) in related.iter().enumerate() {
        let pointer = format!("{}/properties", item(list, at));
        for name in DELTA_PROPERTIES {
            let properties = file.properties.as_ref();
            if properties.and_then(|all| all.get(name)).is_none() {
                let what = format!("{name} is missing.");
                found.push(Finding::new(
                    Rule::DeltaSource,
                    member(&pointer, name),
                    what,
                ));
            }
        }
        let source = file.properties.as_ref();
        let text = |name: &str| source?.get(name)?.text();
        found.extend(delta_source(text, &pointer));
    }
}

/// The hash by which an agent looks for the image that a delta starts from. Source of algorithms and of
/// base64: the agent's `hash_utils`.
fn delta_source<'a>(text: impl Fn(&str) -> Option<&'a str>, pointer: &str) -> Option<Finding> {
    let [hash_name, algorithm_name] = DELTA_PROPERTIES;
    let algorithm = text(algorithm_name)?;
    let is_it = |(name, _): &&(&str, usize)| name.eq_ignore_ascii_case(algorithm);
    let Some((_, bytes)) = DIGESTS.iter().find(is_it) else {
        let what = format!("{} is no algorithm of the agent.", shown(algorithm));
        let here = member(pointer, algorithm_name);
        return Some(Finding::new(Rule::DeltaSourceHash, here, what).instead("Write sha256."));
    };
    let hash = text(hash_name)?;
    let decoded = STANDARD.decode(hash).ok();
    if decoded.is_some_and(|decoded| decoded.len() == *bytes) {
        return None;
    }
    let what = format!("{} is no base64 of {bytes} bytes.", shown(hash));
    let finding = Finding::new(Rule::DeltaSourceHash, member(pointer, hash_name), what);
    Some(match firmdrop_core::Sha256::from_hex(hash) {
        Ok(hash) => finding.instead(format!("Write {}, the same as base64.", hash.to_base64())),
        Err(_) => finding,
    })
}
