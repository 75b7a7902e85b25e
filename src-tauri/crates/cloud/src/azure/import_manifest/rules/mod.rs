//! The rules of one manifest, a file for each part of it.

mod compatibility;
mod content;
mod file;
mod files;
mod handler_properties;
mod identity;
mod legacy;
mod steps;

pub(super) use compatibility::{compatibility, is_same as is_same_set};
pub(super) use content::content;
pub(super) use files::files;
pub(super) use identity::{identity, update_id};
pub(super) use legacy::legacy;
pub(super) use steps::steps;

use super::finding::{Finding, Rule, count};

/// A text with fewer or more characters than allowed.
fn length(
    text: &str,
    allowed: std::ops::RangeInclusive<usize>,
    rule: Rule,
    pointer: &str,
) -> Option<Finding> {
    let characters = text.chars().count();
    (!allowed.contains(&characters)).then(|| {
        let what = match characters {
            0 => "It is empty.".to_owned(),
            many => format!("It has {}.", count(many, "character", "characters")),
        };
        Finding::new(rule, pointer, what)
    })
}

/// A list with fewer or more items than allowed.
fn number(
    items: usize,
    allowed: std::ops::RangeInclusive<usize>,
    rule: Rule,
    (pointer, one, many): (&str, &str, &str),
) -> Option<Finding> {
    (!allowed.contains(&items)).then(|| {
        let what = format!("There are {}.", count(items, one, many));
        Finding::new(
            rule,
            pointer,
            what.replace("are no ", "is no ").replace("are 1 ", "is 1 "),
        )
    })
}
