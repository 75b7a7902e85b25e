//! The guide "Update campaigns using the APIs", one command for each of its lines, and a file that
//! goes to a fleet in one command.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "../support/cli_world.rs"]
mod cli_world;

use cli_world::{Cli, Ran, bytes, is_verified, poll};
use firmdrop_simulator::pelion::{
    Behaviour, DEMO_PUCK_CLASS_ID, DEMO_VENDOR_ID, Estate, Fleet, PelionOptions, PelionServer,
};
use serde_json::Value;

const KEY: &str = "ak_marker_that_must_never_be_shown";

/// A home with the account `bench` and the key `front`, and a service with quick devices.
struct World {
    cli: Cli,
    server: PelionServer,
    firmware: String,
    _runtime: tokio::runtime::Runtime,
}

impl World {
    fn new(devices: usize) -> Self {
        let cli = Cli::new();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let fleet = Fleet::new(devices, "puck", DEMO_VENDOR_ID, DEMO_PUCK_CLASS_ID);
        let options = PelionOptions {
            estate: Estate::of(fleet),
            ..PelionOptions::new(KEY)
        };
        let server = runtime.block_on(PelionServer::start(options)).unwrap();
        let key = cli.file("key", KEY.as_bytes());
        let url = server.url();
        let add = [
            "account",
            "add",
            "bench",
            "--host",
            &url,
            "--key-file",
            &key,
        ];
        cli.run(&add).exits(0);
        cli.run(&["manifest", "key", "new", "front"]).exits(0);
        let firmware = cli.file("puck.bin", &bytes(40_000, 1));
        Self {
            cli,
            server,
            firmware,
            _runtime: runtime,
        }
    }

    /// `pelion …` with JSON.
    fn run(&self, arguments: &[&str]) -> Ran {
        let mut all = vec!["pelion"];
        all.extend(arguments);
        all.extend(["--account", "bench", "--json"]);
        let ran = self.cli.run(&all);
        assert!(!ran.out.contains(KEY) && !ran.err.contains(KEY));
        ran
    }

    fn pelion(&self, arguments: &[&str]) -> Value {
        self.run(arguments).exits(0).json()
    }

    /// The diagnosis of a refusal, complete.
    fn refused(&self, arguments: &[&str]) -> Value {
        complete(&self.run(arguments).exits(1))
    }

    fn devices(&self) -> Vec<String> {
        let page = self.pelion(&["devices", "list"]);
        let devices = page["data"].as_array().unwrap().iter();
        devices.map(|device| text(&device["id"])).collect()
    }

    /// Waits until a campaign is in this phase.
    fn until(&self, id: &str, phase: &str) -> Value {
        poll(phase, || {
            let shown = self.pelion(&["campaigns", "show", id]);
            (shown["campaign"]["phase"] == phase).then_some(shown)
        })
    }

    /// Image, manifest and campaign for this filter; answers the campaign's id.
    fn drafted(&self, name: &str, filter: &str) -> String {
        let image = self.pelion(&["images", "create", &self.firmware, "--name", name]);
        let file = self.cli.path(name).display().to_string();
        let datafile = text(&image["datafile"]);
        let create = [
            "manifest",
            "create",
            &self.firmware,
            "--url",
            &datafile,
            "--output",
            &file,
            "--fw-version",
            "1.1.0",
            "--vendor-id",
            DEMO_VENDOR_ID,
            "--class-id",
            DEMO_PUCK_CLASS_ID,
            "--key",
            "front",
        ];
        self.cli.run(&create).exits(0);
        let manifest = self.pelion(&["manifests", "create", &file, "--name", name]);
        assert_eq!(manifest["delivered_payload_url"], image["datafile"]);
        let manifest = text(&manifest["id"]);
        let campaign = self.pelion(&[
            "campaigns",
            "create",
            "--name",
            name,
            "--filter",
            filter,
            "--manifest",
            &manifest,
        ]);
        assert_eq!(campaign["campaign"]["root_manifest_id"], manifest);
        text(&campaign["campaign"]["id"])
    }

    /// `deliver` of the firmware as a campaign.
    fn deliver(&self, more: &[&str]) -> Ran {
        let mut all = vec!["deliver", &self.firmware, "--to", "pelion:bench"];
        all.extend(more);
        self.cli.run(&all)
    }

    /// Requests that were anything but a question.
    fn changes(&self) -> usize {
        let record = self.server.record();
        let all = record.requests.iter();
        all.filter(|request| request.method != "GET").count()
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// Asserts that a failure tells everything a person needs, and answers it.
#[track_caller]
fn complete(ran: &Ran) -> Value {
    let error = ran.lines().pop().unwrap()["error"].clone();
    for part in ["code", "title", "what_happened", "why", "state_now"] {
        assert!(!text(&error[part]).is_empty(), "{part}: {error}");
    }
    assert!(!error["remedies"].as_array().unwrap().is_empty(), "{error}");
    error
}

#[test]
fn every_line_of_the_guide_has_its_command() {
    let world = World::new(3);
    let device = world.devices().remove(0);
    let filter = format!("id={device}");

    // Selecting devices to target, and testing the filter.
    let listed = world.pelion(&["devices", "list", "--filter", &filter]);
    assert_eq!(listed["data"].as_array().unwrap().len(), 1);
    assert_eq!(listed["data"][0]["id"], device);
    assert_eq!(
        world.pelion(&["devices", "count", "--filter", &filter])["devices"],
        1
    );

    // Image, manifest, campaign.
    let id = world.drafted("Demo campaign", &filter);
    let draft = world.pelion(&["campaigns", "show", &id]);
    assert_eq!(draft["campaign"]["phase"], "draft");
    assert_eq!(draft["campaign"]["autostop_success_percent"], 100.0);
    assert_eq!(
        draft["standing"]["allowed"],
        serde_json::json!(["edit", "start", "delete"])
    );

    // Starting it: only for the number of devices that is typed.
    let start = ["campaigns", "start", &id, "--expect-devices"];
    let refusal = world.refused(&[&start[..], &["2"]].concat());
    assert_eq!(refusal["code"], "FD-456");
    assert_eq!(
        refusal["what_happened"],
        "2 devices were expected; 1 matches the filter now."
    );
    assert_eq!(
        world.pelion(&["campaigns", "show", &id])["campaign"]["phase"],
        "draft"
    );
    let silent = world.server.set_behaviour(&device, Behaviour::Silent);
    assert!(silent, "so that it stays active until it is stopped");
    world.pelion(&[&start[..], &["1"]].concat());

    // Its phase, and how far its devices are.
    let active = world.until(&id, "active");
    assert_eq!(active["standing"]["title"], "Active");
    let counts = world.pelion(&["campaigns", "statistics", &id])["counts"].clone();
    assert_eq!(
        (&counts["total"], &counts["pending"]),
        (&1.into(), &1.into())
    );
    let csv = world
        .run(&["campaigns", "devices", &id, "--csv"])
        .exits(0)
        .out;
    let rows: Vec<&str> = csv.lines().collect();
    assert_eq!(rows.len(), 2, "{csv}");
    assert!(
        rows[1].contains(&format!("\"{device}\",\"puck-0001\"")),
        "{csv}"
    );

    refuses_what_its_phase_does_not_allow(&world, &id);

    is_stopped_and_archived(&world, &id);
}

fn refuses_what_its_phase_does_not_allow(world: &World, id: &str) {
    for act in ["archive", "delete"] {
        let mut asked = vec!["campaigns", act, id];
        asked.extend((act == "delete").then_some("--yes"));
        let refusal = world.refused(&asked);
        assert_eq!(refusal["code"], "FD-451", "{act}");
        assert!(
            refusal["remedies"]
                .to_string()
                .to_lowercase()
                .contains("stop"),
            "{refusal}"
        );
        assert!(
            refusal["details"].to_string().contains("Request id"),
            "{refusal}"
        );
    }
    assert_eq!(
        world.refused(&["campaigns", "start", id, "--expect-devices", "1"])["code"],
        "FD-451",
        "it was started already"
    );
}

fn is_stopped_and_archived(world: &World, id: &str) {
    let unconfirmed = world.run(&["campaigns", "stop", id]).exits(1);
    assert_eq!(unconfirmed.failure(), "FD-818", "nobody confirmed it");
    world.pelion(&["campaigns", "stop", id, "--yes"]);
    let stopped = world.until(id, "stopped");
    assert_eq!(stopped["campaign"]["state"], "userstopped");
    assert_eq!(
        world.refused(&["campaigns", "stop", id, "--yes"])["code"],
        "FD-451"
    );
    let archived = world.pelion(&["campaigns", "archive", id]);
    assert_eq!(archived["campaign"]["phase"], "archived");
    let listed = world.pelion(&["campaigns", "list"]);
    assert_eq!(
        listed["data"],
        serde_json::json!([]),
        "archived ones are hidden"
    );
    let listed = world.pelion(&["campaigns", "list", "--archived"]);
    assert_eq!(listed["data"][0]["id"], id);
}

#[test]
fn a_campaign_is_repeated_for_the_devices_that_failed() {
    let world = World::new(3);
    let devices = world.devices();
    world
        .server
        .set_behaviour(&devices[1], Behaviour::Fails(303));
    let all = format!("device_class__eq={DEMO_PUCK_CLASS_ID}");
    let id = world.drafted("Spring", &all);
    world.pelion(&["campaigns", "start", &id, "--expect-devices", "3"]);
    world.until(&id, "stopped");
    let statistics = world.pelion(&["campaigns", "statistics", &id]);
    assert_eq!(
        (
            &statistics["counts"]["success"],
            &statistics["counts"]["failed"]
        ),
        (&2.into(), &1.into())
    );
    let cause = statistics["causes"][0].to_string();
    assert!(cause.contains("UPD4_FAIL_303"), "{cause}");

    let copy = [
        "campaigns",
        "copy",
        &id,
        "--name",
        "Spring again",
        "--failed",
    ];
    let again = world.pelion(&copy)["campaign"].clone();
    assert_eq!(again["phase"], "draft");
    assert_eq!(again["device_filter"], format!("id__in={}", devices[1]));
    let taken = world.refused(&copy);
    assert_eq!(taken["code"], "FD-412");
    assert!(text(&taken["why"]).contains("campaign"), "{taken}");

    world.server.set_behaviour(&devices[1], Behaviour::Installs);
    let second = text(&again["id"]);
    world.pelion(&["campaigns", "start", &second, "--expect-devices", "1"]);
    world.until(&second, "stopped");
    let nobody = ["campaigns", "copy", &second, "--name", "Third", "--failed"];
    let refusal = world.run(&nobody).exits(1).lines().pop().unwrap()["error"].clone();
    assert!(
        text(&refusal["what_happened"]).contains("No device"),
        "{refusal}"
    );
    world.pelion(&["campaigns", "delete", &second, "--yes"]);
    assert_eq!(
        world.refused(&["campaigns", "show", &second])["code"],
        "FD-450"
    );
}

#[test]
fn a_running_campaign_is_stopped_and_deleted_in_one_command() {
    let world = World::new(1);
    world
        .server
        .set_behaviour(&world.devices()[0], Behaviour::Silent);
    let id = world.drafted("Spring", "state__eq=registered");
    world.pelion(&["campaigns", "start", &id, "--expect-devices", "1"]);
    world.until(&id, "active");
    world.pelion(&["campaigns", "delete", &id, "--stop", "--yes"]);
    let listed = world.pelion(&["campaigns", "list", "--archived"]);
    assert_eq!(listed["data"], serde_json::json!([]));
}

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
        let ran = world.deliver(&[&more[..], &["--json"]].concat()).exits(1);
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
    assert!(shown.contains("goes on with the service"), "{shown}");
    assert_eq!(
        world.pelion(&["campaigns", "list"])["data"][0]["phase"],
        "active"
    );
}
