//! A reader over Bluetooth: the kernel's, and the system's own service, below the real driver.

use std::process::Stdio;

use firmdrop_simulator::reader::{Settings, SimulatedReader, demo_image};
use firmdrop_test_support::cli_world::{Cli, Ran, Running, poll};
use firmdrop_test_support::guest::bluetooth::{ADDRESS, NAME, air};
use firmdrop_test_support::guest::in_the_guest;
use serde_json::Value;

use crate::rig::{delivery, verified};

/// Runs the command line with the system's bus, which it has none of in the other tests.
fn run(cli: &Cli, arguments: &[&str]) -> Ran {
    let mut command = cli.command(arguments);
    command.env_remove("DBUS_SYSTEM_BUS_ADDRESS");
    Running::start(command.stdin(Stdio::null())).wait()
}

fn listed(cli: &Cli) -> Option<Value> {
    let all = run(cli, &["devices", "--json"]).exits(0).json();
    let is_it = |view: &&Value| view["destination"] == format!("smp+ble:{ADDRESS}");
    all.as_array()?.iter().find(is_it).cloned()
}

#[test]
fn a_reader_over_bluetooth_is_listed_loaded_and_comes_back_after_its_restart() {
    in_the_guest(|| {
        let cli = Cli::new();
        let reader = SimulatedReader::new(Settings::default(), demo_image((1, 0, 0), 4000));
        let on_the_air = air().with(&reader);
        let view = poll("it is listed", || listed(&cli));
        assert_eq!(view["reader"]["name"], NAME);
        let image = demo_image((2, 0, 0), 12_000);
        let file = cli.file("new.bin", &image);
        verified(run(&cli, &delivery(&file, &format!("smp+ble:{ADDRESS}"))));
        assert!(reader.running() == image && reader.is_confirmed());
        drop(on_the_air);
    });
}
