//! Wrong usage: what cannot be meant ends with 2, in words of its own, and changes nothing.
#![expect(
    clippy::unwrap_used,
    reason = "a test stops at the first surprise, and says which"
)]

use std::fs::File;
use std::process::Stdio;

use firmdrop_test_support::cli_world::{Cli, Demo, Ran, finish};
use serde_json::Value;

/// Runs it and gives its refusal, which is wrong usage.
#[track_caller]
fn refusal(cli: &Cli, arguments: &[&str]) -> Value {
    let mut all = arguments.to_vec();
    all.push("--json");
    let ran = cli.run(&all).exits(2);
    let error = ran.lines().pop().unwrap()["error"].clone();
    assert!(
        !error["remedies"].as_array().unwrap().is_empty(),
        "{arguments:?} has no way out: {error}"
    );
    error
}

#[test]
fn an_id_an_update_or_a_filter_that_is_none_is_wrong_usage_and_nothing_is_sent() {
    let cli = Cli::new();
    let demo = Demo::pelion_only(&cli);
    for (arguments, title) in [
        (
            &["pelion", "upload-jobs", "show", "../x"][..],
            "This is not an id",
        ),
        (
            &["pelion", "chunks", "show", "a.b", "1"],
            "This is not an id",
        ),
        (
            &["pelion", "devices", "count", "--filter", "x"],
            "The filter cannot be used",
        ),
        (
            &["adu", "updates", "show", "Contoso/Toaster"],
            "This is not an update",
        ),
    ] {
        let error = refusal(&cli, arguments);
        assert_eq!(error["title"], title, "{arguments:?}");
        assert_eq!(error["state_now"], "Nothing was sent.", "{arguments:?}");
    }
    assert_eq!(demo.record()["requests"], serde_json::json!([]));
}

#[test]
fn an_allowed_host_with_a_port_a_scheme_or_a_path_is_wrong_usage() {
    let cli = Cli::new();
    for host in [
        "127.0.0.1:8080",
        "http://files.plant",
        "files.plant/fw",
        "[::1]:80",
        "",
        "a b",
    ] {
        let asked = ["deliver", "http://127.0.0.1:9/fw.bin", "--to", "pelion:x"];
        let ran = cli.run(&[&asked[..], &["--allow-host", host]].concat());
        let said = ran.exits(2).err;
        assert!(said.contains("the host alone"), "{host:?}: {said}");
    }
}

#[test]
fn a_number_that_the_service_cannot_take_is_wrong_usage() {
    let cli = Cli::new();
    for arguments in [
        &["pelion", "images", "list", "--limit", "1"][..],
        &["pelion", "images", "list", "--limit", "1001"],
        &[
            "pelion",
            "campaigns",
            "create",
            "--name",
            "c",
            "--stop-at-percent",
            "NaN",
        ],
        &[
            "pelion",
            "campaigns",
            "create",
            "--name",
            "c",
            "--stop-at-percent",
            "101",
        ],
        &[
            "pelion",
            "campaigns",
            "create",
            "--name",
            "c",
            "--stop-at-percent",
            "0",
        ],
        &["manifest", "key", "certificate", "k", "--days", "0"],
        &[
            "manifest",
            "key",
            "certificate",
            "k",
            "--days",
            "4000000000",
        ],
    ] {
        let ran = cli.run(arguments).exits(2);
        assert!(ran.err.contains("invalid value"), "{ran:?}");
    }
}

#[test]
fn a_chunk_that_is_not_there_does_not_make_its_upload_job_a_missing_one() {
    let cli = Cli::new();
    let _demo = Demo::pelion_only(&cli);
    let made = cli.run(&["pelion", "upload-jobs", "create", "--name", "j", "--json"]);
    let id = made.exits(0).json()["id"].as_str().unwrap().to_owned();
    let ran = cli
        .run(&["pelion", "chunks", "show", &id, "7", "--json"])
        .exits(1);
    let error = ran.lines().pop().unwrap()["error"].clone();
    assert_eq!(error["title"], "The chunk or its upload job does not exist");
    assert_eq!(error["code"], "FD-434");
}

#[test]
fn an_address_that_is_written_wrongly_is_not_a_reader_that_is_away() {
    let cli = Cli::new();
    for (reader, why) in [
        ("smp+udp:127.0.0.1:99999", "a number from 1 to 65535"),
        ("smp+udp:", "The host is missing"),
        ("smp+serial:/dev/ttyACM0?baud=0", "positive whole number"),
        ("smp+serial:/dev/ttyACM0?baud=1&baud=2", "there twice"),
        ("pelion:demo", "another kind of destination"),
        ("foo+bar:1", "No kind of destination is called foo+bar"),
        (
            "smp+tcp:192.0.2.7",
            "No kind of destination is called smp+tcp",
        ),
    ] {
        for command in [
            &["devices", "identify", reader][..],
            &["devices", "restart", reader],
            &["devices", "history", reader],
            &["console", reader],
        ] {
            let error = refusal(&cli, command);
            let said = error["why"].as_str().unwrap();
            assert!(said.contains(why), "{command:?}: {error}");
        }
    }
}

#[test]
fn a_folder_that_is_no_bootloaders_drive_is_no_fault_of_an_image() {
    let cli = Cli::new();
    let folder = cli.path("");
    let drive = format!("volume:{}", folder.display());
    let ran = cli.run(&["devices", "identify", &drive, "--json"]).exits(1);
    let error = ran.lines().pop().unwrap()["error"].clone();
    assert_eq!(error["code"], "FD-201");
    assert_eq!(error["title"], "No bootloader is there");
    assert!(
        !error["remedies"]
            .to_string()
            .contains("choose_another_file")
    );
}

#[test]
fn an_option_that_is_given_twice_or_cannot_be_read_is_no_fault_of_the_image() {
    let cli = Cli::new();
    let image = cli.file("image.bin", b"not an image");
    let to = [
        "deliver",
        &image,
        "--to",
        "smp+udp:127.0.0.1:1",
        "--dry-run",
    ];
    let with = |options: &[&str]| {
        let options = options.iter().flat_map(|option| ["--option", option]);
        let all: Vec<&str> = to.into_iter().chain(options).collect();
        refusal(&cli, &all)
    };
    let twice = with(&["image=0", "image=1"]);
    assert_eq!(twice["title"], "An option is given twice");
    let unread = with(&["image=x"]);
    assert_eq!(unread["title"], "An option cannot be used");
    assert_eq!(unread["why"], "The option image takes a whole number.");
    let unknown = with(&["nope=1"]);
    let remedies = unknown["remedies"].to_string();
    assert!(!remedies.contains("plan_again"), "{remedies}");
}

#[test]
fn a_file_that_is_named_is_said_as_it_is() {
    let cli = Cli::new();
    let image = cli.file("passwd", b"no image for it");
    let ran = cli.run(&[
        "deliver",
        &image,
        "--to",
        "smp+udp:127.0.0.1:1",
        "--dry-run",
        "--json",
    ]);
    let error = ran.exits(1).lines().pop().unwrap()["error"].clone();
    let what = error["what_happened"].as_str().unwrap();
    assert!(
        what.starts_with("The file passwd was not planned"),
        "{what}"
    );
}

#[test]
fn a_root_that_is_not_there_is_not_a_system_without_trouble() {
    let cli = Cli::new();
    let file = cli.file("file", b"x");
    for root in [cli.path("nope").display().to_string(), file] {
        let error = refusal(&cli, &["doctor", "--root", &root]);
        assert_eq!(error["title"], "There is no system in this folder");
    }
}

#[test]
fn a_ledger_is_verified_against_files_that_are_there() {
    let cli = Cli::new();
    let folder = cli.path("").display().to_string();
    for (arguments, code) in [
        (&["ledger", "verify", "nope"][..], "FD-103"),
        (&["ledger", "verify", "--head", "nope"], "FD-103"),
        (&["ledger", "verify", &folder], "FD-106"),
        (&["ledger", "verify", "/dev/zero"], "FD-106"),
        (&["ledger", "verify", "--key", "x"], "FD-212"),
        (&["ledger", "show", "9"], "FD-212"),
    ] {
        assert_eq!(refusal(&cli, arguments)["code"], code, "{arguments:?}");
    }
    let none = cli.file("none", b"x");
    let ran = cli.run(&["ledger", "verify", &none, "--json"]).exits(1);
    assert_eq!(ran.failure(), "FD-823");
}

#[test]
fn a_pipe_that_nobody_writes_to_is_no_export() {
    let cli = Cli::new();
    let pipe = cli.path("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    let error = refusal(&cli, &["ledger", "verify", &pipe.display().to_string()]);
    assert_eq!(error["code"], "FD-106");
}

#[test]
fn a_ledger_is_verified_through_the_pipe_of_a_shell() {
    let cli = Cli::new();
    cli.run(&["demo", "--deliver"]).exits(0);
    let export = cli.run(&["ledger", "export", "--demo"]).exits(0);
    let file = cli.file("export", export.out.as_bytes());
    let program = env!("CARGO_BIN_EXE_firmdrop-cli");
    let home = cli.home().display().to_string();
    let shell = |script: &str| {
        let script = format!("set -o pipefail; {script}");
        let ran = std::process::Command::new("bash")
            .args(["-c", &script, program, &home, &file])
            .output()
            .unwrap();
        let out = String::from_utf8(ran.stdout).unwrap();
        (ran.status.code(), out)
    };
    let whole = shell("$0 --home $1 ledger verify $2");
    assert!(whole.1.contains("2 entries, intact"), "{whole:?}");
    for script in [
        "$0 --home $1 ledger verify <(cat $2)",
        "$0 --home $1 ledger verify <(head -c 100 $2; read -t 0.2 < <(:); tail -c +101 $2)",
        "cat $2 | $0 --home $1 ledger verify /dev/stdin",
        "cat $2 | $0 --home $1 ledger verify -",
        "$0 --home $1 ledger verify - < $2",
        "$0 --home $1 ledger verify $2 --head <($0 --home $1 ledger head --demo)",
    ] {
        assert_eq!(shell(script), whole, "{script}");
    }
    // An end without bytes is no export.
    assert_eq!(shell("$0 --home $1 ledger verify <(:)").0, Some(2));
}

#[test]
fn an_account_that_does_not_exist_is_not_edited() {
    let cli = Cli::new();
    let key = cli.file("key", b"ak_secret_of_this_test");
    let add = |more: &[&str]| {
        let mut all = vec![
            "account",
            "add",
            "plant",
            "--key-file",
            &key,
            "--key-in-file",
            "--json",
        ];
        all.extend(more);
        cli.run(&all)
    };
    let error = |ran: Ran| ran.lines().pop().unwrap()["error"].clone();
    let wrong_host = error(add(&["--host", "nonsense"]).exits(2));
    assert_eq!(wrong_host["code"], "FD-443");
    assert!(
        !wrong_host["remedies"].to_string().contains("edit_account"),
        "{wrong_host}"
    );
    assert_eq!(wrong_host["state_now"], "No account was changed.");
    let field = error(add(&["--set", "colour=red"]).exits(2));
    assert_eq!(field["title"], "There is no such field");
    let secret = error(add(&["--secret-file", "word=key"]).exits(2));
    assert_eq!(secret["title"], "There is no such secret");
    assert_eq!(
        cli.run(&["account", "list", "--json"]).json(),
        serde_json::json!([])
    );
    let missing = refusal(&cli, &["account", "show", "pelion:plant"]);
    let remedies = missing["remedies"].to_string();
    assert!(
        remedies.contains("account add plant --kind pelion"),
        "{remedies}"
    );
}

#[test]
fn a_name_of_two_accounts_removes_neither() {
    let cli = Cli::new();
    let demo = Demo::start(&cli);
    let refused = refusal(&cli, &["account", "remove", "demo"]);
    assert_eq!(refused["title"], "Several accounts have this name");
    let listed = cli.run(&["account", "list", "--json"]).exits(0).json();
    assert_eq!(listed.as_array().unwrap().len(), 2);
    cli.run(&["account", "remove", "adu:demo"]).exits(0);
    let missing = refusal(&cli, &["account", "show", "nope"]);
    assert_eq!(missing["why"], "There are: demo.");
    drop(demo);
}

#[test]
fn a_port_that_is_taken_is_no_contradiction() {
    let cli = Cli::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let ran = cli.run(&["demo", "--port", &port, "--json"]).exits(1);
    assert_eq!(ran.failure(), "FD-826");
}

#[test]
fn a_reader_is_added_by_its_address_named_and_forgotten() {
    let cli = Cli::new();
    let added = cli
        .run(&["devices", "add", "192.0.2.7:1337", "--json"])
        .exits(0);
    assert_eq!(added.json()["destination"], "smp+udp:192.0.2.7:1337");
    let named = cli.run(&[
        "devices",
        "name",
        "smp+udp:192.0.2.7:1337",
        "Gate",
        "--json",
    ]);
    assert_eq!(named.exits(0).json()["reader"]["name"], "Gate");
    cli.run(&["devices", "forget", "Gate"]).exits(0);
    let error = refusal(&cli, &["devices", "forget", "smp+udp:192.0.2.7:1337"]);
    assert!(
        error["why"].as_str().unwrap().contains("was not added"),
        "{error}"
    );
}

/// Runs it with its answer on a full disk.
fn on_a_full_disk(cli: &Cli, arguments: &[&str]) -> Ran {
    let full = File::options().write(true).open("/dev/full").unwrap();
    let mut command = cli.command(arguments);
    let output = command.stdout(Stdio::from(full)).output().unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(
        !error.is_empty(),
        "{arguments:?} says nothing of its lost answer"
    );
    Ran {
        code: output.status.code(),
        out: String::new(),
        err: error,
    }
}

#[test]
fn an_answer_that_a_full_disk_did_not_take_is_no_success() {
    let cli = Cli::new();
    let image = cli.file("image.bin", b"some bytes");
    for arguments in [
        &["ledger", "list", "--json"][..],
        &["jobs", "--json"],
        &["jobs"],
        &["inspect", &image, "--format", "short"],
        &["adu", "hash", &image],
        &["manifest", "key", "list", "--json"],
    ] {
        let ran = on_a_full_disk(&cli, arguments).exits(1);
        assert!(ran.err.contains("FD-820"), "{arguments:?}: {ran:?}");
    }
}

#[test]
fn a_delivery_whose_answer_was_lost_still_says_how_it_ended() {
    let cli = Cli::new();
    let _demo = Demo::pelion_only(&cli);
    let image = cli.file("image.bin", b"some bytes");
    let ran = on_a_full_disk(&cli, &["deliver", &image, "--to", "pelion:demo", "--yes"]);
    assert!(ran.exits(0).err.contains("FD-820"));
    let listed = finish(&mut cli.command(&["jobs", "--json"]))
        .exits(0)
        .json();
    assert_eq!(listed.as_array().unwrap().len(), 1);
}
