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
fn after_a_killed_process_the_next_opens_a_world_of_its_own() {
    let cli = Cli::new();
    let first = Demo::pelion_only(&cli);
    let before = first.host().to_owned();
    drop(first);
    let second = Demo::pelion_only(&cli);
    assert_ne!(second.host(), before);
    assert_eq!(second.world["pelion"]["elsewhere"], false);
    assert_eq!(account_host(&cli), second.host());
    deliver(&cli, 4);
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
