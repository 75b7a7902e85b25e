//! Readers over Bluetooth as a script meets them: the real driver, against a stand-in for the system's service.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::process::Stdio;
use std::time::{Duration, Instant};

use cli_world::{Cli, Ran, Running, is_verified, poll};
use firmdrop_simulator::reader::{Cut, Faults, Radio, Settings, SimulatedReader, demo_image};
use firmdrop_test_support::bluez::{Bluez, Peer};
use firmdrop_test_support::cli_world;
use serde_json::Value;

const FIRST: &str = "C0:FF:EE:00:00:01";
const SECOND: &str = "C0:FF:EE:00:00:02";

fn reader() -> SimulatedReader {
    SimulatedReader::new(Settings::default(), demo_image((1, 0, 0), 4000))
}

/// A reader that takes its time, so that something can happen meanwhile.
fn slow_reader() -> SimulatedReader {
    let settings = Settings {
        flash_per_byte: Duration::from_micros(40),
        ..Settings::default()
    };
    SimulatedReader::new(settings, demo_image((1, 0, 0), 4000))
}

fn start(cli: &Cli, bluez: &Bluez, arguments: &[&str]) -> Running {
    let mut command = cli.command(arguments);
    command.env("DBUS_SYSTEM_BUS_ADDRESS", bluez.address());
    Running::start(command.stdin(Stdio::null()))
}

fn run(cli: &Cli, bluez: &Bluez, arguments: &[&str]) -> Ran {
    start(cli, bluez, arguments).wait()
}

fn deliver(cli: &Cli, bluez: &Bluez, file: &str, to: &str) -> Ran {
    run(
        cli,
        bluez,
        &["deliver", file, "--to", to, "--yes", "--json"],
    )
}

#[track_caller]
fn assert_verified(ran: Ran) {
    let lines = ran.exits(0).lines();
    let result = lines.iter().find(|line| line["event"] == "result");
    assert!(is_verified(&result.unwrap()["job"]), "{lines:?}");
}

fn listed(ran: Ran) -> Vec<Value> {
    let readers = ran.exits(0).json();
    let all = readers.as_array().unwrap().iter();
    let ours = all.filter(|view| view["reader"]["channel"] == "ble");
    ours.cloned().collect()
}

#[test]
fn a_reader_in_the_air_is_listed_with_its_name_and_its_signal_and_a_headset_is_not() {
    let cli = Cli::new();
    let headset = Peer {
        advertises_service: false,
        ..Peer::new(SECOND, "Headset", &reader())
    };
    let bluez = Bluez::with(vec![Peer::new(FIRST, "Puck 7", &reader()), headset]);
    let readers = listed(run(&cli, &bluez, &["devices", "--json"]));
    assert_eq!(readers.len(), 1, "{readers:?}");
    let reader = &readers[0];
    assert_eq!(reader["destination"], format!("smp+ble:{FIRST}"));
    assert_eq!(reader["reader"]["name"], "Puck 7");
    assert_eq!(reader["reader"]["place"], "Bluetooth, signal about -60 dBm");
    assert_eq!(reader["reader"]["access"]["access"], "not_identified");
}

#[test]
fn a_reader_is_loaded_over_the_air_and_verified_and_let_go() {
    let cli = Cli::new();
    let (ours, other) = (reader(), reader());
    let bluez = Bluez::with(vec![
        Peer::new(FIRST, "Puck 7", &ours),
        Peer::new(SECOND, "Puck 8", &other),
    ]);
    let image = demo_image((2, 0, 0), 60_000);
    let file = cli.file("new.bin", &image);
    assert_verified(deliver(&cli, &bluez, &file, &format!("smp+ble:{FIRST}")));
    assert!(ours.running() == image && ours.is_confirmed());
    assert!(other.counters().changed_nothing());
    assert_eq!(ours.counters().dropped, 0);
    cli_world::poll("it is let go", || {
        (!bluez.is_connected(FIRST)).then_some(())
    });
}

#[test]
fn a_disconnection_that_is_read_late_ends_no_later_link() {
    let cli = Cli::new();
    let ours = reader();
    let late = Peer {
        disconnects_late: true,
        ..Peer::new(FIRST, "Puck 7", &ours)
    };
    let bluez = Bluez::with(vec![late]);
    let image = demo_image((2, 0, 0), 20_000);
    let file = cli.file("new.bin", &image);
    assert_verified(deliver(&cli, &bluez, &file, &format!("smp+ble:{FIRST}")));
    assert!(ours.running() == image);
}

#[test]
fn of_two_readers_with_one_name_none_is_taken_for_the_other() {
    let cli = Cli::new();
    let (first, second) = (reader(), reader());
    let bluez = Bluez::with(vec![
        Peer::new(FIRST, "Puck", &first),
        Peer::new(SECOND, "Puck", &second),
    ]);
    let image = demo_image((2, 0, 0), 4000);
    let file = cli.file("new.bin", &image);
    let refused = deliver(&cli, &bluez, &file, "smp+ble:Puck").exits(2);
    assert!(
        refused.out.contains(FIRST) || refused.out.contains(SECOND),
        "{refused:?}"
    );
    assert!(first.counters().changed_nothing() && second.counters().changed_nothing());
    assert_verified(deliver(&cli, &bluez, &file, &format!("smp+ble:{SECOND}")));
    assert!(second.running() == image);
    assert!(first.counters().changed_nothing());
}

#[test]
fn a_reader_is_found_by_its_name_where_one_has_it() {
    let cli = Cli::new();
    let ours = reader();
    let bluez = Bluez::with(vec![Peer::new(FIRST, "Puck 7", &ours)]);
    let image = demo_image((2, 0, 0), 4000);
    let file = cli.file("new.bin", &image);
    assert_verified(deliver(&cli, &bluez, &file, "smp+ble:Puck 7"));
    assert!(ours.running() == image);
}

#[test]
fn a_link_that_breaks_is_opened_again_and_little_is_sent_twice() {
    let image = demo_image((2, 0, 0), 40_000);
    for byte in [1, 10_000, 20_000, 39_000] {
        let cli = Cli::new();
        let ours = reader();
        ours.set_faults(Faults {
            cut: Some(Cut::AtByte(byte)),
            ..Faults::default()
        });
        let bluez = Bluez::with(vec![Peer::new(FIRST, "Puck 7", &ours)]);
        let file = cli.file("new.bin", &image);
        assert_verified(deliver(&cli, &bluez, &file, &format!("smp+ble:{FIRST}")));
        assert!(ours.running() == image, "{byte}");
        let again = ours.counters().upload_bytes - image.len() as u64;
        assert!(again <= 4 * 384, "{byte}: {again} bytes were sent again");
    }
}

#[test]
fn a_reader_whose_answers_are_indicated_is_loaded() {
    let cli = Cli::new();
    let ours = reader();
    let peer = Peer {
        answers_by: "indicate",
        ..Peer::new(FIRST, "Puck 7", &ours)
    };
    let bluez = Bluez::with(vec![peer]);
    let image = demo_image((2, 0, 0), 4000);
    let file = cli.file("new.bin", &image);
    assert_verified(deliver(&cli, &bluez, &file, &format!("smp+ble:{FIRST}")));
    assert!(ours.running() == image);
}

#[test]
fn a_reader_that_is_connected_and_does_not_say_what_it_offers_is_let_go() {
    let cli = Cli::new();
    let peer = Peer {
        resolves: false,
        ..Peer::new(FIRST, "Puck 7", &reader())
    };
    let bluez = Bluez::with(vec![peer]);
    let file = cli.file("new.bin", &demo_image((2, 0, 0), 4000));
    let to = format!("smp+ble:{FIRST}");
    let arguments = ["deliver", &file, "--to", &to, "--yes", "--json"];
    let running = start(&cli, &bluez, &arguments);
    // It is planned over the first connection, without an answer.
    poll("the second connection", || {
        (bluez.connections(FIRST) == 2 && bluez.is_connected(FIRST)).then_some(())
    });
    running.interrupt();
    running.wait().exits(4);
    // Nobody is left who would do it later.
    assert!(!bluez.is_connected(FIRST));
}

#[test]
fn a_reader_that_leaves_in_the_middle_is_told_and_a_resume_sends_the_rest() {
    let cli = Cli::new();
    let ours = slow_reader();
    let bluez = Bluez::with(vec![Peer::new(FIRST, "Puck 7", &ours)]);
    let image = demo_image((2, 0, 0), 60_000);
    let file = cli.file("new.bin", &image);
    let to = format!("smp+ble:{FIRST}");
    let running = start(
        &cli,
        &bluez,
        &["deliver", &file, "--to", &to, "--yes", "--json"],
    );
    running.until_confirmed(10_000);
    ours.pull_the_plug();
    let job = running.job_id();
    let ended = running.wait().exits(1);
    assert!(ended.out.contains("runs its old image"), "{ended:?}");
    let sent = ours.counters().upload_bytes;
    ours.plug_in();
    run(&cli, &bluez, &["job", "resume", &job, "--json"]).exits(0);
    assert!(ours.running() == image);
    let again = ours.counters().upload_bytes - image.len() as u64;
    assert!(
        again <= 4 * 384 && again < sent,
        "{again} bytes were sent again"
    );
}

#[test]
fn a_radio_that_lies_or_repeats_itself_carries_an_image_whole() {
    let image = demo_image((2, 0, 0), 12_000);
    let mtu = |mtu_bytes, says_mtu_bytes| Radio {
        mtu_bytes,
        says_mtu_bytes,
        ..Radio::default()
    };
    let twice = Radio {
        notifies_twice: true,
        ..mtu(48, 48)
    };
    let split = Radio {
        notifies_bytes: Some(5),
        ..Radio::default()
    };
    for radio in [mtu(23, 23), mtu(100, 517), mtu(247, 0), twice, split] {
        let cli = Cli::new();
        let ours = reader();
        let peer = Peer {
            radio: radio.clone(),
            ..Peer::new(FIRST, "Puck 7", &ours)
        };
        let bluez = Bluez::with(vec![peer]);
        let file = cli.file("new.bin", &image);
        assert_verified(deliver(&cli, &bluez, &file, &format!("smp+ble:{FIRST}")));
        assert!(ours.running() == image, "{radio:?}");
    }
}

#[test]
fn a_radio_that_is_off_is_said_to_be_off_and_is_not_switched_on() {
    let cli = Cli::new();
    let ours = reader();
    let bluez = Bluez::with(vec![Peer::new(FIRST, "Puck 7", &ours)]);
    bluez.switch(false);
    let devices = run(&cli, &bluez, &["devices", "--json"]);
    assert!(
        devices.err.contains("Bluetooth is switched off"),
        "{devices:?}"
    );
    assert!(listed(devices).is_empty());
    let file = cli.file("new.bin", &demo_image((2, 0, 0), 4000));
    let refused = deliver(&cli, &bluez, &file, &format!("smp+ble:{FIRST}")).exits(1);
    assert!(
        refused.out.contains("Bluetooth is switched off"),
        "{refused:?}"
    );
    assert!(!bluez.is_listening());
    assert!(ours.counters().changed_nothing());
}

#[test]
fn a_radio_that_is_switched_off_in_the_middle_is_said_to_be_off() {
    let cli = Cli::new();
    let ours = slow_reader();
    let bluez = Bluez::with(vec![Peer::new(FIRST, "Puck 7", &ours)]);
    let file = cli.file("new.bin", &demo_image((2, 0, 0), 60_000));
    let to = format!("smp+ble:{FIRST}");
    let running = start(
        &cli,
        &bluez,
        &["deliver", &file, "--to", &to, "--yes", "--json"],
    );
    running.until_confirmed(10_000);
    bluez.switch(false);
    let ended = running.wait().exits(1);
    assert!(ended.out.contains("Bluetooth is switched off"), "{ended:?}");
    assert!(ended.out.contains("runs its old image"), "{ended:?}");
}

#[test]
fn a_computer_without_bluetooth_lists_the_others_soon_and_says_nothing() {
    let cli = Cli::new();
    let run = |arguments: &[&str]| {
        let mut command = cli.command(arguments);
        // Nobody answers there, whatever the computer has that runs this.
        command.env("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/bus");
        Running::start(command.stdin(Stdio::null())).wait()
    };
    let began = Instant::now();
    let devices = run(&["devices", "--json"]).exits(0);
    assert!(
        began.elapsed() < Duration::from_secs(3),
        "{:?}",
        began.elapsed()
    );
    assert!(devices.json().is_array());
    assert_eq!(devices.err, "");
    let file = cli.file("new.bin", &demo_image((2, 0, 0), 4000));
    let to = format!("smp+ble:{FIRST}");
    let refused = run(&["deliver", &file, "--to", &to, "--yes", "--json"]).exits(1);
    assert!(refused.out.contains("no Bluetooth"), "{refused:?}");
    assert!(refused.out.contains("FD-313"), "{refused:?}");
}
