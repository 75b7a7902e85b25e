//! Circles: groups of more than one file from each of which the others can be reached.

use std::collections::{BTreeMap, BTreeSet};

/// Which file uses which.
pub(super) type Uses = BTreeMap<String, BTreeSet<String>>;

/// The circles, the largest first. A file that uses itself is none.
pub(super) fn of(uses: &Uses) -> Vec<Vec<String>> {
    let reached: BTreeMap<&String, BTreeSet<&String>> = uses
        .keys()
        .map(|file| (file, reached_from(uses, file)))
        .collect();
    let is_reached =
        |from: &String, to: &String| reached.get(from).is_some_and(|all| all.contains(to));
    let mut circles: Vec<Vec<String>> = Vec::new();
    for file in uses.keys() {
        if circles.iter().any(|circle| circle.contains(file)) {
            continue;
        }
        let circle: Vec<String> = uses
            .keys()
            .filter(|other| *other == file || is_reached(file, other) && is_reached(other, file))
            .cloned()
            .collect();
        if circle.len() > 1 {
            circles.push(circle);
        }
    }
    circles.sort_by_key(|circle| std::cmp::Reverse(circle.len()));
    circles
}

fn reached_from<'a>(uses: &'a Uses, file: &'a String) -> BTreeSet<&'a String> {
    let mut reached = BTreeSet::new();
    let mut next: Vec<&String> = uses.get(file).into_iter().flatten().collect();
    while let Some(one) = next.pop() {
        if reached.insert(one) {
            next.extend(uses.get(one).into_iter().flatten());
        }
    }
    reached
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uses(arrows: &[(&str, &str)]) -> Uses {
        let mut uses = Uses::new();
        for (from, to) in arrows {
            uses.entry((*from).to_owned())
                .or_default()
                .insert((*to).to_owned());
            uses.entry((*to).to_owned()).or_default();
        }
        uses
    }

    #[test]
    fn files_that_reach_each_other_are_a_circle() {
        let circles = of(&uses(&[
            ("a", "b"),
            ("b", "c"),
            ("c", "a"),
            ("c", "d"),
            ("e", "a"),
        ]));
        assert_eq!(circles, [["a", "b", "c"]]);
    }

    #[test]
    fn arrows_one_way_and_to_oneself_are_none() {
        assert!(of(&uses(&[("a", "b"), ("b", "c"), ("a", "c"), ("a", "a")])).is_empty());
    }
}
