//! Where secrets are, and where they never are: a marker goes in as a key and as a proxy's password, and
//! everything the program shows, writes and passes on is searched for it.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::path::{Path, PathBuf};

use cli_world::{Cli, Demo, Ran, finish};
use firmdrop_test_support::cli_world;

/// The key that the demo world's service takes; here it stands for a real one.
const KEY: &str = "ak_firmdrop_demo_world";
const WRONG_KEY: &str = "ak_marker_wrong_key_0123456789";
const PASSWORD: &str = "marker-of-a-proxy-password";
const MARKERS: [&str; 3] = [KEY, WRONG_KEY, PASSWORD];

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(path);
            }
        }
    }
    found
}

/// The files of a home in which a marker is.
fn holding(home: &Path, marker: &str) -> Vec<String> {
    let holds = |path: &PathBuf| {
        let bytes = std::fs::read(path).unwrap_or_default();
        bytes
            .windows(marker.len())
            .any(|window| window == marker.as_bytes())
    };
    let mut names: Vec<String> = files(home)
        .iter()
        .filter(|path| holds(path))
        .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[track_caller]
fn shows_no_secret(what: &[&str], ran: &Ran) {
    for marker in MARKERS {
        let shown = format!("{}{}", ran.out, ran.err);
        assert!(!shown.contains(marker), "{what:?} shows {marker}: {shown}");
    }
}

/// The process list as every user of the computer sees it, and the environment.
fn seen_from_outside(process: u32) -> String {
    let read = |name: &str| std::fs::read(format!("/proc/{process}/{name}")).unwrap();
    String::from_utf8_lossy(&[read("cmdline"), read("environ")].concat()).into_owned()
}

/// Deliveries that work and that fail, and everything that is said of them and of the accounts.
fn every_command_hides_them(cli: &Cli, image: &str) {
    let failing = [
        "deliver",
        image,
        "--to",
        "pelion:wrong",
        "--name",
        "two",
        "--yes",
    ];
    shows_no_secret(&failing, &cli.run(&failing));
    let proxied = [
        "deliver",
        image,
        "--to",
        "pelion:proxied",
        "--name",
        "three",
        "--yes",
        "--json",
    ];
    shows_no_secret(&proxied, &cli.run(&proxied));
    for name in ["bench", "wrong", "proxied"] {
        for command in [["account", "show", name], ["account", "test", name]] {
            shows_no_secret(&command, &cli.run(&command));
        }
    }
    for job in cli.jobs() {
        let id = job["id"].as_str().unwrap().to_owned();
        for command in [["job", "log", &id], ["job", "show", &id]] {
            shows_no_secret(&command, &cli.run(&command));
        }
    }
    let commands: [&[&str]; 9] = [
        &["account", "list", "--json"],
        &["account", "list"],
        &["jobs"],
        &["ledger", "list"],
        &["ledger", "export"],
        &["ledger", "export", "--csv"],
        &["ledger", "head"],
        &["ledger", "verify"],
        &["pelion", "images", "list"],
    ];
    for command in commands {
        shows_no_secret(command, &cli.run(command));
    }
}

#[test]
fn a_secret_is_in_its_store_and_nowhere_else() {
    let cli = Cli::new();
    let demo = Demo::pelion_only(&cli);
    let secrets = [
        cli.file("key", KEY.as_bytes()),
        cli.file("wrong", WRONG_KEY.as_bytes()),
    ];
    // The demo world's own account has a key of its own, which opens nothing.
    cli.run(&["account", "remove", "pelion:demo"]).exits(0);
    let proxy = format!("http://lab:{PASSWORD}@127.0.0.1:1");
    let add = |name: &str, key: &str, more: &[&str]| {
        let mut all = vec![
            "account",
            "add",
            name,
            "--host",
            demo.host(),
            "--key-file",
            key,
        ];
        all.extend(more);
        let ran = cli.run(&all).exits(0);
        shows_no_secret(&[name], &ran);
    };
    add("bench", &secrets[0], &[]);
    add("wrong", &secrets[1], &[]);
    // A script has it in its environment; the process list of others does not show that.
    add("proxied", &secrets[0], &["--proxy", &proxy]);
    let image = cli.file("puck.bin", &vec![7; 600_000]);

    demo.slow_chunks(300);
    let running = cli.start(&[
        "deliver",
        &image,
        "--to",
        "pelion:bench",
        "--name",
        "one",
        "--yes",
        "--json",
    ]);
    let id = running.job_id();
    for marker in MARKERS {
        assert!(!seen_from_outside(running.child.id()).contains(marker));
    }
    // What a crash leaves behind.
    let process = rustix::process::Pid::from_child(&running.child);
    rustix::process::kill_process(process, rustix::process::Signal::ABORT).unwrap();
    shows_no_secret(&["a crash"], &running.wait());
    demo.no_faults();
    cli.run(&["job", "resume", &id]).exits(0);

    every_command_hides_them(&cli, &image);

    // Without a key store: in its own file, and in no other.
    assert_eq!(holding(&cli.home(), KEY), ["bench.key", "proxied.key"]);
    assert_eq!(holding(&cli.home(), WRONG_KEY), ["wrong.key"]);
    assert_eq!(
        holding(&cli.home(), PASSWORD),
        ["proxied+proxy_password.key"]
    );
    for name in ["bench", "wrong", "proxied"] {
        cli.run(&["account", "remove", name]).exits(0);
    }
    for marker in MARKERS {
        assert_eq!(holding(&cli.home(), marker), [""; 0], "{marker} stayed");
    }
}

#[test]
fn every_file_of_a_home_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let cli = Cli::new();
    // An older program left it open.
    std::fs::create_dir_all(cli.home()).unwrap();
    let open = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(cli.home(), open).unwrap();
    let left = cli.home().join("settings.json");
    std::fs::write(&left, "{}").unwrap();
    std::fs::set_permissions(&left, std::fs::Permissions::from_mode(0o644)).unwrap();
    let demo = Demo::pelion_only(&cli);
    let image = cli.file("puck.bin", &vec![7; 100_000]);
    cli.run(&["deliver", &image, "--to", "pelion:demo", "--yes"])
        .exits(0);
    drop(demo);
    cli.run(&["jobs"]).exits(0);
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&cli.home()), 0o700);
    // What the simulated service stores is its own affair; its folder lets nobody in.
    let simulated = cli.home().join("demo");
    for file in files(&cli.home()) {
        if !file.starts_with(&simulated) {
            assert_eq!(mode(&file), 0o600, "{}", file.display());
        }
    }
}

#[cfg(unix)]
#[test]
fn programs_that_are_asked_for_a_sign_in_get_no_secret_of_the_environment() {
    use std::os::unix::fs::PermissionsExt as _;
    let cli = Cli::new();
    let programs = cli.path("programs");
    std::fs::create_dir(&programs).unwrap();
    let (az, told) = (programs.join("az"), cli.path("told"));
    let script = format!("#!/bin/sh\n/usr/bin/env > {}\nexit 1\n", told.display());
    std::fs::write(&az, script).unwrap();
    std::fs::set_permissions(&az, std::fs::Permissions::from_mode(0o700)).unwrap();
    let fields = [
        "instance=lab",
        "sign_in=azure_cli",
        "storage=https://lab.blob.core.windows.net",
        "container=updates",
    ];
    let mut add = vec!["account", "add", "lab", "--kind", "adu"];
    add.extend(["--host", "https://127.0.0.1:1"]);
    add.extend(fields.iter().flat_map(|field| ["--set", field]));
    cli.run(&add).exits(0);
    let mut list = cli.command(&["adu", "updates", "list", "--account", "lab"]);
    list.env("PATH", &programs)
        .env("FIRMDROP_ACCESS_KEY", WRONG_KEY)
        .env("FIRMDROP_PROXY_PASSWORD", PASSWORD);
    finish(&mut list).exits(1);
    let told = std::fs::read_to_string(&told).unwrap();
    assert!(told.contains("PATH="), "{told}");
    for marker in MARKERS {
        assert!(!told.contains(marker), "{told}");
    }
}
