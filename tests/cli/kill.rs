//! `kill -9` at twenty points of an upload: each time it goes on, and nothing is stored twice.

use cli_world::{Cli, Demo, bytes, finish, is_verified, poll};
use firmdrop_test_support::cli_world;

/// Size of the file: thirteen chunks, the last one short.
const FILE_BYTES: u64 = 64 << 20;
/// How often it is killed.
const KILLS: u64 = 20;

#[test]
fn an_upload_killed_at_twenty_points_ends_verified_with_one_image_each_time() {
    let cli = Cli::new();
    let demo = Demo::pelion_only(&cli);
    // A line on which the points of the kills lie apart: half a second of upload at least.
    demo.slow_chunks(40);
    let file = cli.file("puck.bin", &bytes(FILE_BYTES, 1));
    let sha256 = finish(std::process::Command::new("sha256sum").arg(&file)).out;
    let mut chance = 0x2545_f491_4f6c_dd1d_u64;
    for round in 0..KILLS {
        chance = chance
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(round);
        let lines = usize::try_from((chance >> 33) % 30).unwrap();
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
        // The point is a number of lines it has printed; fewer when it ends before.
        poll("the point of the kill", || {
            let said = running.said();
            let ended = said.last().is_some_and(|line| line["event"] == "result");
            (ended || said.len() >= lines).then_some(())
        });
        running.kill();
        let state = cli.jobs()[0]["state"]["state"].as_str().unwrap().to_owned();
        if state != "finished" {
            assert_eq!(state, "interrupted", "round {round}");
            let resumed = cli.run(&["job", "resume", &id, "--json"]).exits(0);
            let last = resumed.lines().pop().unwrap();
            assert!(is_verified(&last["job"]), "round {round}: {last}");
        }
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
    assert_eq!(ledger.json()["entries"], KILLS);
}
