//! A file that goes to a fleet in one command.

use firmdrop_simulator::pelion::Behaviour;

use super::campaign_world::{World, complete, text};
use super::cli_world::{is_verified, poll};

const CAMPAIGN: [&str; 4] = ["--campaign", "Spring", "--filter", "state__eq=registered"];

#[test]
fn a_dry_run_shows_the_whole_plan_and_sends_nothing() {
    let world = World::new(1);
    let ran = world.deliver(
        &[
            &CAMPAIGN[..],
            &["--start", "--expect-devices", "1", "--dry-run"],
        ]
        .concat(),
    );
    let ran = ran.exits(0);
    for part in [
        "Make and sign manifest",
        "Start campaign",
        "Campaign Spring: 1 device matches state__eq=registered",
        "version 1.0.1 (the next after the devices' highest)",
        "signed with front",
        "This sends new firmware to 1 device.",
        "the device reports that it runs it",
    ] {
        assert!(ran.err.contains(part), "{part}: {}", ran.err);
    }
    assert_eq!(world.changes(), 0);
    assert!(world.cli.jobs().is_empty());
}

#[test]
fn a_start_without_a_number_is_bad_usage_and_a_wrong_number_sends_nothing() {
    let world = World::new(2);
    for missing in [&["--start"][..], &["--expect-devices", "2"]] {
        world.deliver(&[&CAMPAIGN[..], missing].concat()).exits(2);
    }
    world.deliver(&["--campaign", "Spring"]).exits(2);
    world
        .deliver(&["--start", "--expect-devices", "2"])
        .exits(2);
    for (more, code) in [
        (
            &[&CAMPAIGN[..], &["--start", "--expect-devices", "3"]].concat(),
            "FD-456",
        ),
        (
            &vec!["--campaign", "Spring", "--filter", "pucks", "--yes"],
            "FD-432",
        ),
        (
            &vec!["--campaign", "Spring", "--filter", "", "--yes"],
            "FD-453",
        ),
        (
            &vec![
                "--campaign",
                "Spring",
                "--filter",
                "name__eq=nobody",
                "--yes",
            ],
            "FD-458",
        ),
        (
            &[&CAMPAIGN[..], &["--key", "nobody", "--yes"]].concat(),
            "FD-510",
        ),
    ] {
        let exit = if ["FD-432", "FD-510"].contains(&code) {
            2
        } else {
            1
        };
        let ran = world.deliver(&[&more[..], &["--json"]].concat());
        let ran = ran.exits(exit);
        let error = complete(&ran);
        assert_eq!(error["code"], code, "{error}");
        assert!(
            text(&error["state_now"]).starts_with("Nothing was sent"),
            "{error}"
        );
    }
    assert_eq!(world.changes(), 0);
}

#[test]
fn a_file_goes_to_a_fleet_in_one_command_and_its_job_tells_how() {
    let world = World::new(2);
    let ran = world.deliver(&[&CAMPAIGN[..], &["--start", "--expect-devices", "2"]].concat());
    let ran = ran.exits(0);
    assert!(
        ran.out
            .contains("Verified: Every device reported: 2 updated."),
        "{}",
        ran.out
    );
    assert!(
        ran.err.contains("2 of 2 devices have reported. 2 updated."),
        "{}",
        ran.err
    );

    let job = world.cli.jobs().remove(0);
    assert!(is_verified(&job), "{job}");
    let id = text(&job["id"]);
    let campaign = world.pelion(&["campaigns", "list"])["data"][0].clone();
    let shown = world.cli.run(&["job", "show", &id]).exits(0).out;
    for part in [
        "Watch devices",
        &text(&campaign["id"]),
        &text(&campaign["root_manifest_id"]),
        "Spring: when planned, 2 devices match state__eq=registered",
        "version 1.0.1 of MAIN, signed with front",
        "2 of 2 devices have reported. 2 updated.",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    assert!(!shown.contains("Resumed 0"), "{shown}");
}

#[cfg(unix)]
#[test]
fn a_polite_signal_ends_a_watch_like_ctrl_c() {
    let world = World::new(1);
    world
        .server
        .set_behaviour(&world.devices()[0], Behaviour::Silent);
    let arguments = [
        &["deliver", &world.firmware, "--to", "pelion:bench"],
        &CAMPAIGN[..],
        &["--start", "--expect-devices", "1"],
    ];
    let delivers = world.cli.start(&arguments.concat());
    let id = poll("a started campaign", || {
        let list = world.pelion(&["campaigns", "list"]);
        (list["data"][0]["phase"] == "active").then(|| text(&list["data"][0]["id"]))
    });
    delivers.terminate();
    delivers.wait().exits(4);
    let watch = world.cli.start(&[
        "pelion",
        "campaigns",
        "watch",
        "--account",
        "bench",
        &id,
        "--json",
    ]);
    watch.until("the campaign's state", |line| {
        line["phase"].as_str().map(drop)
    });
    watch.terminate();
    let ran = watch.wait().exits(4);
    assert!(ran.err.contains("the campaign continues"), "{}", ran.err);
    let readers = world.cli.start(&["devices", "--watch", "--json"]);
    poll("a list", || (!readers.said().is_empty()).then_some(()));
    readers.terminate();
    readers.wait().exits(0);
}

#[cfg(unix)]
#[test]
fn ctrl_c_pauses_the_watch_and_says_that_the_campaign_goes_on() {
    let world = World::new(1);
    world
        .server
        .set_behaviour(&world.devices()[0], Behaviour::Silent);
    let arguments = [
        &["deliver", &world.firmware, "--to", "pelion:bench"],
        &CAMPAIGN[..],
        &["--start", "--expect-devices", "1"],
    ];
    let running = world.cli.start(&arguments.concat());
    poll("a started campaign", || {
        let list = world.pelion(&["campaigns", "list"]);
        (list["data"][0]["phase"] == "active").then_some(())
    });
    running.interrupt();
    let ran = running.wait().exits(4);
    assert!(ran.err.contains("Only the watch is paused"), "{}", ran.err);
    let id = text(&world.cli.jobs()[0]["id"]);
    world.cli.run(&["job", "cancel", &id]).exits(0);
    let shown = world.cli.run(&["job", "show", &id]).exits(0).out;
    assert!(shown.contains("continues at the service"), "{shown}");
    assert_eq!(
        world.pelion(&["campaigns", "list"])["data"][0]["phase"],
        "active"
    );
}
