//! A folder with files of an update, the program, and what both say.

use std::path::Path;
use std::process::Command;

use firmdrop_test_support::import_manifests::FULL_FILES;
use serde_json::Value;
use tempfile::TempDir;

/// A folder with files of an update, and the program.
pub(crate) struct Desk(TempDir);

/// How a run ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) error: String,
}

impl Desk {
    pub(crate) fn new() -> Self {
        let desk = Self(tempfile::tempdir().unwrap());
        for (name, bytes) in FULL_FILES {
            desk.write(name, bytes);
        }
        desk
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.path().join(name), bytes).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path().join(name)).unwrap()
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        let output = Command::new(env!("CARGO_BIN_EXE_firmdrop-cli"))
            .env_remove("FIRMDROP_HOME")
            .args(["--home", "home", "adu"])
            .args(arguments)
            .current_dir(self.path())
            .output()
            .unwrap();
        // Nothing of this needs a home.
        assert!(!self.path().join("home").exists());
        Ended {
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            error: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Runs with `--json`, and reads the answer.
    #[track_caller]
    pub(crate) fn json(&self, code: i32, arguments: &[&str]) -> Value {
        let ended = self.run(&[arguments, &["--json"]].concat());
        assert_eq!(ended.code, code, "{arguments:?}: {ended:?}");
        serde_json::from_str(&ended.out).unwrap_or_else(|_| panic!("{ended:?}"))
    }

    /// `init` of an update for one kind of device.
    pub(crate) fn init(&self, code: i32, more: &[&str]) -> Value {
        self.json(code, &[INIT, more].concat())
    }
}

pub(crate) const INIT: &[&str] = &[
    "init",
    "--provider",
    "Contoso",
    "--name",
    "Toaster",
    "--version",
    "1.0",
    "--compat",
    "manufacturer=Contoso,model=Toaster",
];

/// Rules and pointers of the findings about one manifest.
pub(crate) fn found(manifest: &Value) -> Vec<(&str, &str)> {
    let findings = manifest["findings"].as_array().unwrap().iter();
    findings
        .map(|one| {
            for text in ["what", "why", "remedy"] {
                assert!(one[text].as_str().unwrap().ends_with('.'), "{one}");
            }
            (
                one["rule"].as_str().unwrap(),
                one["pointer"].as_str().unwrap(),
            )
        })
        .collect()
}
