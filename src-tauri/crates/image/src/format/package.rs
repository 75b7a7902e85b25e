//! Zip archives: which kind of firmware package, if any, stands in them.
//!
//! `manifest.json` decides, at the top or one folder deep. Any other archive is described by
//! [`zip`].

use firmdrop_core::grouped;
use serde_json::Value;

use crate::archive::{Archive, LOCAL_MAGIC};
use crate::archive_directory::{
    SPLIT_MAGIC, UNSPLIT_MAGIC, bytes_behind, is_one_of_several, read_directory,
};
use crate::budget::Budget;
use crate::bytes::shown;
use crate::format::{mcumgr_package, nordic_package, zip};
use crate::limits::ARCHIVE_SMALL_ENTRY_BYTES;
use crate::{CheckResult, Format, ImageError, Inspection, Source};

const MANIFEST: &str = "manifest.json";

/// Whether a file that begins with `head` is a zip archive, empty ones included.
pub(crate) fn recognises(head: &[u8]) -> bool {
    head.starts_with(&LOCAL_MAGIC)
        || head.starts_with(b"PK\x05\x06")
        || head.starts_with(&SPLIT_MAGIC)
        || head.starts_with(&UNSPLIT_MAGIC)
}

/// An archive with a manifest.
pub(crate) struct Package<'a> {
    /// The archive; names are those of the manifest.
    pub(crate) archive: Archive<'a>,
    /// The manifest, or why it cannot be read.
    pub(crate) manifest: Result<Value, String>,
    /// The folder it is in; empty when it is at the top.
    folder: String,
    has_byte_order_mark: bool,
}

/// Reads the manifest of an archive; none when there is none.
pub(crate) fn open(source: &dyn Source) -> Result<Option<Package<'_>>, ImageError> {
    let Some(entries) = read_directory(source)? else {
        return Ok(None);
    };
    let names = entries.iter().map(|entry| entry.name.as_str());
    let folders = names.filter_map(|name| {
        let folder = name.trim_start_matches("./").strip_suffix(MANIFEST)?;
        let depth = folder.matches('/').count();
        let is_near = (folder.is_empty() || folder.ends_with('/')) && depth <= 1;
        is_near.then(|| folder.to_owned())
    });
    let Some(folder) = folders.min_by_key(String::len) else {
        return Ok(None);
    };
    let mut archive = Archive::new(source, entries, folder.clone());
    let mut has_byte_order_mark = false;
    let manifest = archive
        .read(MANIFEST, ARCHIVE_SMALL_ENTRY_BYTES)?
        .and_then(|bytes| {
            let text = bytes.strip_prefix(b"\xEF\xBB\xBF");
            has_byte_order_mark = text.is_some();
            serde_json::from_slice::<Value>(text.unwrap_or(&bytes))
                .map_err(|error| format!("manifest.json is no JSON: {error}"))
        });
    Ok(Some(Package {
        archive,
        manifest,
        folder,
        has_byte_order_mark,
    }))
}

/// Describes a zip archive.
pub(crate) fn inspect(source: &dyn Source, budget: &mut Budget) -> Result<Inspection, ImageError> {
    if is_one_of_several(source)? {
        return Ok(one_of_several(source.len()));
    }
    let behind = match bytes_behind(source) {
        Ok(behind) => behind,
        Err(error @ (ImageError::Truncated { .. } | ImageError::Damaged { .. })) => {
            return Ok(without_directory(source.len(), &error));
        }
        Err(error) => return Err(error),
    };
    let mut inspection = describe(source, budget)?;
    if behind > 0 {
        let why = format!("{} bytes follow the archive", grouped(behind));
        inspection.check("End of the archive", CheckResult::Warning, why);
    }
    Ok(inspection)
}

/// A part of an archive that was split.
fn one_of_several(size_bytes: u64) -> Inspection {
    let mut inspection = Inspection::new(Format::Archive, size_bytes);
    "One part of a zip archive that was split".clone_into(&mut inspection.summary);
    let why = "the other parts are missing: join them into one archive (“zip -s 0 PARTS.zip --out WHOLE.zip”) and inspect that";
    inspection.check("Directory", CheckResult::NotMade, why);
    inspection
}

/// An archive that begins like one and whose directory cannot be found.
fn without_directory(size_bytes: u64, error: &ImageError) -> Inspection {
    let mut inspection = Inspection::new(Format::Archive, size_bytes);
    "Zip archive without a directory".clone_into(&mut inspection.summary);
    let why = match error {
        ImageError::Damaged { why, .. } => why.trim_end_matches('.').to_owned(),
        _ => "there is none at the end of the file: it was cut off".to_owned(),
    };
    inspection.check("Directory", CheckResult::Failed, why);
    inspection
}

fn describe(source: &dyn Source, budget: &mut Budget) -> Result<Inspection, ImageError> {
    let Some(mut package) = open(source)? else {
        return zip::inspect(source, budget);
    };
    let Ok(manifest) = &package.manifest else {
        return zip::inspect(source, budget);
    };
    let nordic = manifest.get("manifest").and_then(Value::as_object);
    let mut inspection =
        if let Some(parts) = nordic.filter(|parts| nordic_package::has_parts(parts)) {
            nordic_package::inspect(source.len(), &mut package.archive, parts)?
        } else if let Some(files) = manifest.get("files").and_then(Value::as_array) {
            mcumgr_package::inspect(source.len(), &mut package.archive, manifest, files)?
        } else {
            return zip::inspect(source, budget);
        };
    if !package.folder.is_empty() {
        let folder = shown(package.folder.as_bytes());
        let why = format!(
            "manifest.json is in the folder {folder}; most programs want it at the top of the archive: pack the files again without the folder"
        );
        inspection.check("Place of the manifest", CheckResult::Warning, why);
    }
    if package.has_byte_order_mark {
        inspection.fact("Manifest", "begins with a byte order mark");
    }
    Ok(inspection)
}
