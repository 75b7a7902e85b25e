//! The fields of one object, taken one by one: each that is missing, of another type or unknown is
//! a finding at its pointer.

use super::finding::{Finding, Rule, shown};
use super::json::{Json, Members};
use super::pointer::{item, member};
use super::tree::{Node, Value};

/// Keys of which one is often meant when another is written, for the remedy.
const ROOT_KEYS: [&str; 11] = [
    "$schema",
    "updateId",
    "description",
    "isDeployable",
    "compatibility",
    "instructions",
    "files",
    "createdDateTime",
    "manifestVersion",
    "updateType",
    "installedCriteria",
];

/// An object that is being read.
pub(super) struct Fields<'a> {
    node: &'a Node,
    pointer: String,
    taken: Vec<&'static str>,
    found: &'a mut Vec<Finding>,
}

impl<'a> Fields<'a> {
    pub(super) fn of(node: &'a Node, pointer: String, found: &'a mut Vec<Finding>) -> Self {
        Self {
            node,
            pointer,
            taken: Vec::new(),
            found,
        }
    }

    /// Whether a key is there.
    pub(super) fn has(&self, key: &str) -> bool {
        self.node.get(key).is_some()
    }

    /// A finding at one of the keys.
    pub(super) fn find(&mut self, rule: Rule, key: &str, what: String) {
        let finding = Finding::new(rule, member(&self.pointer, key), what);
        self.found.push(finding);
    }

    /// The same with a remedy of its own.
    pub(super) fn find_with(&mut self, rule: Rule, key: &str, what: &str, remedy: &str) {
        let finding = Finding::new(rule, member(&self.pointer, key), what);
        self.found.push(finding.instead(remedy));
    }

    pub(super) fn missing(&mut self, key: &str) {
        let mut finding = Finding::new(
            Rule::Required,
            member(&self.pointer, key),
            format!("{key} is missing."),
        );
        if let Some(written) = self.written_otherwise(key) {
            let remedy = format!("Write {key} instead of {}.", shown(&written));
            finding = finding.instead(remedy);
        }
        self.found.push(finding);
    }

    /// A key that is equal but for large and small letters.
    fn written_otherwise(&self, key: &str) -> Option<String> {
        let Value::Object(members) = &self.node.value else {
            return None;
        };
        let same = |one: &&super::tree::Member| one.key.eq_ignore_ascii_case(key);
        members.iter().find(same).map(|one| one.key.clone())
    }

    pub(super) fn wrong_type(&mut self, key: &str, wanted: &str) {
        let is = self
            .node
            .get(key)
            .map_or("nothing", |node| node.value.kind());
        let what = format!("{} is {is}; it has to be {wanted}.", shown(key));
        self.find(Rule::WrongType, key, what);
    }

    fn take(&mut self, key: &'static str) -> Option<&'a Node> {
        self.taken.push(key);
        self.node.get(key)
    }

    /// A text that may be left out.
    pub(super) fn text(&mut self, key: &'static str) -> Option<String> {
        if let Value::Text(text) = &self.take(key)?.value {
            return Some(text.clone());
        }
        self.wrong_type(key, "a text");
        None
    }

    /// A text; empty, with a finding, when it is not there.
    pub(super) fn needed_text(&mut self, key: &'static str) -> String {
        if !self.has(key) {
            self.missing(key);
        }
        self.text(key).unwrap_or_default()
    }

    /// `true` or `false`, which may be left out.
    pub(super) fn flag(&mut self, key: &'static str) -> Option<bool> {
        if let Value::Bool(yes) = self.take(key)?.value {
            return Some(yes);
        }
        self.wrong_type(key, "true or false");
        None
    }

    /// A number of bytes. What is no whole number that fits is zero, which no file has.
    pub(super) fn size(&mut self, key: &'static str) -> u64 {
        match self.take(key).map(|node| &node.value) {
            None => {
                self.missing(key);
                0
            }
            Some(Value::Number(digits)) => digits.parse().unwrap_or_else(|_| {
                let what = format!("The size is {}.", shown(digits));
                self.find(Rule::FileSize, key, what);
                0
            }),
            Some(_) => {
                self.wrong_type(key, "a number");
                0
            }
        }
    }

    /// An object of any keys, which may be left out.
    pub(super) fn members(&mut self, key: &'static str) -> Option<Members> {
        let node = self.take(key)?;
        if matches!(node.value, Value::Object(_)) {
            return Some(Members::of(node));
        }
        self.wrong_type(key, "an object");
        None
    }

    /// An object that may be left out.
    pub(super) fn object<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(&mut Fields<'_>) -> T,
    ) -> Option<T> {
        let node = self.take(key)?;
        if matches!(node.value, Value::Object(_)) {
            let pointer = member(&self.pointer, key);
            return Some(read(&mut Fields::of(node, pointer, self.found)));
        }
        self.wrong_type(key, "an object");
        None
    }

    /// An object; nothing, with a finding, when it is not there.
    pub(super) fn needed_object<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(&mut Fields<'_>) -> T,
    ) -> Option<T> {
        if !self.has(key) {
            self.missing(key);
        }
        self.object(key, read)
    }

    /// A list of objects that may be left out or null.
    pub(super) fn list_or_null<T>(
        &mut self,
        key: &'static str,
        most: usize,
        mut read: impl FnMut(&mut Fields<'_>) -> T,
    ) -> Option<Vec<T>> {
        let node = self.take(key)?;
        match &node.value {
            Value::Null => None,
            Value::List(items) => {
                let pointer = member(&self.pointer, key);
                let mut all = Vec::new();
                for (at, node) in items.iter().take(most).enumerate() {
                    let pointer = item(&pointer, at);
                    if !matches!(node.value, Value::Object(_)) {
                        let what = format!("It is {}; it has to be an object.", node.value.kind());
                        let finding = Finding::new(Rule::WrongType, pointer.clone(), what);
                        self.found.push(finding);
                    }
                    all.push(read(&mut Fields::of(node, pointer, self.found)));
                }
                Some(all)
            }
            _ => {
                self.wrong_type(key, "a list");
                None
            }
        }
    }

    /// A list of objects; empty, with a finding, when it is not there.
    pub(super) fn needed_list<T>(
        &mut self,
        key: &'static str,
        most: usize,
        read: impl FnMut(&mut Fields<'_>) -> T,
    ) -> Vec<T> {
        if !self.has(key) {
            self.missing(key);
        }
        if matches!(
            self.node.get(key).map(|node| &node.value),
            Some(Value::Null)
        ) {
            self.wrong_type(key, "a list");
        }
        self.list_or_null(key, most, read).unwrap_or_default()
    }

    /// A list of texts; empty, with a finding, when it is not there.
    pub(super) fn needed_texts(&mut self, key: &'static str, most: usize) -> Vec<String> {
        let Some(node) = self.take(key) else {
            self.missing(key);
            return Vec::new();
        };
        let Value::List(items) = &node.value else {
            self.wrong_type(key, "a list");
            return Vec::new();
        };
        let pointer = member(&self.pointer, key);
        let mut texts = Vec::new();
        for (at, node) in items.iter().take(most).enumerate() {
            if let Value::Text(text) = &node.value {
                texts.push(text.clone());
            } else {
                let what = format!("It is {}; it has to be a text.", node.value.kind());
                let finding = Finding::new(Rule::WrongType, item(&pointer, at), what);
                self.found.push(finding);
                texts.push(String::new());
            }
        }
        texts
    }

    /// What was not taken.
    pub(super) fn rest(&mut self) -> Members {
        let mut rest = Members::default();
        if let Value::Object(members) = &self.node.value {
            for one in members {
                if !self.taken.contains(&one.key.as_str()) {
                    rest.set(&one.key, Json::of(&one.node));
                }
            }
        }
        rest
    }

    /// What was not taken, in an object that allows nothing else: each is a finding.
    pub(super) fn close(&mut self, name: &str) -> Members {
        let rest = self.rest();
        for (key, _) in rest.iter() {
            let mut finding = Finding::new(
                Rule::UnknownKey,
                member(&self.pointer, key),
                format!("{name} has no key {}.", shown(key)),
            );
            if matches!(key, "properties" | "relatedFiles" | "downloadHandler") {
                let remedy = "Write manifestVersion 5.0, or remove it.";
                finding = finding.because("It exists since 5.0.").instead(remedy);
            }
            self.found.push(finding);
        }
        rest
    }

    /// A key of the manifest itself that no rule knows.
    pub(super) fn unknown_root(&mut self, key: &str, has_steps: bool) {
        let what = format!("A manifest has no key {}.", shown(key));
        let mut finding = Finding::new(Rule::UnknownRootKey, member(&self.pointer, key), what);
        let known = ROOT_KEYS
            .iter()
            .find(|known| known.eq_ignore_ascii_case(key));
        if let Some(known) = known.filter(|known| **known != key) {
            finding = finding.instead(format!("Write {known}."));
        } else if known.is_some() {
            let (of, instead) = if has_steps {
                (
                    "2.0 and 3.0",
                    "Use instructions, with handler and handlerProperties.",
                )
            } else {
                ("4.0 and 5.0", "Use updateType and installedCriteria.")
            };
            finding = finding
                .because(format!("It belongs to manifests {of}."))
                .instead(instead);
        }
        self.found.push(finding);
    }
}
