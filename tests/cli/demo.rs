//! The demo world of one home, wanted by more than one process.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use cli_world::{Cli, Demo, bytes, is_verified};
use firmdrop_test_support::cli_world;

fn account_host(cli: &Cli) -> String {
    let account = cli.run(&["account", "show", "demo", "--json"]).exits(0);
    account.json()["host"].as_str().unwrap().to_owned()
}

fn deliver(cli: &Cli, seed: u64) {
    let file = cli.file(&format!("{seed}.bin"), &bytes(1 << 20, seed));
    let ran = cli.run(&["deliver", &file, "--to", "pelion:demo", "--yes", "--json"]);
    assert!(is_verified(&ran.exits(0).lines().pop().unwrap()["job"]));
}

/// The firmware images of the demo account, the oldest first.
fn image_names(cli: &Cli) -> Vec<String> {
    let images = cli.run(&["pelion", "images", "list"]);
    let images = images.exits(0).json();
    let images = images["data"].as_array().unwrap().iter();
    let name = |image: &serde_json::Value| image["name"].as_str().unwrap().to_owned();
    images.map(name).collect()
}

#[test]
fn the_second_process_takes_the_pelion_service_of_the_first() {
    let cli = Cli::new();
    let first = Demo::pelion_only(&cli);
    let second = Demo::start(&cli);
    assert_eq!(second.host(), first.host());
    assert_eq!(first.world["pelion"]["elsewhere"], false);
    assert_eq!(second.world["pelion"]["elsewhere"], true);
    assert_eq!(account_host(&cli), first.host(), "the account moved");
    deliver(&cli, 1);
    second.end().exits(0);
    deliver(&cli, 2);
    let record = first.record();
    let requests = record["requests"].as_array().unwrap();
    let posts = requests.iter().filter(|one| one["method"] == "POST");
    assert_eq!(posts.count(), 2, "both images went to the first");
    assert_eq!(account_host(&cli), first.host());
}

#[test]
fn a_plan_says_what_a_yes_to_it_confirms() {
    let cli = Cli::new();
    let demo = Demo::pelion_only(&cli);
    let sample = demo.world["sample"].as_str().unwrap();
    let planned = cli.run(&["deliver", sample, "--to", "sim:reader-1", "--dry-run"]);
    let shown = planned.exits(0).err;
    assert!(
        shown.contains("Confirms       Deliver an image without a signature."),
        "{shown}"
    );
}

#[test]
fn a_delivery_to_a_simulated_reader_leaves_the_account_with_the_open_world() {
    let cli = Cli::new();
    let demo = Demo::pelion_only(&cli);
    let sample = demo.world["sample"].as_str().unwrap();
    let ran = cli.run(&["deliver", sample, "--to", "sim:reader-1", "--yes", "--json"]);
    assert!(is_verified(&ran.exits(0).lines().pop().unwrap()["job"]));
    assert_eq!(account_host(&cli), demo.host(), "the account moved");
    deliver(&cli, 3);
}

#[test]
fn after_a_killed_process_the_next_opens_the_same_world_at_its_address() {
    let cli = Cli::new();
    let first = Demo::pelion_only(&cli);
    let before = first.host().to_owned();
    deliver(&cli, 4);
    drop(first);
    let second = Demo::pelion_only(&cli);
    assert_eq!(second.host(), before);
    assert_eq!(second.world["pelion"]["elsewhere"], false);
    assert_eq!(account_host(&cli), second.host());
    deliver(&cli, 5);
    assert_eq!(image_names(&cli), ["4.bin", "5.bin"]);
}

#[test]
fn an_upload_ends_verified_though_its_process_and_the_demo_world_were_killed() {
    let cli = Cli::new();
    let demo = Demo::pelion_only(&cli);
    demo.slow_chunks(200);
    let content = bytes(22 << 20, 6);
    let file = cli.file("puck.bin", &content);
    let arguments = ["deliver", &file, "--to", "pelion:demo", "--yes", "--json"];
    let chunks = ["--chunk-bytes", "5242880"];
    let running = cli.start(&[&arguments[..], &chunks[..]].concat());
    let id = running.job_id();
    running.until_confirmed(10 << 20);
    running.kill();
    drop(demo);

    let demo = Demo::pelion_only(&cli);
    let resumed = cli.run(&["job", "resume", &id, "--json"]).exits(0);
    assert!(is_verified(&resumed.lines().pop().unwrap()["job"]));
    let record = demo.record();
    let requests = record["requests"].as_array().unwrap();
    let sent = requests.iter().filter(|one| {
        one["method"] == "POST" && one["target"].as_str().unwrap().ends_with("/chunks")
    });
    // Five chunks of which two were confirmed, and the empty one that finishes.
    assert!(sent.count() <= 4, "{record}");
    assert_eq!(image_names(&cli), ["puck.bin"]);
    drop(demo);

    let _demo = Demo::pelion_only(&cli);
    assert_eq!(image_names(&cli), ["puck.bin"]);
}

#[test]
fn the_sample_of_an_earlier_run_is_no_obstacle_to_the_next() {
    let cli = Cli::new();
    for _ in 0..2 {
        cli.run(&["demo", "--deliver", "--json"]).exits(0);
    }
    let _demo = Demo::pelion_only(&cli);
    assert_eq!(image_names(&cli).len(), 2);
}

#[test]
fn a_fleet_that_was_requested_is_a_world_of_its_own() {
    let cli = Cli::new();
    let usual = Demo::pelion_only(&cli);
    deliver(&cli, 7);
    usual.end().exits(0);
    let fleet = Demo::of_fleet(&cli, 3);
    assert!(image_names(&cli).is_empty());
    deliver(&cli, 8);
    fleet.end().exits(0);
    let _usual = Demo::pelion_only(&cli);
    assert_eq!(image_names(&cli), ["7.bin"]);
}

#[test]
fn a_port_of_its_own_is_refused_while_another_world_is_open() {
    let cli = Cli::new();
    let first = Demo::pelion_only(&cli);
    let refused = cli.run(&["demo", "--json", "--pelion-only", "--port", "9"]);
    let refused = refused.exits(1);
    assert!(refused.out.contains(first.host()), "{refused:?}");
    assert_eq!(account_host(&cli), first.host());
}

#[test]
fn the_demo_leaves_a_real_account_of_its_name_alone() {
    let cli = Cli::new();
    let key = cli.file("key", b"ak_real");
    let host = "http://127.0.0.1:1";
    let add = ["account", "add", "demo", "--host", host, "--key-file", &key];
    cli.run(&add).exits(0);
    let demo = Demo::pelion_only(&cli);
    assert_eq!(account_host(&cli), host);
    assert_eq!(demo.world["pelion"]["account"], "demo-2");
    let file = cli.file("image.bin", &bytes(1 << 20, 5));
    let to = ["deliver", &file, "--to", "pelion:demo-2", "--yes", "--json"];
    let ran = cli.run(&to).exits(0);
    assert!(is_verified(&ran.lines().pop().unwrap()["job"]));
}
