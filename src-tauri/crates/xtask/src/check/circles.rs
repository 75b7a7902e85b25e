//! No files of a crate that use each other in a circle.
//!
//! What both sides need stands in a file of its own. [`ACCEPTED`] is the rule's only exception;
//! ARCHITECTURE.md gives the reasons.

use super::judge::judge;
use crate::failure::Done;
use crate::structure::{self, Circle};

/// Circles that are right: the crate, its files, the reason.
const ACCEPTED: &[(&str, &[&str], &str)] = &[];

pub(super) fn check() -> Done {
    judge(
        &findings(&structure::circles()?, ACCEPTED),
        "Move what both sides need into a file of its own, named after the one thing it holds.",
    )
}

/// Circles that are not accepted, and acceptances without a circle.
fn findings(circles: &[(String, Circle)], accepted: &[(&str, &[&str], &str)]) -> Vec<String> {
    let is_same = |name: &str, circle: &Circle, (of, files, _): &(&str, &[&str], &str)| {
        name == *of && circle.files == *files
    };
    let refused = circles
        .iter()
        .filter(|(name, circle)| !accepted.iter().any(|one| is_same(name, circle, one)))
        .map(|(name, circle)| {
            let ties: Vec<String> = circle.ties.iter().map(|tie| format!("    {tie}")).collect();
            format!(
                "{name}: {} files use each other in a circle\n{}",
                circle.files.len(),
                ties.join("\n")
            )
        });
    let idle = accepted
        .iter()
        .filter(|one| {
            !circles
                .iter()
                .any(|(name, circle)| is_same(name, circle, one))
        })
        .map(|(name, files, _)| format!("{name}: no circle of {} any more", files.join(", ")));
    refused.chain(idle).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::structure::{Source, circles_of};

    fn of(files: &[(&str, &str)]) -> Vec<(String, Circle)> {
        let sources = files.iter().map(|(path, text)| Source {
            path: (*path).to_owned(),
            text: (*text).to_owned(),
        });
        let circles = circles_of(sources.collect());
        circles
            .into_iter()
            .map(|circle| ("link".to_owned(), circle))
            .collect()
    }

    fn a_circle() -> Vec<(String, Circle)> {
        of(&[
            ("lib.rs", "mod line;\nmod port;\n"),
            ("line.rs", "use crate::port::Port;\n"),
            ("port.rs", "use crate::line::Line;\n"),
        ])
    }

    #[test]
    fn a_circle_is_refused_with_the_names_that_tie_it() {
        let found = findings(&a_circle(), &[]);
        assert_eq!(found.len(), 1);
        assert!(found[0].contains("line.rs -> port.rs: Port"), "{found:?}");
        assert!(found[0].contains("port.rs -> line.rs: Line"), "{found:?}");
    }

    #[test]
    fn a_circle_is_accepted_with_exactly_its_files() {
        let circle = a_circle();
        let files: &[&str] = &["line.rs", "port.rs"];
        assert!(findings(&circle, &[("link", files, "why")]).is_empty());
        assert_eq!(findings(&circle, &[("link", &["line.rs"], "why")]).len(), 2);
        assert_eq!(findings(&circle, &[("loader", files, "why")]).len(), 2);
    }

    #[test]
    fn an_acceptance_without_its_circle_is_refused() {
        assert_eq!(
            findings(&[], &[("link", &["line.rs", "port.rs"], "why")]).len(),
            1
        );
    }

    #[test]
    fn files_that_use_each_other_one_way_are_no_circle() {
        let circles = of(&[
            ("lib.rs", "mod line;\nmod port;\n"),
            ("line.rs", "use crate::port::Port;\n"),
            ("port.rs", ""),
        ]);
        assert!(findings(&circles, &[]).is_empty());
    }
}
