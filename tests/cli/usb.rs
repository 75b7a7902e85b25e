//! USB devices as a script sees them: below the program are the real libusb and pretend devices.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use cli_world::{Cli, Ran, bytes, finish, is_verified, poll};
use firmdrop_simulator::dfu::{DfuFaults, DfuSettings, SimulatedDfu};
use firmdrop_test_support::cli_world;
use firmdrop_test_support::usb::{below_the_bed, program};
use serde_json::Value;

/// What `devices --json` lists; nothing is complained about.
fn devices(cli: &Cli) -> Vec<Value> {
    let ran = cli.run(&["devices", "--json"]).exits(0);
    assert_eq!(ran.err, "");
    ran.json().as_array().unwrap().clone()
}

fn arguments<'a>(file: &'a str, to: &'a str) -> [&'a str; 6] {
    ["deliver", file, "--to", to, "--yes", "--json"]
}

fn deliver(cli: &Cli, image: &[u8]) -> Ran {
    let file = cli.file("reader.bin", image);
    cli.run(&arguments(&file, "dfu+usb:1-2"))
}

fn last_job(ran: &Ran) -> Value {
    ran.lines().pop().unwrap()["job"].clone()
}

// There is no /sys/class/tty below the bed, as in some containers.
#[test]
fn a_device_is_listed_while_it_is_plugged_in() {
    below_the_bed(|bed| {
        let cli = Cli::new();
        assert_eq!(devices(&cli), [] as [Value; 0]);
        let device = SimulatedDfu::new(DfuSettings::st());
        bed.plug(&device, "1-2");
        let listed = devices(&cli);
        assert_eq!(listed.len(), 1, "{listed:?}");
        assert_eq!(listed[0]["destination"], "dfu+usb:1-2");
        let reader = &listed[0]["reader"];
        assert_eq!(reader["name"], "STM32 BOOTLOADER (0483:DF11)");
        assert_eq!(reader["serial"], "356D38743439");
        assert_eq!(reader["access"]["access"], "not_identified");
        device.unplug();
        poll("it is gone", || devices(&cli).is_empty().then_some(()));
        device.plug_in();
        poll("it is back", || (devices(&cli) == listed).then_some(()));
    });
}

#[test]
fn what_is_plugged_in_is_in_the_list_within_a_second() {
    below_the_bed(|bed| {
        let cli = Cli::new();
        let watching = cli.start(&["devices", "--watch", "--json"]);
        watching.until("the list before", |line| line.as_array().map(drop));
        for place in ["1-2", "1-3", "1-4"] {
            let device = SimulatedDfu::new(DfuSettings {
                port_chain: place.into(),
                ..DfuSettings::st()
            });
            bed.plug(&device, place);
            let began = std::time::Instant::now();
            let destination = format!("dfu+usb:{place}");
            watching.until("it is listed", |line| {
                let readers = line.as_array()?;
                let found = readers
                    .iter()
                    .find(|view| view["destination"] == destination)?;
                (found["reader"]["access"]["access"] == "not_identified").then_some(())
            });
            println!("plugged to listed at {place}: {:?}", began.elapsed());
            assert!(began.elapsed() < std::time::Duration::from_secs(1));
        }
    });
}

#[test]
fn a_reader_that_was_named_is_ready_within_a_second_of_being_plugged_in_and_another_is_not_asked() {
    below_the_bed(|bed| {
        let cli = Cli::new();
        let arguments = ["devices", "--watch", "--json", "--identify", "dfu+usb:1-2"];
        let watching = cli.start(&arguments);
        watching.until("the list before", |line| line.as_array().map(drop));
        let at = |place: &str| {
            SimulatedDfu::new(DfuSettings {
                port_chain: place.into(),
                ..DfuSettings::st()
            })
        };
        let (named, other) = (at("1-2"), at("1-3"));
        bed.plug(&other, "1-3");
        bed.plug(&named, "1-2");
        let began = std::time::Instant::now();
        let readers = watching.until("it is ready", |line| {
            let readers = line.as_array()?;
            let mut ready = readers.iter();
            ready
                .any(|view| view["reader"]["access"]["access"] == "ready")
                .then(|| readers.clone())
        });
        println!("plugged to ready: {:?}", began.elapsed());
        assert!(began.elapsed() < std::time::Duration::from_secs(1));
        let access = |destination: &str| {
            let view = readers
                .iter()
                .find(|view| view["destination"] == destination);
            view.unwrap()["reader"]["access"]["access"].clone()
        };
        assert_eq!(access("dfu+usb:1-2"), "ready");
        assert_eq!(access("dfu+usb:1-3"), "not_identified");
    });
}

#[test]
fn a_reader_has_the_name_that_it_was_given_wherever_it_is_plugged_in() {
    below_the_bed(|bed| {
        let cli = Cli::new();
        let at = |place: &str| {
            SimulatedDfu::new(DfuSettings {
                port_chain: place.into(),
                ..DfuSettings::st()
            })
        };
        let device = at("1-2");
        bed.plug(&device, "1-2");
        let named = cli.run(&["devices", "name", "dfu+usb:1-2", "Gate 04", "--json"]);
        assert_eq!(named.exits(0).json()["reader"]["name"], "Gate 04");
        let identified = cli
            .run(&["devices", "identify", "Gate 04", "--json"])
            .exits(0)
            .json();
        assert_eq!(identified["reader"]["access"]["access"], "ready");
        let image = bytes(20_000, 5);
        deliver(&cli, &image).exits(0);
        let history = cli
            .run(&["devices", "history", "Gate 04", "--json"])
            .exits(0)
            .json();
        assert_eq!(history.as_array().unwrap().len(), 1);
        assert_eq!(history[0]["destination"], "dfu+usb:1-2");
        device.unplug();
        poll("it is gone", || devices(&cli).is_empty().then_some(()));
        bed.plug(&at("1-4"), "1-4");
        let listed = devices(&cli);
        assert_eq!(listed[0]["destination"], "dfu+usb:1-4");
        assert_eq!(listed[0]["reader"]["name"], "Gate 04");
        cli.run(&["devices", "name", "Gate 04", ""]).exits(0);
        assert_eq!(
            devices(&cli)[0]["reader"]["name"],
            "STM32 BOOTLOADER (0483:DF11)"
        );
        let nobody = cli
            .run(&["devices", "identify", "Gate 04", "--json"])
            .exits(2);
        assert_eq!(nobody.failure(), "FD-208");
    });
}

#[test]
fn what_a_device_held_is_saved_in_the_home_and_can_be_delivered_again() {
    below_the_bed(|bed| {
        let cli = Cli::new();
        let device = SimulatedDfu::new(DfuSettings::st());
        bed.plug(&device, "1-2");
        let (old, new) = (bytes(30_000, 3), bytes(20_000, 4));
        deliver(&cli, &old).exits(0);
        let file = cli.file("new.bin", &new);
        let arguments = ["deliver", &file, "--to", "dfu+usb:1-2", "--yes", "--json"];
        let options = ["--option", "save=yes"];
        let ran = cli.run(&[&arguments[..], &options[..]].concat()).exits(0);
        let id = last_job(&ran)["id"].as_str().unwrap().to_owned();
        let saved = cli.home().join("saved").join(format!("{id}.hex"));
        let notes = cli.job(&id)["notes"].to_string();
        assert!(notes.contains("Saved what the reader held"), "{notes}");
        assert!(notes.contains(saved.to_str().unwrap()), "{notes}");
        let again = saved.to_str().unwrap();
        let ran = cli.run(&["deliver", again, "--to", "dfu+usb:1-2", "--yes", "--json"]);
        assert!(is_verified(&last_job(&ran.exits(0))));
        assert_eq!(device.memory(old.len()), old);
    });
}

#[test]
fn a_half_written_device_is_recovered_with_the_last_image_that_was_verified_or_with_what_was_saved()
{
    below_the_bed(|bed| {
        let cli = Cli::new();
        let device = SimulatedDfu::new(DfuSettings::st());
        bed.plug(&device, "1-2");
        let (good, bad) = (bytes(60_000, 3), bytes(100_000, 4));
        let file = cli.file("good.bin", &good);
        let half_written = |to_come: &str| {
            cli.run(&arguments(&file, "dfu+usb:1-2")).exits(0);
            device.set_faults(DfuFaults {
                cut_at_byte: Some(40_000),
                ..DfuFaults::default()
            });
            let bad = cli.file("bad.bin", &bad);
            let options = ["--option", "save=yes"];
            let failed = [&arguments(&bad, "dfu+usb:1-2")[..], &options[..]].concat();
            let job = last_job(&cli.run(&failed).exits(1));
            assert!(!device.starts(), "{to_come}");
            device.set_faults(DfuFaults::default());
            job["id"].as_str().unwrap().to_owned()
        };
        let recovered = |source: &str| {
            let recover = ["devices", "recover", "dfu+usb:1-2", "--yes", "--json"];
            let ran = poll("it is back and recovered", || {
                let ran = cli.run(&recover);
                (ran.code == Some(0)).then_some(ran)
            });
            assert_eq!(ran.lines()[0]["offer"]["source"], source, "{ran:?}");
            assert!(is_verified(&last_job(&ran)), "{ran:?}");
            assert_eq!(device.memory(good.len()), good);
        };
        half_written("the file is there");
        recovered("verified");
        let job = half_written("the file is gone");
        std::fs::remove_file(&file).unwrap();
        recovered("saved");
        assert!(cli.home().join("saved").join(format!("{job}.hex")).exists());
        let left = std::fs::read_dir(cli.home().join("saved")).unwrap();
        let is_part = |entry: &std::fs::DirEntry| entry.path().extension() == Some("part".as_ref());
        assert_eq!(left.flatten().filter(is_part).count(), 0);
    });
}

#[test]
fn a_file_goes_to_a_device_and_the_same_file_is_found_there_again() {
    below_the_bed(|bed| {
        let cli = Cli::new();
        let device = SimulatedDfu::new(DfuSettings::with_application());
        bed.plug(&device, "1-2");
        let image = bytes(100_000, 1);
        let job = last_job(&deliver(&cli, &image).exits(0));
        assert!(is_verified(&job), "{job}");
        assert!(device.memory(0) == image && device.runs_its_application());
        let received = device.received_bytes();
        let again = last_job(&deliver(&cli, &image).exits(0));
        assert!(is_verified(&again), "{again}");
        assert_eq!(device.received_bytes(), received);
    });
}

#[test]
fn a_device_that_loses_its_power_in_mid_write_is_loaded_when_the_job_is_resumed() {
    below_the_bed(|bed| {
        for (place, settings) in [("1-1", DfuSettings::plain()), ("1-2", DfuSettings::st())] {
            let cli = Cli::new();
            let device = SimulatedDfu::new(settings);
            device.set_faults(DfuFaults {
                cut_at_byte: Some(40_000),
                ..DfuFaults::default()
            });
            bed.plug(&device, place);
            let image = bytes(100_000, 2);
            let file = cli.file("reader.bin", &image);
            let to = format!("dfu+usb:{place}");
            let job = last_job(&cli.run(&arguments(&file, &to)).exits(1));
            assert_eq!(job["state"]["resumable"], true, "{job}");
            let said = job["state"]["diagnosis"]["state_now"].as_str().unwrap();
            assert!(
                said.contains("confirmed") && said.contains("100,000"),
                "{said}"
            );
            assert!(!device.starts());
            let id = job["id"].as_str().unwrap();
            let resumed = poll("it is back and loaded", || {
                let ran = cli.run(&["job", "resume", id, "--json"]);
                (ran.code == Some(0)).then_some(ran)
            });
            assert!(is_verified(&last_job(&resumed)), "{resumed:?}");
            assert!(device.memory(image.len()) == image);
        }
    });
}

#[test]
fn without_permission_the_rule_that_gives_it_is_named_and_the_device_is_not_touched() {
    below_the_bed(|bed| {
        let cli = Cli::new();
        let device = SimulatedDfu::new(DfuSettings::st());
        bed.plug(&device, "1-2");
        bed.deny("1-2");
        assert_eq!(devices(&cli).len(), 1);
        let file = cli.file("reader.bin", &bytes(5000, 3));
        let command = cli.command(&arguments(&file, "dfu+usb:1-2"));
        // Root opens every file; without two of its capabilities it is like everybody else.
        let mut denied = program("setpriv");
        if rustix::process::geteuid().is_root() {
            let capabilities = "-dac_override,-dac_read_search";
            denied.args(["--bounding-set", capabilities, "--inh-caps", capabilities]);
        }
        let denied = denied.arg(command.get_program()).args(command.get_args());
        let job = last_job(&finish(denied).exits(1));
        let diagnosis = &job["state"]["diagnosis"];
        assert_eq!(diagnosis["code"], "FD-302", "{job}");
        let remedies = diagnosis["remedies"].to_string();
        assert!(
            remedies.contains("0483") && remedies.contains("uaccess"),
            "{job}"
        );
        assert!(device.is_untouched());
    });
}
