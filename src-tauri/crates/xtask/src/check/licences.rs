//! Every crate and every production package of the front end has a licence we may ship with.
//!
//! Advisories are not judged here: their database is not part of a registry.

use std::fs;

use serde_json::Value;

use super::graph::{Package, packages};
use super::judge::judge;
use super::licence::is_allowed;
use crate::failure::{Doing, Done, Failure};
use crate::repository;

/// Packages whose manifest has no usable expression, with the reason why they are fine.
const EXCEPTIONS: &[(&str, &str)] = &[];

pub(super) fn check() -> Done {
    let crates = packages()?;
    let mut found: Vec<String> = crates.iter().filter_map(finding).collect();
    match front_end() {
        Ok(more) => found.extend(more),
        Err(failure) => found.push(failure.to_string()),
    }
    judge(
        &found,
        "Take another package, or widen the list in xtask/src/check/licence.rs with a reason.",
    )
}

fn finding(package: &Package) -> Option<String> {
    if package.is_member || is_excepted(&package.name) {
        return None;
    }
    let licence = package.licence.as_deref().unwrap_or("no licence");
    (!is_allowed(licence)).then(|| format!("crate {} {}: {licence}", package.name, package.version))
}

/// Findings among the packages that end up in the window. Tools that only build it are free.
fn front_end() -> Result<Vec<String>, Failure> {
    let path = repository::ui().join("package-lock.json");
    repository::need(&path, "the front end's packages are listed there")?;
    let text = fs::read_to_string(&path).doing("read ui/package-lock.json")?;
    let lock: Value = serde_json::from_str(&text).doing("read ui/package-lock.json")?;
    let packages = lock["packages"].as_object();
    let packages = packages.ok_or_else(|| Failure::new("ui/package-lock.json lists nothing"))?;
    Ok(packages
        .iter()
        .filter(|(path, package)| !path.is_empty() && package["dev"] != true)
        .filter(|(path, _)| !is_excepted(path.trim_start_matches("node_modules/")))
        .filter_map(|(path, package)| {
            let licence = package["license"].as_str().unwrap_or("no licence");
            (!is_allowed(licence)).then(|| format!("npm {path}: {licence}"))
        })
        .collect())
}

fn is_excepted(name: &str) -> bool {
    EXCEPTIONS.iter().any(|(excepted, _)| *excepted == name)
}
