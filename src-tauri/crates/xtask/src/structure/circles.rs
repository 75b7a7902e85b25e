//! Circles: groups of more than one file from each of which the others can be reached.

use std::collections::{BTreeMap, BTreeSet};

/// Which file uses which, and the names it takes from it.
pub(super) type Uses = BTreeMap<String, BTreeMap<String, BTreeSet<String>>>;

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
    let mut next: Vec<&String> = used(uses, file).collect();
    while let Some(one) = next.pop() {
        if reached.insert(one) {
            next.extend(used(uses, one));
        }
    }
    reached
}

fn used<'a>(uses: &'a Uses, file: &String) -> impl Iterator<Item = &'a String> {
    uses.get(file).into_iter().flat_map(BTreeMap::keys)
}

/// What ties a circle: one line for each arrow inside it, with the names that are used.
pub(super) fn ties(uses: &Uses, circle: &[String]) -> Vec<String> {
    let arrows = circle.iter().flat_map(|from| {
        let into = uses.get(from).into_iter().flatten();
        into.filter(|(to, _)| circle.contains(to))
            .map(move |(to, names)| {
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                format!("{from} -> {to}: {}", names.join(", "))
            })
    });
    arrows.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uses(arrows: &[(&str, &str)]) -> Uses {
        let mut uses = Uses::new();
        for (from, to) in arrows {
            let names = uses.entry((*from).to_owned()).or_default();
            let names = names.entry((*to).to_owned()).or_default();
            names.insert("A".to_owned());
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
    fn what_ties_a_circle_is_named_by_arrow() {
        let uses = uses(&[("a", "b"), ("b", "a"), ("b", "c")]);
        assert_eq!(ties(&uses, &of(&uses)[0]), ["a -> b: A", "b -> a: A"]);
    }

    #[test]
    fn arrows_one_way_and_to_oneself_are_none() {
        assert!(of(&uses(&[("a", "b"), ("b", "c"), ("a", "c"), ("a", "a")])).is_empty());
    }
}
