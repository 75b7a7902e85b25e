//! Renews sizes and hashes of a manifest that exists, and changes nothing else: not a space, not an
//! unknown key, not the order.

use std::ops::Range;

use firmdrop_core::Sha256;

use super::files_given::FileFacts;
use super::hash;
use super::json::quoted;
use super::model::SHA256;
use super::pointer::{item, parts};
use super::read::text;
use super::read_error::ReadError;
use super::tree::{self, Node, Value};

/// A manifest that was mended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mended {
    /// The manifest.
    pub bytes: Vec<u8>,
    /// What was changed, in the order of the manifest.
    pub changes: Vec<Change>,
    /// Pointers of hashes of other algorithms beside a SHA-256 that changed: they were not computed
    /// anew and are probably wrong now.
    pub stale: Vec<String>,
}

/// A value that was changed or added.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Change {
    /// Where, as a JSON pointer.
    pub pointer: String,
    /// What was there, as it was written; `None` when nothing was.
    pub old: Option<String>,
    /// What is there now.
    pub new: String,
}

/// Renews size and SHA-256 of each file that is given; files that are not given stay as they are.
pub fn mend(bytes: &[u8], files: &[FileFacts]) -> Result<Mended, ReadError> {
    let (text, has_mark) = text(bytes)?;
    let root = tree::parse(text)?;
    if !matches!(root.value, Value::Object(_)) {
        return Err(ReadError::NotAnObject(root.value.kind()));
    }
    let mut mending = Mending {
        text,
        files,
        edits: Vec::new(),
        changes: Vec::new(),
        stale: Vec::new(),
    };
    for (at, file) in items(root.get("files")).enumerate() {
        let pointer = item("/files", at);
        mending.entry(file, &pointer);
        for (at, related) in items(file.get("relatedFiles")).enumerate() {
            mending.entry(related, &item(&format!("{pointer}/relatedFiles"), at));
        }
    }
    let mark = if has_mark { "\u{feff}" } else { "" };
    Ok(Mended {
        bytes: format!("{mark}{}", mending.apply()).into_bytes(),
        changes: mending.changes,
        stale: mending.stale,
    })
}

/// The line of a field, counted from 1; that of the nearest outer field when it is not there.
pub fn line_of(bytes: &[u8], pointer: &str) -> Option<usize> {
    let (text, _) = text(bytes).ok()?;
    let root = tree::parse(text).ok()?;
    let mut node = &root;
    let mut start = root.span.start;
    for part in parts(pointer) {
        let Some(next) = node.at(&super::pointer::member("", &part)) else {
            break;
        };
        start = match &node.value {
            Value::Object(members) => {
                let found = members.iter().rev().find(|member| member.key == part);
                found.map_or(next.span.start, |member| member.key_span.start)
            }
            _ => next.span.start,
        };
        node = next;
    }
    Some(tree::line(text, start))
}

fn items(list: Option<&Node>) -> impl Iterator<Item = &Node> {
    let items = list.and_then(|node| match &node.value {
        Value::List(items) => Some(items.as_slice()),
        _ => None,
    });
    items.unwrap_or_default().iter()
}

struct Mending<'a> {
    text: &'a str,
    files: &'a [FileFacts],
    edits: Vec<(Range<usize>, String)>,
    changes: Vec<Change>,
    stale: Vec<String>,
}

impl Mending<'_> {
    fn entry(&mut self, entry: &Node, pointer: &str) {
        let Some(Value::Text(name)) = entry.get("filename").map(|node| &node.value) else {
            return;
        };
        let Some(file) = self.files.iter().find(|file| file.name == *name) else {
            return;
        };
        let size = file.size_bytes.to_string();
        self.set(entry, "sizeInBytes", pointer, size);
        self.hash(entry, &file.sha256, pointer);
    }

    fn hash(&mut self, entry: &Node, sha256: &Sha256, pointer: &str) {
        let hash = quoted(&sha256.to_base64());
        let Some(hashes) = entry.get("hashes") else {
            self.set(
                entry,
                "hashes",
                pointer,
                format!("{{ \"{SHA256}\": {hash} }}"),
            );
            return;
        };
        let here = format!("{pointer}/hashes");
        let Value::Object(members) = &hashes.value else {
            self.set(
                entry,
                "hashes",
                pointer,
                format!("{{ \"{SHA256}\": {hash} }}"),
            );
            return;
        };
        if let Some(Value::Text(old)) = hashes.get(SHA256).map(|node| &node.value)
            && hash::read(old) == Ok(*sha256)
        {
            return;
        }
        let others = members.iter().filter(|member| member.key != SHA256);
        self.stale
            .extend(others.map(|other| super::pointer::member(&here, &other.key)));
        self.set(hashes, SHA256, &here, hash);
    }

    /// Sets a key of an object; one that is not there comes last, spaced as the one before it.
    fn set(&mut self, object: &Node, key: &str, pointer: &str, new: String) {
        let pointer = super::pointer::member(pointer, key);
        let at = |range: Range<usize>| self.text.get(range).unwrap_or_default();
        if let Some(node) = object.get(key) {
            let old = at(node.span.clone()).to_owned();
            if old != new {
                self.edits.push((node.span.clone(), new.clone()));
                self.changes.push(Change {
                    pointer,
                    old: Some(old),
                    new,
                });
            }
            return;
        }
        let Value::Object(members) = &object.value else {
            return;
        };
        let (place, inserted) = match members.last() {
            Some(last) => {
                let before = at(object.span.start..last.key_span.start);
                let space_from = before.trim_end().len();
                let space = before.get(space_from..).unwrap_or_default();
                (last.node.span.end, format!(",{space}\"{key}\": {new}"))
            }
            None => (object.span.start + 1, format!("\"{key}\": {new}")),
        };
        // Several keys may be added at one place: they stay in the order in which they were added.
        match self
            .edits
            .iter_mut()
            .find(|(range, _)| *range == (place..place))
        {
            Some((_, text)) if members.is_empty() => {
                text.push_str(", ");
                text.push_str(&inserted);
            }
            Some((_, text)) => text.push_str(&inserted),
            None => self.edits.push((place..place, inserted)),
        }
        self.changes.push(Change {
            pointer,
            old: None,
            new,
        });
    }

    fn apply(&mut self) -> String {
        self.edits.sort_by_key(|(range, _)| range.start);
        let mut mended = String::with_capacity(self.text.len() + 64 * self.edits.len());
        let mut at = 0;
        for (range, new) in &self.edits {
            mended.push_str(self.text.get(at..range.start).unwrap_or_default());
            mended.push_str(new);
            at = range.end;
        }
        mended.push_str(self.text.get(at..).unwrap_or_default());
        mended
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::azure::import_manifest::{CheckContext, FilesGiven, ImportManifest, samples};

    fn facts(name: &str, bytes: &[u8]) -> FileFacts {
        FileFacts {
            name: name.to_owned(),
            size_bytes: bytes.len() as u64,
            sha256: Sha256::of(bytes),
        }
    }

    #[test]
    fn only_the_values_that_changed_are_touched() {
        let files = [
            facts("firmware.swu", b"another firmware"),
            facts("delta.dat", b"delta"),
        ];
        let mended = mend(samples::FULL.as_bytes(), &files).unwrap();
        let expected = samples::FULL
            .replacen("\"sizeInBytes\": 8,", "\"sizeInBytes\": 16,", 1)
            .replacen(
                &Sha256::of(b"firmware").to_base64(),
                &files[0].sha256.to_base64(),
                1,
            );
        assert_eq!(String::from_utf8(mended.bytes).unwrap(), expected);
        let pointers: Vec<&str> = mended
            .changes
            .iter()
            .map(|one| one.pointer.as_str())
            .collect();
        assert_eq!(pointers, ["/files/0/sizeInBytes", "/files/0/hashes/sha256"]);
        assert!(mended.stale.is_empty());
        let again = mend(expected.as_bytes(), &files).unwrap();
        assert_eq!(
            (again.bytes, again.changes),
            (expected.into_bytes(), Vec::new())
        );
    }

    #[test]
    fn values_that_are_missing_or_of_another_type_are_written_and_the_rest_stays() {
        let file = facts("a", b"abc");
        let hash = file.sha256.to_base64();
        for (entry, expected) in [
            (
                r#"{"filename":"a"}"#.to_owned(),
                format!(
                    r#"{{"filename":"a","sizeInBytes": 3,"hashes": {{ "sha256": "{hash}" }}}}"#
                ),
            ),
            (
                "{\n  \"sizeInBytes\": \"3\",\n  \"filename\": \"a\",\n  \"hashes\": {}\n}"
                    .to_owned(),
                format!(
                    "{{\n  \"sizeInBytes\": 3,\n  \"filename\": \"a\",\n  \"hashes\": {{\"sha256\": \"{hash}\"}}\n}}"
                ),
            ),
            (
                r#"{"filename":"a","sizeInBytes":3,"hashes":null}"#.to_owned(),
                format!(r#"{{"filename":"a","sizeInBytes":3,"hashes":{{ "sha256": "{hash}" }}}}"#),
            ),
        ] {
            let whole =
                |entry: &str| format!("\u{feff}{{ \"x\": 1.0, \"files\": [ {entry} ] }}\r\n");
            let mended = mend(whole(&entry).as_bytes(), std::slice::from_ref(&file)).unwrap();
            assert_eq!(String::from_utf8(mended.bytes).unwrap(), whole(&expected));
        }
    }

    #[test]
    fn a_hash_of_another_algorithm_is_reported_as_stale() {
        let text =
            r#"{"files":[{"filename":"a","sizeInBytes":3,"hashes":{"md5":"x","sha256":"y"}}]}"#;
        let mended = mend(text.as_bytes(), &[facts("a", b"abc")]).unwrap();
        assert_eq!(mended.stale, ["/files/0/hashes/md5"]);
    }

    #[test]
    fn what_is_mended_agrees_with_its_files() {
        let files = [
            facts("firmware.swu", b"1"),
            facts("delta.dat", b"22"),
            facts("install.sh", b"333"),
            facts("check.sh", b"4444"),
        ];
        let given = FilesGiven {
            files: &files,
            is_exact: true,
        };
        let context = CheckContext {
            files: Some(given),
            ..CheckContext::default()
        };
        let before = ImportManifest::read(samples::FULL.as_bytes()).unwrap();
        assert_eq!(before.check(&context).len(), 8);
        let mended = mend(samples::FULL.as_bytes(), &files).unwrap();
        let after = ImportManifest::read(&mended.bytes).unwrap();
        assert_eq!(after.check(&context), []);
    }

    #[test]
    fn a_field_has_a_line_and_a_missing_one_that_of_what_it_belongs_to() {
        let text = "{\n \"files\": [\n  {\n   \"filename\":\n    \"a\"\n  }\n ]\n}";
        let line = |pointer| line_of(text.as_bytes(), pointer);
        assert_eq!(line(""), Some(1));
        assert_eq!(line("/files/0"), Some(3));
        assert_eq!(line("/files/0/filename"), Some(4));
        assert_eq!(line("/files/0/hashes/sha256"), Some(3));
        assert_eq!(line("/updateId/name"), Some(1));
    }
}
