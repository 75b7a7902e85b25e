//! azcopy, Microsoft's copier of blobs: an npm package that holds the program.

use std::fs;
use std::path::{Path, PathBuf};

use super::connection::Connection;
use super::python;
use crate::command::Run;
use crate::failure::{Done, Failure};
use crate::{node, repository};

/// The program, when its package is installed and it runs here.
pub(super) fn program() -> Option<PathBuf> {
    let program = repository::azcopy()
        .join("node_modules/@azure-tools/azcopy-linux/dist/bin/azcopy_linux_amd64");
    let runs = Run::new(&program).arg("--version").works();
    runs.then_some(program)
}

/// Installs it. Its package has it for Linux on x86-64 alone; elsewhere nothing is done.
pub(in super::super) fn install() -> Done {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        return Ok(());
    }
    node::install_azcopy()
}

/// Uploads the file into this blob: blocks of 8 MiB with their MD5, four requests at a time. `folder`
/// holds its plans and logs.
pub(super) fn upload(
    program: &Path,
    connection: &Connection,
    file: &Path,
    blob: &str,
    folder: &Path,
) -> Result<Run, Failure> {
    // Its log would grow with each run.
    let _ = fs::remove_dir_all(folder);
    let address = python::client(&["sign"], connection, &[blob]).output()?;
    Ok(Run::new(program)
        .arg("copy")
        .arg(file)
        .arg(address.trim())
        .args(["--from-to", "LocalBlob", "--put-md5"])
        .args(["--block-size-mb", "8", "--output-level", "quiet"])
        .variable("AZCOPY_CONCURRENCY_VALUE", "4")
        .variable("AZCOPY_LOG_LOCATION", folder)
        .variable("AZCOPY_JOB_PLAN_LOCATION", folder))
}
