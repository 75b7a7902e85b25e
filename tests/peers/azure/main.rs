//! Microsoft's own Python clients work with the simulated Device Update service and the simulated
//! Blob storage.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod blob;
mod service;

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use serde_json::Value;
use tokio::process::Command;

/// Longest time a script may take; it waits for operations without a deadline of its own.
const DEADLINE: Duration = Duration::from_mins(3);

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..")
}

/// What a script of this folder prints, a JSON value, run by the Python of an environment.
async fn run(environment: &str, script: &str, arguments: &Value) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let running = Command::new(repository().join(environment).join("bin/python"))
        .arg(repository().join("tests/peers/azure").join(script))
        .arg(arguments.to_string())
        .current_dir(folder.path())
        .env("HOME", folder.path())
        .kill_on_drop(true)
        .output();
    let ended = tokio::time::timeout(DEADLINE, running)
        .await
        .unwrap()
        .unwrap();
    let errors = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "{errors}");
    serde_json::from_slice(&ended.stdout).unwrap()
}
