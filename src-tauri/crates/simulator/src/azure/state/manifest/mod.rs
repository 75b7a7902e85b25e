//! The rules of import manifests 2.0, 3.0, 4.0 and 5.0, as the service applies them to what it has
//! downloaded.
//!
//! The limits are those of the published schemas 4.0 and 5.0 and of the page "import manifest schema".
//! Files are compared with a manifest in `batch`.

mod file;
mod files;
mod identity;
mod read;
mod steps;

use std::collections::BTreeMap;

use serde_json::Value;

pub(crate) use self::file::ManifestFile;
use self::identity::update_id;
use self::read::{Object, wrong};
use super::{Inner, Problem, UpdateId};

/// A manifest that keeps every rule that concerns it alone.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Manifest {
    pub(crate) id: UpdateId,
    pub(crate) version: String,
    pub(crate) description: Option<String>,
    pub(crate) is_deployable: bool,
    pub(crate) compatibility: Vec<BTreeMap<String, String>>,
    /// As they were.
    pub(crate) steps: Vec<Value>,
    pub(crate) references: Vec<UpdateId>,
    pub(crate) update_type: Option<String>,
    pub(crate) installed_criteria: Option<String>,
    pub(crate) files: Vec<ManifestFile>,
    pub(crate) created: String,
}

impl Manifest {
    /// Reads the bytes as they were downloaded. A byte order mark is taken as a part of the file.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, Problem> {
        let value: Value = serde_json::from_slice(bytes).map_err(|error| {
            let why = format!("It is no JSON: {error}.");
            Problem::manifest("importManifest", why)
        })?;
        let root = Object::of("importManifest", &value)?;
        let manifest_version = root.text("manifestVersion", 1..=16)?;
        let is_old = match &*manifest_version {
            "2.0" | "3.0" => true,
            "4.0" | "5.0" => false,
            other => return Err(unsupported(other)),
        };
        let files = files::read(&root, manifest_version == "5.0")?;
        let manifest = Self {
            id: update_id(&root.object("updateId")?)?,
            description: root.optional_text("description", 1..=512)?,
            is_deployable: root.optional_flag("isDeployable")?.unwrap_or(true),
            compatibility: compatibility(&root)?,
            created: root.text("createdDateTime", 1..=64)?,
            update_type: None,
            installed_criteria: None,
            steps: Vec::new(),
            references: Vec::new(),
            version: manifest_version,
            files,
        };
        if is_old {
            return Ok(Self {
                update_type: Some(root.text("updateType", 5..=32)?),
                installed_criteria: Some(root.text("installedCriteria", 1..=64)?),
                ..manifest
            });
        }
        let (steps, references) = steps::read(&root, &manifest.id, &manifest.files)?;
        Ok(Self {
            steps,
            references,
            ..manifest
        })
    }

    /// Every file that must come with it, related ones too.
    pub(crate) fn every_file(&self) -> impl Iterator<Item = &ManifestFile> {
        self.files
            .iter()
            .flat_map(|file| std::iter::once(file).chain(&file.related))
    }
}

fn unsupported(version: &str) -> Problem {
    Problem::new(
        "CannotProcessImportManifest",
        "Error processing import manifest.",
    )
    .target("manifestVersion")
    .because(Inner::new(
        "UnsupportedVersion",
        format!("Manifest version {version} is not supported."),
    ))
}

/// 1 to 10 sets of 1 to 5 properties.
fn compatibility(root: &Object<'_>) -> Result<Vec<BTreeMap<String, String>>, Problem> {
    let sets = root.objects("compatibility", 1..=10)?;
    let mut read = Vec::new();
    for set in sets {
        if !(1..=5).contains(&set.len()) {
            return Err(wrong(set.path(), "A set has 1 to 5 properties."));
        }
        let mut properties = BTreeMap::new();
        for name in set.keys() {
            if name.chars().count() > 32 {
                return Err(wrong(&set.at(name), "A name has at most 32 characters."));
            }
            properties.insert(name.clone(), set.text(name, 1..=64)?);
        }
        read.push(properties);
    }
    Ok(read)
}

#[cfg(test)]
mod tests;
