//! Files of an update: read once, in pieces, for size, SHA-256 and kind.

use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use firmdrop_cloud::azure::import_manifest::{DraftFile, FileFacts, FileKind, HEAD_BYTES};
use firmdrop_core::{Code, Diagnosis, Remedy, Sha256};
use firmdrop_engine::{FileSource, blocking};
use firmdrop_image::{Source as _, sha256_only};
use serde::Serialize;

/// A file that was hashed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct HashedFile {
    /// Where it is.
    pub path: PathBuf,
    /// Its name, without a folder.
    pub name: String,
    /// Its size.
    #[cfg_attr(feature = "specta", specta(type = u32))]
    pub size_bytes: u64,
    /// Its SHA-256, hexadecimal.
    pub sha256: Sha256,
    /// The same as an import manifest writes it.
    pub sha256_base64: String,
    /// What it is.
    #[serde(skip)]
    pub kind: FileKind,
}

impl HashedFile {
    /// What a manifest is compared with.
    pub fn facts(&self) -> FileFacts {
        FileFacts {
            name: self.name.clone(),
            size_bytes: self.size_bytes,
            sha256: self.sha256,
        }
    }

    /// What a manifest is made from.
    pub fn draft(&self) -> DraftFile {
        DraftFile {
            facts: self.facts(),
            kind: self.kind.clone(),
        }
    }
}

/// Hashes files, in order. `on_bytes` is given the bytes that were read of all of them so far.
/// Dropping the future lets the reading end at its next piece.
pub async fn hash_files(
    paths: Vec<PathBuf>,
    on_bytes: impl Fn(u64) + Send + Sync + 'static,
) -> Result<Vec<HashedFile>, Diagnosis> {
    // Dropped together with this future, which the reading sees.
    let alive = std::sync::Arc::new(());
    let watched = std::sync::Arc::downgrade(&alive);
    let hashed = blocking(move || {
        let mut before = 0;
        let mut all = Vec::with_capacity(paths.len());
        for path in &paths {
            let mut on_bytes = |bytes: u64| {
                on_bytes(before + bytes);
                if watched.strong_count() == 0 {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                }
            };
            let file = hash(path, &mut on_bytes)?;
            before += file.size_bytes;
            all.push(file);
        }
        Ok(all)
    })
    .await;
    drop(alive);
    hashed
}

/// Hashes one file. Blocks.
pub(super) fn hash(
    path: &Path,
    on_bytes: &mut dyn FnMut(u64) -> ControlFlow<()>,
) -> Result<HashedFile, Diagnosis> {
    let source = FileSource::open(path)?;
    let size_bytes = source.len();
    let name = name(path)?;
    let head = head(&source).map_err(|error| source.read_failure(&error))?;
    let sha256 = sha256_only(&source, on_bytes).map_err(|error| source.read_failure(&error))?;
    let sha256 = sha256.ok_or_else(|| {
        let what = format!("{} was not hashed.", path.display());
        Diagnosis::new(Code::ReadFailed, what, "It was stopped.").remedy(Remedy::InspectAgain)
    })?;
    Ok(HashedFile {
        path: path.to_owned(),
        kind: FileKind::of(&name, &head),
        name,
        size_bytes,
        sha256,
        sha256_base64: sha256.to_base64(),
    })
}

/// The name as a manifest writes it.
fn name(path: &Path) -> Result<String, Diagnosis> {
    let name = path.file_name().and_then(std::ffi::OsStr::to_str);
    name.map(str::to_owned).ok_or_else(|| {
        let what = format!("{} cannot be named in a manifest.", path.display());
        let why = "A manifest is UTF-8, and the name of the file is not.";
        Diagnosis::new(Code::ManifestImpossible, what, why)
            .state("Nothing was sent.")
            .remedy(Remedy::Advice {
                text: "Rename the file.".to_owned(),
            })
    })
}

/// The first bytes.
fn head(source: &FileSource) -> io::Result<Vec<u8>> {
    let length = usize::try_from(source.len()).map_or(HEAD_BYTES, |all| all.min(HEAD_BYTES));
    let mut head = vec![0; length];
    let count = source.read_at(0, &mut head)?;
    head.truncate(count);
    Ok(head)
}
