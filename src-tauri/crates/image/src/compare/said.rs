//! What two files say of themselves: identity, signature, facts, and the parts inside of them.

use std::collections::BTreeMap;

use super::comparison::{Change, Comparison};
use crate::{Inspection, Part, Signature};
use firmdrop_core::grouped;

/// Changes that are listed. Two builds of one image have about ten.
const CHANGES: usize = 128;

/// Parts inside of parts that are compared.
const DEPTH: usize = 3;

/// Adds what is said differently.
pub(super) fn compare(before: &Inspection, after: &Inspection, comparison: &mut Comparison) {
    let mut list = List {
        changes: &mut comparison.changes,
        left_out: 0,
    };
    let (one, other) = (inner(before, after), inner(after, before));
    list.add(
        None,
        "format",
        Some(format_of(before)),
        Some(format_of(after)),
    );
    list.add(None, "size", Some(size(before)), Some(size(after)));
    list.file(None, one, other, 0);
    let left_out = list.left_out;
    if left_out > 0 {
        let why = format!("{} further changes are not listed", grouped(left_out));
        comparison.not_compared.push(why);
    }
}

/// What is compared of a file: itself, or the one thing in it when that is of the other's format. A signed
/// image as HEX is compared with the plain one by what the image says.
fn inner<'a>(of: &'a Inspection, other: &Inspection) -> &'a Inspection {
    match of.parts.as_slice() {
        [part] if of.format != other.format && part.inspection.format == other.format => {
            &part.inspection
        }
        _ => of,
    }
}

fn format_of(found: &Inspection) -> String {
    found.format.title().to_owned()
}

fn size(found: &Inspection) -> String {
    format!("{} bytes", grouped(found.size_bytes))
}

struct List<'a> {
    changes: &'a mut Vec<Change>,
    left_out: u64,
}

impl List<'_> {
    fn add(
        &mut self,
        part: Option<&str>,
        what: &str,
        before: Option<String>,
        after: Option<String>,
    ) {
        if before == after {
            return;
        }
        if self.changes.len() >= CHANGES {
            self.left_out += 1;
            return;
        }
        self.changes.push(Change {
            part: part.map(str::to_owned),
            what: what.to_owned(),
            before,
            after,
        });
    }

    fn file(&mut self, part: Option<&str>, before: &Inspection, after: &Inspection, depth: usize) {
        let mut add = |what, of: fn(&Inspection) -> Option<String>| {
            self.add(part, what, of(before), of(after));
        };
        if part.is_some() {
            add("format", |found| Some(format_of(found)));
            add("size", |found| Some(size(found)));
        }
        add("product", |found| found.identity.product.clone());
        add("version", |found| found.identity.version.clone());
        add("target", |found| found.identity.target.clone());
        add("integrity", |found| {
            Some(found.integrity().words().to_owned())
        });
        add("signature", |found| signature(&found.signature));
        add("image hash", |found| {
            found.image_hash.map(|hash| hash.to_string())
        });
        self.facts(part, before, after);
        if depth < DEPTH {
            self.parts(part, &before.parts, &after.parts, depth);
        }
    }

    fn facts(&mut self, part: Option<&str>, before: &Inspection, after: &Inspection) {
        let (mut first, mut second) = (facts(before), facts(after));
        let labels = before.facts.iter().chain(&after.facts);
        // The image hash is one of the values above.
        for fact in labels.filter(|fact| fact.label != "Image hash") {
            let (one, other) = (first.remove(&fact.label), second.remove(&fact.label));
            self.add(part, &fact.label, one, other);
        }
    }

    /// Parts of one name belong together; of several with one name, the first of each side.
    fn parts(&mut self, of: Option<&str>, before: &[Part], after: &[Part], depth: usize) {
        let name = |part: &Part| match of {
            Some(of) => format!("{of}, {}", part.name),
            None => part.name.clone(),
        };
        let mut rest: Vec<&Part> = after.iter().collect();
        for part in before {
            if let Some(at) = rest.iter().position(|other| other.name == part.name) {
                let other = rest.remove(at);
                let name = name(part);
                self.file(Some(&name), &part.inspection, &other.inspection, depth + 1);
            } else {
                let summary = part.inspection.summary.clone();
                self.add(Some(&name(part)), "part", Some(summary), None);
            }
        }
        for part in rest {
            let summary = part.inspection.summary.clone();
            self.add(Some(&name(part)), "part", None, Some(summary));
        }
    }
}

/// The facts by their label; several with one label are one text.
fn facts(of: &Inspection) -> BTreeMap<&String, String> {
    let mut facts = BTreeMap::<_, String>::new();
    for fact in &of.facts {
        let text = facts.entry(&fact.label).or_default();
        if !text.is_empty() {
            text.push_str("; ");
        }
        text.push_str(&fact.value);
    }
    facts
}

fn signature(signature: &Signature) -> Option<String> {
    match signature {
        Signature::NotPossible => None,
        Signature::Absent => Some("none".to_owned()),
        Signature::Present {
            algorithm,
            key_hash: Some(key),
        } => Some(format!("{algorithm}, key {key}")),
        Signature::Present {
            algorithm,
            key_hash: None,
        } => Some(algorithm.clone()),
    }
}
