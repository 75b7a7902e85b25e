//! `pelion`: one command for each operation of the guide "Upload a large firmware image", and its
//! rules.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use firmdrop_test_support::cli_world;
use std::collections::BTreeSet;

use cli_world::{Cli, Demo, bytes, poll};
use serde_json::{Value, json};

const CHUNK_BYTES: u64 = 5 << 20;

/// MD5 of nothing: the hash of the finishing chunk.
const MD5_OF_NOTHING: &str = "d41d8cd98f00b204e9800998ecf8427e";

fn pelion(cli: &Cli, arguments: &[&str]) -> Value {
    let mut all = vec!["pelion"];
    all.extend(arguments);
    all.push("--json");
    cli.run(&all).exits(0).json()
}

/// The code and the reason of a refusal.
fn refused(cli: &Cli, arguments: &[&str]) -> (String, String) {
    let mut all = vec!["pelion"];
    all.extend(arguments);
    all.push("--json");
    let ran = cli.run(&all).exits(1);
    (ran.failure(), ran.out)
}

fn create(cli: &Cli, name: &str) -> String {
    let job = pelion(cli, &["upload-jobs", "create", "--name", name]);
    job["id"].as_str().unwrap().to_owned()
}

#[test]
fn every_operation_of_the_guide_has_its_command() {
    let cli = Cli::new();
    let demo = Demo::pelion_only(&cli);
    let created = pelion(
        &cli,
        &[
            "upload-jobs",
            "create",
            "--name",
            "puck",
            "--description",
            "first",
        ],
    );
    assert_eq!(created["status"], "not_started");
    assert_eq!(created["firmware_image_id"], "");
    let id = created["id"].as_str().unwrap();

    let updated = pelion(&cli, &["upload-jobs", "update", id, "--name", "puck-2"]);
    assert_eq!(updated["name"], "puck-2");
    assert_eq!(updated["description"], "first", "what is not named stays");

    assert_eq!(pelion(&cli, &["chunks", "list", id])["data"], json!([]));
    let first = cli.file("1", &bytes(CHUNK_BYTES, 1));
    let last = cli.file("2", &bytes(17, 2));
    let chunk = pelion(&cli, &["chunks", "append", id, &first]);
    assert_eq!(
        (&chunk["id"], &chunk["length"]),
        (&json!(1), &json!(CHUNK_BYTES))
    );
    let shown = pelion(&cli, &["upload-jobs", "show", id]);
    assert_eq!(shown["status"], "in_progress");
    let chunk = pelion(&cli, &["chunks", "append", id, &last]);
    assert_eq!(chunk["id"], 2);
    assert_eq!(
        pelion(&cli, &["chunks", "show", id, "2"])["hash"],
        chunk["hash"]
    );
    let listed = pelion(&cli, &["chunks", "list", id]);
    assert_eq!(listed["data"].as_array().unwrap().len(), 2);

    let finish = pelion(&cli, &["chunks", "append", id, "--finish"]);
    assert_eq!(finish["length"], 0);
    assert_eq!(finish["hash"], MD5_OF_NOTHING);
    let done = pelion(&cli, &["upload-jobs", "show", id]);
    assert_eq!(
        (&done["completed"], &done["status"]),
        (&json!(true), &json!("completed"))
    );
    assert_eq!(pelion(&cli, &["chunks", "list", id])["data"], json!([]));

    let image_id = done["firmware_image_id"].as_str().unwrap();
    let image = pelion(&cli, &["images", "show", image_id]);
    assert_eq!(image["datafile_size"], CHUNK_BYTES + 17);
    assert_eq!(pelion(&cli, &["images", "list"])["data"][0]["id"], image_id);

    for (what, id) in [("images", image_id), ("upload-jobs", id)] {
        let unconfirmed = cli.run(&["pelion", what, "delete", id, "--json"]);
        assert_eq!(unconfirmed.exits(2).failure(), "FD-818", "{what}");
        assert_eq!(pelion(&cli, &[what, "delete", id, "--yes"])["done"], true);
        let (code, _) = refused(&cli, &[what, "show", id]);
        assert!(
            ["FD-409", "FD-423"].contains(&code.as_str()),
            "{what}: {code}"
        );
    }
    assert_eq!(pelion(&cli, &["upload-jobs", "list"])["data"], json!([]));
    assert_eq!(demo.repeated_chunks(), 0);
}

#[test]
fn the_first_chunk_must_not_be_the_finishing_one() {
    let cli = Cli::new();
    let _demo = Demo::pelion_only(&cli);
    let id = create(&cli, "puck");
    let (code, why) = refused(&cli, &["chunks", "append", &id, "--finish"]);
    assert_eq!(code, "FD-408");
    assert!(why.contains("400"), "{why}");
    assert_eq!(
        pelion(&cli, &["upload-jobs", "show", &id])["status"],
        "not_started"
    );
}

#[test]
fn a_finished_upload_job_takes_no_more_chunks() {
    let cli = Cli::new();
    let _demo = Demo::pelion_only(&cli);
    let id = create(&cli, "puck");
    let chunk = cli.file("1", &bytes(100, 1));
    pelion(&cli, &["chunks", "append", &id, &chunk]);
    pelion(&cli, &["chunks", "append", &id, "--finish"]);
    for last in [chunk.as_str(), "--finish"] {
        let (code, why) = refused(&cli, &["chunks", "append", &id, last]);
        assert_eq!(code, "FD-408");
        assert!(why.contains("400"), "{why}");
    }
}

#[test]
fn a_name_can_be_used_once() {
    let cli = Cli::new();
    let _demo = Demo::pelion_only(&cli);
    create(&cli, "puck");
    let (code, why) = refused(&cli, &["upload-jobs", "create", "--name", "puck"]);
    assert_eq!(code, "FD-412");
    assert!(why.contains("409"), "{why}");
    let other = create(&cli, "other");
    // The guide knows 409 for a creation only; the reference of PUT lists no answer but 400.
    refused(&cli, &["upload-jobs", "update", &other, "--name", "puck"]);
    let unchanged = pelion(&cli, &["upload-jobs", "show", &other]);
    assert_eq!(unchanged["name"], "other");
}

#[test]
fn lists_can_be_paged_ordered_and_filtered() {
    let cli = Cli::new();
    let _demo = Demo::pelion_only(&cli);
    let ids: Vec<String> = (0..5).map(|n| create(&cli, &format!("puck-{n}"))).collect();
    let page = pelion(&cli, &["upload-jobs", "list", "--limit", "2"]);
    assert_eq!(page["has_more"], true);
    assert_eq!(page["data"][1]["id"], ids[1].as_str());
    let next = pelion(
        &cli,
        &["upload-jobs", "list", "--limit", "2", "--after", &ids[1]],
    );
    assert_eq!(next["data"][0]["id"], ids[2].as_str());
    let newest = pelion(&cli, &["upload-jobs", "list", "--newest-first"]);
    assert_eq!(newest["data"][0]["id"], ids[4].as_str());
    let one = pelion(
        &cli,
        &["upload-jobs", "list", "--filter", "name__eq=puck-3"],
    );
    assert_eq!(one["data"].as_array().unwrap().len(), 1);
    let ran = cli.run(&[
        "pelion",
        "upload-jobs",
        "list",
        "--filter",
        "name",
        "--json",
    ]);
    assert_eq!(
        ran.exits(2).failure(),
        "FD-432",
        "it is read before it is sent"
    );
}

#[test]
fn what_does_not_exist_is_named_as_such() {
    let cli = Cli::new();
    let _demo = Demo::pelion_only(&cli);
    let id = create(&cli, "puck");
    let nobody = "01658f9a586800000000000100100023";
    for arguments in [
        ["upload-jobs", "show", nobody].as_slice(),
        &["upload-jobs", "delete", nobody, "--yes"],
        &["chunks", "list", nobody],
        &["images", "show", nobody],
        &["chunks", "show", &id, "7"],
    ] {
        let (code, why) = refused(&cli, arguments);
        assert!(code.starts_with("FD-4"), "{arguments:?}: {code}");
        assert!(why.contains("404"), "{arguments:?}: {why}");
    }
    let ran = cli.run(&["pelion", "images", "list", "--account", "nobody", "--json"]);
    assert_eq!(ran.exits(2).failure(), "FD-441");
}

#[test]
fn the_table_of_a_campaign_has_a_line_for_each_device_of_a_fleet_of_several_pages() {
    const DEVICES: usize = 2500;
    const ALL: &str = "vendor_id__eq=77b14822a78e54c6bf1c31e553da7204";
    let cli = Cli::new();
    let _demo = Demo::of_fleet(&cli, DEVICES);
    let counted = pelion(&cli, &["devices", "count", "--filter", ALL]);
    assert_eq!(counted["devices"], DEVICES);

    let file = cli.file("puck.bin", &bytes(20_000, 7));
    let deliver = ["deliver", &file, "--to", "pelion:demo", "--campaign", "all"];
    let fleet = ["--filter", ALL, "--fw-version", "9.0.0", "--yes", "--json"];
    cli.run(&[&deliver[..], &fleet].concat()).exits(0);
    let campaigns = pelion(&cli, &["campaigns", "list"]);
    let id = campaigns["data"][0]["id"].as_str().unwrap();
    let count = DEVICES.to_string();
    pelion(
        &cli,
        &["campaigns", "start", id, "--expect-devices", &count],
    );
    poll("the campaign is active", || {
        let shown = pelion(&cli, &["campaigns", "show", id]);
        (shown["campaign"]["phase"] == "active").then_some(())
    });

    let table = cli.run(&["pelion", "campaigns", "devices", id, "--csv"]);
    let table = table.exits(0).out;
    let (head, lines) = table.split_once("\r\n").unwrap();
    assert!(head.starts_with("\"device_id\",\"name\",\"state\""));
    let devices: BTreeSet<_> = lines.lines().map(|line| &line[..34]).collect();
    assert_eq!((lines.lines().count(), devices.len()), (DEVICES, DEVICES));
}

#[test]
fn a_list_that_the_service_cannot_filter_refuses_a_filter() {
    let cli = Cli::new();
    let list = ["pelion", "campaigns", "devices", "0", "--filter", "a__eq=b"];
    let refused = cli.run(&list).exits(2);
    assert!(refused.err.contains("--filter"), "{}", refused.err);
}

#[test]
fn what_is_no_id_is_wrong_usage_and_asks_nobody() {
    let cli = Cli::new();
    let demo = Demo::pelion_only(&cli);
    let before = demo.record();
    for act in ["campaigns", "images", "devices"] {
        let refused = cli.run(&["pelion", act, "show", "../x", "--json"]).exits(2);
        assert_eq!(refused.failure(), "FD-212", "{act}");
    }
    assert_eq!(demo.record(), before);
}

#[cfg(unix)]
#[test]
fn a_stop_while_an_answer_is_waited_for_ends_with_4_and_says_what_is_not_known() {
    let cli = Cli::new();
    let demo = Demo::pelion_only(&cli);
    let id = create(&cli, "one");
    demo.fault(r#"{"kind":"silence"}"#, "DELETE", "upload-jobs");
    let asked = || {
        demo.record()
            .to_string()
            .matches(r#""method":"DELETE""#)
            .count()
    };
    for (before, stop) in [
        (0, cli_world::Running::interrupt as fn(&cli_world::Running)),
        (1, cli_world::Running::terminate),
    ] {
        let running = cli.start(&["pelion", "upload-jobs", "delete", &id, "--yes"]);
        poll("the deletion", || (asked() > before).then_some(()));
        stop(&running);
        let ran = running.wait().exits(4);
        assert!(ran.err.contains("is not known"), "{}", ran.err);
    }
}
