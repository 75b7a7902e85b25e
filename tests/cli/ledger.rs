//! `ledger`: what was delivered, sealed, exported and verified, here and elsewhere.

use cli_world::{Cli, Demo};
use firmdrop_test_support::cli_world;
use serde_json::Value;

/// A home with so many deliveries to its demo world.
fn delivered(count: u8) -> Cli {
    let cli = Cli::new();
    let demo = Demo::pelion_only(&cli);
    for number in 0..count {
        deliver(&cli, number);
    }
    drop(demo);
    cli
}

fn deliver(cli: &Cli, number: u8) {
    let image = cli.file(&format!("puck-{number}.bin"), &vec![number; 40_000]);
    cli.run(&["deliver", &image, "--to", "pelion:demo", "--yes"])
        .exits(0);
}

#[test]
fn an_export_carries_its_head_and_verifies_in_another_home() {
    let cli = delivered(3);
    let report = cli
        .run(&["ledger", "verify", "--demo", "--json"])
        .exits(0)
        .json();
    assert_eq!(
        (&report["entries"], &report["intact"]),
        (&3.into(), &true.into())
    );
    let said = cli.run(&["ledger", "verify", "--demo"]).exits(0).out;
    assert!(said.starts_with("3 entries, intact\n3 signed\n"), "{said}");
    let lines = cli.run(&["ledger", "export", "--demo"]).exits(0).lines();
    assert_eq!(lines.len(), 4);
    for entry in &lines[..3] {
        assert_eq!(entry["face"], "cli");
        assert!(entry["station"]["name"].is_string(), "{entry}");
        assert!(entry["hash"].is_string() && entry["file_name"].is_string());
    }
    let head = &lines[3]["head"];
    let note = head["checkpoint"].as_str().unwrap();
    assert_eq!(note, cli.run(&["ledger", "head", "--demo"]).exits(0).out);
    let shown = cli.run(&["ledger", "show", "2", "--demo"]).exits(0);
    assert_eq!(shown.out.trim_end(), lines[1]["envelope"].as_str().unwrap());

    let elsewhere = Cli::new();
    let text: Vec<String> = lines.iter().map(Value::to_string).collect();
    let verify = |lines: &[String]| {
        let file = elsewhere.file("export.jsonl", lines.join("\n").as_bytes());
        elsewhere.run(&["ledger", "verify", &file, "--json"])
    };
    let report = verify(&text).exits(0).json();
    assert_eq!(
        (&report["entries"], &report["key_found"]),
        (&3.into(), &"not_here".into())
    );
    assert_eq!(verify(&text[..3]).exits(1).failure(), "FD-819");
    assert_eq!(verify(&text[1..]).exits(1).failure(), "FD-819");
    let key = head["verifiers"][0].as_str().unwrap();
    let file = elsewhere.file("export.jsonl", text.join("\n").as_bytes());
    let trusted = ["ledger", "verify", &file, "--key", key, "--json"];
    assert_eq!(
        elsewhere.run(&trusted).exits(0).json()["key_found"],
        "given"
    );
    let csv = cli.run(&["ledger", "export", "--demo", "--csv"]).exits(0);
    assert!(csv.out.contains(note), "{}", csv.out);
}

#[test]
fn a_head_that_was_stored_elsewhere_shows_that_the_home_was_put_back() {
    let cli = delivered(2);
    let old = std::fs::read(cli.home().join("journal.sqlite")).unwrap();
    let old_head = std::fs::read(cli.home().join("ledger-demo.checkpoint")).unwrap();
    let demo = Demo::pelion_only(&cli);
    deliver(&cli, 9);
    drop(demo);
    let head = cli.run(&["ledger", "head", "--demo"]).exits(0).out;
    let head = cli.file("head", head.as_bytes());
    let verify = ["ledger", "verify", "--demo", "--head", &head, "--json"];
    cli.run(&verify).exits(0);
    std::fs::write(cli.home().join("journal.sqlite"), old).unwrap();
    let _ = std::fs::remove_file(cli.home().join("journal.sqlite-wal"));
    let _ = std::fs::remove_file(cli.home().join("journal.sqlite-shm"));
    // The journal alone: the head beside it shows it.
    assert_eq!(cli.run(&verify[..3]).exits(1).code, Some(1));
    std::fs::write(cli.home().join("ledger-demo.checkpoint"), old_head).unwrap();
    assert_eq!(cli.run(&verify).exits(1).failure(), "FD-819");
}

#[cfg(unix)]
#[test]
fn a_copy_that_may_not_be_written_verifies_and_stays_as_it_is() {
    use std::os::unix::fs::PermissionsExt as _;
    let cli = delivered(2);
    let evidence = Cli::new();
    std::fs::create_dir_all(evidence.home()).unwrap();
    for name in [
        "journal.sqlite",
        "journal.sqlite-wal",
        "ledger-demo.checkpoint",
    ] {
        let to = evidence.home().join(name);
        if std::fs::copy(cli.home().join(name), &to).is_err() {
            continue;
        }
        std::fs::set_permissions(&to, std::fs::Permissions::from_mode(0o400)).unwrap();
    }
    std::fs::set_permissions(evidence.home(), std::fs::Permissions::from_mode(0o500)).unwrap();
    let report = evidence
        .run(&["ledger", "verify", "--demo", "--json"])
        .exits(0)
        .json();
    assert_eq!(report["entries"], 2);
    std::fs::set_permissions(evidence.home(), std::fs::Permissions::from_mode(0o700)).unwrap();
}
