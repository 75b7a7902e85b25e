//! `smpmgr`, over `bleak`, takes the stand-in for the system's Bluetooth service, and the pretend reader behind it,
//! for real ones. So neither merely agrees with our own driver and loader.
#![cfg(target_os = "linux")]

use std::path::Path;
use std::process::Command;

use firmdrop_simulator::reader::{Settings, SimulatedReader, demo_image};
use firmdrop_test_support::bluez::{Bluez, Peer};
use firmdrop_test_support::cli_world::{Ran, finish};

fn smpmgr(bluez: &Bluez, arguments: &[&str]) -> Ran {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../.venv/bin/smpmgr");
    assert!(
        program.exists(),
        "smpmgr is not installed: run `cargo xtask test`"
    );
    let mut command = Command::new(program);
    command
        .env("DBUS_SYSTEM_BUS_ADDRESS", bluez.address())
        .args(["--ble", "C0:FF:EE:00:00:01", "--timeout", "10"])
        .args(arguments);
    finish(&mut command)
}

#[test]
fn smpmgr_uploads_an_image_over_bluetooth() {
    let reader = SimulatedReader::new(Settings::default(), demo_image((1, 0, 0), 4000));
    let bluez = Bluez::with(vec![Peer::new("C0:FF:EE:00:00:01", "Puck 7", &reader)]);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new.bin");
    let image = demo_image((2, 4, 1), 40_000);
    std::fs::write(&path, &image).unwrap();
    smpmgr(&bluez, &["image", "upload", path.to_str().unwrap()]).exits(0);
    assert!(reader.memory(1) == image);
    let listed = smpmgr(&bluez, &["image", "state-read"]).exits(0);
    assert!(listed.out.contains("2.4.1"), "{listed:?}");
}
