//! Zip archives: which kind of firmware package, if any, stands in them.
//!
//! `manifest.json` decides. Any other archive is a raw file with a likeness.

use serde_json::Value;

use crate::archive::{Archive, LOCAL_MAGIC};
use crate::archive_directory::{Directory, read_directory};
use crate::format::{mcumgr_package, nordic_package, raw};
use crate::limits::ARCHIVE_SMALL_ENTRY_BYTES;
use crate::{CheckResult, ImageError, Inspection, Source};

/// Whether a file that begins with `head` is a zip archive, empty ones included.
pub(crate) fn recognises(head: &[u8]) -> bool {
    head.starts_with(&LOCAL_MAGIC) || head.starts_with(b"PK\x05\x06")
}

/// Describes a zip archive.
pub(crate) fn inspect(source: &dyn Source) -> Result<Inspection, ImageError> {
    let entries = match read_directory(source)? {
        Directory::Package(entries) => entries,
        Directory::Plain { entries } => {
            let many = entries.map_or_else(|| "many".to_owned(), |count| count.to_string());
            let likeness = format!(
                "a zip archive of {many} entries without manifest.json, so no firmware package"
            );
            return other(source, likeness);
        }
    };
    let mut archive = Archive::open(source, entries)?;
    let manifest = archive
        .read("manifest.json", ARCHIVE_SMALL_ENTRY_BYTES)?
        .and_then(|bytes| {
            serde_json::from_slice::<Value>(&bytes)
                .map_err(|error| format!("manifest.json is no JSON: {error}"))
        });
    let manifest = match manifest {
        Ok(manifest) => manifest,
        Err(why) => {
            let mut inspection = other(source, "a zip archive with a manifest.json".to_owned())?;
            inspection.check("Manifest", CheckResult::Failed, why);
            return Ok(inspection);
        }
    };
    if let Some(parts) = manifest.get("manifest").and_then(Value::as_object) {
        nordic_package::inspect(source.len(), &mut archive, parts)
    } else if let Some(files) = manifest.get("files").and_then(Value::as_array) {
        mcumgr_package::inspect(source.len(), &mut archive, &manifest, files)
    } else {
        let likeness = "a zip archive whose manifest.json is that of no known firmware package";
        other(source, likeness.to_owned())
    }
}

fn other(source: &dyn Source, likeness: String) -> Result<Inspection, ImageError> {
    let mut inspection = raw::inspect(source)?;
    inspection.fact("Looks like", likeness);
    Ok(inspection)
}
