//! Where things are in this repository.
//!
//! Paths only: nothing is created here.

use std::path::{Path, PathBuf};

use crate::failure::{Done, Failure};

/// The folder of the workspace's `Cargo.toml`.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(3).unwrap_or(here).to_path_buf()
}

/// Cargo's target folder.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(
        || root().join("target"),
        |folder| root().join(PathBuf::from(folder)),
    )
}

/// The front end.
pub(crate) fn ui() -> PathBuf {
    root().join("ui")
}

/// The storage emulator that the tests stage files in.
pub(crate) fn azurite() -> PathBuf {
    root().join("tests/peers/azurite")
}

/// The copier of blobs that a bench measures against.
pub(crate) fn azcopy() -> PathBuf {
    root().join("tests/peers/azcopy")
}

/// The npm packages with firmware that the tests look at.
pub(crate) fn npm_firmware() -> PathBuf {
    root().join("tests/peers/firmware")
}

/// The Python environment of the peers and of the spell checker.
pub(crate) fn venv() -> PathBuf {
    root().join(".venv")
}

/// The Python environment of the one peer that cannot live beside the others.
pub(crate) fn venv_of_older_peer() -> PathBuf {
    root().join(".venv-manifest15")
}

/// The Python environment of Microsoft's clients, and that of the oldest of them.
pub(crate) fn venvs_of_azure_peers() -> [PathBuf; 2] {
    [".venv-azure", ".venv-azure-legacy"].map(|name| root().join(name))
}

/// A program of the Python environment.
pub(crate) fn venv_program(name: &str) -> PathBuf {
    venv().join("bin").join(name)
}

/// Fails with a sentence when a file or folder that `reason` needs is not there.
pub(crate) fn need(path: &Path, reason: &str) -> Done {
    if path.exists() {
        return Ok(());
    }
    let shown = path.strip_prefix(root()).unwrap_or(path);
    Err(Failure::new(format!(
        "{} is missing: {reason}",
        shown.display()
    )))
}
