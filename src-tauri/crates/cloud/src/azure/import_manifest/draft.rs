//! A manifest made from files: steps and handlers chosen by what the files are, nothing guessed that
//! a device would depend on.

use firmdrop_core::{Code, Diagnose, Diagnosis, Moment, Remedy};

use super::file_kind::FileKind;
use super::files_given::FileFacts;
use super::finding::shown;
use super::handler::{APT, SCRIPT, SIMULATOR, SWUPDATE_1, SWUPDATE_2, needs_criteria};
use super::identity::UpdateId;
use super::json::{Json, Members};
use super::model::{Action, FileEntry, ImportManifest, ManifestVersion, Step, UpdateFile};

/// What a manifest is made from.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// Who the update is.
    pub update_id: UpdateId,
    /// What it is, in words.
    pub description: Option<String>,
    /// Whether it can be deployed by itself; `false` for a child. Left out when `None`.
    pub is_deployable: Option<bool>,
    /// The devices it is for.
    pub compatibility: Vec<Members>,
    /// The files, in the order in which they are used.
    pub files: Vec<DraftFile>,
    /// What is done with them.
    pub plan: Plan,
    /// Updates that are installed after the other steps.
    pub references: Vec<UpdateId>,
    /// The format.
    pub manifest_version: ManifestVersion,
    /// When it is made.
    pub created: Moment,
}

/// A file of a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftFile {
    /// Name, size, hash.
    pub facts: FileFacts,
    /// What it is.
    pub kind: FileKind,
}

/// What is done with the files.
#[derive(Debug, Clone, PartialEq)]
pub enum Plan {
    /// These steps.
    Steps(Vec<DraftStep>),
    /// Steps that follow from the files.
    Files {
        /// How many steps.
        layout: Layout,
        /// The handler of all of them; chosen by the files when absent.
        handler: Option<String>,
        /// Properties of the handler.
        properties: Members,
    },
}

/// How files become steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Layout {
    /// One step with all files; a step each where the handler takes one file.
    #[default]
    Together,
    /// One step for each file.
    Each,
}

/// A step of a draft.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DraftStep {
    /// What it does, in words.
    pub description: Option<String>,
    /// The handler; chosen by the files when absent.
    pub handler: Option<String>,
    /// Names of files.
    pub files: Vec<String>,
    /// Properties of the handler.
    pub properties: Members,
}

/// Why no manifest can be made from a draft.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DraftError {
    /// No handler follows from these files.
    #[error("no handler follows from {0}")]
    HandlerNeeded(String),
    /// Several scripts, and which is run was not said.
    #[error("{0} scripts are in one step")]
    ScriptNeeded(usize),
    /// The handler needs `installedCriteria`.
    #[error("{0} needs installedCriteria")]
    CriteriaNeeded(String),
    /// Manifests 2.0 and 3.0 have no steps.
    #[error("manifests 2.0 and 3.0 have one handler for all files, and this update has {0} steps")]
    OneStepOnly(usize),
}

impl Diagnose for DraftError {
    fn diagnose(&self) -> Diagnosis {
        let remedy = match self {
            Self::HandlerNeeded(_) => format!(
                "Name the handler that is registered on the devices, or {SIMULATOR} to try it."
            ),
            Self::ScriptNeeded(_) => "Name it with the property scriptFileName.".to_owned(),
            Self::CriteriaNeeded(_) => {
                "Give the property installedCriteria: the version that the device reports once \
                 the update is installed."
                    .to_owned()
            }
            Self::OneStepOnly(_) => "Choose a newer API version, or one step.".to_owned(),
        };
        Diagnosis::new(
            Code::ArgumentInvalid,
            "No import manifest was made.",
            format!("{self}."),
        )
        .titled("No manifest can be made from this")
        .state("Nothing was sent.")
        .remedy(Remedy::Advice { text: remedy })
    }
}

impl Draft {
    /// The manifest. It is not checked yet: what was given may break rules.
    pub fn build(&self) -> Result<ImportManifest, DraftError> {
        let steps: Result<Vec<Step>, DraftError> = self
            .planned()
            .into_iter()
            .map(|step| self.step(step))
            .collect();
        let mut steps = steps?;
        steps.extend(self.references.iter().cloned().map(Step::reference));
        let mut manifest = ImportManifest {
            schema: schema(self.manifest_version).map(str::to_owned),
            update_id: self.update_id.clone(),
            description: self.description.clone(),
            is_deployable: self.is_deployable,
            compatibility: self.compatibility.clone(),
            steps: Vec::new(),
            update_type: None,
            installed_criteria: None,
            files: self.files.iter().map(file).collect(),
            created: self.created.to_string(),
            manifest_version: self.manifest_version,
            other: Members::default(),
            misread: Vec::new(),
        };
        if self.manifest_version.has_steps() {
            manifest.steps = steps;
        } else {
            take_only_step(&mut manifest, steps)?;
        }
        Ok(manifest)
    }

    fn planned(&self) -> Vec<DraftStep> {
        let (layout, handler, properties) = match &self.plan {
            Plan::Steps(steps) => return steps.clone(),
            Plan::Files {
                layout,
                handler,
                properties,
            } => (*layout, handler, properties),
        };
        let step = |files: &[DraftFile]| DraftStep {
            description: None,
            handler: handler.clone(),
            files: files.iter().map(|file| file.facts.name.clone()).collect(),
            properties: properties.clone(),
        };
        let is_alone = |file: &DraftFile| matches!(file.kind, FileKind::Swu | FileKind::Apt { .. });
        let is_each = layout == Layout::Each
            || handler.is_none() && self.files.iter().all(is_alone)
            || handler
                .as_deref()
                .is_some_and(super::handler::takes_one_file);
        match self.files.as_slice() {
            [] => Vec::new(),
            files if is_each => files.chunks(1).map(step).collect(),
            files => vec![step(files)],
        }
    }

    /// A step with its handler and what follows from its files.
    fn step(&self, mut step: DraftStep) -> Result<Step, DraftError> {
        let handler = match step.handler.take() {
            Some(handler) => handler,
            None => self.handler(&step.files)?.to_owned(),
        };
        let kinds: Vec<(&str, Option<&FileKind>)> = step
            .files
            .iter()
            .map(|name| (name.as_str(), self.kind(name)))
            .collect();
        let of = |wanted: &FileKind| {
            let found = kinds.iter().filter(|(_, kind)| *kind == Some(wanted));
            found.map(|(name, _)| *name).collect::<Vec<_>>()
        };
        let mut set = |key: &str, value: &str| {
            if step.properties.get(key).is_none() {
                step.properties.set(key, value);
            }
        };
        if handler == SCRIPT || handler == SWUPDATE_2 {
            match of(&FileKind::Script).as_slice() {
                [script] => set("scriptFileName", script),
                [] => {}
                scripts if step.properties.get("scriptFileName").is_none() => {
                    return Err(DraftError::ScriptNeeded(scripts.len()));
                }
                _ => {}
            }
        }
        if handler == SWUPDATE_2
            && let [image] = of(&FileKind::Swu).as_slice()
            && step.properties.get("swuFileName").is_none()
        {
            step.properties.set("swuFileName", *image);
        }
        if handler == APT
            && step.properties.get("installedCriteria").is_none()
            && let [(_, Some(FileKind::Apt { name, version }))] = kinds.as_slice()
        {
            // The convention of the agent's own article about packages.
            step.properties
                .set("installedCriteria", format!("{name}-{version}"));
        }
        if needs_criteria(&handler) && step.properties.get("installedCriteria").is_none() {
            return Err(DraftError::CriteriaNeeded(handler));
        }
        let files: Vec<&str> = step.files.iter().map(String::as_str).collect();
        let mut made = Step::inline(&handler, &files, step.properties);
        made.description = step.description;
        Ok(made)
    }

    fn kind(&self, name: &str) -> Option<&FileKind> {
        let file = self.files.iter().find(|file| file.facts.name == name);
        file.map(|file| &file.kind)
    }

    /// The handler that follows from the files of a step.
    fn handler(&self, files: &[String]) -> Result<&'static str, DraftError> {
        let kinds: Vec<_> = files.iter().filter_map(|name| self.kind(name)).collect();
        let count =
            |wanted: fn(&FileKind) -> bool| kinds.iter().filter(|kind| wanted(kind)).count();
        let images = count(|kind| matches!(kind, FileKind::Swu));
        let packages = count(|kind| matches!(kind, FileKind::Apt { .. }));
        let scripts = count(|kind| matches!(kind, FileKind::Script));
        match (images, packages, scripts) {
            (1, 0, 0) if kinds.len() == 1 => Ok(SWUPDATE_1),
            (0, 1, 0) if kinds.len() == 1 => Ok(APT),
            (0, 0, 1..) => Ok(SCRIPT),
            (1.., 0, 1..) => Ok(SWUPDATE_2),
            _ => {
                let names: Vec<String> = files.iter().take(5).map(|name| shown(name)).collect();
                Err(DraftError::HandlerNeeded(names.join(", ")))
            }
        }
    }
}

/// Where the schema of a version is published.
fn schema(version: ManifestVersion) -> Option<&'static str> {
    match version {
        ManifestVersion::V4 => {
            Some("https://json.schemastore.org/azure-deviceupdate-import-manifest-4.0.json")
        }
        ManifestVersion::V5 => {
            Some("https://json.schemastore.org/azure-deviceupdate-import-manifest-5.0.json")
        }
        ManifestVersion::V2 | ManifestVersion::V3 => None,
    }
}

fn file(file: &DraftFile) -> UpdateFile {
    let facts = &file.facts;
    UpdateFile {
        entry: FileEntry::new(&facts.name, facts.size_bytes, &facts.sha256),
        ..UpdateFile::default()
    }
}

/// Manifests 2.0 and 3.0 say of the whole update what a step says later.
fn take_only_step(manifest: &mut ImportManifest, mut steps: Vec<Step>) -> Result<(), DraftError> {
    let count = steps.len();
    match (steps.pop().map(|step| step.action), count) {
        (
            Some(Action::Inline {
                handler,
                properties,
                ..
            }),
            1,
        ) => {
            let criteria = properties.and_then(|all| {
                let criteria = all.get("installedCriteria").and_then(Json::text);
                criteria.map(str::to_owned)
            });
            manifest.update_type = Some(handler);
            manifest.installed_criteria = criteria;
            Ok(())
        }
        _ => Err(DraftError::OneStepOnly(count)),
    }
}

#[cfg(test)]
mod tests {
    use firmdrop_core::Sha256;

    use super::*;
    use crate::azure::import_manifest::{ApiProfile, CheckContext, compatibility};

    fn draft(files: &[(&str, &[u8])], criteria: Option<&str>) -> Draft {
        let files = files.iter().map(|(name, bytes)| DraftFile {
            facts: FileFacts {
                name: (*name).to_owned(),
                size_bytes: bytes.len() as u64,
                sha256: Sha256::of(bytes),
            },
            kind: FileKind::of(name, bytes),
        });
        let criteria = criteria.map_or_else(Members::default, |criteria| {
            Members::default().with("installedCriteria", criteria)
        });
        Draft {
            update_id: UpdateId::new("Contoso", "Toaster", "1.0"),
            description: None,
            is_deployable: None,
            compatibility: vec![compatibility([
                ("manufacturer", "Contoso"),
                ("model", "Toaster"),
            ])],
            files: files.collect(),
            plan: Plan::Files {
                layout: Layout::Together,
                handler: None,
                properties: criteria,
            },
            references: Vec::new(),
            manifest_version: ManifestVersion::V5,
            created: Moment::from_millisecond(1_768_803_832_000),
        }
    }

    const SWU: (&str, &[u8]) = ("a.swu", b"image");
    const SCRIPT_FILE: (&str, &[u8]) = ("run.sh", b"#!/bin/sh\n");
    const DATA: (&str, &[u8]) = ("data.bin", b"data");
    const APT_FILE: (&str, &[u8]) = (
        "apt.json",
        br#"{"name":"tools","version":"1.7","packages":[{"name":"curl"}]}"#,
    );

    /// Handlers and files of the steps.
    fn steps(draft: &Draft) -> Vec<(String, usize)> {
        let manifest = draft.build().unwrap();
        assert_eq!(manifest.check(&CheckContext::default()), [], "{manifest:?}");
        let steps = manifest.steps.into_iter().map(|step| match step.action {
            Action::Inline { handler, files, .. } => (handler, files.len()),
            Action::Reference(id) => (id.to_string(), 0),
        });
        steps.collect()
    }

    #[test]
    fn the_handler_follows_from_the_files() {
        let of = |files: &[(&str, &[u8])]| steps(&draft(files, Some("1.0")));
        assert_eq!(of(&[SWU]), [(SWUPDATE_1.to_owned(), 1)]);
        assert_eq!(of(&[SWU, SCRIPT_FILE]), [(SWUPDATE_2.to_owned(), 2)]);
        assert_eq!(of(&[SCRIPT_FILE, DATA]), [(SCRIPT.to_owned(), 2)]);
        assert_eq!(
            of(&[SWU, APT_FILE]),
            [(SWUPDATE_1.to_owned(), 1), (APT.to_owned(), 1)]
        );
        let apt = draft(&[APT_FILE], None).build().unwrap();
        let text = String::from_utf8(apt.write().bytes).unwrap();
        assert!(
            text.contains("\"installedCriteria\": \"tools-1.7\""),
            "{text}"
        );
    }

    #[test]
    fn nothing_is_guessed_that_a_device_would_depend_on() {
        let error = |files: &[(&str, &[u8])]| draft(files, None).build().unwrap_err();
        assert_eq!(
            error(&[SWU]),
            DraftError::CriteriaNeeded(SWUPDATE_1.to_owned())
        );
        assert!(matches!(error(&[DATA]), DraftError::HandlerNeeded(_)));
        let two = [SCRIPT_FILE, ("second.sh", b"#!/bin/sh\n".as_slice())];
        assert_eq!(error(&two), DraftError::ScriptNeeded(2));
        let mut chosen = draft(&[DATA], None);
        chosen.plan = Plan::Files {
            layout: Layout::Each,
            handler: Some("contoso/thing:1".to_owned()),
            properties: Members::default(),
        };
        assert_eq!(steps(&chosen), [("contoso/thing:1".to_owned(), 1)]);
    }

    #[test]
    fn each_generation_of_the_api_gets_a_manifest_that_it_takes() {
        for profile in [
            ApiProfile::Legacy,
            ApiProfile::Preview2021,
            ApiProfile::Current,
        ] {
            let mut one = draft(&[SWU], Some("1.0"));
            one.manifest_version = profile.usual_version();
            if profile == ApiProfile::Legacy {
                let names = [
                    ("deviceManufacturer", "Contoso"),
                    ("deviceModel", "Toaster"),
                ];
                one.compatibility = vec![compatibility(names)];
            }
            let context = CheckContext {
                profile: Some(profile),
                ..CheckContext::default()
            };
            assert_eq!(one.build().unwrap().check(&context), [], "{profile:?}");
        }
        let mut two = draft(&[SWU, APT_FILE], Some("1.0"));
        two.manifest_version = ManifestVersion::V2;
        assert_eq!(two.build().unwrap_err(), DraftError::OneStepOnly(2));
    }
}
