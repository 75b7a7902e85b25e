//! `adu init`: an import manifest from files, and manifests of its children.

use std::path::{Path, PathBuf};

use firmdrop_api::Diagnosis;
use firmdrop_api::azure::import_manifest::{
    ApiProfile, BatchFinding, Finding, ImportManifest, ManifestVersion, UpdateId, check_batch,
};
use firmdrop_api::azure::{CreatedManifest, create_manifest, read_manifest, write_manifests};
use serde_json::{Value, json};

use super::arguments::Init;
use super::draft::{self, Drafted};
use super::findings;
use super::written_files::ensure_apart;
use crate::exit::Exit;
use crate::print;
use crate::same_file::is_same;

pub(super) async fn run(json: bool, command: Init) -> Result<Exit, Diagnosis> {
    let profile = ApiProfile::from(command.api);
    let version = command.manifest_version.unwrap_or(profile.usual_version());
    let Children {
        drafts,
        known,
        known_files,
    } = children(&command, version).await?;
    let ids = known.iter().map(|one| one.update_id.clone());
    let references = ids.chain(drafts.iter().map(|one| one.draft.update_id.clone()));
    let parent = draft::parent(&command, version, references.collect()).await?;
    let folder = folder(&command, &parent);
    let in_folder = |one: &Drafted| folder.join(draft::file_name(&one.draft.update_id));
    let path = command.out.clone().unwrap_or_else(|| in_folder(&parent));
    let drafts: Vec<(Drafted, PathBuf)> = drafts
        .into_iter()
        .map(|child| {
            let path = in_folder(&child);
            (child, path)
        })
        .collect();
    let written = drafts.iter().map(|(_, path)| path).chain([&path]);
    let sources = drafts.iter().flat_map(|(child, _)| &child.sources);
    let sources = sources.chain(&parent.sources).chain(&known_files);
    ensure_apart(written, &sources.collect::<Vec<_>>())?;
    let mut made = Vec::new();
    for (child, path) in drafts {
        made.push(make(child, path, profile).await?);
    }
    made.push(make(parent, path, profile).await?);
    let is_each_good = !made.iter().any(|one| one.created.has_errors());
    let manifests = made.iter().map(|one| &one.created.manifest).chain(&known);
    let between = if is_each_good {
        check_batch(&manifests.collect::<Vec<_>>(), None)
    } else {
        Vec::new()
    };
    let errors = between.iter().filter(|one| one.finding.is_error());
    let wrong: Vec<usize> = errors.map(|one| one.manifest).collect();
    let is_good = is_each_good && wrong.is_empty();
    if is_good {
        // Children first: a parent is never there without them.
        let files = made.iter().map(|one| &one.created);
        let files = files.map(|one| (one.path.clone(), one.written.bytes.clone()));
        write_manifests(files.collect(), command.force).await?;
    }
    let given: Vec<Given> = known_files.iter().zip(&known).map(Given::of).collect();
    answer(json, is_good, &made, &given, &between);
    // What breaks a rule was written on the command line, unless it stands in a manifest that is there.
    Ok(match (is_good, is_each_good) {
        (true, _) => Exit::Done,
        (false, true) if wrong.iter().all(|at| *at >= made.len()) => Exit::Failed,
        (false, _) => Exit::Usage,
    })
}

/// A child whose manifest is there.
struct Given<'a> {
    path: &'a Path,
    id: &'a UpdateId,
}

impl<'a> Given<'a> {
    fn of((path, manifest): (&'a PathBuf, &'a ImportManifest)) -> Self {
        Self {
            path,
            id: &manifest.update_id,
        }
    }
}

/// A manifest and what is said of it.
struct Made {
    created: CreatedManifest,
    /// Where its files lie, when that is not beside it.
    files_elsewhere: Option<PathBuf>,
}

/// Children that are made, and those that exist with their files.
#[derive(Default)]
struct Children {
    drafts: Vec<Drafted>,
    known: Vec<ImportManifest>,
    known_files: Vec<PathBuf>,
}

async fn children(command: &Init, version: ManifestVersion) -> Result<Children, Diagnosis> {
    let mut all = Children::default();
    for pairs in &command.children {
        let mut pairs = pairs.clone();
        if let Some(file) = pairs.take("manifest") {
            all.known.push(read_manifest(file.clone().into()).await?);
            all.known_files.push(file.into());
        } else {
            let child = draft::child(pairs, command, version).await?;
            all.drafts.push(child);
        }
    }
    Ok(all)
}

/// The folder of the manifests: where it was said, else beside the first file.
fn folder(command: &Init, parent: &Drafted) -> PathBuf {
    let said = command.out.as_deref().and_then(Path::parent);
    let said = said.map(Path::to_owned);
    said.or_else(|| parent.folder()).unwrap_or_default()
}

async fn make(drafted: Drafted, path: PathBuf, profile: ApiProfile) -> Result<Made, Diagnosis> {
    let beside = path.parent().unwrap_or(Path::new("")).to_owned();
    let files_elsewhere = drafted.folder().filter(|folder| !is_same(folder, &beside));
    let created = create_manifest(drafted.draft, path, Some(profile)).await?;
    Ok(Made {
        created,
        files_elsewhere,
    })
}

fn answer(
    as_json: bool,
    is_written: bool,
    made: &[Made],
    given: &[Given<'_>],
    between: &[BatchFinding],
) {
    let of = |at: usize| {
        let own = made.get(at).map(|one| one.created.findings.iter());
        let shared = between.iter().filter(move |one| one.manifest == at);
        own.into_iter()
            .flatten()
            .chain(shared.map(|one| &one.finding))
    };
    if as_json {
        let all: Vec<Value> = made
            .iter()
            .enumerate()
            .map(|(at, one)| {
                let created = &one.created;
                json!({
                    "file": is_written.then_some(&created.path),
                    "update_id": created.manifest.update_id,
                    "size_bytes": created.written.size_bytes,
                    "sha256_base64": created.written.sha256_base64,
                    "findings": of(at).collect::<Vec<&Finding>>(),
                })
            })
            .collect();
        let given = given.iter().enumerate().map(|(at, one)| {
            json!({
                "file": one.path,
                "update_id": one.id,
                "findings": of(made.len() + at).collect::<Vec<&Finding>>(),
            })
        });
        let given: Vec<Value> = given.collect();
        print::json(&json!({ "manifests": all, "given": given }));
        return;
    }
    for (at, one) in made.iter().enumerate() {
        let created = &one.created;
        let id = &created.manifest.update_id;
        let found = findings::counts(of(at));
        if is_written {
            print::line(&format!(
                "{}: {id}, {} bytes, SHA-256 {}: {found}",
                created.path.display(),
                created.written.size_bytes,
                created.written.sha256_base64
            ));
        } else {
            print::line(&format!("{id}: NOT written: {found}"));
        }
        for finding in of(at) {
            findings::print(finding, None);
        }
        if let Some(folder) = one.files_elsewhere.as_ref().filter(|_| is_written) {
            let folder = if folder.as_os_str().is_empty() {
                Path::new(".")
            } else {
                folder
            };
            print::line_to_error(&format!(
                "The files lie in {}; they have to be beside the manifest when it is checked and imported.",
                folder.display()
            ));
        }
    }
    for (at, one) in given.iter().enumerate() {
        let found = of(made.len() + at);
        if of(made.len() + at).next().is_some() {
            let counts = findings::counts(found);
            print::line(&format!("{}: {}: {counts}", one.path.display(), one.id));
        }
        for finding in of(made.len() + at) {
            findings::print(finding, None);
        }
    }
}
