//! Import manifests on this computer: checked with the files beside them, made from files, mended.
//! No account is needed, and nothing is sent.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use firmdrop_cloud::azure::import_manifest::{
    ApiProfile, Change, CheckContext, Draft, FileEntry, FileFacts, FilesGiven, Finding,
    ImportManifest, Limits, UpdateId, WrittenManifest, check_batch, line_of, mend,
};
use firmdrop_core::{Code, Diagnosis};
use firmdrop_engine::blocking;
use serde::Serialize;

use super::manifest_file;
use super::update_files::hash;

/// How manifests are checked.
#[derive(Debug, Clone, Copy, Default)]
pub struct CheckOptions {
    /// Look at the manifests alone, not at the files that they name.
    pub without_files: bool,
    /// Each manifest is an import of its own; otherwise they are one import together.
    pub separately: bool,
    /// The generation of the API they are for.
    pub profile: Option<ApiProfile>,
    /// Limits that support can raise.
    pub limits: Limits,
}

/// A manifest that was checked.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CheckedManifest {
    /// Its file.
    pub path: PathBuf,
    /// Who the update is; absent when the file is no manifest.
    pub update_id: Option<UpdateId>,
    /// Files that are sent with it.
    pub files: usize,
    /// Their bytes together, as the manifest says.
    pub files_bytes: u64,
    /// Everything that is wrong.
    pub findings: Vec<PlacedFinding>,
}

/// A finding and its line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlacedFinding {
    /// What was found.
    #[serde(flatten)]
    pub finding: Finding,
    /// The line in the file, counted from 1; that of the nearest outer field when the field is
    /// missing.
    pub line: Option<usize>,
}

/// A manifest that was made, not written yet.
#[derive(Debug, Clone, PartialEq)]
pub struct CreatedManifest {
    /// Where its file is to be.
    pub path: PathBuf,
    /// What it says.
    pub manifest: ImportManifest,
    /// The bytes of its file, their size and hash.
    pub written: WrittenManifest,
    /// What is wrong with it.
    pub findings: Vec<Finding>,
}

/// A manifest that was mended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MendedManifest {
    /// Its file.
    pub path: PathBuf,
    /// Values that were renewed. When there is none, the file was not touched.
    pub changes: Vec<Change>,
    /// Hashes of other algorithms that are probably wrong now.
    pub stale: Vec<String>,
    /// Names of files that are not beside it: what it says of them stays as it was.
    pub missing: Vec<String>,
}

impl CreatedManifest {
    /// Whether there is an error, with which it is not written.
    pub fn has_errors(&self) -> bool {
        self.findings.iter().any(Finding::is_error)
    }
}

impl CheckedManifest {
    /// Whether there is no error.
    pub fn is_good(&self) -> bool {
        !self.findings.iter().any(|one| one.finding.is_error())
    }
}

/// Checks manifests, each with the files beside it. Each file is hashed once, whatever names it.
/// What is wrong with a manifest is a finding; only a file that cannot be read is a failure.
pub async fn check_manifests(
    paths: Vec<PathBuf>,
    options: CheckOptions,
) -> Result<Vec<CheckedManifest>, Diagnosis> {
    blocking(move || check(&paths, options)).await
}

fn check(paths: &[PathBuf], options: CheckOptions) -> Result<Vec<CheckedManifest>, Diagnosis> {
    let mut hashed = Hashed::default();
    let mut all = Vec::with_capacity(paths.len());
    for path in paths {
        let read = manifest_file::read(path)?;
        let parsed = read.and_then(|bytes| {
            let manifest = ImportManifest::read(&bytes)?;
            Ok((bytes, manifest))
        });
        let mut one = Checking {
            path,
            parsed: None,
            findings: Vec::new(),
        };
        match parsed {
            Ok((bytes, manifest)) => {
                one.findings = findings(path, &manifest, options, &mut hashed)?;
                one.parsed = Some((bytes, manifest));
            }
            Err(error) => one.findings.push(error.finding()),
        }
        all.push(one);
    }
    if options.separately {
        for one in &mut all {
            between(std::slice::from_mut(one));
        }
    } else {
        between(&mut all);
    }
    Ok(all.into_iter().map(Checking::done).collect())
}

/// A manifest while it is checked.
struct Checking<'a> {
    path: &'a Path,
    parsed: Option<(Vec<u8>, ImportManifest)>,
    findings: Vec<Finding>,
}

impl Checking<'_> {
    fn done(self) -> CheckedManifest {
        let (bytes, manifest) = self.parsed.unzip();
        let place = |finding: Finding| {
            let is_placed = !finding.pointer.is_empty();
            let bytes = bytes.as_deref().filter(|_| is_placed);
            PlacedFinding {
                line: bytes.and_then(|bytes| line_of(bytes, &finding.pointer)),
                finding,
            }
        };
        CheckedManifest {
            path: self.path.to_owned(),
            findings: self.findings.into_iter().map(place).collect(),
            files: manifest.as_ref().map_or(0, |one| one.all_files().count()),
            files_bytes: manifest.as_ref().map_or(0, ImportManifest::files_bytes),
            update_id: manifest.map(|one| one.update_id),
        }
    }
}

/// The rules between manifests of one import.
fn between(all: &mut [Checking<'_>]) {
    let read = all.iter().enumerate();
    let read: Vec<(usize, &ImportManifest)> = read
        .filter_map(|(at, one)| one.parsed.as_ref().map(|(_, manifest)| (at, manifest)))
        .collect();
    let manifests: Vec<&ImportManifest> = read.iter().map(|(_, manifest)| *manifest).collect();
    let places: Vec<usize> = read.iter().map(|(at, _)| *at).collect();
    for found in check_batch(&manifests, None) {
        let place = places.get(found.manifest).copied();
        if let Some(one) = place.and_then(|at| all.get_mut(at)) {
            one.findings.push(found.finding);
        }
    }
}

fn findings(
    path: &Path,
    manifest: &ImportManifest,
    options: CheckOptions,
    hashed: &mut Hashed,
) -> Result<Vec<Finding>, Diagnosis> {
    let facts = if options.without_files {
        None
    } else {
        Some(hashed.beside(path, manifest)?.0)
    };
    Ok(manifest.check(&CheckContext {
        file_name: path.file_name().and_then(std::ffi::OsStr::to_str),
        files: facts.as_deref().map(|files| FilesGiven {
            files,
            is_exact: false,
        }),
        profile: options.profile,
        limits: options.limits,
        ..CheckContext::default()
    }))
}

/// Files that were hashed, by their path.
#[derive(Default)]
struct Hashed(BTreeMap<PathBuf, FileFacts>);

impl Hashed {
    /// The files that a manifest names, as they lie beside it, and the names of those that do not.
    /// A name that leads elsewhere is not followed.
    fn beside(
        &mut self,
        manifest_path: &Path,
        manifest: &ImportManifest,
    ) -> Result<(Vec<FileFacts>, Vec<String>), Diagnosis> {
        let folder = manifest_path.parent().unwrap_or(Path::new(""));
        let (mut there, mut missing) = (Vec::new(), Vec::new());
        let names = manifest.all_files().filter(|file| file.is_name_plain());
        for FileEntry { name, .. } in names {
            let path = folder.join(name);
            if let Some(known) = self.0.get(&path) {
                there.push(known.clone());
                continue;
            }
            match hash(&path, &mut |_| ControlFlow::Continue(())) {
                Ok(file) => {
                    let facts = file.facts();
                    self.0.insert(path, facts.clone());
                    there.push(facts);
                }
                Err(error) if error.code == Code::FileNotFound => missing.push(name.clone()),
                Err(error) => return Err(error),
            }
        }
        Ok((there, missing))
    }
}

/// Makes a manifest and checks it. Writes nothing.
pub async fn create_manifest(
    draft: Draft,
    path: PathBuf,
    profile: Option<ApiProfile>,
) -> Result<CreatedManifest, Diagnosis> {
    blocking(move || {
        let manifest = draft.build()?;
        let context = CheckContext {
            file_name: path.file_name().and_then(std::ffi::OsStr::to_str),
            profile,
            ..CheckContext::default()
        };
        let findings = manifest.check(&context);
        Ok(CreatedManifest {
            path,
            written: manifest.write(),
            manifest,
            findings,
        })
    })
    .await
}

/// Writes manifests in their order. A file that is there is replaced only when it may be; one that may not
/// be is refused before any is written.
pub async fn write_manifests(
    files: Vec<(PathBuf, Vec<u8>)>,
    may_replace: bool,
) -> Result<(), Diagnosis> {
    blocking(move || {
        for (path, _) in &files {
            manifest_file::ensure_may_be_written(path, may_replace)?;
        }
        let mut before: Vec<String> = Vec::new();
        for (path, bytes) in &files {
            let written = manifest_file::write(path, bytes, may_replace);
            written.map_err(|error| match before.as_slice() {
                [] => error,
                before => error.state(format!("Before it, {} was written.", before.join(", "))),
            })?;
            before.push(path.display().to_string());
        }
        Ok(())
    })
    .await
}

/// Reads a manifest.
pub async fn read_manifest(path: PathBuf) -> Result<ImportManifest, Diagnosis> {
    blocking(move || {
        let bytes = manifest_file::read(&path)??;
        Ok(ImportManifest::read(&bytes)?)
    })
    .await
}

/// Renews the sizes and hashes that a manifest says of the files beside it, and changes nothing
/// else of it.
pub async fn mend_manifest(path: PathBuf) -> Result<MendedManifest, Diagnosis> {
    blocking(move || {
        let bytes = manifest_file::read(&path)??;
        let manifest = ImportManifest::read(&bytes)?;
        let (files, missing) = Hashed::default().beside(&path, &manifest)?;
        let mended = mend(&bytes, &files)?;
        if !mended.changes.is_empty() {
            manifest_file::write(&path, &mended.bytes, true)?;
        }
        Ok(MendedManifest {
            path,
            changes: mended.changes,
            stale: mended.stale,
            missing,
        })
    })
    .await
}
