//! `cargo xtask check`: the rules of this repository, executed.
//!
//! Quick checks come first. Nothing is repaired here: each failure says what to do.

mod arrows;
mod circles;
mod graph;
mod judge;
mod licence;
mod licences;
mod names;
mod test_names;
mod tidy;

use crate::command::Run;
use crate::failure::Done;
use crate::stage::{Stages, choose};
use crate::test::FEATURES;
use crate::{apt, node, python, repository, tracked};

/// One line of the closing table.
struct Check {
    name: &'static str,
    about: &'static str,
    run: fn() -> Done,
}

const CHECKS: &[Check] = &[
    Check {
        name: "format",
        about: "rustfmt",
        run: format,
    },
    Check {
        name: "tidy",
        about: "sizes of files, first lines, names of tests, words that must not stay",
        run: tidy::check,
    },
    Check {
        name: "lock",
        about: "Cargo.lock is what the manifests ask for",
        run: lock,
    },
    Check {
        name: "arrows",
        about: "who may depend on whom",
        run: arrows::check,
    },
    Check {
        name: "circles",
        about: "no files that use each other in a circle",
        run: circles::check,
    },
    Check {
        name: "names",
        about: "no file outside the folders of a service or protocol names it",
        run: names::check,
    },
    Check {
        name: "licences",
        about: "crates and the front end's production packages",
        run: licences::check,
    },
    Check {
        name: "spelling",
        about: "typos",
        run: spelling,
    },
    Check {
        name: "scripts",
        about: "shellcheck",
        run: scripts,
    },
    Check {
        name: "ui",
        about: "svelte-check, ESLint, Prettier",
        run: ui,
    },
    Check {
        name: "clippy",
        about: "lints of every crate and test, denied",
        run: clippy,
    },
    Check {
        name: "docs",
        about: "rustdoc without a warning",
        run: docs,
    },
];

/// Runs the checks named, or all of them.
pub(crate) fn main(arguments: &[String]) -> Done {
    if arguments == ["--list"] {
        for check in CHECKS {
            println!("{:<10} {}", check.name, check.about);
        }
        return Ok(());
    }
    let mut stages = Stages::default();
    for check in choose(CHECKS, |check| check.name, arguments)? {
        stages.run(check.name, check.run);
    }
    stages.finish("Checks")
}

fn format() -> Done {
    // Only the names of the files: `cargo fmt` repairs them.
    Run::cargo()
        .args(["fmt", "--all", "--check", "--", "-l"])
        .go()
}

fn lock() -> Done {
    Run::cargo()
        .args(["metadata", "--locked", "--format-version=1"])
        .output()
        .map(drop)
}

fn spelling() -> Done {
    python::install_spell_checker()?;
    Run::new(repository::venv_program("typos")).go()
}

fn scripts() -> Done {
    apt::install(apt::CHECKS)?;
    let scripts: Vec<String> = tracked::files()?
        .into_iter()
        .filter(|path| {
            path.starts_with(".ci/")
                || std::path::Path::new(path).extension() == Some("sh".as_ref())
        })
        .collect();
    Run::new("shellcheck").args(scripts).go()
}

fn ui() -> Done {
    node::install()?;
    node::npm(&["run", "check"])?;
    for script in ["lint", "format:check"] {
        if node::has_script(script)? {
            node::npm(&["run", script])?;
        }
    }
    Ok(())
}

fn clippy() -> Done {
    prepare_build()?;
    Run::cargo()
        .args(["clippy", "--workspace", "--all-targets", FEATURES])
        .args(["--", "-D", "warnings"])
        .go()
}

fn docs() -> Done {
    prepare_build()?;
    Run::cargo()
        .args(["doc", "--workspace", "--no-deps", FEATURES])
        .variable("RUSTDOCFLAGS", "-D warnings")
        .go()
}

/// The window app does not compile without the system's packages and a built front end.
fn prepare_build() -> Done {
    apt::install(apt::BUILD)?;
    node::install()?;
    if repository::ui().join("dist").is_dir() {
        return Ok(());
    }
    node::build()
}
