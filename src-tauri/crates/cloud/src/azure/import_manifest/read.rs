//! From bytes to a manifest. What cannot be taken as it is written is a finding at its field, so
//! that one mistake hides no other.

use super::fields::Fields;
use super::finding::{Finding, Rule, shown};
use super::identity::UpdateId;
use super::json::Members;
use super::model::{
    Action, DownloadHandler, FileEntry, ImportManifest, ManifestVersion, Step, UpdateFile,
};
use super::pointer::item;
use super::read_error::ReadError;
use super::size_limit::MOST_BYTES;
use super::tree::{self, Node, Value};

/// What Windows PowerShell writes before a text.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// Longest list of steps, files or sets that is read, items. The rules allow ten; what is beyond
/// this is counted and not looked at.
const MOST_ITEMS: usize = 200;

/// The text of a manifest, and whether a byte order mark came before it.
pub(super) fn text(bytes: &[u8]) -> Result<(&str, bool), ReadError> {
    if bytes.len() > MOST_BYTES {
        return Err(ReadError::TooLarge);
    }
    if is_utf_16(bytes) {
        return Err(ReadError::Utf16);
    }
    let text = std::str::from_utf8(bytes).map_err(|error| ReadError::NotUtf8 {
        at: error.valid_up_to(),
    })?;
    let (text, has_mark) = match text.strip_prefix(BYTE_ORDER_MARK) {
        Some(rest) => (rest, true),
        None => (text, false),
    };
    match text.trim_start().chars().next() {
        None => Err(ReadError::Empty),
        Some('<') => Err(ReadError::Page),
        Some(_) => Ok((text, has_mark)),
    }
}

/// Whether a text is in UTF-16, with its mark or without one: JSON begins with a character of ASCII.
fn is_utf_16(bytes: &[u8]) -> bool {
    match bytes {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => true,
        [first, second, ..] => (*first == 0) != (*second == 0),
        _ => false,
    }
}

impl ImportManifest {
    /// Reads a manifest. Only what is no JSON object, too large or too deep is refused; all other
    /// mistakes are found by [`ImportManifest::check`].
    pub fn read(bytes: &[u8]) -> Result<Self, ReadError> {
        let (text, has_mark) = text(bytes)?;
        let root = tree::parse(text)?;
        if !matches!(root.value, Value::Object(_)) {
            return Err(ReadError::NotAnObject(root.value.kind()));
        }
        let mut found = Vec::new();
        if has_mark {
            let what = "The file begins with a byte order mark.";
            found.push(Finding::new(Rule::ByteOrderMark, "", what));
        }
        repeated_keys(&root, "", &mut found);
        let mut manifest = whole(&root, &mut found);
        manifest.misread = found;
        Ok(manifest)
    }
}

/// Keys that are twice in one object.
fn repeated_keys(node: &Node, pointer: &str, found: &mut Vec<Finding>) {
    match &node.value {
        Value::Object(members) => {
            let mut seen = std::collections::BTreeSet::new();
            for member in members {
                let here = super::pointer::member(pointer, &member.key);
                if !seen.insert(member.key.as_str()) {
                    let what = format!("The key {} is there twice.", shown(&member.key));
                    found.push(Finding::new(Rule::RepeatedKey, here.clone(), what));
                }
                repeated_keys(&member.node, &here, found);
            }
        }
        Value::List(items) => {
            for (at, node) in items.iter().enumerate() {
                repeated_keys(node, &item(pointer, at), found);
            }
        }
        _ => {}
    }
}

fn whole(root: &Node, found: &mut Vec<Finding>) -> ImportManifest {
    let mut fields = Fields::of(root, String::new(), found);
    let version = fields.needed_text("manifestVersion");
    let manifest_version = ManifestVersion::read(&version).unwrap_or_else(|| {
        if !version.is_empty() {
            let what = format!("The manifest's version is {}.", shown(&version));
            fields.find(Rule::ManifestVersion, "manifestVersion", what);
        }
        ManifestVersion::V5
    });
    let has_steps = manifest_version.has_steps();
    let mut manifest = ImportManifest {
        schema: fields.text("$schema"),
        update_id: fields
            .needed_object("updateId", update_id)
            .unwrap_or_default(),
        description: fields.text("description"),
        is_deployable: fields.flag("isDeployable"),
        compatibility: fields.needed_list("compatibility", MOST_ITEMS, compatibility),
        steps: Vec::new(),
        update_type: None,
        installed_criteria: None,
        files: Vec::new(),
        created: fields.needed_text("createdDateTime"),
        manifest_version,
        other: Members::default(),
        misread: Vec::new(),
    };
    if has_steps {
        let steps = fields.needed_object("instructions", |fields| {
            let steps = fields.needed_list("steps", MOST_ITEMS, step);
            fields.close("instructions");
            steps
        });
        manifest.steps = steps.unwrap_or_default();
    } else {
        manifest.update_type = Some(fields.needed_text("updateType"));
        // Whether it is needed depends on the handler.
        manifest.installed_criteria = fields.text("installedCriteria");
    }
    let is_5 = manifest_version >= ManifestVersion::V5;
    // "May be empty or null if all instruction steps are reference steps."
    let files = fields.list_or_null("files", MOST_ITEMS, |fields| file(fields, is_5));
    manifest.files = files.unwrap_or_default();
    manifest.other = fields.rest();
    for (key, _) in manifest.other.clone().iter() {
        fields.unknown_root(key, has_steps);
    }
    manifest
}

fn update_id(fields: &mut Fields<'_>) -> UpdateId {
    let id = UpdateId {
        provider: fields.needed_text("provider"),
        name: fields.needed_text("name"),
        version: fields.needed_text("version"),
    };
    fields.close("updateId");
    id
}

fn compatibility(fields: &mut Fields<'_>) -> Members {
    let all = fields.rest();
    for (key, value) in all.iter() {
        if value.text().is_none() {
            fields.wrong_type(key, "a text");
        }
    }
    all
}

fn step(fields: &mut Fields<'_>) -> Step {
    let kind = fields.text("type");
    let is_reference = match kind.as_deref() {
        Some("reference") => true,
        None if fields.has("updateId") && !fields.has("handler") && !fields.has("type") => {
            let what = "The step has an updateId and no type, and without one it is \"inline\".";
            fields.find_with(
                Rule::StepType,
                "type",
                what,
                "Write \"type\": \"reference\".",
            );
            true
        }
        None | Some("inline") => false,
        Some(other) => {
            let what = format!("The step's type is {}.", shown(other));
            fields.find(Rule::StepType, "type", what);
            fields.has("updateId")
        }
    };
    let description = fields.text("description");
    let action = if is_reference {
        Action::Reference(
            fields
                .needed_object("updateId", update_id)
                .unwrap_or_default(),
        )
    } else {
        Action::Inline {
            handler: fields.needed_text("handler"),
            files: fields.needed_texts("files", MOST_ITEMS),
            properties: fields.members("handlerProperties"),
        }
    };
    Step {
        description,
        action,
        other: fields.close("step"),
    }
}

fn file(fields: &mut Fields<'_>, is_5: bool) -> UpdateFile {
    let mut file = UpdateFile {
        entry: entry(fields, is_5),
        ..UpdateFile::default()
    };
    if is_5 {
        let related = fields.list_or_null("relatedFiles", MOST_ITEMS, |fields| {
            let mut related = entry(fields, true);
            related.other = fields.rest();
            related
        });
        file.related = related.unwrap_or_default();
        file.download_handler = fields.object("downloadHandler", |fields| DownloadHandler {
            id: fields.needed_text("id"),
            other: fields.rest(),
        });
        file.entry.other = fields.rest();
    } else {
        file.entry.other = fields.close("file");
    }
    file
}

/// Name, size, hashes, properties; the caller takes what is left.
fn entry(fields: &mut Fields<'_>, is_5: bool) -> FileEntry {
    FileEntry {
        name: fields.needed_text("filename"),
        size_bytes: fields.size("sizeInBytes"),
        hashes: fields.needed_object("hashes", hashes).unwrap_or_default(),
        properties: if is_5 {
            fields.members("properties")
        } else {
            None
        },
        other: Members::default(),
    }
}

fn hashes(fields: &mut Fields<'_>) -> Vec<(String, String)> {
    if !fields.has(super::model::SHA256) {
        fields.missing(super::model::SHA256);
    }
    let mut hashes = Vec::new();
    for (algorithm, hash) in fields.rest().iter() {
        match hash.text() {
            Some(hash) => hashes.push((algorithm.to_owned(), hash.to_owned())),
            None => fields.wrong_type(algorithm, "a text"),
        }
    }
    hashes
}
