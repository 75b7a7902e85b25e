//! Who may depend on whom. Arrows point down only.
//!
//! The tables are the rule; ARCHITECTURE.md gives the reasons. Tests may know more than the code
//! they test, so dev-dependencies are free, except those of the shell.

use super::graph::{Package, packages};
use super::judge::judge;
use crate::failure::Done;

/// The window app: the only one that knows Tauri.
const SHELL: &str = "firmdrop";

/// For each of our packages: which of ours its manifest may name. `test-support` is in no list: it is
/// for tests alone.
const OURS: &[(&str, &[&str])] = &[
    ("xtask", &[]),
    ("firmdrop-core", &[]),
    ("firmdrop-image", &["core"]),
    ("firmdrop-manifest", &["core"]),
    ("firmdrop-doctor", &["core"]),
    ("firmdrop-net", &["core"]),
    ("firmdrop-link", &["core"]),
    ("firmdrop-loader", &["core", "image", "net", "link"]),
    ("firmdrop-cloud", &["core", "image", "manifest", "net"]),
    ("firmdrop-engine", &["core", "image", "net"]),
    (
        "firmdrop-backend",
        &[
            "core", "image", "manifest", "net", "link", "loader", "cloud", "engine",
        ],
    ),
    (
        "firmdrop-api",
        &[
            "core", "doctor", "image", "manifest", "link", "loader", "cloud", "engine", "backend",
        ],
    ),
    ("firmdrop-simulator", &["core", "link"]),
    ("firmdrop-demo", &["link", "api", "simulator"]),
    (
        "firmdrop-test-support",
        &[
            "core",
            "image",
            "net",
            "link",
            "loader",
            "cloud",
            "engine",
            "backend",
            "simulator",
        ],
    ),
    (
        "firmdrop-cli",
        &["core", "image", "manifest", "api", "demo"],
    ),
    (SHELL, &["api", "demo"]),
];

/// For each of these packages of others (a star takes every name that begins so): which of ours may
/// name it.
const OTHERS: &[(&str, &[&str])] = &[
    ("tauri*", &[SHELL]),
    ("wry", &[SHELL]),
    ("rfd", &[SHELL]),
    ("reqwest", &["firmdrop-net"]),
    ("azure_*", &["firmdrop-cloud"]),
    ("tokio-serial", &["firmdrop-link"]),
    ("serialport", &["firmdrop-link"]),
    // The tests' one takes the time of a transfer without our channel.
    ("rusb", &["firmdrop-link", "firmdrop-test-support"]),
    ("btleplug", &["firmdrop-link"]),
    ("rusqlite", &["firmdrop-engine"]),
    ("keyring*", &["firmdrop-engine"]),
    (
        "aws-lc-rs",
        &["firmdrop-cloud", "firmdrop-engine", "firmdrop-image"],
    ),
    ("p256", &["firmdrop-manifest"]),
    ("x509-cert", &["firmdrop-manifest"]),
    ("clap", &["firmdrop", "firmdrop-cli"]),
    ("indicatif", &["firmdrop-cli"]),
];

pub(super) fn check() -> Done {
    let members: Vec<Package> = packages()?
        .into_iter()
        .filter(|package| package.is_member)
        .collect();
    let found: Vec<String> = members.iter().flat_map(findings).collect();
    judge(
        &found,
        "Move the code to the layer that may know both, or change the table in \
         xtask/src/check/arrows.rs and ARCHITECTURE.md together.",
    )
}

fn findings(package: &Package) -> Vec<String> {
    let mut found = Vec::new();
    if !OURS.iter().any(|(name, _)| *name == package.name) {
        found.push(format!("{} is in no arrow table", package.name));
    }
    let judged = package
        .dependencies
        .iter()
        .filter(|dependency| !dependency.is_dev || package.name == SHELL);
    for dependency in judged {
        if !is_allowed(&package.name, &dependency.name) {
            found.push(format!(
                "{} must not depend on {}",
                package.name, dependency.name
            ));
        }
    }
    found
}

fn is_allowed(package: &str, dependency: &str) -> bool {
    if let Some(ours) = dependency.strip_prefix("firmdrop-") {
        return OURS
            .iter()
            .any(|(name, allowed)| *name == package && allowed.contains(&ours));
    }
    if dependency == SHELL || dependency == "xtask" {
        return false;
    }
    OTHERS
        .iter()
        .filter(|(pattern, _)| takes(pattern, dependency))
        .all(|(_, allowed)| allowed.contains(&package))
}

fn takes(pattern: &str, name: &str) -> bool {
    pattern
        .strip_suffix('*')
        .map_or(pattern == name, |start| name.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::super::graph::Dependency;
    use super::*;

    #[test]
    fn an_arrow_upwards_is_refused() {
        assert!(is_allowed("firmdrop-backend", "firmdrop-engine"));
        assert!(!is_allowed("firmdrop-engine", "firmdrop-backend"));
        assert!(!is_allowed("firmdrop-backend", "firmdrop-api"));
        assert!(!is_allowed("firmdrop-loader", "firmdrop-cloud"));
        assert!(!is_allowed("firmdrop-cli", "firmdrop"));
    }

    #[test]
    fn the_engine_knows_no_service_and_no_protocol() {
        for above_or_beside in ["cloud", "loader", "link", "manifest", "backend"] {
            let dependency = format!("firmdrop-{above_or_beside}");
            assert!(!is_allowed("firmdrop-engine", &dependency), "{dependency}");
        }
    }

    #[test]
    fn a_program_never_contains_what_only_tests_share() {
        let support = |is_dev| Package {
            name: "firmdrop-cli".to_owned(),
            version: String::new(),
            licence: None,
            is_member: true,
            dependencies: vec![Dependency {
                name: "firmdrop-test-support".to_owned(),
                is_dev,
            }],
        };
        assert!(findings(&support(true)).is_empty());
        assert_eq!(findings(&support(false)).len(), 1);
    }

    #[test]
    fn only_the_shell_may_know_tauri() {
        assert!(is_allowed(SHELL, "tauri-plugin-single-instance"));
        assert!(!is_allowed("firmdrop-api", "tauri-specta"));
        assert!(is_allowed("firmdrop-api", "serde"));
    }

    #[test]
    fn a_package_outside_the_table_is_found() {
        let stranger = Package {
            name: "firmdrop-stranger".to_owned(),
            version: String::new(),
            licence: None,
            is_member: true,
            dependencies: Vec::new(),
        };
        assert_eq!(findings(&stranger).len(), 1);
    }
}
