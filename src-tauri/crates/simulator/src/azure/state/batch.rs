//! What was downloaded for an import, compared with what the client and the manifests said of it, and
//! the rules for a parent with its children.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use firmdrop_core::Sha256;

use super::{
    ImportItem, Inner, Problem, UpdateId,
    manifest::{Manifest, ManifestFile},
};

/// A file as it was downloaded.
#[derive(Debug, Clone)]
pub(crate) struct Fetched {
    pub(crate) name: String,
    pub(crate) size_bytes: u64,
    pub(crate) sha256: Sha256,
}

/// A manifest with its files as they were downloaded.
#[derive(Debug, Clone)]
pub(crate) struct FetchedItem {
    pub(crate) manifest: Manifest,
    pub(crate) friendly_name: Option<String>,
}

/// The manifest, if its bytes are those that the client announced.
pub(crate) fn check_manifest(item: &ImportItem, bytes: &[u8]) -> Result<Manifest, Problem> {
    let differs = |what: &str| {
        Problem::manifest(
            "importManifest",
            format!("The downloaded manifest has another {what} than the request says."),
        )
    };
    if bytes.len() as u64 != item.manifest_bytes {
        return Err(differs("size"));
    }
    if STANDARD.encode(Sha256::of(bytes).as_bytes()) != item.manifest_sha256 {
        return Err(differs("SHA-256"));
    }
    let manifest = Manifest::read(bytes)?;
    let is_given = |file: &ManifestFile| {
        let mut given = item.files.iter();
        given.any(|given| given.name.eq_ignore_ascii_case(&file.name))
    };
    if let Some(missing) = manifest.every_file().find(|file| !is_given(file)) {
        let why = format!("The request has no URL for the file {}.", missing.name);
        return Err(Problem::manifest("files", why));
    }
    let is_named = |name: &str| {
        let mut named = manifest.every_file();
        named.any(|file| file.name.eq_ignore_ascii_case(name))
    };
    if let Some(more) = item.files.iter().find(|given| !is_named(&given.name)) {
        let why = format!("The manifest does not name the file {}.", more.name);
        return Err(Problem::manifest("files", why));
    }
    Ok(manifest)
}

/// Whether a downloaded file is the one that the manifest names.
pub(crate) fn check_file(manifest: &Manifest, fetched: &Fetched) -> Result<(), Problem> {
    let mut files = manifest.every_file();
    let named = files.find(|file| file.name.eq_ignore_ascii_case(&fetched.name));
    let Some(named) = named else {
        return Ok(());
    };
    let what = if named.size_bytes != fetched.size_bytes {
        "size"
    } else if named.sha256 != STANDARD.encode(fetched.sha256.as_bytes()) {
        "SHA-256"
    } else {
        return Ok(());
    };
    let why = format!(
        "The downloaded file {} has another {what} than the manifest says.",
        fetched.name
    );
    let inner = Inner::new(
        "ContentFileMismatch",
        "The content of a file is not the expected one.",
    );
    Err(
        Problem::new("CannotProcessUpdateFile", "Error processing update file.")
            .target(fetched.name.clone())
            .because(inner.detail(why)),
    )
}

/// One parent, whose steps name every child; no child is deployable or has references of its own.
/// `is_known` says which updates are there already.
pub(crate) fn check_family(
    manifests: &[Manifest],
    is_known: impl Fn(&UpdateId) -> bool,
) -> Result<(), Problem> {
    let broken = |id: &UpdateId, why: &str| {
        Err(Problem::manifest(
            "instructions.steps",
            format!("{id}: {why}"),
        ))
    };
    let in_batch = |id: &UpdateId| manifests.iter().any(|one| one.id == *id);
    let is_child = |id: &UpdateId| manifests.iter().any(|one| one.references.contains(id));
    for (index, manifest) in manifests.iter().enumerate() {
        let mut before = manifests.iter().take(index);
        if before.any(|other| other.id == manifest.id) {
            return broken(&manifest.id, "Two manifests have this identity.");
        }
        let mut references = manifest.references.iter();
        if let Some(missing) = references.find(|id| !in_batch(id) && !is_known(id)) {
            return broken(missing, "This update is referenced and was not imported.");
        }
        if is_child(&manifest.id) && manifest.is_deployable {
            return broken(&manifest.id, "A referenced update must not be deployable.");
        }
        if is_child(&manifest.id) && !manifest.references.is_empty() {
            return broken(
                &manifest.id,
                "A referenced update must not refer to others.",
            );
        }
    }
    let parents = manifests.iter().filter(|one| !is_child(&one.id));
    match parents.count() {
        1 => Ok(()),
        _ => Err(Problem::manifest(
            "importManifest",
            "Several manifests are one parent and the updates that it refers to.",
        )),
    }
}
