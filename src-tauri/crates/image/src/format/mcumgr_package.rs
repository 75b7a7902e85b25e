//! `mcumgr` packages of the nRF Connect SDK: a zip archive with one `MCUboot` image per core.
//!
//! Form of the SDK's `generate_zip.py`. Each image is inspected as if it had come alone.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use firmdrop_core::grouped;
use serde_json::Value;

use crate::archive::Archive;
use crate::bytes::shown;
use crate::format::{mcuboot, raw};
use crate::inspection::{IMAGE_INDEX, SLOT};
use crate::limits::{ARCHIVE_ENTRIES, ARCHIVE_IMAGE_BYTES};
use crate::{
    CheckResult, Format, ImageError, Inspection, Integrity, MemorySource, Part, Signature, Source,
};

/// Listings of one file whose fields become facts.
const LISTINGS: usize = 4;

/// The version of an image that is started where it lies.
const VERSION_IN_PLACE: &str = "version_MCUBOOT+XIP";

/// Describes a package whose `manifest` lists `files`.
pub(crate) fn inspect(
    size_bytes: u64,
    archive: &mut Archive<'_>,
    manifest: &Value,
    files: &[Value],
) -> Result<Inspection, ImageError> {
    let mut inspection = Inspection::new(Format::McumgrPackage, size_bytes);
    if let Some(version) = text(manifest, "format-version") {
        inspection.fact("Package format", version);
    }
    inspection.identity.product = text(manifest, "name");
    let mut contents = BTreeMap::new();
    for file in files.iter().take(ARCHIVE_ENTRIES) {
        self::file(archive, file, &mut contents, &mut inspection)?;
    }
    if files.len() > ARCHIVE_ENTRIES {
        let why = format!(
            "it lists {} files, the first {ARCHIVE_ENTRIES} were looked at",
            files.len()
        );
        inspection.check("Manifest", CheckResult::Warning, why);
    }
    for (name, content) in contents.iter().filter(|(_, content)| content.listed > 1) {
        let why = format!(
            "it lists {} {} times; the file was read once",
            shown(name.as_bytes()),
            content.listed
        );
        inspection.check("Manifest", CheckResult::Warning, why);
    }
    let mut images: Vec<_> = contents.into_values().collect();
    images.sort_by_key(|content| content.order);
    let images: Vec<_> = images
        .into_iter()
        .filter_map(|content| {
            let part = content.part?;
            let is_mcuboot = part.inspection.format == Format::Mcuboot;
            let image = is_mcuboot.then(|| part.inspection.clone());
            inspection.part(part, true);
            image
        })
        .collect();
    let plural = if images.len() == 1 { "" } else { "s" };
    inspection.summary = format!("mcumgr package, {} MCUboot image{plural}", images.len());
    if files.is_empty() {
        let why = "the manifest lists no file";
        inspection.check("Manifest", CheckResult::Failed, why);
    }
    inspection.signature = if images.is_empty() {
        Signature::NotPossible
    } else {
        let unsigned = images
            .iter()
            .find(|image| image.signature == Signature::Absent);
        unsigned
            .or(images.first())
            .map_or(Signature::Absent, |image| image.signature.clone())
    };
    if let [image] = images.as_slice() {
        let version = &image.identity.version;
        inspection.identity.version.clone_from(version);
        inspection.image_hash = image.image_hash;
    }
    Ok(inspection)
}

/// What is in a file of the package. It is unpacked for the first listing only.
struct Content {
    /// Its place among the files that were unpacked.
    order: usize,
    /// How often the manifest lists it.
    listed: usize,
    size_bytes: Option<u64>,
    /// What it is, with what the manifest says of it.
    part: Option<Part>,
}

/// Describes one listed file.
fn file<'a>(
    archive: &mut Archive<'_>,
    file: &'a Value,
    contents: &mut BTreeMap<&'a str, Content>,
    inspection: &mut Inspection,
) -> Result<(), ImageError> {
    let Some(name) = file.get("file").and_then(Value::as_str) else {
        let why = "a listed file has no name";
        inspection.check("Manifest", CheckResult::Failed, why);
        return Ok(());
    };
    let title = shown(name.as_bytes());
    if inspection.identity.target.is_none() {
        inspection.identity.target = text(file, "board").or_else(|| text(file, "soc"));
    }
    let order = contents.len();
    let content = match contents.entry(name) {
        Entry::Occupied(known) => known.into_mut(),
        Entry::Vacant(place) => {
            let mut content = unpack(archive, name, &title, inspection)?;
            content.order = order;
            place.insert(content)
        }
    };
    content.listed += 1;
    if let Some(part) = content.part.as_mut().filter(|_| content.listed <= LISTINGS) {
        for (key, label) in [
            ("type", "Type"),
            ("board", "Board"),
            ("soc", "Chip"),
            ("image_index", IMAGE_INDEX),
            ("slot", SLOT),
            ("version_MCUBOOT", "Version in the manifest"),
            (VERSION_IN_PLACE, "Version in the manifest"),
        ] {
            if let Some(value) = text(file, key) {
                part.inspection.fact(label, value);
            }
        }
    }
    let said = text(file, "size").and_then(|size| size.parse::<u64>().ok());
    if let (Some(said), Some(found)) = (said, content.size_bytes)
        && said != found
    {
        let why = format!(
            "the manifest says {said} bytes, the file has {found}",
            said = grouped(said),
            found = grouped(found)
        );
        inspection.check(&format!("Size of {title}"), CheckResult::Failed, why);
    }
    if let Some(part) = &content.part {
        compare_versions(&title, file, &part.inspection, inspection);
    }
    Ok(())
}

fn unpack(
    archive: &mut Archive<'_>,
    name: &str,
    title: &str,
    inspection: &mut Inspection,
) -> Result<Content, ImageError> {
    let mut content = Content {
        order: 0,
        listed: 0,
        size_bytes: None,
        part: None,
    };
    match archive.read(name, ARCHIVE_IMAGE_BYTES)? {
        Ok(bytes) => {
            content.size_bytes = Some(bytes.len() as u64);
            inspection.segment(title, None, bytes.len() as u64);
            content.part = Some(Part::new(title, None, None, image(bytes)?));
        }
        Err(why) => inspection.check(&format!("File {title}"), CheckResult::Failed, why),
    }
    Ok(content)
}

fn image(bytes: Vec<u8>) -> Result<Inspection, ImageError> {
    let source = MemorySource::new(bytes);
    let head = crate::bytes::read(&source, 0, 32)?;
    if mcuboot::recognises(&head) && source.len() >= mcuboot::HEADER_BYTES {
        return mcuboot::inspect(&source);
    }
    let mut other = raw::inspect(&source)?;
    let why = "it is no MCUboot image; nothing inside can be checked";
    other.check("Image", CheckResult::NotMade, why);
    Ok(other)
}

fn compare_versions(title: &str, file: &Value, image: &Inspection, inspection: &mut Inspection) {
    let said = text(file, "version_MCUBOOT").or_else(|| text(file, VERSION_IN_PLACE));
    let found = &image.identity.version;
    if let (Some(said), Some(found)) = (said, found)
        && image.integrity() != Integrity::Damaged
        && said.split('+').next() != found.split('+').next()
    {
        let why = format!("the manifest says version {said}, the image {found}");
        inspection.check(&format!("Image {title}"), CheckResult::Warning, why);
    }
}

/// A text or a number of the manifest as text. Older and newer SDKs write the same field either way.
fn text(value: &Value, key: &str) -> Option<String> {
    match value.get(key)? {
        Value::String(text) => Some(shown(text.as_bytes())),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
#[path = "mcumgr_package_tests.rs"]
mod tests;
