//! What the tests of every format need.

use crate::{CheckResult, ImageError, Inspection, MemorySource, Source};

fn find<'a>(found: &'a Inspection, name: &str) -> &'a crate::Check {
    found
        .checks
        .iter()
        .find(|check| check.name == name)
        .unwrap_or_else(|| panic!("no check {name} in {:#?}", found.checks))
}

/// The explanation of a check that must have failed.
pub(crate) fn failed(found: &Inspection, name: &str) -> String {
    let check = find(found, name);
    assert_eq!(check.result, CheckResult::Failed, "{check:?}");
    check.explanation.clone()
}

/// The explanation of a check that must have passed.
pub(crate) fn passed(found: &Inspection, name: &str) -> String {
    let check = find(found, name);
    assert_eq!(check.result, CheckResult::Passed, "{check:?}");
    check.explanation.clone()
}

/// The explanation of a check that must have warned.
pub(crate) fn warned(found: &Inspection, name: &str) -> String {
    let check = find(found, name);
    assert_eq!(check.result, CheckResult::Warning, "{check:?}");
    check.explanation.clone()
}

/// The value of a fact that must be there.
pub(crate) fn fact(found: &Inspection, label: &str) -> String {
    let fact = found.facts.iter().find(|fact| fact.label == label);
    fact.unwrap_or_else(|| panic!("no fact {label} in {:#?}", found.facts))
        .value
        .clone()
}

/// Looks at a valid file with one byte changed and at its beginning, with the format's own reader
/// and from the front door.
pub(crate) fn never_panics(
    inspect: fn(&dyn Source) -> Result<Inspection, ImageError>,
    valid: &[u8],
    at: usize,
    byte: u8,
    cut: usize,
) {
    let mut changed = valid.to_vec();
    let at = at % changed.len().max(1);
    if let Some(slot) = changed.get_mut(at) {
        *slot = byte;
    }
    let cut = &changed[..cut.min(changed.len())];
    for bytes in [&changed[..], cut] {
        let source = MemorySource::new(bytes);
        let _ = inspect(&source);
        let _ = crate::inspect(&source);
    }
}
