//! Files of manifests, and the related files of files.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Map;

use super::{
    file::ManifestFile,
    read::{Object, pattern, wrong},
    steps::is_handler,
};
use crate::azure::state::Problem;

/// Largest file, bytes: schema, sizeInBytes.
const LARGEST_FILE_BYTES: u64 = 2_147_483_648;

/// At most ten files; none when every step is a reference.
pub(super) fn read(root: &Object<'_>, is_newest: bool) -> Result<Vec<ManifestFile>, Problem> {
    let mut files: Vec<ManifestFile> = Vec::new();
    for object in root.objects("files", 0..=10)? {
        let file = file(&object, is_newest)?;
        let mut names = file.related.iter().map(|file| &file.name);
        let others = || {
            let others = files.iter();
            others.flat_map(|one| std::iter::once(one).chain(&one.related))
        };
        let is_taken = |name: &str| others().any(|one| one.name.eq_ignore_ascii_case(name));
        if is_taken(&file.name) || names.any(|name| is_taken(name)) {
            return Err(wrong(&object.at("filename"), "Two files have this name."));
        }
        files.push(file);
    }
    Ok(files)
}

fn file(object: &Object<'_>, is_newest: bool) -> Result<ManifestFile, Problem> {
    let base = base(object)?;
    if !is_newest {
        object.only(&["filename", "sizeInBytes", "hashes"])?;
        return Ok(base);
    }
    let related = object.objects("relatedFiles", 0..=4)?;
    let related: Result<Vec<_>, _> = related.iter().map(self::base).collect();
    let related = related?;
    let handler = if object.get("downloadHandler").is_some() {
        let handler = object.object("downloadHandler")?;
        let id = handler.text("id", 5..=32)?;
        Some(pattern(&handler.at("id"), id, is_handler)?)
    } else {
        None
    };
    if related.is_empty() != handler.is_none() {
        let why = "Related files need a download handler, and a download handler related files.";
        return Err(wrong(object.path(), why));
    }
    Ok(ManifestFile {
        related,
        download_handler: handler,
        ..base
    })
}

fn base(object: &Object<'_>) -> Result<ManifestFile, Problem> {
    let size = object
        .get("sizeInBytes")
        .and_then(serde_json::Value::as_u64);
    let size = size.filter(|size| (1..=LARGEST_FILE_BYTES).contains(size));
    let hashes = object.object("hashes")?;
    if hashes.len() > 2 {
        return Err(wrong(hashes.path(), "There are at most two hashes."));
    }
    let sha256 = hashes.text("sha256", 1..=64)?;
    if STANDARD.decode(&sha256).map_or(0, |bytes| bytes.len()) != 32 {
        let why = "This is not 32 bytes in base64.";
        return Err(wrong(&hashes.at("sha256"), why));
    }
    let properties = match object.get("properties") {
        None => Map::new(),
        Some(value) => {
            let properties = value.as_object();
            let at = object.at("properties");
            properties
                .ok_or_else(|| wrong(&at, "This is no object."))?
                .clone()
        }
    };
    Ok(ManifestFile {
        name: object.text("filename", 1..=255)?,
        size_bytes: size
            .ok_or_else(|| wrong(&object.at("sizeInBytes"), "This is not 1 to 2147483648."))?,
        sha256,
        properties,
        related: Vec::new(),
        download_handler: None,
    })
}
