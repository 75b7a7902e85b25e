//! The front end's packages and its build, the storage emulator of the tests and a peer of the benches.

use std::fs;
use std::path::Path;

use crate::command::{Run, find};
use crate::failure::{Doing, Done, Failure};
use crate::stamp::Stamp;
use crate::{apt, repository};

/// Oldest Node that the front end's tools run on: Vite 8 wants 20.19 or newer.
const OLDEST_NODE: (u32, u32) = (20, 19);

/// Makes sure that Node is there and new enough, and that `ui/node_modules` is what the lock file
/// says.
pub(crate) fn install() -> Done {
    install_in(
        &repository::ui(),
        "the front end's packages are listed there",
        &[],
    )
}

/// The same for Azurite, which the tests stage files in. None of its packages runs anything when it is
/// installed.
pub(crate) fn install_azurite() -> Done {
    let why = "the storage emulator of the tests is listed there";
    install_in(&repository::azurite(), why, &["--ignore-scripts"])
}

/// The same for a package of firmware, which the tests look at.
pub(crate) fn install_firmware() -> Done {
    let why = "the firmware is listed there";
    install_in(&repository::npm_firmware(), why, &["--ignore-scripts"])
}

/// The same for azcopy, which a bench measures against. Its package forgets to make the program one.
pub(crate) fn install_azcopy() -> Done {
    let folder = repository::azcopy();
    install_in(&folder, "azcopy is listed there", &["--ignore-scripts"])?;
    let programs = folder.join("node_modules/@azure-tools/azcopy-linux/dist/bin");
    Run::new("chmod").args(["-R", "u+x"]).arg(programs).go()
}

fn install_in(folder: &Path, why: &str, more: &[&str]) -> Done {
    if find("node").is_none() || find("npm").is_none() {
        apt::install(&["nodejs", "npm"])?;
    }
    check_node()?;
    let lock = folder.join("package-lock.json");
    repository::need(&lock, why)?;
    let listed = fs::read_to_string(&lock).doing(format_args!("read {}", lock.display()))?;
    let modules = folder.join("node_modules");
    let stamp = Stamp::new(modules.join(".installed-from.json"), listed);
    if stamp.is_current() {
        return Ok(());
    }
    Run::new("npm")
        .args(["ci", "--no-audit", "--no-fund"])
        .args(more)
        .folder(folder)
        .go()?;
    stamp.set()
}

/// Builds the front end into `ui/dist`, which the window app embeds; nothing is done when no source
/// changed since. A build that writes the same files again would have the whole app linked again.
pub(crate) fn build() -> Done {
    let ui = repository::ui();
    // Not inside `dist`: all of it is embedded.
    let stamp_file = ui.join("node_modules").join(".dist-built-from");
    let stamp = Stamp::new(stamp_file, sources(&ui)?.join("\n"));
    if ui.join("dist").join("index.html").is_file() && stamp.is_current() {
        return Ok(());
    }
    npm(&["run", "build"])?;
    stamp.set()
}

/// Folders of `ui/` that are no sources of the build.
const NO_SOURCES: &[&str] = &["node_modules", "dist", "tests"];

/// Name, length and time of change of every file the build may read.
fn sources(ui: &Path) -> Result<Vec<String>, Failure> {
    let mut sources = Vec::new();
    let mut folders = vec![ui.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder).doing(format_args!("read {}", folder.display()))?;
        for entry in entries {
            let entry = entry.doing("read the front end's sources")?;
            let about = entry.metadata().doing("read the front end's sources")?;
            let path = entry.path();
            if !about.is_dir() {
                let changed = about.modified().doing("read the front end's sources")?;
                sources.push(format!("{} {} {changed:?}", path.display(), about.len()));
            } else if !NO_SOURCES.iter().any(|name| path == ui.join(name)) {
                folders.push(path);
            }
        }
    }
    sources.sort();
    Ok(sources)
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
    let printed = Run::new("node").arg("--version").output()?;
    if version(&printed).is_some_and(|version| version >= OLDEST_NODE) {
        return Ok(());
    }
    Err(Failure::new(format!(
        "Node {} is too old for the front end: install {}.{} or newer",
        printed.trim(),
        OLDEST_NODE.0,
        OLDEST_NODE.1
    )))
}

/// Major and minor of "v20.20.2".
fn version(printed: &str) -> Option<(u32, u32)> {
    let mut parts = printed.trim().strip_prefix('v')?.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_what_the_build_reads_and_not_what_it_writes() {
        let folder = std::env::temp_dir().join(format!("firmdrop-xtask-{}", std::process::id()));
        for name in ["src/views", "dist", "node_modules/svelte"] {
            let inside = folder.join(name);
            fs::create_dir_all(&inside).unwrap();
            fs::write(inside.join("a.ts"), "1").unwrap();
        }
        let before = sources(&folder).unwrap();
        fs::write(folder.join("dist").join("b.js"), "2").unwrap();
        let after_a_build = sources(&folder).unwrap();
        fs::write(folder.join("src/views/a.ts"), "22").unwrap();
        let after_a_change = sources(&folder).unwrap();
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(before.len(), 1);
        assert_eq!(before, after_a_build);
        assert_ne!(before, after_a_change);
    }

    #[test]
    fn versions_of_node_compare_by_number() {
        assert_eq!(version("v20.20.2\n"), Some((20, 20)));
        assert!(version("v20.9.0") < Some(OLDEST_NODE));
        assert!(version("v22.0.0") > Some(OLDEST_NODE));
        assert_eq!(version("node"), None);
    }
}
