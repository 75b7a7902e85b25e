//! From a manifest to the bytes that are sent. They are made once; size and hash are computed over
//! them, never over another serialisation.

use firmdrop_core::Sha256;

use super::UpdateId;
use super::json::{Json, Members};
use super::model::{Action, FileEntry, ImportManifest, Step, UpdateFile};

/// The bytes of a manifest, with what an import says of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenManifest {
    /// What is uploaded, byte for byte.
    pub bytes: Vec<u8>,
    /// How many.
    pub size_bytes: u64,
    /// Their SHA-256, base64.
    pub sha256_base64: String,
}

impl WrittenManifest {
    /// Bytes that are a manifest already, as they are.
    pub fn of(bytes: Vec<u8>) -> Self {
        Self {
            size_bytes: bytes.len() as u64,
            sha256_base64: Sha256::of(&bytes).to_base64(),
            bytes,
        }
    }
}

impl ImportManifest {
    /// The manifest as JSON, known keys first, unknown ones as they were.
    pub fn write(&self) -> WrittenManifest {
        let mut text = Json::Object(self.members()).to_text();
        text.push('\n');
        WrittenManifest::of(text.into_bytes())
    }

    /// The manifest as it is written.
    pub fn members(&self) -> Members {
        let mut all = Members::default();
        set_text(&mut all, "$schema", self.schema.as_deref());
        all.set("updateId", update_id(&self.update_id));
        set_text(&mut all, "description", self.description.as_deref());
        if let Some(is_deployable) = self.is_deployable {
            all.set("isDeployable", Json::Bool(is_deployable));
        }
        set_text(&mut all, "updateType", self.update_type.as_deref());
        set_text(
            &mut all,
            "installedCriteria",
            self.installed_criteria.as_deref(),
        );
        let sets = self.compatibility.iter().cloned().map(Json::Object);
        all.set("compatibility", Json::List(sets.collect()));
        if self.manifest_version.has_steps() {
            let steps = Json::List(self.steps.iter().map(step).collect());
            let steps = Members::default().with("steps", steps);
            all.set("instructions", Json::Object(steps));
        }
        if !self.files.is_empty() {
            all.set("files", Json::List(self.files.iter().map(file).collect()));
        }
        all.set("createdDateTime", self.created.as_str());
        all.set("manifestVersion", self.manifest_version.as_str());
        add(&mut all, &self.other);
        all
    }
}

fn set_text(all: &mut Members, key: &str, text: Option<&str>) {
    if let Some(text) = text {
        all.set(key, text);
    }
}

fn add(all: &mut Members, other: &Members) {
    for (key, value) in other.iter() {
        all.set(key, value.clone());
    }
}

fn update_id(id: &UpdateId) -> Json {
    let all = Members::default();
    let all = all.with("provider", id.provider.as_str());
    let all = all.with("name", id.name.as_str());
    Json::Object(all.with("version", id.version.as_str()))
}

fn step(step: &Step) -> Json {
    let mut all = Members::default();
    let is_reference = matches!(step.action, Action::Reference(_));
    all.set("type", if is_reference { "reference" } else { "inline" });
    set_text(&mut all, "description", step.description.as_deref());
    match &step.action {
        Action::Reference(id) => all.set("updateId", update_id(id)),
        Action::Inline {
            handler,
            files,
            properties,
        } => {
            all.set("handler", handler.as_str());
            let files = files.iter().map(|name| Json::from(name.as_str()));
            all.set("files", Json::List(files.collect()));
            if let Some(properties) = properties {
                all.set("handlerProperties", Json::Object(properties.clone()));
            }
        }
    }
    add(&mut all, &step.other);
    Json::Object(all)
}

fn file(file: &UpdateFile) -> Json {
    let mut all = entry(&file.entry);
    if !file.related.is_empty() {
        let related = file.related.iter().map(|one| {
            let mut all = entry(one);
            add(&mut all, &one.other);
            Json::Object(all)
        });
        all.set("relatedFiles", Json::List(related.collect()));
    }
    if let Some(handler) = &file.download_handler {
        let mut members = Members::default().with("id", handler.id.as_str());
        add(&mut members, &handler.other);
        all.set("downloadHandler", Json::Object(members));
    }
    add(&mut all, &file.entry.other);
    Json::Object(all)
}

fn entry(entry: &FileEntry) -> Members {
    let hashes = entry.hashes.iter();
    let hashes = hashes.fold(Members::default(), |all, (algorithm, hash)| {
        all.with(algorithm, hash.as_str())
    });
    let mut all = Members::default();
    all.set("filename", entry.name.as_str());
    all.set("sizeInBytes", entry.size_bytes);
    all.set("hashes", Json::Object(hashes));
    if let Some(properties) = &entry.properties {
        all.set("properties", Json::Object(properties.clone()));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::azure::import_manifest::samples;

    #[test]
    fn what_is_written_is_read_back_as_it_was() {
        for sample in samples::GOOD {
            let read = ImportManifest::read(sample.as_bytes()).unwrap();
            let written = read.write();
            assert_eq!(ImportManifest::read(&written.bytes).unwrap(), read);
            assert_eq!(written.size_bytes, written.bytes.len() as u64);
            assert_eq!(
                written.sha256_base64,
                Sha256::of(&written.bytes).to_base64()
            );
            let value = |bytes: &[u8]| serde_json::from_slice::<serde_json::Value>(bytes).unwrap();
            assert_eq!(value(&written.bytes), value(sample.as_bytes()));
        }
    }

    #[test]
    fn keys_that_no_rule_knows_are_written_again_in_every_object_that_may_have_them() {
        let text = samples::FULL
            .replacen(
                "\"isDeployable\"",
                "\"x-root\": [1.50], \"isDeployable\"",
                1,
            )
            .replacen(
                "\"relatedFiles\"",
                "\"mimeType\": \"a/b\", \"relatedFiles\"",
                1,
            )
            .replacen(
                "\"id\": \"microsoft/delta:1\"",
                "\"id\": \"microsoft/delta:1\", \"y\": null",
                1,
            )
            .replacen(
                "\"filename\": \"delta.dat\"",
                "\"filename\": \"delta.dat\", \"z\": true",
                1,
            );
        let read = ImportManifest::read(text.as_bytes()).unwrap();
        let written = String::from_utf8(read.write().bytes).unwrap();
        for held in [
            "\"x-root\"",
            "1.50",
            "\"mimeType\"",
            "\"y\": null",
            "\"z\": true",
        ] {
            assert!(written.contains(held), "{held} in {written}");
        }
    }
}
