//! The dependency graph as cargo prints it, reduced to what the checks ask.
//!
//! No judgement here: [`super::arrows`] and [`super::licences`] judge.

use serde_json::Value;

use crate::command::Run;
use crate::failure::{Doing, Failure};

/// A package of the graph.
#[derive(Debug)]
pub(super) struct Package {
    /// Its name.
    pub(super) name: String,
    /// Its version.
    pub(super) version: String,
    /// Its SPDX expression, when the manifest has one.
    pub(super) licence: Option<String>,
    /// One of ours.
    pub(super) is_member: bool,
    /// What its manifest asks for.
    pub(super) dependencies: Vec<Dependency>,
}

/// One line of a manifest.
#[derive(Debug)]
pub(super) struct Dependency {
    /// Name of the package, not of the rename.
    pub(super) name: String,
    /// Only tests, examples and benches see it.
    pub(super) is_dev: bool,
}

/// Every package, ours and others', as the lock file fixes them.
pub(super) fn packages() -> Result<Vec<Package>, Failure> {
    let printed = Run::cargo()
        .args(["metadata", "--locked", "--format-version=1"])
        .output()?;
    let metadata: Value =
        serde_json::from_str(&printed).doing("read what cargo metadata prints")?;
    let packages = metadata["packages"].as_array();
    let packages = packages.ok_or_else(|| Failure::new("cargo metadata names no packages"))?;
    Ok(packages.iter().map(package).collect())
}

fn package(value: &Value) -> Package {
    Package {
        name: text(&value["name"]),
        version: text(&value["version"]),
        licence: value["license"].as_str().map(str::to_owned),
        is_member: value["source"].is_null(),
        dependencies: value["dependencies"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|one| Dependency {
                name: text(&one["name"]),
                is_dev: one["kind"] == "dev",
            })
            .collect(),
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
