//! An import manifest while a user edits it: its text against every rule, and the files it is made
//! from. Nothing is sent, and no account is needed. What a command line does with manifests that lie
//! in files is not here.

use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use firmdrop_cloud::azure::import_manifest::{
    APT, CheckContext, FileFacts, FileKind, FilesGiven, HEAD_BYTES, MOST_BYTES, SCRIPT, SWUPDATE_1,
    Severity, check_bytes, line_of, mend,
};
use firmdrop_core::{Code, Diagnosis, Remedy, Sha256, read_file};
use firmdrop_engine::{FileSource, blocking};
use firmdrop_image::{Source as _, sha256_only};
use serde::{Deserialize, Serialize};

use super::stored_manifests;
use crate::{DeliveryOptions, Firmdrop, Plan};

/// A file of an update as it was hashed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct UpdateFileFacts {
    /// Its name, without a folder.
    pub name: String,
    /// Its size.
    #[cfg_attr(feature = "specta", specta(type = u32))]
    pub size_bytes: u64,
    /// Its SHA-256, hexadecimal.
    pub sha256: Sha256,
}

/// A file of an update that was read once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct UpdateFile {
    /// Its name, without a folder.
    pub name: String,
    /// Its size.
    #[cfg_attr(feature = "specta", specta(type = u32))]
    pub size_bytes: u64,
    /// Its SHA-256, hexadecimal.
    pub sha256: Sha256,
    /// The same as an import manifest writes it.
    pub sha256_base64: String,
    /// The handler that it is made for; absent when that does not follow from the file.
    pub handler: Option<String>,
    /// What a device reports once it is installed; absent when the file does not say.
    pub criteria: Option<String>,
}

/// What is wrong with a manifest, at which field and in which line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct ManifestFinding {
    /// How much it weighs.
    pub severity: Severity,
    /// The rule, by its stable id.
    pub rule: String,
    /// The field, as a JSON pointer (RFC 6901); empty for the whole manifest.
    pub pointer: String,
    /// What is so.
    pub what: String,
    /// Why it matters.
    pub why: String,
    /// What helps.
    pub remedy: String,
    /// The line, counted from 1; that of the nearest outer field when the field is missing.
    pub line: Option<u32>,
}

impl From<&UpdateFileFacts> for FileFacts {
    fn from(file: &UpdateFileFacts) -> Self {
        Self {
            name: file.name.clone(),
            size_bytes: file.size_bytes,
            sha256: file.sha256,
        }
    }
}

/// Checks a manifest's text together with these files, which are all that would be sent.
pub fn check_manifest_text(text: &str, files: &[UpdateFileFacts]) -> Vec<ManifestFinding> {
    let facts: Vec<FileFacts> = files.iter().map(FileFacts::from).collect();
    let found = check_bytes(
        text.as_bytes(),
        &CheckContext {
            files: Some(FilesGiven {
                files: &facts,
                is_exact: true,
            }),
            ..CheckContext::default()
        },
    );
    let place = |pointer: &str| {
        let line = line_of(text.as_bytes(), pointer).filter(|_| !pointer.is_empty());
        line.and_then(|line| u32::try_from(line).ok())
    };
    let found = found.into_iter().map(|one| ManifestFinding {
        severity: one.severity,
        rule: one.rule.to_string(),
        line: place(&one.pointer),
        pointer: one.pointer,
        what: one.what,
        why: one.why,
        remedy: one.remedy,
    });
    found.collect()
}

/// The text with what it says of the sizes and hashes of these files renewed, and nothing else.
pub fn mend_manifest_text(text: &str, files: &[UpdateFileFacts]) -> Result<String, Diagnosis> {
    let facts: Vec<FileFacts> = files.iter().map(FileFacts::from).collect();
    let mended = mend(text.as_bytes(), &facts)?;
    Ok(String::from_utf8_lossy(&mended.bytes).into_owned())
}

/// The text of a manifest's file.
pub async fn read_manifest_text(path: PathBuf) -> Result<String, Diagnosis> {
    let bytes = blocking(move || Ok(read_file(&path, MOST_BYTES as u64)?)).await?;
    String::from_utf8(bytes).map_err(|_| {
        Diagnosis::new(
            Code::ManifestImpossible,
            "The import manifest was not opened.",
            "It is no UTF-8 text.",
        )
        .state("Nothing was changed.")
        .remedy(Remedy::ChooseAnotherFile)
    })
}

/// Reads a file of an update once, whole. `on_bytes` is given the bytes that were read so far.
/// Dropping the future lets the reading end at its next piece.
pub async fn read_update_file(
    path: PathBuf,
    on_bytes: impl Fn(u64) + Send + Sync + 'static,
) -> Result<UpdateFile, Diagnosis> {
    // Dropped together with this future, which the reading sees.
    let alive = std::sync::Arc::new(());
    let watched = std::sync::Arc::downgrade(&alive);
    let file = blocking(move || {
        let mut continues = |bytes: u64| {
            on_bytes(bytes);
            if watched.strong_count() == 0 {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        };
        read_once(&path, &mut continues)
    })
    .await;
    drop(alive);
    file
}

fn read_once(
    path: &Path,
    on_bytes: &mut dyn FnMut(u64) -> ControlFlow<()>,
) -> Result<UpdateFile, Diagnosis> {
    let source = FileSource::open(path)?;
    let head = head(&source).map_err(|error| source.read_failure(&error))?;
    let sha256 = sha256_only(&source, on_bytes).map_err(|error| source.read_failure(&error))?;
    let sha256 = sha256.ok_or_else(|| {
        let what = format!("{} was not hashed.", path.display());
        Diagnosis::new(Code::ReadFailed, what, "It was stopped.").remedy(Remedy::InspectAgain)
    })?;
    let name = path.file_name().and_then(std::ffi::OsStr::to_str);
    let name = name.unwrap_or_default().to_owned();
    let (handler, criteria) = match FileKind::of(&name, &head) {
        FileKind::Swu => (Some(SWUPDATE_1), None),
        // The convention of the agent's own article about packages.
        FileKind::Apt { name, version } => (Some(APT), Some(format!("{name}-{version}"))),
        FileKind::Script => (Some(SCRIPT), None),
        FileKind::Other => (None, None),
    };
    Ok(UpdateFile {
        size_bytes: source.len(),
        sha256_base64: sha256.to_base64(),
        sha256,
        handler: handler.map(str::to_owned),
        criteria,
        name,
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

impl Firmdrop {
    /// Plans the import of these files with this manifest, which is stored in the home for the job, and
    /// with the deployment after it that the options name.
    /// Nothing is sent.
    pub async fn plan_import(
        &self,
        destination: &str,
        files: &[String],
        text: &str,
        options: DeliveryOptions,
    ) -> Result<Vec<Plan>, Diagnosis> {
        stored_manifests::sweep(self.engine(), self.files_of_waiting_plans()).await;
        let path = stored_manifests::store(self.engine().home(), text).await?;
        let mut all = files.to_vec();
        all.push(path.to_string_lossy().into_owned());
        self.plan_files(&all, &[destination.to_owned()], options)
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(name: &str, bytes: &[u8]) -> UpdateFileFacts {
        UpdateFileFacts {
            name: name.to_owned(),
            size_bytes: bytes.len() as u64,
            sha256: Sha256::of(bytes),
        }
    }

    fn manifest(bytes: &[u8]) -> String {
        format!(
            r#"{{
  "updateId": {{"provider": "contoso", "name": "door panel", "version": "3.2.0"}},
  "compatibility": [{{"manufacturer": "contoso", "model": "door"}}],
  "instructions": {{"steps": [{{"handler": "microsoft/script:1", "files": ["a.sh"],
    "handlerProperties": {{"scriptFileName": "a.sh"}}}}]}},
  "files": [{{"filename": "a.sh", "sizeInBytes": {}, "hashes": {{"sha256": "{}"}}}}],
  "createdDateTime": "2026-03-01T12:00:00Z",
  "manifestVersion": "5.0"
}}"#,
            bytes.len(),
            Sha256::of(bytes).to_base64()
        )
    }

    #[test]
    fn a_finding_has_the_field_and_its_line() {
        let text = manifest(b"one").replace("3.2.0", "3");
        let found = check_manifest_text(&text, &[facts("a.sh", b"one")]);
        let version = found.iter().find(|one| one.pointer == "/updateId/version");
        assert_eq!(version.and_then(|one| one.line), Some(2), "{found:?}");
    }

    #[test]
    fn a_file_that_changed_after_it_was_written_down_is_an_error_that_mending_takes_away() {
        let text = manifest(b"one");
        let now = [facts("a.sh", b"other")];
        let is_error = |one: &ManifestFinding| {
            one.severity == Severity::Error && one.pointer.starts_with("/files/0/")
        };
        assert!(check_manifest_text(&text, &now).iter().any(is_error));
        let mended = mend_manifest_text(&text, &now).unwrap();
        assert!(!check_manifest_text(&mended, &now).iter().any(is_error));
        assert_eq!(mended.lines().count(), text.lines().count());
    }

    #[test]
    fn a_text_that_is_no_manifest_is_one_finding() {
        let found = check_manifest_text("{ \"updateId\": ", &[]);
        assert_eq!(found.len(), 1, "{found:?}");
    }

    #[tokio::test]
    async fn a_script_is_read_once_and_has_its_handler() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("migrate");
        std::fs::write(&path, "#!/bin/sh\n").unwrap();
        let file = read_update_file(path, |_| ()).await.unwrap();
        assert_eq!(file.handler.as_deref(), Some(SCRIPT));
        assert_eq!((file.size_bytes, &*file.name), (10, "migrate"));
        assert_eq!(file.sha256_base64, Sha256::of(b"#!/bin/sh\n").to_base64());
    }
}
