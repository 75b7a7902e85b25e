//! `kill -9` at many points of an upload and of a load: each time it resumes, and nothing is stored twice.
//!
//! `FIRMDROP_KILLS` says how often, `FIRMDROP_SEED` where.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test stops at the first surprise, and says where it was"
)]

use std::time::Duration;

use cli_world::{Cli, Demo, Running, bytes, finish, is_verified, poll};
use firmdrop_simulator::reader::{Line, Settings, SimulatedReader, demo_image, serve_pty};
use firmdrop_test_support::cli_world;

/// Size of the file: thirteen chunks, the last one short.
const FILE_BYTES: u64 = 64 << 20;
/// How often an upload is killed, unless the environment says otherwise.
const UPLOADS: u64 = 20;
/// The same for loads, which take longer.
const LOADS: u64 = 8;

/// A number of the environment.
fn environment(name: &str, usual: u64) -> u64 {
    let number = std::env::var(name).ok();
    number.map_or(usual, |number| number.parse().unwrap())
}

/// Points of kills that are the same for the same seed.
struct Chance(u64);

impl Chance {
    fn new() -> Self {
        let seed = environment("FIRMDROP_SEED", 0x2545_f491_4f6c_dd1d);
        println!("FIRMDROP_SEED={seed}");
        Self(seed)
    }

    /// A number below this one.
    fn below(&mut self, limit: u64) -> u64 {
        // Knuth, MMIX.
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

/// Waits for the point of the kill: a number of lines it has printed, fewer when it ends before.
fn until_lines(running: &Running, lines: u64) {
    poll("the point of the kill", || {
        let said = running.said();
        let ended = said.last().is_some_and(|line| line["event"] == "result");
        (ended || said.len() as u64 >= lines).then_some(())
    });
}

/// Resumes a job that was killed, unless it had ended.
fn resume(cli: &Cli, id: &str, round: u64) {
    let state = cli.jobs()[0]["state"]["state"].as_str().unwrap().to_owned();
    if state != "finished" {
        assert_eq!(state, "interrupted", "round {round}");
    }
    // For a job that is finished already this is no error.
    let resumed = cli.run(&["job", "resume", id, "--json"]).exits(0);
    let last = resumed.lines().pop().unwrap();
    assert!(is_verified(&last["job"]), "round {round}: {last}");
}

#[test]
fn an_upload_killed_at_many_points_ends_verified_with_one_image_each_time() {
    let cli = Cli::new();
    let demo = Demo::pelion_only(&cli);
    // A line on which the points of the kills lie apart: half a second of upload at least.
    demo.slow_chunks(40);
    let file = cli.file("puck.bin", &bytes(FILE_BYTES, 1));
    let sha256 = finish(std::process::Command::new("sha256sum").arg(&file)).out;
    let mut chance = Chance::new();
    let kills = environment("FIRMDROP_KILLS", UPLOADS);
    for round in 0..kills {
        let lines = chance.below(30);
        let name = format!("puck-{round}");
        let running = cli.start(&[
            "deliver",
            &file,
            "--to",
            "pelion:demo",
            "--name",
            &name,
            "--chunk-bytes",
            "5242880",
            "--yes",
            "--json",
        ]);
        let id = running.job_id();
        until_lines(&running, lines);
        running.kill();
        resume(&cli, &id, round);
        let filter = format!("name__eq={name}");
        let images = cli.run(&["pelion", "images", "list", "--filter", &filter]);
        let images = images.exits(0).json();
        let images = images["data"].as_array().unwrap();
        assert_eq!(images.len(), 1, "round {round}");
        let checksum = images[0]["datafile_checksum"].as_str().unwrap();
        assert!(sha256.starts_with(checksum), "round {round}");
    }
    assert_eq!(demo.repeated_chunks(), 0);
    let record = demo.record();
    for job in record["jobs"].as_object().unwrap().values() {
        let received = job["received_bytes"].as_u64().unwrap();
        let most = FILE_BYTES + (5 << 20);
        assert!(
            received <= most,
            "more than one chunk was sent again: {received}"
        );
    }
    let ledger = cli.run(&["ledger", "verify", "--demo", "--json"]).exits(0);
    assert_eq!(ledger.json()["entries"], kills);
}

#[test]
fn a_load_killed_at_many_points_ends_verified_and_sends_only_what_was_in_flight_again() {
    /// Bytes in flight: a window of requests, and what a killed process left on the line.
    const IN_FLIGHT_BYTES: u64 = 16 * 1024;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let _inside = runtime.enter();
    let cli = Cli::new();
    let image = demo_image((1, 1, 0), 128 * 1024);
    let file = cli.file("reader.bin", &image);
    let mut chance = Chance::new();
    let kills = environment("FIRMDROP_KILLS", LOADS);
    let mut again = 0;
    for round in 0..kills {
        let settings = Settings {
            line: Some(Line {
                baud: 921_600,
                latency: Duration::from_millis(1),
            }),
            ..Settings::default()
        };
        let reader = SimulatedReader::new(settings, demo_image((1, 0, 0), 32 * 1024));
        let served = serve_pty(reader.clone()).unwrap();
        let to = format!("smp+serial:{}", served.path().display());
        let running = cli.start(&["deliver", &file, "--to", &to, "--yes", "--json"]);
        let id = running.job_id();
        until_lines(&running, chance.below(30));
        running.kill();
        resume(&cli, &id, round);
        assert!(reader.memory(0).starts_with(&image), "round {round}");
        assert!(reader.is_confirmed(), "round {round}");
        let sent = reader.counters().upload_bytes;
        let most = image.len() as u64 + IN_FLIGHT_BYTES;
        assert!(sent <= most, "round {round}: {sent} bytes were sent");
        again = again.max(sent.saturating_sub(image.len() as u64));
    }
    println!("{kills} kills, at most {again} bytes sent again");
    let ledger = cli.run(&["ledger", "verify", "--json"]).exits(0);
    assert_eq!(ledger.json()["entries"], kills);
}
