//! From arguments to drafts of manifests.

use std::path::{Path, PathBuf};

use firmdrop_api::azure::import_manifest::{
    Draft, DraftStep, Layout, ManifestVersion, Members, Plan, UpdateId, compatibility,
};
use firmdrop_api::azure::{HashedFile, hash_files};
use firmdrop_api::{Code, Diagnosis, Moment, Remedy};
use firmdrop_core::{Clock as _, SystemClock};

use super::arguments::Init;
use super::pairs::{Pairs, file_names};
use crate::once::ensure_once;

/// Prefix of a property of devices among the pairs of a child.
const COMPATIBILITY: &str = "compat.";

/// A draft and where its files lie.
pub(super) struct Drafted {
    pub(super) draft: Draft,
    pub(super) sources: Vec<PathBuf>,
}

impl Drafted {
    /// The folder of the first file.
    pub(super) fn folder(&self) -> Option<PathBuf> {
        let first = self.sources.first()?;
        first.parent().map(Path::to_owned)
    }
}

/// The update itself; `references` are its children.
pub(super) async fn parent(
    command: &Init,
    version: ManifestVersion,
    references: Vec<UpdateId>,
) -> Result<Drafted, Diagnosis> {
    ensure_once("property", &command.properties)?;
    let files = hash_files(command.files.clone(), |_| {}).await?;
    let plan = if command.steps.is_empty() {
        Plan::Files {
            layout: layout(command.each),
            handler: command.handler.clone(),
            properties: members(&command.properties),
        }
    } else {
        Plan::Steps(command.steps.iter().cloned().map(step).collect())
    };
    Ok(Drafted {
        sources: files.iter().map(|file| file.path.clone()).collect(),
        draft: Draft {
            update_id: UpdateId::new(&command.provider, &command.name, &command.version),
            description: command.description.clone(),
            is_deployable: command.not_deployable.then_some(false),
            compatibility: command.compatibility.iter().map(set).collect(),
            files: files.iter().map(HashedFile::draft).collect(),
            plan,
            references,
            manifest_version: version,
            created: now(),
        },
    })
}

/// A child, from its pairs.
pub(super) async fn child(
    mut pairs: Pairs,
    parent: &Init,
    version: ManifestVersion,
) -> Result<Drafted, Diagnosis> {
    let provider = pairs.take("provider");
    let provider = provider.as_deref().unwrap_or(&parent.provider).to_owned();
    let name = needed(&mut pairs, "name")?;
    let number = needed(&mut pairs, "version")?;
    let files = needed(&mut pairs, "files")?;
    let files: Vec<PathBuf> = file_names(&files).into_iter().map(PathBuf::from).collect();
    let files = hash_files(files, |_| {}).await?;
    let description = pairs.take("description");
    let handler = pairs.take("handler");
    let (of_devices, properties): (Vec<_>, Vec<_>) = pairs
        .0
        .into_iter()
        .partition(|(name, _)| name.starts_with(COMPATIBILITY));
    let of_devices = of_devices.iter().map(|(name, value)| {
        let name = name.strip_prefix(COMPATIBILITY).unwrap_or(name);
        (name, value.as_str())
    });
    Ok(Drafted {
        sources: files.iter().map(|file| file.path.clone()).collect(),
        draft: Draft {
            update_id: UpdateId::new(&provider, &name, &number),
            description,
            is_deployable: Some(false),
            compatibility: vec![compatibility(of_devices)],
            files: files.iter().map(HashedFile::draft).collect(),
            plan: Plan::Files {
                layout: Layout::Together,
                handler,
                properties: members(&properties),
            },
            references: Vec::new(),
            manifest_version: version,
            created: now(),
        },
    })
}

/// How the file of a manifest is called when nobody says so.
pub(super) fn file_name(id: &UpdateId) -> String {
    let plain = |text: &str| -> String {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
        text.chars()
            .map(|c| if is_plain(c) { c } else { '-' })
            .collect()
    };
    let parts = [&id.provider, &id.name, &id.version].map(|part| plain(part));
    format!("{}.importmanifest.json", parts.join("."))
}

fn layout(each: bool) -> Layout {
    if each { Layout::Each } else { Layout::Together }
}

fn now() -> Moment {
    SystemClock.now()
}

fn set(pairs: &Pairs) -> Members {
    members(&pairs.0)
}

fn members(pairs: &[(String, String)]) -> Members {
    let pairs = pairs.iter();
    compatibility(pairs.map(|(name, value)| (name.as_str(), value.as_str())))
}

fn step(mut pairs: Pairs) -> DraftStep {
    let files = pairs.take("files").unwrap_or_default();
    let files = file_names(&files);
    let files = files.iter().filter(|name| !name.is_empty());
    DraftStep {
        files: files.map(|name| name_of(name)).collect(),
        handler: pairs.take("handler"),
        description: pairs.take("description"),
        properties: members(&pairs.0),
    }
}

/// A step names its files as the manifest does, or by their paths.
fn name_of(path: &str) -> String {
    let name = Path::new(path)
        .file_name()
        .and_then(std::ffi::OsStr::to_str);
    name.unwrap_or(path).to_owned()
}

fn needed(pairs: &mut Pairs, name: &str) -> Result<String, Diagnosis> {
    pairs.take(name).ok_or_else(|| {
        let what = format!("A child has no {name}.");
        let why = "A child is made of name, version and files, or read with manifest=FILE.";
        Diagnosis::new(Code::OptionUnknown, what, why)
            .titled("An option is not complete")
            .state("Nothing was written.")
            .remedy(Remedy::Advice {
                text: format!("Write {name}=… in --child."),
            })
    })
}
