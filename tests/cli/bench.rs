//! `bench`: real ports, real processes, a kill, and what a script reads of it.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::time::Duration;

use firmdrop_core::Sha256;
use firmdrop_simulator::reader::{
    Faults, PtyServer, Settings, SimulatedReader, demo_image, serve_pty,
};
use firmdrop_test_support::cli_world::{Cli, Running};
use serde_json::Value;

/// Bytes of code of the image.
const CODE_BYTES: u32 = 48 * 1024;
/// Zephyr, `mgmt_defines.h`, `MGMT_ERR_EBADSTATE`.
const BAD_STATE: i32 = 6;

/// A home and readers on serial ports of their own.
struct World {
    cli: Cli,
    readers: Vec<SimulatedReader>,
    ports: Vec<PtyServer>,
    image: String,
    _runtime: tokio::runtime::Runtime,
}

impl World {
    fn with(settings: Vec<Settings>) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let inside = runtime.enter();
        let reader = |settings| SimulatedReader::new(settings, demo_image((1, 0, 0), 32 * 1024));
        let readers: Vec<_> = settings.into_iter().map(reader).collect();
        let ports = readers
            .iter()
            .map(|reader| serve_pty(reader.clone()).unwrap());
        let ports = ports.collect();
        drop(inside);
        let cli = Cli::new();
        Self {
            image: cli.file("newer.bin", &demo_image((1, 1, 0), CODE_BYTES)),
            cli,
            readers,
            ports,
            _runtime: runtime,
        }
    }

    fn of(count: usize) -> Self {
        Self::with(vec![Settings::default(); count])
    }

    /// The command for one unit of each reader, and its record.
    fn arguments(&self, more: &[&str]) -> Vec<String> {
        let mut arguments: Vec<String> = [
            "bench",
            &self.image,
            "--lot",
            "4711",
            "--once",
            "--yes",
            "--json",
        ]
        .map(str::to_owned)
        .into();
        arguments.extend(["--confirm", "unsigned", "--record"].map(str::to_owned));
        arguments.push(self.record().display().to_string());
        for (number, port) in (1..).zip(&self.ports) {
            arguments.push("--lane".into());
            arguments.push(format!("A{number}=smp+serial:{}", port.path().display()));
        }
        arguments.extend(more.iter().map(|more| (*more).to_owned()));
        arguments
    }

    fn start(&self, more: &[&str]) -> Running {
        let arguments = self.arguments(more);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        self.cli.start(&arguments)
    }

    fn record(&self) -> std::path::PathBuf {
        self.cli.path("record.csv")
    }

    /// Rows of the record without the names of the columns.
    fn rows(&self) -> Vec<Vec<String>> {
        let text = std::fs::read_to_string(self.record()).unwrap();
        let cells = |line: &str| line.split(',').map(str::to_owned).collect();
        text.lines().skip(1).map(cells).collect()
    }

    fn all_are_loaded(&self) -> bool {
        let image = Sha256::of(&demo_image((1, 1, 0), CODE_BYTES));
        let mut readers = self.readers.iter();
        readers.all(|reader| reader.slot_sha256(0) == image)
    }
}

fn units(lines: &[Value]) -> Vec<&Value> {
    let units = lines.iter().filter(|line| line["event"] == "unit");
    units.map(|line| &line["record"]).collect()
}

/// Whether a lane has begun to write and is not through.
fn writes(lane: &Value) -> bool {
    let bytes = |name: &str| lane["progress"][name].as_u64().unwrap_or(0);
    (1..bytes("total_bytes")).contains(&bytes("confirmed_bytes"))
}

#[test]
fn each_reader_is_loaded_once_and_a_script_gets_one_record_for_each() {
    let world = World::of(3);
    let label = ["--label", "{lot}/{unit:3}/{lane}"];
    let ran = world.start(&label).wait().exits(0);
    let lines = ran.lines();
    let mut lanes: Vec<&str> = units(&lines)
        .iter()
        .map(|unit| unit["lane"].as_str().unwrap())
        .collect();
    lanes.sort_unstable();
    assert_eq!(lanes, ["A1", "A2", "A3"]);
    let end = lines.last().unwrap();
    assert_eq!(
        (&end["event"], &end["counts"]["pass"]),
        (&"end".into(), &3.into())
    );
    assert!(world.all_are_loaded());
    let rows = world.rows();
    assert_eq!(rows.len(), 3);
    for row in rows {
        let unit: u32 = row[1].parse().unwrap();
        assert_eq!(
            (row[0].as_str(), row[3].as_str()),
            ("4711", "PASS"),
            "{row:?}"
        );
        assert_eq!(row[4], format!("4711/{unit:03}/{}", row[5]), "{row:?}");
    }
    // What is done is not written again, and leaves no second record.
    let restarts = world.readers[0].counters().restarts;
    let again = world.start(&[]).wait().exits(0);
    assert!(units(&again.lines()).is_empty());
    assert_eq!(world.readers[0].counters().restarts, restarts);
    assert_eq!(world.rows().len(), 3);
}

#[test]
fn one_that_refuses_is_the_failure_of_the_command_and_names_its_cause() {
    let world = World::of(2);
    world.readers[1].set_faults(Faults {
        refuses_uploads: Some(BAD_STATE),
        ..Faults::default()
    });
    let ran = world.start(&["--stop-after", "1"]).wait().exits(1);
    let lines = ran.lines();
    let units = units(&lines);
    let failed = units.iter().find(|unit| unit["result"] == "FAIL").unwrap();
    assert_eq!(
        (&failed["lane"], &failed["code"]),
        (&"A2".into(), &"FD-307".into())
    );
    assert!(
        !failed["state_now"].as_str().unwrap().is_empty(),
        "{failed}"
    );
    assert!(lines.last().unwrap()["stopped"]["title"].is_string());
    assert_eq!(world.rows().len(), 2);
}

#[test]
fn a_bench_that_was_killed_in_the_middle_of_its_writes_goes_on_with_the_same_units() {
    let slow = Settings {
        flash_per_byte: Duration::from_micros(150),
        ..Settings::default()
    };
    let world = World::with(vec![slow.clone(), Settings::default(), slow]);
    let running = world.start(&[]);
    running.until("the fast lane's record", |line| {
        (line["event"] == "unit").then_some(())
    });
    running.until("a lane that writes", |line| {
        let lane = &line["lane"];
        (lane["name"] == "A1" && writes(lane)).then_some(())
    });
    running.kill();
    let log = std::fs::read_to_string(world.cli.home().join("lots/4711.jsonl")).unwrap();
    let left = 3 - log.matches(r#""event":"ended""#).count();
    assert!(left > 0, "{log}");
    // Killed in the middle of a row as well.
    let text = std::fs::read_to_string(world.record()).unwrap();
    std::fs::write(world.record(), &text[..text.len() - 5]).unwrap();
    let before: Vec<Value> = world.cli.jobs();
    assert_eq!(before.len(), 3);

    let ran = world.start(&[]).wait().exits(0);
    assert!(world.all_are_loaded());
    let rows = world.rows();
    let mut numbers: Vec<&str> = rows.iter().map(|row| row[1].as_str()).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, ["1", "2", "3"], "{rows:?}");
    assert!(rows.iter().all(|row| row[3] == "PASS"), "{rows:?}");
    assert_eq!(units(&ran.lines()).len(), left, "only what was not done");
    // The same jobs went on; the bench began no new ones.
    let after = world.cli.jobs();
    assert_eq!(after.len(), 3);
    let resumed = after
        .iter()
        .filter(|job| world.cli.job(job["id"].as_str().unwrap())["resumed"] == 1);
    assert_eq!(resumed.count(), left);
}

#[test]
fn what_cannot_be_meant_is_wrong_usage_and_writes_nothing() {
    let world = World::of(1);
    let port = format!("smp+serial:{}", world.ports[0].path().display());
    let (image, lane) = (world.image.as_str(), port.as_str());
    let unsigned = ["--confirm", "unsigned"];
    let bench = |more: &[&str]| {
        let mut arguments = vec!["bench", image, "--json"];
        arguments.extend(unsigned);
        arguments.extend(more);
        world.cli.run(&arguments).exits(2)
    };
    // Refused by the grammar.
    bench(&["--lane", lane]);
    bench(&["--lot", "1", "--lane", lane, "--teach", "3"]);
    bench(&["--lot", "1", "--teach", "33"]);
    bench(&["--lot", "1", "--lane", lane, "--stop-after", "0"]);
    bench(&["--lot", "1", "--lane", lane, "--confirm", "everything"]);
    // Refused before anything.
    for (more, code) in [
        (vec!["--lot", "1"], "FD-210"),
        (vec!["--lot", "../1", "--lane", lane], "FD-210"),
        (vec!["--lot", "1", "--lane", "pelion:lab"], "FD-208"),
        (vec!["--lot", "1", "--lane", lane, "--lane", lane], "FD-210"),
        (
            vec!["--lot", "1", "--lane", lane, "--label", "{x}"],
            "FD-210",
        ),
    ] {
        let ran = bench(&[more, vec!["--yes"]].concat());
        assert_eq!(ran.failure(), code, "{ran:?}");
    }
    let not_confirmed = bench(&["--lot", "1", "--lane", lane]);
    assert!(
        not_confirmed.failure().starts_with("FD-"),
        "{not_confirmed:?}"
    );
    let other = world.cli.file("other.bin", &demo_image((1, 2, 0), 8192));
    world.start(&[]).wait().exits(0);
    let ran = world.cli.run(&[
        "bench",
        &other,
        "--lot",
        "4711",
        "--lane",
        lane,
        "--yes",
        "--json",
        "--confirm",
        "unsigned",
    ]);
    assert_eq!(ran.exits(2).failure(), "FD-210");
    let unsigned = world.cli.run(&[
        "bench", image, "--lot", "2", "--lane", lane, "--yes", "--json",
    ]);
    assert_eq!(unsigned.exits(2).failure(), "FD-210");
}

#[test]
fn a_record_that_is_something_else_is_left_as_it_is() {
    let world = World::of(1);
    std::fs::write(world.record(), "name,colour\nGate,red\n").unwrap();
    let ran = world.start(&[]).wait().exits(2);
    assert_eq!(ran.failure(), "FD-210");
    assert_eq!(
        std::fs::read_to_string(world.record()).unwrap(),
        "name,colour\nGate,red\n"
    );
    assert!(world.readers[0].counters().changed_nothing());
}

#[test]
fn teaching_asks_for_one_lane_after_the_other_and_ctrl_c_ends_it() {
    let cli = Cli::new();
    let image = cli.file("newer.bin", &demo_image((1, 1, 0), CODE_BYTES));
    let teaching = cli.start(&[
        "bench",
        &image,
        "--lot",
        "1",
        "--teach",
        "2",
        "--confirm",
        "unsigned",
        "--yes",
        "--json",
    ]);
    let lane = teaching.until("the lane that is asked for", |line| {
        (line["event"] == "teach").then(|| line["lane"].clone())
    });
    assert_eq!(lane, "1");
    teaching.interrupt();
    teaching.wait().exits(4);
}

#[test]
fn ctrl_c_ends_a_bench_after_the_units_that_run() {
    let slow = Settings {
        flash_per_byte: Duration::from_micros(20),
        ..Settings::default()
    };
    let world = World::with(vec![slow]);
    let running = world.start(&[]);
    running.until("a lane that writes", |line| {
        writes(&line["lane"]).then_some(())
    });
    running.interrupt();
    let ran = running.wait().exits(0);
    assert_eq!(units(&ran.lines()).len(), 1);
    assert!(world.all_are_loaded());
}
