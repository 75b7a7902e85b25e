//! `cargo xtask test`: installs what the tests need and runs every suite, even after one failed.
//!
//! Only the order and the preparation live here; what is tested is in the suites.

use crate::command::Run;
use crate::failure::{Done, Failure};
use crate::stage::{Stages, choose};
use crate::{apt, firmware, guest, node, python, repository, run, tinyusb, tracked};

/// The features under test: the front end embedded, and the window's test entrances. One set for
/// every cargo call, so that Tauri is compiled once.
pub(crate) const FEATURES: &str = "--features=custom-protocol,e2e";

/// Something a suite needs before it can start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Need {
    Packages,
    Peers,
    NodeModules,
    Azurite,
    Firmware,
    TinyUsb,
    Guest,
    FrontEnd,
    Programs,
}

/// One line of the closing table.
struct Suite {
    name: &'static str,
    about: &'static str,
    needs: &'static [Need],
    run: fn() -> Done,
}

const SUITES: &[Suite] = &[
    Suite {
        name: "ui",
        about: "components and controllers of the front end (Vitest)",
        needs: &[Need::NodeModules],
        run: ui,
    },
    Suite {
        name: "cargo",
        about: "every crate, the contract and delivery suites, the peers",
        needs: &[
            Need::Packages,
            Need::Peers,
            Need::NodeModules,
            Need::Azurite,
            Need::Firmware,
            Need::TinyUsb,
            Need::Guest,
            Need::FrontEnd,
            Need::Programs,
        ],
        run: cargo,
    },
    Suite {
        name: "window",
        about: "the real window on a virtual screen, driven by WebDriver and by X11",
        needs: &[
            Need::Packages,
            Need::NodeModules,
            Need::FrontEnd,
            Need::Programs,
        ],
        run: window,
    },
];

/// In this order.
const NEEDS: &[Need] = &[
    Need::Packages,
    Need::Peers,
    Need::NodeModules,
    Need::Azurite,
    Need::Firmware,
    Need::TinyUsb,
    Need::Guest,
    Need::FrontEnd,
    Need::Programs,
];

impl Need {
    /// Its name in the closing table.
    fn name(self) -> &'static str {
        match self {
            Self::Packages => "apt",
            Self::Peers => "peers",
            Self::NodeModules => "npm",
            Self::Azurite => "azurite",
            Self::Firmware => "firmware",
            Self::TinyUsb => "tinyusb",
            Self::Guest => "guest",
            Self::FrontEnd => "front end",
            Self::Programs => "compile",
        }
    }

    fn prepare(self) -> Done {
        match self {
            Self::Packages => packages(),
            Self::Peers => python::install_peers(),
            Self::NodeModules => node::install(),
            Self::Azurite => node::install_azurite(),
            Self::Firmware => firmware::fetch(),
            Self::TinyUsb => tinyusb::make(),
            Self::Guest => guest::make(),
            Self::FrontEnd => node::build(),
            Self::Programs => programs(),
        }
    }
}

/// Runs the suites named by `--suite`, or all of them.
pub(crate) fn main(arguments: &[String]) -> Done {
    if arguments == ["--list"] {
        for suite in SUITES {
            println!("{:<8} {}", suite.name, suite.about);
        }
        return Ok(());
    }
    let chosen = choose(SUITES, |suite| suite.name, &suite_names(arguments)?)?;
    let mut stages = Stages::default();
    for need in NEEDS {
        if chosen.iter().any(|suite| suite.needs.contains(need)) {
            stages.run(need.name(), || need.prepare());
        }
    }
    for suite in chosen {
        stages.run(suite.name, suite.run);
    }
    stages.finish("Suites")
}

fn suite_names(arguments: &[String]) -> Result<Vec<String>, Failure> {
    arguments
        .chunks(2)
        .map(|pair| match pair {
            [flag, name] if flag == "--suite" => Ok(name.clone()),
            _ => Err(Failure::new("usage: cargo xtask test [--suite NAME]...")),
        })
        .collect()
}

fn packages() -> Done {
    apt::install(apt::BUILD)?;
    apt::install(apt::TESTS)
}

/// Compiles the tests and, with them, the two programs the window tests start. A plain `cargo build`
/// would compile Tauri a second time, with other features.
fn programs() -> Done {
    cargo_test().arg("--no-run").go()
}

fn ui() -> Done {
    node::npm(&["test"])
}

fn cargo() -> Done {
    cargo_test().arg("--no-fail-fast").go()
}

fn cargo_test() -> Run {
    Run::cargo().args(["test", "--workspace", FEATURES])
}

fn window() -> Done {
    let tests = window_tests()?;
    let built = repository::target().join("debug");
    for program in ["firmdrop", "firmdrop-cli"] {
        repository::need(&built.join(program), "`compile` makes it")?;
    }
    Run::new("xvfb-run")
        .args(["-a", "-s", "-screen 0 1280x800x24 -nolisten tcp"])
        .args(["dbus-run-session", "--"])
        .args(["node", "--test", "--test-concurrency=1"])
        .args(tests)
        .variable(run::LANG.0, run::LANG.1)
        .variable("FIRMDROP_BIN", built.join("firmdrop"))
        .variable("FIRMDROP_CLI", built.join("firmdrop-cli"))
        .go()
}

/// The files of the window tests. Node's own patterns are newer than the oldest Node we take.
fn window_tests() -> Result<Vec<String>, Failure> {
    let tests: Vec<String> = tracked::files()?
        .into_iter()
        .filter(|path| path.starts_with("tests/window/") && path.ends_with(".test.mjs"))
        .collect();
    if tests.is_empty() {
        return Err(Failure::new("there is no tests/window/*.test.mjs"));
    }
    Ok(tests)
}
