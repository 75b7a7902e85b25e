//! `smpmgr`, a program of others, takes a reader over the kernel's and the system's own Bluetooth for a real one.
//!
//! Its ways over serial ports and UDP are in `tests/peers`: it takes half a minute to start in here.

use std::path::Path;
use std::process::Command;

use firmdrop_simulator::reader::{Settings, SimulatedReader, demo_image};
use firmdrop_test_support::cli_world::finish;
use firmdrop_test_support::guest::bluetooth::{ADDRESS, air};
use firmdrop_test_support::guest::in_the_guest;

const PROGRAM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../.venv/bin/smpmgr");

#[test]
fn smpmgr_uploads_an_image_over_bluetooth() {
    in_the_guest(|| {
        let reader = SimulatedReader::new(Settings::default(), demo_image((1, 0, 0), 4000));
        let _on_the_air = air().with(&reader);
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("new.bin");
        let image = demo_image((2, 4, 1), 8000);
        std::fs::write(&file, &image).unwrap();
        let is_there = Path::new(PROGRAM).exists();
        assert!(
            is_there,
            "smpmgr is missing: `cargo xtask test` installs it"
        );
        let mut command = Command::new(PROGRAM);
        command.args(["--ble", ADDRESS, "--timeout", "20"]);
        command.args(["image", "upload"]).arg(&file);
        finish(&mut command).exits(0);
        assert!(reader.memory(1) == image);
    });
}
