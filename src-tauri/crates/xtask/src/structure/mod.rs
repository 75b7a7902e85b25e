//! `cargo xtask structure [FOLDER]`: the crates of a checkout, their sizes, arrows and circles, as a table.
//!
//! Figures only: `check` judges. Tests are not counted.

mod circles;
mod imports;
mod paths;

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::command::Run;
use crate::failure::{Doing, Done, Failure};
use crate::repository;
use crate::source::{is_test, lines_without_tests};
use imports::Modules;
pub(crate) use imports::Source;

/// A crate of the checkout.
#[derive(Debug)]
struct Crate {
    name: String,
    files: usize,
    lines: usize,
    longest: (usize, String),
    arrows: Vec<String>,
    circles: Vec<Circle>,
}

/// Files of a crate that use each other in a circle.
#[derive(Debug)]
pub(crate) struct Circle {
    /// Their paths below the folder of the crate's root, in order.
    pub(crate) files: Vec<String>,
    /// What ties them: the arrows between them, with the names used.
    pub(crate) ties: Vec<String>,
}

/// Prints the table of this checkout, or of the one in the folder named.
pub(crate) fn main(arguments: &[String]) -> Done {
    let root = match arguments {
        [] => repository::root(),
        [folder] => PathBuf::from(folder),
        _ => return Err(Failure::new("usage: cargo xtask structure [FOLDER]")),
    };
    let crates = crates(&root)?;
    println!("{}", table(&crates));
    for one in &crates {
        for circle in &one.circles {
            println!("{}: {}", one.name, circle.files.join(" · "));
            for tie in &circle.ties {
                println!("    {tie}");
            }
        }
    }
    Ok(())
}

/// The circles of this checkout, with the names of their crates.
pub(crate) fn circles() -> Result<Vec<(String, Circle)>, Failure> {
    let crates = crates(&repository::root())?.into_iter();
    let circles = crates.flat_map(|one| {
        let name = one.name;
        one.circles
            .into_iter()
            .map(move |circle| (name.clone(), circle))
    });
    Ok(circles.collect())
}

fn crates(root: &Path) -> Result<Vec<Crate>, Failure> {
    let text = Run::cargo()
        .args(["metadata", "--no-deps", "--format-version=1"])
        .folder(root)
        .output()?;
    let metadata: Value = serde_json::from_str(&text).doing("read what cargo metadata prints")?;
    let packages = metadata["packages"].as_array().into_iter().flatten();
    let mut crates: Vec<Crate> = packages.map(read_crate).collect::<Result<_, _>>()?;
    crates.sort_by_key(|one| (one.arrows.len(), one.name.clone()));
    Ok(crates)
}

fn read_crate(package: &Value) -> Result<Crate, Failure> {
    let name = package["name"].as_str().unwrap_or_default();
    let folder = source_folder(package)
        .ok_or_else(|| Failure::new(format!("{name} has neither a library nor a program")))?;
    let sources = sources(&folder)?;
    let longest = sources
        .iter()
        .map(|source| (source.text.lines().count(), source.path.clone()))
        .max()
        .unwrap_or_default();
    let mut arrows: Vec<String> = package["dependencies"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|one| one["kind"].is_null())
        .filter_map(|one| one["name"].as_str()?.strip_prefix("firmdrop-"))
        .map(str::to_owned)
        .collect();
    arrows.sort();
    let (files, lines) = (
        sources.len(),
        sources.iter().map(|one| one.text.lines().count()).sum(),
    );
    Ok(Crate {
        name: name.trim_start_matches("firmdrop-").to_owned(),
        files,
        lines,
        longest,
        arrows,
        circles: circles_of(sources),
    })
}

/// The circles of a crate, the largest first.
pub(crate) fn circles_of(sources: Vec<Source>) -> Vec<Circle> {
    let uses = Modules::new(sources).uses();
    let circles = circles::of(&uses).into_iter().map(|files| Circle {
        ties: circles::ties(&uses, &files),
        files,
    });
    circles.collect()
}

/// The folder of its library or program.
fn source_folder(package: &Value) -> Option<PathBuf> {
    let targets = package["targets"].as_array().into_iter().flatten();
    targets
        .filter(|target| target["kind"] == serde_json::json!(["lib"]) || target["kind"][0] == "bin")
        .filter_map(|target| Some(Path::new(target["src_path"].as_str()?).parent()?.to_owned()))
        .min_by_key(|folder| folder.components().count())
}

/// The files below a folder without their tests, paths relative to it, in order.
fn sources(folder: &Path) -> Result<Vec<Source>, Failure> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        let entries = fs::read_dir(&next).doing(format_args!("list {}", next.display()))?;
        for entry in entries {
            let path = entry.doing(format_args!("list {}", next.display()))?.path();
            let relative = path.strip_prefix(folder).unwrap_or(&path);
            let relative = relative.to_string_lossy().replace('\\', "/");
            if path.is_dir() {
                folders.push(path);
            } else if path.extension() == Some("rs".as_ref()) && !is_test(&format!("/{relative}")) {
                let text = fs::read_to_string(&path).doing(format_args!("read {relative}"))?;
                let lines = lines_without_tests(&text);
                let text = text.lines().take(lines).collect::<Vec<_>>().join("\n");
                found.push(Source {
                    path: relative,
                    text,
                });
            }
        }
    }
    let of_tests = imports::of_tests(&found);
    found.retain(|source| !of_tests.contains(&source.path));
    found.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(found)
}

fn table(crates: &[Crate]) -> String {
    let mut lines = vec![
        "| crate | files | lines | longest file | depends on | circles |".to_owned(),
        "| --- | ---: | ---: | --- | --- | --- |".to_owned(),
    ];
    lines.extend(crates.iter().map(|one| {
        let sizes = one
            .circles
            .iter()
            .map(|circle| circle.files.len().to_string());
        format!(
            "| {} | {} | {} | {} ({}) | {} | {} |",
            one.name,
            one.files,
            one.lines,
            one.longest.1,
            one.longest.0,
            or_dash(&one.arrows.join(" ")),
            or_dash(&sizes.collect::<Vec<_>>().join(", "))
        )
    }));
    let sum = |of: fn(&Crate) -> usize| crates.iter().map(of).sum::<usize>();
    lines.push(format!(
        "| together | {} | {} | | {} arrows | {} |",
        sum(|one| one.files),
        sum(|one| one.lines),
        sum(|one| one.arrows.len()),
        sum(|one| one.circles.len())
    ));
    lines.join("\n")
}

fn or_dash(text: &str) -> &str {
    if text.is_empty() { "–" } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_tool_is_a_crate_without_arrows_in_its_own_table() {
        let read = crates(&repository::root());
        assert!(read.is_ok_and(|crates| {
            crates
                .iter()
                .any(|one| one.name == "xtask" && one.arrows.is_empty() && one.files > 20)
        }));
    }
}
