//! Several manifests of one import: a parent and the children that it references.

use super::finding::{Finding, Rule};
use super::identity::UpdateId;
use super::model::ImportManifest;
use super::pointer::item;

/// Manifests of one import: a parent with ten steps and their children. Source: the API's
/// description of the import's body, and the schema's ten steps.
const MOST_ITEMS: usize = 11;

/// A finding about one manifest of an import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchFinding {
    /// Which manifest, by its place in the batch.
    pub manifest: usize,
    /// What is wrong.
    pub finding: Finding,
}

/// The rules between manifests of one import. `imported` are the updates that the service holds;
/// `None` when it was not asked, and then a reference that leads out of the batch is a warning.
pub fn check_batch(
    manifests: &[&ImportManifest],
    imported: Option<&[UpdateId]>,
) -> Vec<BatchFinding> {
    let mut found = Vec::new();
    let mut add = |manifest: usize, rule: Rule, pointer: &str, what: String| {
        let finding = Finding::new(rule, pointer, what);
        found.push(BatchFinding { manifest, finding });
    };
    if manifests.len() > MOST_ITEMS {
        let what = format!("There are {} manifests.", manifests.len());
        add(MOST_ITEMS, Rule::ItemCount, "", what);
    }
    for (at, manifest) in manifests.iter().enumerate() {
        let id = &manifest.update_id;
        let mut before = manifests.iter().take(at);
        if before.any(|other| other.update_id.is_same(id)) {
            add(
                at,
                Rule::IdentityRepeated,
                "/updateId",
                format!("{id} is there twice."),
            );
        }
        references(at, manifest, manifests, imported, &mut add);
    }
    if manifests.len() > 1 {
        family(manifests, &mut add);
    }
    found
}

/// References of a manifest that lead out of the batch, or from a child.
fn references(
    at: usize,
    manifest: &ImportManifest,
    manifests: &[&ImportManifest],
    imported: Option<&[UpdateId]>,
    add: &mut impl FnMut(usize, Rule, &str, String),
) {
    let is_child = is_referenced(manifest, manifests);
    for (step, id) in manifest.references() {
        let pointer = item("/instructions/steps", step);
        if is_child {
            let what = format!("{} is a child, and references {id}.", manifest.update_id);
            add(at, Rule::ChildReferences, &pointer, what);
            continue;
        }
        let is_here = manifests.iter().any(|other| other.update_id.is_same(id));
        let is_imported = |known: &[UpdateId]| known.iter().any(|known| known.is_same(id));
        if is_here || imported.is_some_and(is_imported) {
            continue;
        }
        let rule = match imported {
            Some(_) => Rule::ReferenceAbsent,
            None => Rule::ReferenceUnchecked,
        };
        let what = format!("{id} is not among the manifests.");
        add(at, rule, &format!("{pointer}/updateId"), what);
    }
}

/// Whether another manifest references this one.
fn is_referenced(manifest: &ImportManifest, manifests: &[&ImportManifest]) -> bool {
    let others = manifests
        .iter()
        .filter(|other| !std::ptr::eq(**other, manifest));
    let mut references = others.flat_map(|other| other.references());
    references.any(|(_, id)| id.is_same(&manifest.update_id))
}

/// One parent, and nothing but its children.
fn family(manifests: &[&ImportManifest], add: &mut impl FnMut(usize, Rule, &str, String)) {
    let is_child = |manifest: &ImportManifest| is_referenced(manifest, manifests);
    let has_children = |manifest: &ImportManifest| manifest.references().next().is_some();
    let is_parent = |manifest: &&ImportManifest| !is_child(manifest) && has_children(manifest);
    let Some(parent) = manifests.iter().position(is_parent) else {
        let what = "No update of this import has reference steps to the others.";
        add(0, Rule::ParentCount, "", what.to_owned());
        return;
    };
    for (at, manifest) in manifests.iter().enumerate().filter(|(at, _)| *at != parent) {
        let id = &manifest.update_id;
        if is_child(manifest) {
            if manifest.is_deployable() {
                let what = format!("{id} is a child, and can be deployed by itself.");
                add(at, Rule::ChildDeployable, "/isDeployable", what);
            }
        } else if has_children(manifest) {
            let what = format!("{id} has children, and another update of this import has too.");
            add(at, Rule::ParentCount, "", what);
        } else {
            let what = format!("No update of this import references {id}.");
            add(at, Rule::Orphan, "", what);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::azure::import_manifest::samples;

    fn read(text: &str) -> ImportManifest {
        ImportManifest::read(text.as_bytes()).unwrap()
    }

    fn found(
        batch: &[&ImportManifest],
        imported: Option<&[UpdateId]>,
    ) -> Vec<(usize, Rule, String)> {
        let found = check_batch(batch, imported).into_iter();
        found
            .map(|one| (one.manifest, one.finding.rule, one.finding.pointer))
            .collect()
    }

    #[test]
    fn a_parent_with_its_children_is_one_import() {
        let (parent, child) = (read(samples::PARENT), read(samples::CHILD));
        assert_eq!(found(&[&parent, &child], Some(&[])), []);
        assert_eq!(found(&[&child, &parent], None), []);
        assert_eq!(
            found(&[&parent], Some(std::slice::from_ref(&child.update_id))),
            []
        );
        assert_eq!(found(&[&child], Some(&[])), []);
    }

    #[test]
    fn each_rule_between_manifests_is_broken_once() {
        let (parent, child) = (read(samples::PARENT), read(samples::CHILD));
        let full = read(samples::FULL);
        let at = |step: usize, rest: &str| format!("/instructions/steps/{step}{rest}");
        let reference = parent.references().next().unwrap().0;
        let id = at(reference, "/updateId");
        assert_eq!(
            found(&[&parent], Some(&[])),
            [(0, Rule::ReferenceAbsent, id.clone())]
        );
        assert_eq!(found(&[&parent], None), [(0, Rule::ReferenceUnchecked, id)]);
        let orphan = (2, Rule::Orphan, String::new());
        assert_eq!(found(&[&parent, &child, &full], None), [orphan]);
        let unrelated = (0, Rule::ParentCount, String::new());
        assert_eq!(found(&[&child, &full], None), [unrelated]);
        let mut deployable = child.clone();
        deployable.is_deployable = None;
        let wrong = (1, Rule::ChildDeployable, "/isDeployable".to_owned());
        assert_eq!(found(&[&parent, &deployable], None), [wrong]);
        let mut second = parent.clone();
        second.update_id.name = "Other".to_owned();
        let two = (1, Rule::ParentCount, String::new());
        assert_eq!(found(&[&parent, &second, &child], None), [two]);
        let mut nested = child.clone();
        nested
            .steps
            .push(crate::azure::import_manifest::Step::reference(
                full.update_id.clone(),
            ));
        let step = at(nested.steps.len() - 1, "");
        assert_eq!(
            found(&[&parent, &nested], None),
            [(1, Rule::ChildReferences, step)]
        );
        let twice = (2, Rule::IdentityRepeated, "/updateId".to_owned());
        assert_eq!(found(&[&parent, &child, &child.clone()], None), [twice]);
        let children: Vec<ImportManifest> = (0..11_u64)
            .map(|number| {
                let mut one = child.clone();
                one.update_id.name = format!("Child{number}");
                one
            })
            .collect();
        let mut large = parent.clone();
        large.steps = children
            .iter()
            .map(|one| crate::azure::import_manifest::Step::reference(one.update_id.clone()))
            .collect();
        let all: Vec<&ImportManifest> = std::iter::once(&large).chain(&children).collect();
        assert_eq!(found(&all, None), [(11, Rule::ItemCount, String::new())]);
    }
}
