//! Which file of a crate uses which, by the paths written in it.
//!
//! Paths that begin with `crate`, `super`, `self`, a module beside or an imported module are followed through
//! re-exports to the file that holds the item. Neither a re-export nor the import of a module is a use.

use std::collections::BTreeMap;

use super::circles::Uses;
use super::paths::{self, Paths};

/// Re-exports followed before a path is given up.
const MOST_STEPS: usize = 16;

/// A file of a crate without its tests.
#[derive(Debug)]
pub(crate) struct Source {
    /// Relative to the folder of the crate's root.
    pub(crate) path: String,
    pub(crate) text: String,
}

#[derive(Debug)]
struct Module {
    file: String,
    paths: Paths,
}

/// What a path leads to: a module, or an item of its file.
#[derive(Debug)]
struct Target<'a> {
    module: Vec<String>,
    file: &'a str,
    item: Option<&'a str>,
}

/// The modules of a crate by their paths.
#[derive(Debug)]
pub(super) struct Modules(BTreeMap<Vec<String>, Module>);

impl Modules {
    /// Reads the paths written in each file.
    pub(super) fn new(sources: Vec<Source>) -> Self {
        let modules = sources.into_iter().map(|source| {
            let module = Module {
                paths: paths::of(&source.text),
                file: source.path.clone(),
            };
            (module_path(&source.path), module)
        });
        Self(modules.collect())
    }

    /// Which file uses which, and by which names.
    pub(super) fn uses(&self) -> Uses {
        let mut uses = Uses::new();
        for (at, module) in &self.0 {
            let used = uses.entry(module.file.clone()).or_default();
            for target in self.targets(at, module) {
                if let Some(item) = target.item.filter(|_| target.file != module.file) {
                    let names = used.entry(target.file.to_owned()).or_default();
                    names.insert(item.to_owned());
                }
            }
        }
        uses
    }

    /// What the imports of a module and the paths in its code lead to.
    fn targets<'a>(&'a self, at: &[String], module: &'a Module) -> Vec<Target<'a>> {
        let mut targets = Vec::new();
        let mut imported: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        let reexports = module.paths.reexports.iter().map(|path| (path, false));
        for (path, is_use) in reexports.chain(module.paths.uses.iter().map(|path| (path, true))) {
            let Some(target) = self.find(at, &path.segments, MOST_STEPS) else {
                continue;
            };
            if target.item.is_none() {
                imported.insert(&path.name, target.module);
            } else if is_use {
                targets.push(target);
            }
        }
        for path in &module.paths.inline {
            let through = path.split_first().and_then(|(first, rest)| {
                let here = imported.get(first.as_str())?;
                self.descend(here.clone(), rest, MOST_STEPS)
            });
            targets.extend(through.or_else(|| self.find(at, path, MOST_STEPS)));
        }
        targets
    }

    /// What a path leads to, as it is written in the module `at`; `None` for one of another crate.
    fn find<'a>(&'a self, at: &[String], path: &'a [String], steps: usize) -> Option<Target<'a>> {
        let steps = steps.checked_sub(1)?;
        let mut here: Vec<String> = at.to_vec();
        let mut rest = path;
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

    fn descend<'a>(
        &'a self,
        mut here: Vec<String>,
        mut rest: &'a [String],
        steps: usize,
    ) -> Option<Target<'a>> {
        while let Some(next) = rest.first() {
            let module = self.0.get(&here)?;
            let reexports = &module.paths.reexports;
            let reexport = reexports.iter().find(|one| one.name == *next);
            let child = joined(&here, next);
            // A module and an item may have one name: what stands last is the item.
            let is_item = rest.len() == 1 && reexport.is_some();
            if self.0.contains_key(&child) && !is_item {
                here = child;
                rest = &rest[1..];
                continue;
            }
            if let Some(path) = reexport {
                let target = self.find(&here, &path.segments, steps)?;
                if target.item.is_some() || rest.len() == 1 {
                    return Some(target);
                }
                return self.descend(target.module, &rest[1..], steps.checked_sub(1)?);
            }
            let globs = reexports.iter().filter(|one| one.name == "*");
            let mut modules = globs.filter_map(|glob| {
                let inner = glob.segments.split_last()?.1;
                self.find(&here, inner, steps).map(|found| found.module)
            });
            let holder = modules.find(|inner| {
                let named = self.0.get(inner).map(|module| &module.paths.reexports);
                named.is_some_and(|named| named.iter().any(|one| one.name == *next))
            });
            if let Some(inner) = holder {
                return self.descend(inner, rest, steps.checked_sub(1)?);
            }
            return Some(Target {
                file: &module.file,
                item: Some(next),
                module: here,
            });
        }
        let file = &self.0.get(&here)?.file;
        Some(Target {
            module: here,
            file,
            item: None,
        })
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
            .flat_map(|(from, to)| to.into_keys().map(move |to| (from.clone(), to)));
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
    fn an_imported_module_is_used_by_the_paths_that_begin_with_it() {
        let found = uses(&[
            ("lib.rs", "mod a;\nmod b;\nmod c;\n"),
            ("a/mod.rs", "mod deep;\npub use deep::KNOWN;\n"),
            ("a/deep.rs", ""),
            ("b.rs", "use crate::a;\nconst B: u8 = a::KNOWN;\n"),
            ("c.rs", "use crate::a;\n"),
        ]);
        assert_eq!(found, [("b.rs".to_owned(), "a/deep.rs".to_owned())]);
    }

    #[test]
    fn an_item_with_the_name_of_its_module_is_an_item() {
        let found = uses(&[
            ("lib.rs", "mod a;\nmod b;\n"),
            ("a/mod.rs", "mod rule;\npub use rule::rule;\n"),
            ("a/rule.rs", ""),
            ("b.rs", "use crate::a;\nfn b() { a::rule(); }\n"),
        ]);
        assert_eq!(found, [("b.rs".to_owned(), "a/rule.rs".to_owned())]);
    }

    #[test]
    fn a_module_beside_is_used_by_its_name() {
        let found = uses(&[
            ("lib.rs", "mod a;\nfn x() { a::y(std::fs::read()); }\n"),
            ("a.rs", "fn y() { super::x(); }\n"),
        ]);
        let pair = |from: &str, to: &str| (from.to_owned(), to.to_owned());
        assert_eq!(found, [pair("a.rs", "lib.rs"), pair("lib.rs", "a.rs")]);
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
