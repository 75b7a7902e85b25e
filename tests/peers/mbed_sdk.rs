//! The vendor's Python library works with the simulated Pelion service: it lists devices with
//! filters, and creates, starts, stops, archives and deletes campaigns.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use firmdrop_core::Sha256;
use firmdrop_simulator::pelion::{
    DEMO_PUCK_CLASS_ID, DEMO_VENDOR_ID, Fleet, Inventory, Pace, PelionOptions, PelionServer,
};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::Command;

/// Longest time the script may take; it waits for campaigns without a deadline of its own.
const DEADLINE: Duration = Duration::from_mins(2);
const KEY: &str = "ak_peer";

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..")
}

/// A folder with a firmware file and a key to sign with.
async fn bench(firmware: &[u8]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("firmware.bin"), firmware).unwrap();
    let made = Command::new("openssl")
        .args([
            "ecparam",
            "-genkey",
            "-name",
            "prime256v1",
            "-noout",
            "-out",
            "key.pem",
        ])
        .current_dir(folder.path())
        .output();
    assert!(made.await.unwrap().status.success());
    folder
}

/// What the library saw.
async fn run(server: &PelionServer, folder: &Path) -> Value {
    let running = Command::new(repository().join(".venv/bin/python"))
        .arg(repository().join("tests/peers/mbed_sdk.py"))
        .arg(folder)
        .args([DEMO_VENDOR_ID, DEMO_PUCK_CLASS_ID])
        .current_dir(folder)
        .env("HOME", folder)
        .env("MBED_CLOUD_SDK_HOST", server.url())
        .env("MBED_CLOUD_SDK_API_KEY", KEY)
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mbed_cloud_sdk_runs_campaigns_and_reads_devices_in_both_of_its_halves() {
    // Of five devices these percentages make the first and the fourth fail.
    let fleet = Fleet {
        failing_percent: 20,
        ..Fleet::new(5, "puck", DEMO_VENDOR_ID, DEMO_PUCK_CLASS_ID)
    };
    let server = PelionServer::start(PelionOptions {
        inventory: Inventory::of(fleet),
        pace: Pace {
            // Long enough for each phase to be seen.
            state: Duration::from_millis(100),
            delivery: Duration::from_millis(300),
            installation: Duration::from_millis(300),
            stopping: Duration::from_millis(100),
        },
        ..PelionOptions::new(KEY)
    });
    let server = server.await.unwrap();
    let firmware = b"firmware of the pucks".repeat(1000);
    let folder = bench(&firmware).await;
    let said = run(&server, folder.path()).await;
    let names: Vec<_> = (1..=5).map(|number| format!("puck-{number:04}")).collect();
    for (what, expected) in [
        ("all devices", json!(names)),
        ("of the class", json!(5)),
        ("by names", json!(["puck-0002", "puck-0004"])),
        ("since 2001", json!(5)),
        ("until 2001", json!(0)),
        ("changed", json!({"site": "roof & yard"})),
        ("in group", json!(["puck-0005"])),
        (
            "image",
            json!({"size": firmware.len(), "checksum": Sha256::of(&firmware)}),
        ),
        ("images", json!(["firmware"])),
        ("manifests", json!(["192aa4a4-2a0d-5f57-b4ff-9c941ce77583"])),
        ("campaigns", json!([["draft", "all but one"]])),
        ("times", json!(true)),
        (
            "statistics",
            json!({"fail": 2, "info": 0, "skipped": 0, "success": 2}),
        ),
        ("metadata read back", json!(true)),
        ("archived", json!("archived")),
        ("refused", json!([409, 409])),
        ("stopped", json!("stopped")),
        ("legacy devices", json!(5)),
        ("legacy state", json!("draft")),
    ] {
        assert_eq!(said[what], expected, "{what} in {said:#}");
    }
    let phases = said["phases"].as_array().unwrap();
    assert!(
        phases.starts_with(&[json!("starting"), json!("active")]),
        "{phases:?}"
    );
    let failed = "failed_connector_channel_update";
    assert_eq!(
        said["states"],
        json!(["deployed", "deployed", failed, failed])
    );
    assert_eq!(said["events"]["UPD4_OK_100"], 2);
    assert_eq!(said["events"].as_object().unwrap().len(), 3);
    assert_eq!(said["legacy states"].as_array().unwrap().len(), 5);
    assert!(said["legacy events"].as_u64().unwrap() >= 9);
    let asked = |dialect: &str| {
        let requests = server.record().requests;
        requests
            .iter()
            .any(|request| request.target.contains(dialect))
    };
    assert!(asked("/v3/devices?device_class__eq="));
    assert!(asked("/v3/devices?filter=device_class"));
}
