//! `account`: keys go in by the environment, a file or a pipe, and never come out.

use cli_world::{Cli, Demo, finish};
use firmdrop_test_support::cli_world;

const KEY: &str = "ak_marker_that_must_never_be_shown";
/// The key that the demo world's service takes; it opens nothing else.
const DEMO_KEY: &str = "ak_firmdrop_demo_world";

#[test]
fn a_key_comes_from_a_file_the_environment_or_a_pipe() {
    let cli = Cli::new();
    let demo = Demo::pelion_only(&cli);
    let add = |name: &str| {
        let arguments = ["account", "add", name, "--host", demo.host(), "--json"];
        arguments.map(str::to_owned).to_vec()
    };
    let mut from_file = add("from-file");
    // The mark and the line end of an editor are no part of the key.
    from_file.extend([
        "--key-file".into(),
        cli.file("key", format!("\u{feff}{DEMO_KEY}\r\n").as_bytes()),
    ]);
    let from_file: Vec<&str> = from_file.iter().map(String::as_str).collect();
    cli.run(&from_file).exits(0);

    let from_environment = add("from-environment");
    let from_environment: Vec<&str> = from_environment.iter().map(String::as_str).collect();
    finish(
        cli.command(&from_environment)
            .env("FIRMDROP_ACCESS_KEY", DEMO_KEY),
    )
    .exits(0);

    let from_pipe = add("from-pipe");
    let from_pipe: Vec<&str> = from_pipe.iter().map(String::as_str).collect();
    cli.run_with_input(&from_pipe, &format!("{DEMO_KEY}\n"))
        .exits(0);

    let list = cli.run(&["account", "list", "--json"]).exits(0).json();
    let names: Vec<&str> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|account| account["name"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        ["demo", "demo", "from-environment", "from-file", "from-pipe"]
    );
    for name in names {
        let report = cli
            .run(&["account", "test", name, "--json"])
            .exits(0)
            .json();
        assert!(
            report["steps"]
                .as_array()
                .is_some_and(|steps| !steps.is_empty())
        );
        let shown = cli
            .run(&["account", "show", name, "--json"])
            .exits(0)
            .json();
        assert_eq!(shown["host"], demo.host());
    }
}

#[test]
fn an_argument_with_a_key_is_refused() {
    let cli = Cli::new();
    for arguments in [
        ["account", "add", "bench", "--key", KEY].as_slice(),
        &["account", "add", "bench", "--access-key", KEY],
        &["account", "add", "bench", KEY],
    ] {
        cli.run(arguments).exits(2);
    }
    let list = cli.run(&["account", "list", "--json"]).exits(0).json();
    assert_eq!(list, serde_json::json!([]));
}

#[test]
fn an_account_without_a_key_or_with_a_wrong_address_is_not_saved() {
    let cli = Cli::new();
    let empty = cli.file("empty", b"  \n");
    let two_lines = cli.file("two", b"ak_one\nak_two\n");
    let utf16 = cli.file("utf16", b"\xff\xfea\0k\0_\0");
    let key = cli.file("key", KEY.as_bytes());
    let host = "http://127.0.0.1:1";
    for (arguments, code) in [
        (["--key-file", &empty, "--host", host], "FD-444"),
        (["--key-file", &two_lines, "--host", host], "FD-444"),
        (["--key-file", &utf16, "--host", host], "FD-444"),
        (["--key-file", "/there/is/none", "--host", host], "FD-103"),
        (["--key-file", &key, "--host", "no address"], "FD-443"),
    ] {
        let mut all = vec!["account", "add", "bench", "--json"];
        all.extend(arguments);
        let ran = cli.run(&all).exits(2);
        assert_eq!(ran.failure(), code, "{arguments:?}");
        assert!(!ran.out.contains(KEY) && !ran.err.contains(KEY));
        // There is no account that could be edited.
        assert!(!ran.out.contains("edit_account"), "{ran:?}");
    }
    // Nothing to read from is no key.
    let nothing = cli.run(&["account", "add", "bench", "--host", host, "--json"]);
    assert_eq!(nothing.exits(2).failure(), "FD-444");
    let name = cli.run(&["account", "add", "../x", "--key-file", &key, "--json"]);
    assert_eq!(name.exits(2).failure(), "FD-443");
    let list = cli.run(&["account", "list", "--json"]).exits(0).json();
    assert_eq!(list, serde_json::json!([]));
}

/// The host of an account, its proxy, and whether it is marked.
fn shown(cli: &Cli, name: &str) -> (String, String, bool) {
    let account = cli
        .run(&["account", "show", name, "--json"])
        .exits(0)
        .json();
    let text = |field: &str| account[field].as_str().unwrap_or_default().to_owned();
    (text("host"), text("proxy"), account["production"] == true)
}

#[test]
fn the_remedy_for_a_refused_key_changes_the_key_and_nothing_else() {
    let cli = Cli::new();
    let demo = Demo::pelion_only(&cli);
    let wrong = cli.file("wrong", KEY.as_bytes());
    let right = cli.file("right", DEMO_KEY.as_bytes());
    let add = ["account", "add", "lab", "--key-file", &wrong];
    let marked = ["--host", demo.host(), "--production"];
    cli.run(&[add.as_slice(), &marked].concat()).exits(0);
    let before = shown(&cli, "lab");

    let refused = cli.run(&["account", "test", "lab"]).exits(1);
    let remedy = "firmdrop-cli account key lab";
    assert!(
        refused.out.contains(remedy) || refused.err.contains(remedy),
        "{refused:?}"
    );
    cli.run(&["account", "key", "lab", "--key-file", &right])
        .exits(0);
    assert_eq!(shown(&cli, "lab"), before);
    cli.run(&["account", "test", "lab"]).exits(0);
}

#[test]
fn an_account_that_exists_is_not_added_again() {
    let cli = Cli::new();
    let demo = Demo::pelion_only(&cli);
    let key = cli.file("key", KEY.as_bytes());
    let proxied = [
        "--host",
        "http://127.0.0.1:1",
        "--proxy",
        "http://127.0.0.1:2",
    ];
    let add = ["account", "add", "lab", "--json", "--key-file", &key];
    cli.run(&[add.as_slice(), &proxied].concat()).exits(0);
    let before = shown(&cli, "lab");
    let again = cli.run(&add).exits(1);
    assert_eq!(again.failure(), "FD-442");
    assert_eq!(shown(&cli, "lab"), before);
    // The simulated account is no real one's, and no other's to change.
    let host = demo.host();
    let mut simulated = add;
    simulated[2] = "demo";
    assert_eq!(cli.run(&simulated).exits(1).failure(), "FD-442");
    let edit = ["account", "edit", "demo", "--json", "--key-file", &key];
    assert_eq!(cli.run(&edit).exits(2).failure(), "FD-443");
    assert_eq!(shown(&cli, "demo").0, host);
}

#[test]
fn another_host_or_proxy_needs_the_key_again_and_a_mark_does_not() {
    let cli = Cli::new();
    let key = cli.file("key", KEY.as_bytes());
    let host = ["--host", "http://127.0.0.1:1"];
    let add = ["account", "add", "lab", "--key-file", &key];
    cli.run(&[add.as_slice(), &host].concat()).exits(0);
    for change in [
        ["--host", "http://127.0.0.1:9"],
        ["--proxy", "http://127.0.0.1:9"],
    ] {
        let before = shown(&cli, "lab");
        let edit = ["account", "edit", "lab", "--json"];
        // Nothing to read a key from is no key.
        let ran = cli.run(&[edit.as_slice(), &change].concat()).exits(2);
        assert_eq!(ran.failure(), "FD-444", "{change:?}");
        assert_eq!(shown(&cli, "lab"), before);
        let with_key = [edit.as_slice(), &change, &["--key-file", &key]].concat();
        cli.run(&with_key).exits(0);
    }
    cli.run(&["account", "edit", "lab", "--production"])
        .exits(0);
    let after = ("http://127.0.0.1:9", "http://127.0.0.1:9", true);
    let (host, proxy, production) = shown(&cli, "lab");
    assert_eq!((&*host, &*proxy, production), after);
}

#[test]
fn a_removed_account_is_gone_with_its_key() {
    let cli = Cli::new();
    let key = cli.file("key", KEY.as_bytes());
    cli.run(&[
        "account",
        "add",
        "bench",
        "--host",
        "http://127.0.0.1:1",
        "--key-file",
        &key,
    ])
    .exits(0);
    let removed = cli.run(&["account", "remove", "bench", "--json"]).exits(0);
    assert_eq!(removed.json()["done"], true);
    for act in ["show", "test", "remove"] {
        let ran = cli.run(&["account", act, "bench", "--json"]).exits(2);
        assert_eq!(ran.failure(), "FD-441", "{act}");
    }
    let keys = std::fs::read_dir(cli.home().join("keys")).unwrap();
    assert_eq!(keys.count(), 0);
}

#[test]
fn a_test_names_the_layer_that_fails() {
    let cli = Cli::new();
    let demo = Demo::pelion_only(&cli);
    let key = cli.file("key", KEY.as_bytes());
    for (name, host, code) in [
        ("wrong-key", demo.host(), "FD-401"),
        ("nobody-there", "http://127.0.0.1:1", "FD-404"),
        ("no-such-name", "https://firmdrop.invalid", "FD-402"),
    ] {
        cli.run(&["account", "add", name, "--host", host, "--key-file", &key])
            .exits(0);
        let report = cli
            .run(&["account", "test", name, "--json"])
            .exits(1)
            .json();
        assert_eq!(report["diagnosis"]["code"], code, "{name}: {report}");
        let failed = |step: &&serde_json::Value| step["result"] == "failed";
        let steps = report["steps"].as_array().unwrap();
        assert_eq!(steps.iter().filter(failed).count(), 1, "{name}: {report}");
    }
}

#[test]
fn a_key_is_shown_by_no_command_and_lies_in_no_file_but_its_own() {
    let cli = Cli::new();
    let demo = Demo::pelion_only(&cli);
    let key = cli.file("key", KEY.as_bytes());
    let image = cli.file("puck.bin", &[7; 1000]);
    let commands: [&[&str]; 9] = [
        &[
            "account",
            "add",
            "bench",
            "--host",
            demo.host(),
            "--key-file",
            &key,
        ],
        &["account", "list"],
        &["account", "show", "bench"],
        &["account", "test", "bench"],
        &["inspect", &image],
        &["deliver", &image, "--to", "pelion:bench", "--yes"],
        &["jobs"],
        &["pelion", "images", "list", "--account", "bench"],
        &["ledger", "export"],
    ];
    for command in commands {
        for json in [None, Some("--json")] {
            let mut arguments = command.to_vec();
            arguments.extend(json);
            let ran = cli.run(&arguments);
            assert!(
                !ran.out.contains(KEY) && !ran.err.contains(KEY),
                "{arguments:?}: {ran:?}"
            );
        }
    }
    let id = cli.jobs()[0]["id"].as_str().unwrap().to_owned();
    for act in ["show", "log"] {
        let ran = cli.run(&["job", act, &id, "--json"]).exits(0);
        assert!(!ran.out.contains(KEY));
    }
    for file in std::fs::read_dir(cli.home()).unwrap() {
        let path = file.unwrap().path();
        let content = std::fs::read(&path).unwrap_or_default();
        let shown = content
            .windows(KEY.len())
            .any(|window| window == KEY.as_bytes());
        assert!(!shown, "{} holds the key", path.display());
    }
}

#[test]
fn a_proxy_that_the_environment_names_is_blamed_by_its_name_and_not_the_host() {
    let cli = Cli::new();
    let key = cli.file("key", KEY.as_bytes());
    // No host of the documentation's network is ever asked.
    let host = ["--host", "http://198.51.100.7", "--key-file", &key];
    cli.run(&[&["account", "add", "lab"][..], &host].concat())
        .exits(0);
    let mut test = cli.command(&["account", "test", "lab", "--json"]);
    test.env("http_proxy", "http://127.0.0.1:9")
        .env_remove("no_proxy")
        .env_remove("NO_PROXY");
    let report = finish(&mut test).exits(1);
    let said = format!("{}{}", report.out, report.err);
    for part in [
        "the proxy 127.0.0.1",
        "which the environment names",
        "FD-410",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
}
