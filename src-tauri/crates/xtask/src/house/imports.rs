//! Which file of a crate uses which, by the paths written in it.
//!
//! By marks, not with a parser: paths that begin with `crate`, `super`, `self` or a module beside are
//! followed through re-exports to the file that holds the item. A re-export is no use.

use std::collections::BTreeMap;

use super::circles::Uses;

/// Re-exports followed before a path is given up.
const MOST_STEPS: usize = 16;

/// A file of a crate without its tests.
#[derive(Debug)]
pub(super) struct Source {
    /// Relative to the folder of the crate's root.
    pub(super) path: String,
    pub(super) text: String,
}

/// A path that is written in a module, and the name it gives to what it leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Path {
    segments: Vec<String>,
    name: String,
}

#[derive(Debug)]
struct Module {
    file: String,
    uses: Vec<Path>,
    reexports: Vec<Path>,
}

/// The modules of a crate by their paths.
#[derive(Debug)]
pub(super) struct Modules(BTreeMap<Vec<String>, Module>);

impl Modules {
    /// Reads the paths written in each file.
    pub(super) fn new(sources: Vec<Source>) -> Self {
        let modules = sources.into_iter().map(|source| {
            let (reexports, uses) = paths(&source.text);
            let module = Module {
                file: source.path.clone(),
                uses,
                reexports,
            };
            (module_path(&source.path), module)
        });
        Self(modules.collect())
    }

    /// Which file uses which.
    pub(super) fn uses(&self) -> Uses {
        let mut uses = Uses::new();
        for (at, module) in &self.0 {
            let used = module
                .uses
                .iter()
                .filter_map(|path| self.file_of(at, &path.segments, MOST_STEPS))
                .filter(|file| *file != module.file);
            uses.insert(module.file.clone(), used.map(str::to_owned).collect());
        }
        uses
    }

    /// The file that holds what a path leads to, as it is written in the module `at`.
    fn file_of(&self, at: &[String], segments: &[String], steps: usize) -> Option<&str> {
        let steps = steps.checked_sub(1)?;
        let mut here: Vec<String> = at.to_vec();
        let mut rest = segments;
        match rest.first()?.as_str() {
            "crate" => here.clear(),
            "self" | "super" => {}
            // Another crate, or a module beside.
            child if self.0.contains_key(&joined(at, child)) => {}
            _ => return None,
        }
        if ["crate", "self"].contains(&rest[0].as_str()) {
            rest = &rest[1..];
        }
        while rest.first().is_some_and(|one| one == "super") {
            here.pop();
            rest = &rest[1..];
        }
        self.descend(here, rest, steps)
    }

    fn descend(&self, mut here: Vec<String>, mut rest: &[String], steps: usize) -> Option<&str> {
        while let Some(next) = rest.first() {
            let child = joined(&here, next);
            if self.0.contains_key(&child) {
                here = child;
                rest = &rest[1..];
                continue;
            }
            let module = self.0.get(&here)?;
            let named = module.reexports.iter().find(|one| one.name == *next);
            if let Some(path) = named {
                let mut whole = path.segments.clone();
                whole.extend(rest[1..].iter().cloned());
                return self.file_of(&here, &whole, steps);
            }
            let mut globs = module.reexports.iter().filter(|one| one.name == "*");
            let held = globs.find_map(|glob| {
                let inner = glob.segments.split_last()?.1;
                let file = self.file_of(&here, inner, steps)?;
                let text = self.0.values().find(|one| one.file == file)?;
                text.reexports
                    .iter()
                    .any(|one| one.name == *next)
                    .then_some(file)
            });
            return held.or(Some(&module.file));
        }
        self.0.get(&here).map(|module| module.file.as_str())
    }
}

fn joined(path: &[String], next: &str) -> Vec<String> {
    let mut path = path.to_vec();
    path.push(next.to_owned());
    path
}

/// `a/mod.rs` and `a.rs` are `a`; the root is empty.
fn module_path(file: &str) -> Vec<String> {
    let mut path: Vec<String> = file
        .trim_end_matches(".rs")
        .split('/')
        .map(str::to_owned)
        .collect();
    let last = path.last().map(String::as_str);
    if last == Some("mod") || path.len() == 1 && matches!(last, Some("lib" | "main")) {
        path.pop();
    }
    path
}

/// What a file exports again, and what it uses.
fn paths(text: &str) -> (Vec<Path>, Vec<Path>) {
    let code = without_comments(text);
    let (mut reexports, mut uses) = (Vec::new(), Vec::new());
    let mut others = String::new();
    for statement in code.split(';') {
        match use_of(statement) {
            Some((is_public, before, tree)) => {
                others.push_str(before);
                let into = if is_public { &mut reexports } else { &mut uses };
                read_tree(&tree, &[], into);
            }
            None => others.push_str(statement),
        }
        others.push(';');
    }
    uses.extend(inline(&others));
    (reexports, uses)
}

fn without_comments(text: &str) -> String {
    let lines = text
        .lines()
        .map(|line| line.split("//").next().unwrap_or_default());
    lines.collect::<Vec<_>>().join("\n")
}

/// Whether a statement ends in a `use`: public or not, what stands before it, its tree.
fn use_of(statement: &str) -> Option<(bool, &str, String)> {
    let at = statement
        .rmatch_indices("use ")
        .map(|(at, _)| at)
        .find(|&at| {
            let line = statement[..at]
                .rsplit('\n')
                .next()
                .unwrap_or_default()
                .trim();
            line.is_empty() || line == "pub" || line.starts_with("pub(") && line.ends_with(')')
        })?;
    let before = &statement[..at];
    let visibility = before.rsplit('\n').next().unwrap_or_default();
    let tree = statement[at + 4..]
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    Some((visibility.contains("pub"), before, tree))
}

/// `a::{b, c as d}` as paths.
fn read_tree(tree: &str, before: &[String], paths: &mut Vec<Path>) {
    let tree = tree.trim();
    if let Some((prefix, inner)) = tree.split_once('{') {
        let mut before = before.to_vec();
        before.extend(segments(prefix));
        let inner = inner.strip_suffix('}').unwrap_or(inner);
        for one in branches(inner) {
            read_tree(one, &before, paths);
        }
        return;
    }
    let (path, alias) = tree.split_once(" as ").unwrap_or((tree, ""));
    let mut whole = before.to_vec();
    whole.extend(segments(path));
    if whole.len() > 1 && whole.last().is_some_and(|last| last == "self") {
        whole.pop();
    }
    if let Some(last) = whole.last() {
        let name = if alias.is_empty() {
            last.clone()
        } else {
            alias.trim().to_owned()
        };
        paths.push(Path {
            segments: whole,
            name,
        });
    }
}

/// Parts between the commas that stand in no inner braces.
fn branches(inner: &str) -> Vec<&str> {
    let (mut depth, mut begin, mut parts) = (0_usize, 0, Vec::new());
    for (at, character) in inner.char_indices() {
        match character {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(&inner[begin..at]);
                begin = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&inner[begin..]);
    parts.retain(|part| !part.trim().is_empty());
    parts
}

fn segments(path: &str) -> Vec<String> {
    let parts = path
        .split("::")
        .map(str::trim)
        .filter(|part| !part.is_empty());
    parts.map(str::to_owned).collect()
}

/// Paths in the code itself that begin with `crate::` or `super::`.
fn inline(code: &str) -> Vec<Path> {
    let is_of_path = |character: char| character.is_alphanumeric() || "_:".contains(character);
    let runs = code.split(|character: char| !is_of_path(character));
    let runs = runs.filter(|run| run.starts_with("crate::") || run.starts_with("super::"));
    let paths = runs.map(segments).filter(|segments| segments.len() > 1);
    paths
        .map(|segments| {
            let name = segments.last().cloned().unwrap_or_default();
            Path { segments, name }
        })
        .collect()
}

/// Files of modules that only tests see: `#[cfg(test)] mod NAME;`.
pub(super) fn of_tests(sources: &[Source]) -> Vec<String> {
    let declared = sources.iter().flat_map(|source| {
        let module = module_path(&source.path);
        let lines: Vec<&str> = source.text.lines().map(str::trim).collect();
        let names: Vec<&str> = lines
            .windows(2)
            .filter(|pair| pair[0] == "#[cfg(test)]")
            .filter_map(|pair| pair[1].strip_suffix(';')?.rsplit_once("mod "))
            .map(|(_, name)| name)
            .collect();
        let paths = names.into_iter().map(move |name| joined(&module, name));
        paths.collect::<Vec<_>>()
    });
    let declared: Vec<Vec<String>> = declared.collect();
    sources
        .iter()
        .map(|source| &source.path)
        .filter(|path| declared.contains(&module_path(path)))
        .cloned()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uses(files: &[(&str, &str)]) -> Vec<(String, String)> {
        let sources = files.iter().map(|(path, text)| Source {
            path: (*path).to_owned(),
            text: (*text).to_owned(),
        });
        let uses = Modules::new(sources.collect()).uses();
        let pairs = uses
            .into_iter()
            .flat_map(|(from, to)| to.into_iter().map(move |to| (from.clone(), to)));
        pairs.collect()
    }

    #[test]
    fn an_import_is_followed_through_re_exports() {
        let found = uses(&[
            (
                "lib.rs",
                "mod a;\nmod b;\npub use a::{Inner as Outer, deep::Deep};\n",
            ),
            ("a/mod.rs", "mod deep;\nmod inner;\npub use inner::Inner;\n"),
            ("a/inner.rs", "use super::deep::Deep;\n"),
            ("a/deep.rs", "// use super::inner::Inner;\n"),
            (
                "b.rs",
                "use crate::{\n    Deep,\n    Outer,\n};\nfn x() { crate::a::y(); }\n",
            ),
        ]);
        let pair = |from: &str, to: &str| (from.to_owned(), to.to_owned());
        assert_eq!(
            found,
            [
                pair("a/inner.rs", "a/deep.rs"),
                pair("b.rs", "a/deep.rs"),
                pair("b.rs", "a/inner.rs"),
                pair("b.rs", "a/mod.rs"),
            ]
        );
    }

    #[test]
    fn a_module_that_only_tests_see_is_found() {
        let source = |path: &str, text: &str| Source {
            path: path.to_owned(),
            text: text.to_owned(),
        };
        let found = of_tests(&[
            source(
                "a/mod.rs",
                "#[cfg(test)]\npub(super) mod support;\nmod real;\n",
            ),
            source("a/support.rs", ""),
            source("a/real.rs", ""),
        ]);
        assert_eq!(found, ["a/support.rs"]);
    }

    #[test]
    fn other_crates_and_re_exports_are_no_uses() {
        let found = uses(&[
            ("lib.rs", "mod a;\npub use a::A;\nuse std::fs;\n"),
            ("a.rs", "use serde_json::{Value, json};\n"),
        ]);
        assert!(found.is_empty(), "{found:?}");
    }
}
