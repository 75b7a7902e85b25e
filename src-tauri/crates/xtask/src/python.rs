//! Python environments of our own: `.venv` with the peers of the tests and the spell checker, and
//! one for each peer that cannot live beside them: `.venv-manifest15`, `.venv-azure` and
//! `.venv-azure-legacy`.
//!
//! Nothing is installed into the system's Python.

use std::fs;
use std::path::{Path, PathBuf};

use crate::command::{Run, find};
use crate::failure::{Doing, Done, Failure};
use crate::stamp::Stamp;
use crate::{apt, repository};

/// The spell checker of `cargo xtask check`.
const SPELL_CHECKER: &str = "tests/peers/requirements-spelling.txt";

const REQUIREMENTS: &str = "tests/peers/requirements.txt";

/// The vendor's older Pelion client, which wants other versions of what the newer one uses.
const REQUIREMENTS_OLDER: &str = "tests/peers/requirements-manifest15.txt";

/// Microsoft's clients, and the oldest of them, which has the same name as the newest.
const REQUIREMENTS_AZURE: [&str; 2] = [
    "tests/peers/requirements-azure.txt",
    "tests/peers/requirements-azure-legacy.txt",
];

/// A Python that can make an environment: 3.11 or newer (smpmgr asks for it), with venv and pip.
const CAN_MAKE_ONE: &str = "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))";

/// Installs the peers listed in `tests/peers/requirements.txt` and its neighbours.
pub(crate) fn install_peers() -> Done {
    install_listed(&repository::venv(), "peers.txt", REQUIREMENTS)?;
    install_listed(
        &repository::venv_of_older_peer(),
        "peers.txt",
        REQUIREMENTS_OLDER,
    )?;
    let azure = repository::venvs_of_azure_peers();
    for (environment, requirements) in azure.iter().zip(REQUIREMENTS_AZURE) {
        install_listed(environment, "peers.txt", requirements)?;
    }
    Ok(())
}

/// Installs what a file lists with its hashes; nothing else, and nothing the index changed since.
fn install_listed(environment: &Path, stamp: &str, requirements: &str) -> Done {
    let path = repository::root().join(requirements);
    repository::need(&path, "what is installed is listed there")?;
    let listed = fs::read_to_string(&path).doing(format_args!("read {requirements}"))?;
    let path = path.to_string_lossy().into_owned();
    let what = ["--no-deps", "--require-hashes", "--requirement", &path];
    install(environment, stamp, listed, &what)
}

/// Installs the spell checker.
pub(crate) fn install_spell_checker() -> Done {
    install_listed(&repository::venv(), "spell-checker.txt", SPELL_CHECKER)
}

fn install(environment: &Path, stamp: &str, input: String, what: &[&str]) -> Done {
    make_environment(environment)?;
    let stamp = Stamp::new(environment.join(stamp), input);
    if stamp.is_current() {
        return Ok(());
    }
    Run::new(environment.join("bin/python"))
        .args(["-m", "pip", "install", "--quiet"])
        .arg("--disable-pip-version-check")
        .args(what)
        .go()?;
    stamp.set()
}

/// Makes an environment, or makes it anew when it does not run (its Python was removed, the folder moved).
fn make_environment(environment: &Path) -> Done {
    let pip = Run::new(environment.join("bin/python")).args(["-m", "pip", "--version"]);
    if pip.works() {
        return Ok(());
    }
    let python = find_python()?;
    Run::new(python)
        .args(["-m", "venv", "--clear"])
        .arg(environment)
        .go()
}

fn find_python() -> Result<PathBuf, Failure> {
    if let Some(python) = first_that_can() {
        return Ok(python);
    }
    apt::install(&["python3", "python3-venv"])?;
    first_that_can().ok_or_else(|| {
        Failure::new(
            "no Python 3.11 or newer with venv and ensurepip was found; install python3-venv",
        )
    })
}

fn first_that_can() -> Option<PathBuf> {
    ["python3", "python3.13", "python3.12", "python3.11"]
        .into_iter()
        .filter_map(find)
        .chain([PathBuf::from("/usr/bin/python3")])
        .find(|python| Run::new(python).args(["-c", CAN_MAKE_ONE]).works())
}
