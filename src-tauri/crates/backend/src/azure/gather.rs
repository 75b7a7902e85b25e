//! From the files of a delivery to updates: import manifests and the files they name, or one manifest
//! made from the files. Blocks; asks no service.

use std::io::Read as _;
use std::path::{Component, Path};

use firmdrop_cloud::azure::import_manifest::{
    ApiProfile, CheckContext, Draft, DraftFile, FileFacts, FileKind, FilesGiven, Finding,
    ImportManifest, Json, KnownUpdate, Layout, MOST_BYTES, Members, Plan as DraftPlan, Rule,
    Severity, UpdateId, check_batch, compatibility,
};
use firmdrop_core::{Code, Diagnose as _, Diagnosis, Moment, Remedy, read_file};
use firmdrop_engine::{Files, ImageFile};

use super::options::NewUpdate;
use super::planned::PlannedFileName;

/// How the name of a manifest's file ends.
const MANIFEST_END: &str = ".importmanifest.json";
/// What is read of a file to say what it is, bytes.
const HEAD_BYTES: u64 = 64 * 1024;

/// Updates and the files they are made of.
#[derive(Debug)]
pub(super) struct Gathered {
    /// The updates, the one that others do not reference first.
    pub(super) updates: Vec<GatheredUpdate>,
    /// All files of the plan: those of the updates, then the manifests that came as files.
    pub(super) files: Files,
}

/// One update.
#[derive(Debug)]
pub(super) struct GatheredUpdate {
    pub(super) manifest: ImportManifest,
    /// The manifest, byte for byte as it is staged.
    pub(super) text: String,
    pub(super) manifest_name: String,
    pub(super) files: Vec<PlannedFileName>,
    pub(super) warnings: Vec<String>,
}

/// What an update is made with.
#[derive(Debug, Clone)]
pub(super) struct Recipe {
    /// What the files become when no manifest is among them.
    pub(super) new: Option<NewUpdate>,
    pub(super) description: Option<String>,
    pub(super) profile: ApiProfile,
    pub(super) now: Moment,
}

/// A manifest, its text and its file's name.
type Written = (ImportManifest, String, String);

pub(super) fn gather(files: &Files, recipe: &Recipe) -> Result<Gathered, Diagnosis> {
    let mut payload: Vec<ImageFile> = Vec::new();
    let mut manifests: Vec<(ImageFile, Written)> = Vec::new();
    for file in files.iter() {
        match manifest_of(file)? {
            Some(written) => manifests.push((file.clone(), written)),
            None => payload.push(file.clone()),
        }
    }
    let mut written = Vec::new();
    for (file, manifest) in &manifests {
        add_siblings(&manifest.0, &file.path, &mut payload)?;
        written.push(manifest.clone());
    }
    if written.is_empty() {
        written.push(made(&payload, recipe)?);
    }
    // The parent comes first: nothing references it.
    let referenced = |written: &Written| {
        let id = &written.0.update_id;
        manifests
            .iter()
            .any(|(_, other)| other.0.references().any(|(_, to)| to.is_same(id)))
    };
    written.sort_by_key(referenced);
    let facts: Vec<FileFacts> = payload.iter().map(facts).collect();
    check(&written, &facts, recipe.profile)?;
    let mut updates = Vec::new();
    for (manifest, text, manifest_name) in written {
        let warnings = findings(&manifest, &facts, recipe.profile);
        let warnings = warnings.iter().filter(|finding| !finding.is_error());
        updates.push(GatheredUpdate {
            files: names(&manifest, &payload),
            warnings: warnings.map(in_words).collect(),
            manifest,
            text,
            manifest_name,
        });
    }
    let mut all = payload;
    all.extend(manifests.into_iter().map(|(file, _)| file));
    let files = Files::try_from(all).map_err(|error| impossible(&error.to_string()))?;
    Ok(Gathered { updates, files })
}

impl Gathered {
    /// Checks the updates against each other and against those that the service holds, and adds the
    /// warnings to them. Without an answer of the service a reference to another update is a warning.
    pub(super) fn check_together(
        &mut self,
        known: Option<&[KnownUpdate]>,
    ) -> Result<(), Diagnosis> {
        let ids = known.map(|known| known.iter().map(|one| one.id.clone()).collect::<Vec<_>>());
        let manifests: Vec<&ImportManifest> =
            self.updates.iter().map(|update| &update.manifest).collect();
        for found in check_batch(&manifests, ids.as_deref()) {
            let Some(update) = self.updates.get_mut(found.manifest) else {
                return Err(broken("The import", &[found.finding]));
            };
            if found.finding.is_error() {
                return Err(broken(&update.manifest_name, &[found.finding]));
            }
            update.warnings.push(in_words(&found.finding));
        }
        for update in &mut self.updates {
            let context = CheckContext {
                known_updates: known,
                ..CheckContext::default()
            };
            let found = update.manifest.check(&context);
            // That it is there is no error while it has the same files.
            let of_the_service = [Rule::QuotaNearlyFull, Rule::CompatibilityTaken];
            let found = found
                .iter()
                .filter(|found| of_the_service.contains(&found.rule));
            update.warnings.extend(found.map(in_words));
        }
        Ok(())
    }
}

fn in_words(finding: &Finding) -> String {
    format!("{} {}", finding.what, finding.why)
}

/// The manifest that a file is, if it is one.
fn manifest_of(file: &ImageFile) -> Result<Option<Written>, Diagnosis> {
    let name = file.file_name.to_ascii_lowercase();
    let is_called = name.ends_with(MANIFEST_END);
    let is_json = Path::new(&name)
        .extension()
        .is_some_and(|end| end == "json");
    let may_be = is_json && file.expected.size_bytes <= MOST_BYTES as u64;
    if !is_called && !may_be {
        return Ok(None);
    }
    let bytes = read_file(&file.path, MOST_BYTES as u64);
    let bytes = bytes.map_err(|error| error.diagnose().state("Nothing was sent."))?;
    let manifest = match ImportManifest::read(&bytes) {
        Ok(manifest) => manifest,
        Err(error) if is_called => return Err(broken(&file.file_name, &[error.finding()])),
        Err(_) => return Ok(None),
    };
    let is_one = !manifest.update_id.provider.is_empty() && !manifest.update_id.name.is_empty();
    if !is_called && !is_one {
        return Ok(None);
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Some((manifest, text, file.file_name.clone()))),
        Err(_) => Err(impossible("The import manifest is no UTF-8 text.")),
    }
}

/// Files that a manifest names and that were not given lie beside it.
fn add_siblings(
    manifest: &ImportManifest,
    path: &Path,
    payload: &mut Vec<ImageFile>,
) -> Result<(), Diagnosis> {
    for entry in manifest.all_files() {
        if payload.iter().any(|file| file.file_name == entry.name) {
            continue;
        }
        let mut parts = Path::new(&entry.name).components();
        let plain = matches!(
            (parts.next(), parts.next()),
            (Some(Component::Normal(_)), None)
        );
        let beside = path
            .parent()
            .filter(|_| plain)
            .map(|folder| folder.join(&entry.name));
        let Some(beside) = beside.filter(|beside| beside.is_file()) else {
            let what = format!(
                "The import manifest names {:?}, which was not found.",
                entry.name
            );
            let why = "It is not among the files, and not beside the manifest.";
            return Err(Diagnosis::new(Code::FileNotFound, what, why)
                .state("Nothing was sent.")
                .remedy(Remedy::Advice {
                    text: "Drop the file together with the manifest, or put it beside it.".into(),
                }));
        };
        payload.push(ImageFile::read(&beside)?);
    }
    Ok(())
}

/// A manifest made from the files.
fn made(payload: &[ImageFile], recipe: &Recipe) -> Result<Written, Diagnosis> {
    let new = recipe.new.as_ref().ok_or_else(update_needed)?;
    let mut files = Vec::new();
    for file in payload {
        let mut head = Vec::new();
        let opened = std::fs::File::open(&file.path);
        let read = opened.and_then(|open| open.take(HEAD_BYTES).read_to_end(&mut head));
        read.map_err(|error| {
            let what = format!("{} could not be read.", file.file_name);
            Diagnosis::new(Code::FileNotReadable, what, format!("{error}."))
                .state("Nothing was sent.")
        })?;
        files.push(DraftFile {
            facts: facts(file),
            kind: FileKind::of(&file.file_name, &head),
        });
    }
    let sets = new.compatibility.iter();
    let properties = new.properties.iter();
    let draft = Draft {
        update_id: UpdateId::new(&new.provider, &new.name, &new.version),
        description: recipe.description.clone(),
        is_deployable: None,
        compatibility: sets
            .map(|set| compatibility(set.iter().map(|(name, value)| (&**name, &**value))))
            .collect(),
        files,
        plan: DraftPlan::Files {
            layout: if new.step_for_each_file {
                Layout::Each
            } else {
                Layout::Together
            },
            handler: new.handler.clone(),
            properties: properties.fold(Members::default(), |all, (name, value)| {
                all.with(name, Json::from(value.as_str()))
            }),
        },
        references: Vec::new(),
        manifest_version: recipe.profile.usual_version(),
        created: recipe.now,
    };
    let manifest = draft.build().map_err(|error| error.diagnose())?;
    let written = manifest.write();
    let name = format!(
        "{}.{}.{}{MANIFEST_END}",
        new.provider, new.name, new.version
    );
    let text = String::from_utf8(written.bytes);
    let text = text.map_err(|_| impossible("The manifest is no UTF-8 text."))?;
    Ok((manifest, text, name))
}

/// Refuses what the service would refuse, at the exact field.
fn check(written: &[Written], facts: &[FileFacts], profile: ApiProfile) -> Result<(), Diagnosis> {
    for (manifest, _, name) in written {
        let found = findings(manifest, facts, profile);
        let errors: Vec<Finding> = found.into_iter().filter(Finding::is_error).collect();
        if !errors.is_empty() {
            return Err(broken(name, &errors));
        }
    }
    let manifests: Vec<&ImportManifest> = written.iter().map(|(manifest, ..)| manifest).collect();
    let found = check_batch(&manifests, None);
    let error = found
        .into_iter()
        .find(|found| found.finding.severity == Severity::Error);
    if let Some(error) = error {
        let name = written
            .get(error.manifest)
            .map_or("", |(_, _, name)| &**name);
        return Err(broken(name, &[error.finding]));
    }
    let named = |facts: &&FileFacts| {
        let mut all = manifests.iter().flat_map(|manifest| manifest.all_files());
        !all.any(|entry| entry.name == facts.name)
    };
    if let Some(extra) = facts.iter().find(named) {
        let why = format!("No import manifest names {}.", extra.name);
        return Err(impossible(&why));
    }
    Ok(())
}

fn findings(manifest: &ImportManifest, facts: &[FileFacts], profile: ApiProfile) -> Vec<Finding> {
    manifest.check(&CheckContext {
        files: Some(FilesGiven {
            files: facts,
            is_exact: false,
        }),
        profile: Some(profile),
        ..CheckContext::default()
    })
}

fn names(manifest: &ImportManifest, payload: &[ImageFile]) -> Vec<PlannedFileName> {
    let place = |name: &str| payload.iter().position(|file| file.file_name == name);
    let entries = manifest.all_files();
    let named = entries.filter_map(|entry| {
        Some(PlannedFileName {
            name: entry.name.clone(),
            file: place(&entry.name)?,
        })
    });
    named.collect()
}

fn facts(file: &ImageFile) -> FileFacts {
    FileFacts {
        name: file.file_name.clone(),
        size_bytes: file.expected.size_bytes,
        sha256: file.expected.sha256,
    }
}

/// What is wrong with a manifest, the first finding in words and all of them as details.
fn broken(name: &str, errors: &[Finding]) -> Diagnosis {
    let first = errors.first();
    let what = first.map_or_else(String::new, |first| {
        format!("{name}, {}: {}", place(first), first.what)
    });
    let why = first.map_or_else(String::new, |first| first.why.clone());
    let title = match errors.len() {
        1 => "The import manifest breaks a rule".to_owned(),
        many => format!("The import manifest breaks {many} rules"),
    };
    let mut diagnosis = Diagnosis::new(Code::ManifestImpossible, what, why)
        .titled(title)
        .state("Nothing was sent.");
    for error in errors.iter().take(20) {
        diagnosis = diagnosis.detail(place(error), &error.what);
    }
    let remedy = first.map_or_else(String::new, |first| first.remedy.clone());
    diagnosis
        .remedy(Remedy::Advice { text: remedy })
        .remedy(Remedy::PlanAgain)
}

fn place(finding: &Finding) -> String {
    if finding.pointer.is_empty() {
        "the whole manifest".to_owned()
    } else {
        finding.pointer.clone()
    }
}

fn impossible(why: &str) -> Diagnosis {
    Diagnosis::new(
        Code::ManifestImpossible,
        "No update can be made from these files.",
        why,
    )
    .state("Nothing was sent.")
    .remedy(Remedy::PlanAgain)
}

fn update_needed() -> Diagnosis {
    Diagnosis::new(
        Code::ArgumentInvalid,
        "No import manifest is among the files, and no update was described.",
        "The service knows an update by its provider, name and version, and by the devices it is for.",
    )
    .titled("Which update is it?")
    .state("Nothing was sent.")
    .remedy(Remedy::Advice {
        text: "Give --provider, --update-name, --update-version and --compat, or drop an import manifest (adu init makes one).".into(),
    })
    .remedy(Remedy::PlanAgain)
}
