//! `cargo xtask run`: from a fresh clone to a running Firmdrop.
//!
//! It shows the product in its demo world: nothing outside this machine is contacted, once the
//! packages are there.

use crate::command::Run;
use crate::failure::{Done, Failure};
use crate::{apt, node, repository};

/// Unset, the page takes it that its language is "C", and formatting a number fails there.
pub(crate) const LANG: (&str, &str) = ("LANG", "en_US.UTF-8");

/// Runs the command; `--debug` builds without optimisation.
pub(crate) fn main(arguments: &[String]) -> Done {
    let is_debug = match arguments {
        [] => false,
        [flag] if flag == "--debug" => true,
        _ => return Err(Failure::new("usage: cargo xtask run [--debug]")),
    };
    apt::install(apt::BUILD)?;
    node::install()?;
    node::build()?;
    build(is_debug)?;
    let built = repository::target().join(if is_debug { "debug" } else { "release" });
    if has_display() {
        return Run::new(built.join("firmdrop"))
            .arg("--demo")
            .variable(LANG.0, LANG.1)
            .go();
    }
    println!("\nThere is no display here, so the same delivery runs in the terminal.\n");
    Run::new(built.join("firmdrop-cli"))
        .args(["demo", "--deliver"])
        .go()
}

fn build(is_debug: bool) -> Done {
    let build = Run::cargo().args([
        "build",
        "--package=firmdrop",
        "--package=firmdrop-cli",
        "--features=firmdrop/custom-protocol",
    ]);
    if is_debug {
        build.go()
    } else {
        build.arg("--release").go()
    }
}

fn has_display() -> bool {
    ["DISPLAY", "WAYLAND_DISPLAY"]
        .iter()
        .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}
