//! An import manifest in types. What is written here is what a manifest may say, also wrongly:
//! whether it holds is decided by the rules.

use firmdrop_core::Sha256;

use super::finding::Finding;
use super::identity::UpdateId;
use super::json::{Json, Members};

/// The hash that every file has.
pub(super) const SHA256: &str = "sha256";

/// A version of the manifest's own format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ManifestVersion {
    /// 2.0: one handler for the whole update, no steps.
    V2,
    /// 3.0: like 2.0, written by a later preview of the service.
    V3,
    /// 4.0: steps.
    V4,
    /// 5.0: related files and download handlers too.
    V5,
}

impl ManifestVersion {
    /// All of them, the oldest first.
    pub const ALL: [Self; 4] = [Self::V2, Self::V3, Self::V4, Self::V5];

    /// As a manifest writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V2 => "2.0",
            Self::V3 => "3.0",
            Self::V4 => "4.0",
            Self::V5 => "5.0",
        }
    }

    /// Reads what a manifest writes.
    pub fn read(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == text)
    }

    /// Whether the update is made of steps.
    pub const fn has_steps(self) -> bool {
        matches!(self, Self::V4 | Self::V5)
    }
}

/// Which generation of the service's API an import is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ApiProfile {
    /// The first preview, 2020-09-01.
    Legacy,
    /// The preview 2021-06-01.
    Preview2021,
    /// 2022-07-01-preview and everything since.
    Current,
}

impl ApiProfile {
    /// The versions of manifests it takes, the usual one first.
    pub const fn manifest_versions(self) -> &'static [ManifestVersion] {
        match self {
            Self::Legacy => &[ManifestVersion::V2, ManifestVersion::V3],
            Self::Preview2021 => &[ManifestVersion::V4],
            Self::Current => &[ManifestVersion::V5, ManifestVersion::V4],
        }
    }

    /// The version of a new manifest.
    pub const fn usual_version(self) -> ManifestVersion {
        match self {
            Self::Legacy => ManifestVersion::V2,
            Self::Preview2021 => ManifestVersion::V4,
            Self::Current => ManifestVersion::V5,
        }
    }
}

/// An import manifest.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportManifest {
    /// Address of the schema, for editors.
    pub schema: Option<String>,
    /// Who the update is.
    pub update_id: UpdateId,
    /// What it is, in words.
    pub description: Option<String>,
    /// Whether it can be deployed by itself; true when it is left out.
    pub is_deployable: Option<bool>,
    /// The devices it is for: one of these sets equals what a device reports.
    pub compatibility: Vec<Members>,
    /// What is done on the device, in order. None in 2.0 and 3.0.
    pub steps: Vec<Step>,
    /// The handler of the whole update, in 2.0 and 3.0.
    pub update_type: Option<String>,
    /// What says that it is installed, in 2.0 and 3.0.
    pub installed_criteria: Option<String>,
    /// The files, with those that are related to them.
    pub files: Vec<UpdateFile>,
    /// When it was made, as it is written.
    pub created: String,
    /// The format.
    pub manifest_version: ManifestVersion,
    /// Keys that no rule knows; they are written again.
    pub other: Members,
    /// What was found while it was read: fields that are not there or have another type.
    pub(super) misread: Vec<Finding>,
}

/// A step.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// What it does, in words.
    pub description: Option<String>,
    /// What it does.
    pub action: Action,
    /// Keys that no rule knows; they are written again.
    pub other: Members,
}

/// What a step does.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Hands files to a handler on the device.
    Inline {
        /// Id of the handler.
        handler: String,
        /// Names of files.
        files: Vec<String>,
        /// What the handler is given.
        properties: Option<Members>,
    },
    /// Installs another update.
    Reference(UpdateId),
}

/// A file of an update.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct UpdateFile {
    /// Name, size, hash.
    pub entry: FileEntry,
    /// Files that can stand for it, since 5.0.
    pub related: Vec<FileEntry>,
    /// What makes the file from them, since 5.0.
    pub download_handler: Option<DownloadHandler>,
}

/// What a manifest says of one file.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FileEntry {
    /// Its name, without a folder.
    pub name: String,
    /// Its size.
    pub size_bytes: u64,
    /// Names of algorithms and base64 of hashes.
    pub hashes: Vec<(String, String)>,
    /// Properties for the device, since 5.0.
    pub properties: Option<Members>,
    /// Keys that no rule knows; they are written again.
    pub other: Members,
}

/// What makes a file from its related files.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DownloadHandler {
    /// Its id.
    pub id: String,
    /// Keys that no rule knows; they are written again.
    pub other: Members,
}

impl ImportManifest {
    /// All files that are sent: those of the update, each followed by its related ones.
    pub fn all_files(&self) -> impl Iterator<Item = &FileEntry> {
        let files = self.files.iter();
        files.flat_map(|file| std::iter::once(&file.entry).chain(&file.related))
    }

    /// The updates that it references, with the number of the step.
    pub fn references(&self) -> impl Iterator<Item = (usize, &UpdateId)> {
        let steps = self.steps.iter().enumerate();
        steps.filter_map(|(at, step)| match &step.action {
            Action::Reference(id) => Some((at, id)),
            Action::Inline { .. } => None,
        })
    }

    /// Whether it can be deployed by itself.
    pub fn is_deployable(&self) -> bool {
        self.is_deployable.unwrap_or(true)
    }

    /// Bytes of all files together.
    pub fn files_bytes(&self) -> u64 {
        let sizes = self.all_files().map(|file| file.size_bytes);
        sizes.fold(0, u64::saturating_add)
    }
}

impl Step {
    /// A step that hands files to a handler.
    pub fn inline(handler: &str, files: &[&str], properties: Members) -> Self {
        Self {
            description: None,
            action: Action::Inline {
                handler: handler.to_owned(),
                files: files.iter().map(|&file| file.to_owned()).collect(),
                properties: (!properties.is_empty()).then_some(properties),
            },
            other: Members::default(),
        }
    }

    /// A step that installs another update.
    pub fn reference(id: UpdateId) -> Self {
        Self {
            description: None,
            action: Action::Reference(id),
            other: Members::default(),
        }
    }
}

impl FileEntry {
    /// What is said of a file with this size and SHA-256.
    pub fn new(name: &str, size_bytes: u64, sha256: &Sha256) -> Self {
        Self {
            name: name.to_owned(),
            size_bytes,
            hashes: vec![(SHA256.to_owned(), sha256.to_base64())],
            properties: None,
            other: Members::default(),
        }
    }

    /// Whether its name is one, and leads into no other folder.
    pub fn is_name_plain(&self) -> bool {
        !self.name.is_empty() && !super::file_name::is_path(&self.name)
    }

    /// Its SHA-256 as it is written.
    pub fn sha256_text(&self) -> Option<&str> {
        let mut hashes = self.hashes.iter();
        let found = hashes.find(|(algorithm, _)| algorithm == SHA256);
        found.map(|(_, hash)| hash.as_str())
    }

    /// Its SHA-256, when it is one.
    pub fn sha256(&self) -> Option<Sha256> {
        super::hash::read(self.sha256_text()?).ok()
    }
}

impl ImportManifest {
    /// The sets of properties that devices are compared with, as far as they are texts.
    pub fn compatible_sets(&self) -> Vec<std::collections::BTreeMap<String, String>> {
        let sets = self.compatibility.iter();
        let texts = sets.map(|set| {
            let pairs = set
                .iter()
                .filter_map(|(name, value)| Some((name.to_owned(), value.text()?.to_owned())));
            pairs.collect()
        });
        texts.collect()
    }
}

/// The devices an update is for, from pairs.
pub fn compatibility<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Members {
    let pairs = pairs.into_iter();
    pairs.fold(Members::default(), |all, (name, value)| {
        all.with(name, Json::from(value))
    })
}
