//! The front end's packages and its build.

use std::fs;

use crate::command::{Run, find};
use crate::failure::{Doing, Done, Failure};
use crate::stamp::Stamp;
use crate::{apt, repository};

/// Oldest Node that the front end's tools run on: Vite 8 wants 20.19 or newer.
const OLDEST_NODE: (u32, u32) = (20, 19);

/// Makes sure that Node is there and new enough, and that `ui/node_modules` is what the lock file
/// says.
pub(crate) fn install() -> Done {
    if find("node").is_none() || find("npm").is_none() {
        apt::install(&["nodejs", "npm"])?;
    }
    check_node()?;
    let lock = repository::ui().join("package-lock.json");
    repository::need(&lock, "the front end's packages are listed there")?;
    let listed = fs::read_to_string(&lock).doing("read ui/package-lock.json")?;
    let modules = repository::ui().join("node_modules");
    let stamp = Stamp::new(modules.join(".installed-from.json"), listed);
    if stamp.is_current() {
        return Ok(());
    }
    npm(&["ci", "--no-audit", "--no-fund"])?;
    stamp.set()
}

/// Builds the front end into `ui/dist`, which the window app embeds.
pub(crate) fn build() -> Done {
    npm(&["run", "build"])
}

/// Runs npm in `ui/`.
pub(crate) fn npm(arguments: &[&str]) -> Done {
    Run::new("npm")
        .args(arguments)
        .folder(repository::ui())
        .go()
}

/// Whether `ui/package.json` has a script of that name.
pub(crate) fn has_script(name: &str) -> Result<bool, Failure> {
    let path = repository::ui().join("package.json");
    let text = fs::read_to_string(&path).doing("read ui/package.json")?;
    let package: serde_json::Value = serde_json::from_str(&text).doing("read ui/package.json")?;
    Ok(package["scripts"][name].is_string())
}

fn check_node() -> Done {
    let told = Run::new("node").arg("--version").output()?;
    if version(&told).is_some_and(|version| version >= OLDEST_NODE) {
        return Ok(());
    }
    Err(Failure::new(format!(
        "Node {} is too old for the front end: install {}.{} or newer",
        told.trim(),
        OLDEST_NODE.0,
        OLDEST_NODE.1
    )))
}

/// Major and minor of "v20.20.2".
fn version(told: &str) -> Option<(u32, u32)> {
    let mut parts = told.trim().strip_prefix('v')?.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_node_compare_by_number() {
        assert_eq!(version("v20.20.2\n"), Some((20, 20)));
        assert!(version("v20.9.0") < Some(OLDEST_NODE));
        assert!(version("v22.0.0") > Some(OLDEST_NODE));
        assert_eq!(version("node"), None);
    }
}
