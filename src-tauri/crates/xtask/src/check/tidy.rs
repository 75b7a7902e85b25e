//! Rules about the text of the sources, one file at a time.
//!
//! What a compiler or a linter can say is said there, not here.

use std::fs;

use super::judge::judge;
use super::test_names::no_sentences;
use crate::failure::{Doing, Done, Failure};
use crate::source::{Kind, is_test, lines_without_tests};
use crate::{repository, tracked};

/// Most lines, by kind, tests not counted.
const LONGEST_RUST: usize = 500;
const LONGEST_FRONT_END: usize = 300;

/// Files that may be longer, each with the reason. Only generated files and tables belong here.
const LONG: &[(&str, &str)] = &[
    ("ui/src/ipc/bindings.ts", "generated from the api crate"),
    (
        "ui/mock/fixtures.ts",
        "generated from what the program answers",
    ),
];

/// Words that mean "not finished".
const UNFINISHED: &[&str] = &[
    concat!("unimpl", "emented!("),
    concat!("to", "do!("),
    concat!("#[ign", "ore"),
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("XX", "X"),
];

/// Beginnings of paths that exist on one machine only.
const MACHINES: &[&str] = &[
    concat!("/ho", "me/"),
    concat!("/ro", "ot/"),
    concat!("/wo", "rk/"),
    concat!("/Us", "ers/"),
    concat!("/t", "mp/"),
];

pub(super) fn check() -> Done {
    let mut found = Vec::new();
    for path in tracked::files()? {
        let Some(kind) = Kind::of(&path) else {
            continue;
        };
        found.extend(findings(&path, kind, &read(&path)?));
    }
    judge(
        &found,
        "CONTRIBUTING.md says why. Exceptions have a table in xtask/src/check/tidy.rs.",
    )
}

fn read(path: &str) -> Result<String, Failure> {
    fs::read_to_string(repository::root().join(path)).doing(format_args!("read {path}"))
}

fn findings(path: &str, kind: Kind, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    found.extend(too_long(path, kind, text));
    if kind == Kind::Rust && !text.starts_with("//! ") {
        found.push(format!(
            "{path}:1: the first line says what the module is for: `//! …`"
        ));
    }
    let is_outside = path.starts_with("ui/src/") && !path.starts_with("ui/src/ipc/");
    for (number, line) in (1..).zip(text.lines()) {
        if let Some(word) = UNFINISHED.iter().find(|word| stands_alone(line, word)) {
            found.push(format!("{path}:{number}: `{word}` must not stay"));
        }
        if let Some(start) = MACHINES.iter().find(|start| begins_a_path(line, start)) {
            found.push(format!(
                "{path}:{number}: `{start}` is a path of one machine"
            ));
        }
        if is_outside && line.contains("@tauri-apps/") {
            found.push(format!(
                "{path}:{number}: only ui/src/ipc may import @tauri-apps"
            ));
        }
    }
    let names = no_sentences(kind, text).into_iter();
    found.extend(
        names.map(|name| format!("{path}: test `{name}` is no sentence (three words or more)")),
    );
    found
}

fn too_long(path: &str, kind: Kind, text: &str) -> Option<String> {
    let longest = match kind {
        Kind::Rust if is_test(path) => return None,
        Kind::Rust => LONGEST_RUST,
        Kind::FrontEnd => LONGEST_FRONT_END,
        Kind::Test | Kind::Other => return None,
    };
    let lines = lines_without_tests(text);
    let is_excepted = LONG.iter().any(|(excepted, _)| *excepted == path);
    (lines > longest && !is_excepted)
        .then(|| format!("{path}: {lines} lines; at most {longest}, tests not counted"))
}

/// Whether `word` is there and not a part of a longer word.
fn stands_alone(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        let goes_on = word.ends_with(char::is_alphanumeric) && after.is_some_and(is_word);
        !goes_on && !before.is_some_and(is_word)
    })
}

/// Whether `start` begins an absolute path: what stands before it is no part of a path or address.
fn begins_a_path(line: &str, start: &str) -> bool {
    line.match_indices(start).any(|(at, _)| {
        !line[..at]
            .chars()
            .next_back()
            .is_some_and(|before| is_word(before) || "./-~}*".contains(before))
    })
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_longer_word_is_not_the_word() {
        let word = concat!("XX", "X");
        assert!(stands_alone(&format!("a {word} b"), word));
        assert!(!stands_alone(&format!("mkstemp {word}{word}"), word));
    }

    #[test]
    fn an_address_on_the_web_is_no_path_of_a_machine() {
        let start = concat!("/ho", "me/");
        assert!(begins_a_path(&format!("open(\"{start}me\")"), start));
        assert!(!begins_a_path(
            &format!("https://example.com{start}x"),
            start
        ));
    }

    #[test]
    fn every_rule_finds_its_offender() {
        let unfinished = format!("fn a() {{ {}) }}\n", concat!("to", "do!("));
        assert_eq!(findings("a.rs", Kind::Rust, &unfinished).len(), 2);
        let import = "import { invoke } from \"@tauri-apps/api/core\";\n";
        assert_eq!(
            findings("ui/src/state/a.ts", Kind::FrontEnd, import).len(),
            1
        );
        assert!(findings("ui/src/ipc/a.ts", Kind::FrontEnd, import).is_empty());
        let long = format!("//! Long.\n{}", "const A: u8 = 1;\n".repeat(LONGEST_RUST));
        assert_eq!(findings("a.rs", Kind::Rust, &long).len(), 1);
    }
}
