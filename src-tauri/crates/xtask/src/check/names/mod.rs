//! No production file names a kind of service or protocol outside the kind's own folders and the one
//! list of each layer.
//!
//! Comments and messages count too. [`table`] says where each kind is at home. Tests name whom they
//! test, and xtask names the peers it measures against, so neither is searched.

mod table;
mod words;

use std::fs;

use super::judge::judge;
use crate::failure::{Doing, Done, Failure};
use crate::source::{Kind as Source, is_test, lines_without_tests};
use crate::{repository, tracked};
use table::{Allowance, KINDS, Kind, LISTS, NOT_SEARCHED};

/// Where a kind is named.
#[derive(Debug, Default, PartialEq, Eq)]
struct Named {
    at_home: Vec<String>,
    in_lists: Vec<String>,
    allowed: Vec<&'static Allowance>,
    elsewhere: Vec<String>,
}

pub(super) fn check() -> Done {
    let files = production()?;
    let mut found = Vec::new();
    for kind in KINDS {
        let named = search(kind, &files);
        println!("{}", shown(kind, &named));
        found.extend(named.elsewhere);
    }
    judge(
        &found,
        "Move the code into a folder of the kind, or write the sentence for every kind. \
         Homes, lists and allowances are in xtask/src/check/names/table.rs.",
    )
}

/// Path and text without tests of every file that is searched.
fn production() -> Result<Vec<(String, String)>, Failure> {
    let mut files = Vec::new();
    for path in tracked::files()?
        .into_iter()
        .filter(|path| is_searched(path))
    {
        let text = fs::read_to_string(repository::root().join(&path))
            .doing(format_args!("read {path}"))?;
        let lines = lines_without_tests(&text);
        let text = text.lines().take(lines).collect::<Vec<_>>().join("\n");
        files.push((path, text));
    }
    Ok(files)
}

fn is_searched(path: &str) -> bool {
    let is_source = match Source::of(path) {
        Some(Source::Rust) => path.starts_with("src-tauri/"),
        Some(Source::FrontEnd) => path.starts_with("ui/src/"),
        _ => false,
    };
    is_source
        && !is_test(path)
        && !NOT_SEARCHED
            .iter()
            .any(|(start, _)| path.starts_with(start))
}

fn search(kind: &Kind, files: &[(String, String)]) -> Named {
    let mut named = Named::default();
    for (path, text) in files {
        let lines: Vec<(usize, &str, &str)> = (1..)
            .zip(text.lines())
            .filter(|(_, line)| !kind.is_module_line(path, line))
            .filter_map(|(number, line)| Some((number, line, words::named(line, kind.words)?)))
            .collect();
        if lines.is_empty() {
            continue;
        }
        if kind.is_home(path) {
            named.at_home.push(path.clone());
        } else if LISTS.contains(&path.as_str()) {
            named.in_lists.push(path.clone());
        } else {
            for (number, line, word) in lines {
                match kind.allowance(path, word) {
                    Some(allowed) if named.allowed.contains(&allowed) => {}
                    Some(allowed) => named.allowed.push(allowed),
                    None => {
                        let line = line.trim();
                        named.elsewhere.push(format!("{path}:{number}: {line}"));
                    }
                }
            }
        }
    }
    named
}

/// What is printed of a kind: how many files of its own, each list, each allowance. The lines
/// elsewhere are the failure.
fn shown(kind: &Kind, named: &Named) -> String {
    let mut lines = vec![format!(
        "{}: {} files of its own name it, {} lists, {} allowances, {} lines elsewhere",
        kind.name,
        named.at_home.len(),
        named.in_lists.len(),
        named.allowed.len(),
        named.elsewhere.len(),
    )];
    for home in kind.homes() {
        let count = named.at_home.iter().filter(|path| home.holds(path)).count();
        if count > 0 {
            lines.push(format!("  home       {} ({count})", home.shown()));
        }
    }
    lines.extend(
        named
            .in_lists
            .iter()
            .map(|path| format!("  list       {path}")),
    );
    lines.extend(
        named
            .allowed
            .iter()
            .map(|one| format!("  allowance  {} (`{}`: {})", one.place, one.word, one.why)),
    );
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn one(path: &str, text: &str) -> Named {
        search(&KINDS[0], &[(path.to_owned(), text.to_owned())])
    }

    #[test]
    fn a_kind_is_named_at_home_and_in_lists_only() {
        let text = "//! Uploads.\nuse crate::pelion::Upload;\n";
        let home = one("src-tauri/crates/backend/src/pelion/upload.rs", text);
        assert_eq!((home.at_home.len(), home.elsewhere.len()), (1, 0));
        let list = one("src-tauri/crates/backend/src/lib.rs", text);
        assert_eq!((list.in_lists.len(), list.elsewhere.len()), (1, 0));
        let other = one("src-tauri/crates/engine/src/job/mod.rs", text);
        assert_eq!(
            other.elsewhere,
            ["src-tauri/crates/engine/src/job/mod.rs:2: use crate::pelion::Upload;"]
        );
    }

    #[test]
    fn the_line_that_declares_a_home_may_stand_in_the_file_beside_it() {
        let main = one(
            "src-tauri/crates/cli/src/main.rs",
            "mod pelion;\nuse pelion::run;\n",
        );
        assert_eq!(
            main.elsewhere,
            ["src-tauri/crates/cli/src/main.rs:2: use pelion::run;"]
        );
        let engine = one("src-tauri/crates/engine/src/lib.rs", "mod pelion;\n");
        assert_eq!(engine.elsewhere.len(), 1);
    }

    #[test]
    fn a_folder_in_a_layer_that_names_no_kind_is_no_home() {
        let engine = one("src-tauri/crates/engine/src/pelion/step.rs", "// Pelion\n");
        assert_eq!(engine.elsewhere.len(), 1);
    }

    #[test]
    fn tests_generated_files_and_this_tool_are_not_searched() {
        assert!(is_searched("src-tauri/crates/engine/src/lib.rs"));
        assert!(is_searched("ui/src/state/jobs.svelte.ts"));
        assert!(!is_searched("src-tauri/crates/link/src/watch_tests.rs"));
        assert!(!is_searched("src-tauri/crates/cloud/tests/pelion/main.rs"));
        assert!(!is_searched("ui/src/ipc/bindings.ts"));
        assert!(!is_searched("src-tauri/crates/xtask/src/python.rs"));
        assert!(!is_searched("tests/support/src/lib.rs"));
    }

    #[test]
    fn an_allowance_takes_its_own_word_and_no_other() {
        let smp = KINDS.iter().find(|kind| kind.name == "smp");
        let search = |text: &str| {
            let path = "src-tauri/crates/image/src/format/package.rs".to_owned();
            smp.map(|smp| search(smp, &[(path, text.to_owned())]))
        };
        let allowed = search("mod mcumgr_package;\n");
        assert!(allowed.is_some_and(|named| named.elsewhere.is_empty()));
        let refused = search("// sent over SMP\n");
        assert!(refused.is_some_and(|named| named.elsewhere.len() == 1));
    }

    #[test]
    fn every_list_and_every_place_of_the_table_exists() {
        for path in LISTS {
            assert!(repository::root().join(path).is_file(), "{path}");
        }
        for place in KINDS.iter().flat_map(Kind::places) {
            let folder = repository::root().join(place);
            let folder = folder.parent().map(Path::exists);
            assert_eq!(folder, Some(true), "{place}");
        }
    }
}
