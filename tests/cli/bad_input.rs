//! Bad input: each kind has its code and a way out, and leaves nothing half-made.
#![expect(
    clippy::unwrap_used,
    reason = "a test stops at the first surprise, and says loudly what could not be tried"
)]

use firmdrop_test_support::cli_world;
use std::process::Command;

use cli_world::{Cli, Demo, bytes, finish, is_verified};

/// Delivers and expects a refusal with this code that leaves no job behind.
#[track_caller]
fn refuses(cli: &Cli, arguments: &[&str], code: &str) {
    let mut all = vec!["deliver", "--yes", "--json"];
    all.extend(arguments);
    let ran = cli.run(&all);
    // What names nothing, or nothing that can be meant, is wrong usage.
    let usage = ["FD-103", "FD-106", "FD-207", "FD-208", "FD-441"].contains(&code);
    let ran = ran.exits(if usage { 2 } else { 1 });
    assert_eq!(ran.failure(), code, "{arguments:?}: {ran:?}");
    let error = ran.lines().pop().unwrap()["error"].clone();
    let remedies = error["remedies"].as_array().unwrap();
    assert!(
        !remedies.is_empty(),
        "{arguments:?} has no way out: {error}"
    );
    assert!(!error["state_now"].as_str().unwrap().is_empty(), "{error}");
    assert!(cli.jobs().is_empty(), "{arguments:?} left a job");
}

#[test]
fn a_file_that_cannot_be_delivered_has_its_code() {
    let cli = Cli::new();
    let demo = Demo::pelion_only(&cli);
    let folder = cli.path("").display().to_string();
    let missing = cli.path("missing.bin").display().to_string();
    let empty = cli.file("empty.bin", b"");
    let short = cli.file("short.hex", b":0400000001020304F2\n");
    let overlap = cli.file(
        "overlap.hex",
        b":0400000001020304F2\n:0400020001020304F0\n:00000001FF\n",
    );
    for (file, codes) in [
        (missing.as_str(), &["FD-103"][..]),
        (&folder, &["FD-106"]),
        ("/dev/zero", &["FD-106"]),
        (&empty, &["FD-101"]),
        (&short, &["FD-203"]),
        (&overlap, &["FD-203"]),
    ] {
        let ran = cli.run(&["deliver", file, "--to", "pelion:demo", "--yes", "--json"]);
        let code = ran.failure();
        assert!(codes.contains(&code.as_str()), "{file}: {code}");
        refuses(&cli, &[file, "--to", "pelion:demo"], &code);
        let inspected = cli.run(&["inspect", file, "--json"]);
        assert!(!inspected.out.is_empty() && inspected.code != Some(0));
    }
    assert_eq!(demo.record()["requests"], serde_json::json!([]));
}

#[test]
fn a_file_that_may_not_be_read_has_its_code() {
    use std::os::unix::fs::PermissionsExt as _;
    let cli = Cli::new();
    let file = cli.file("secret.bin", b"x");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o000)).unwrap();
    if std::fs::read(&file).is_ok() {
        // Whoever may read everything meets a file that nobody may read in a process's memory map.
        let ran = cli.run(&["inspect", "/proc/self/mem", "--json"]).exits(1);
        assert!(["FD-101", "FD-111", "FD-105"].contains(&ran.failure().as_str()));
        return;
    }
    let ran = cli.run(&["inspect", &file, "--json"]).exits(1);
    assert_eq!(ran.failure(), "FD-105");
}

#[test]
fn a_destination_that_cannot_be_meant_has_its_code() {
    let cli = Cli::new();
    let demo = Demo::pelion_only(&cli);
    let file = cli.file("puck.bin", &bytes(1000, 1));
    for (to, code) in [
        ("nowhere", "FD-208"),
        ("ftp://x", "FD-208"),
        ("pelion:", "FD-208"),
        ("device:nobody", "FD-208"),
        ("smp+udp:host:port", "FD-208"),
        ("pelion:nobody", "FD-441"),
        // A raw file says nothing about the reader it is for.
        ("smp+udp:127.0.0.1:1", "FD-201"),
    ] {
        refuses(&cli, &[&file, "--to", to], code);
        // One wrong destination holds the others back: nothing is half-made.
        refuses(&cli, &[&file, "--to", "pelion:demo", to], code);
    }
    let long = "n".repeat(129);
    refuses(
        &cli,
        &[&file, "--to", "pelion:demo", "--name", &long],
        "FD-207",
    );
    refuses(
        &cli,
        &[&file, "--to", "pelion:demo", "--name", ""],
        "FD-207",
    );
    assert_eq!(demo.record()["requests"], serde_json::json!([]));
}

#[test]
fn a_url_that_cannot_be_fetched_has_its_code() {
    let cli = Cli::new();
    let demo = Demo::pelion_only(&cli);
    // An address of the own network is refused unless it is allowed by name.
    let inside = format!("{}/datafiles/x", demo.host());
    for url in [inside.as_str(), "https://firmdrop.invalid/x.bin"] {
        let ran = cli.run(&["inspect", url, "--json"]).exits(1);
        let code = ran.failure();
        assert!(
            code == "FD-112" || code == "FD-113" || code == "FD-402",
            "{url}: {code}"
        );
    }
    assert_eq!(demo.record()["requests"], serde_json::json!([]));
}

#[test]
fn a_home_that_cannot_be_used_has_its_code() {
    let cli = Cli::new();
    let image = cli.file("puck.bin", b"x");
    let file = cli.file("file", b"x");
    let run = |home: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_firmdrop-cli"));
        finish(command.args(["--home", home, "inspect", &image, "--json"])).exits(1)
    };
    assert_eq!(run(&file).failure(), "FD-812");
    assert_eq!(run(&format!("{file}/home")).failure(), "FD-812");
    // Something else lies where the journal belongs.
    std::fs::create_dir_all(cli.path("odd/journal.sqlite")).unwrap();
    assert_eq!(
        run(&cli.path("odd").display().to_string()).failure(),
        "FD-812"
    );
    std::fs::create_dir_all(cli.path("broken")).unwrap();
    cli.file("broken/journal.sqlite", &[b'x'; 4096]);
    assert_eq!(
        run(&cli.path("broken").display().to_string()).failure(),
        "FD-813"
    );
}

/// Runs the command line under a limit of the size of each file it writes, in blocks of 512 bytes.
fn limited(cli: &Cli, blocks: usize, arguments: &[&str]) -> cli_world::Ran {
    let mut shell = Command::new("sh");
    shell
        .args(["-c", "trap '' XFSZ; ulimit -f $0; exec \"$@\""])
        .arg(blocks.to_string())
        .arg(env!("CARGO_BIN_EXE_firmdrop-cli"))
        .arg("--home")
        .arg(cli.home())
        .args(arguments);
    finish(&mut shell)
}

#[test]
fn a_journal_that_cannot_grow_stops_the_job_and_it_goes_on_later() {
    let cli = Cli::new();
    let demo = Demo::pelion_only(&cli);
    let file = cli.file("puck.bin", &bytes(27 << 20, 2));
    let arguments = [
        "deliver",
        &file,
        "--to",
        "pelion:demo",
        "--chunk-bytes",
        "5242880",
        "--yes",
        "--json",
    ];
    let mut stopped = 0;
    // From too little for the first line to enough for some.
    for blocks in [8, 64, 128, 192, 256, 320, 384, 448, 512, 640] {
        let ran = limited(&cli, blocks, &arguments);
        if ran.code == Some(0) {
            break;
        }
        assert_eq!(ran.code, Some(1), "{blocks}: {ran:?}");
        stopped += 1;
        for job in cli.jobs() {
            let id = job["id"].as_str().unwrap();
            let state = job["state"]["state"].as_str().unwrap();
            if state == "interrupted" || state == "failed" {
                let resumed = cli.run(&["job", "resume", id, "--json"]);
                let last = resumed.exits(0).lines().pop().unwrap();
                assert!(is_verified(&last["job"]), "{blocks}: {last}");
                // The name is taken now; make room for the next round.
                let images = cli.run(&["pelion", "images", "list"]).json();
                let image = images["data"][0]["id"].as_str().unwrap();
                cli.run(&["pelion", "images", "delete", image, "--yes"])
                    .exits(0);
                let uploads = cli.run(&["pelion", "upload-jobs", "list"]).json();
                let upload = uploads["data"][0]["id"].as_str().unwrap();
                cli.run(&["pelion", "upload-jobs", "delete", upload, "--yes"])
                    .exits(0);
            }
        }
    }
    assert!(stopped >= 2, "the limit was never met");
    assert_eq!(demo.repeated_chunks(), 0);
}

#[test]
fn a_full_disk_is_called_by_its_name() {
    let unshare = ["-rm", "sh", "-c"];
    let may = Command::new("unshare").args(unshare).arg("true").output();
    if !may.is_ok_and(|ran| ran.status.success()) {
        eprintln!("NOT TRIED: `unshare -rm` is not allowed here, so that no disk can be filled");
        return;
    }
    let cli = Cli::new();
    let disk = cli.path("disk");
    std::fs::create_dir(&disk).unwrap();
    let file = cli.file("puck.bin", &bytes(1000, 3));
    let program = env!("CARGO_BIN_EXE_firmdrop-cli");
    let script = format!(
        "mount -t tmpfs -o size=400k disk {disk} || exit 99
         cd {disk} || exit 99
         echo ak_key > key
         {program} --home home account add bench --host http://127.0.0.1:1 --key-file key >&2 || exit 98
         cat /dev/zero > filler 2>/dev/null
         {program} --home home deliver {file} --to pelion:bench --yes --json
         code=$?
         rm filler
         {program} --home home jobs --json | grep -q '\\[\\]' || exit 97
         exit $code",
        disk = disk.display()
    );
    let ran = finish(
        Command::new("unshare")
            .args(unshare)
            .arg(script)
            .env_remove("DBUS_SESSION_BUS_ADDRESS"),
    );
    assert_eq!(ran.exits(1).failure(), "FD-811");
}

#[test]
fn a_page_that_comes_in_the_place_of_a_file_is_delivered_nowhere() {
    let cli = Cli::new();
    let demo = Demo::pelion_only(&cli);
    let host = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/fw.bin", host.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in host.incoming() {
            let mut stream = stream.unwrap();
            let page = "<!DOCTYPE html><title>Sign in</title>";
            let answer = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{page}",
                page.len()
            );
            let mut request = [0; 4096];
            let _ = std::io::Read::read(&mut stream, &mut request);
            std::io::Write::write_all(&mut stream, answer.as_bytes()).unwrap();
        }
    });
    let to = ["--to", "pelion:demo", "--allow-host", "127.0.0.1", "--yes"];
    let deliver = [&["deliver", &url, "--json"][..], &to].concat();
    let refused = cli.run(&deliver).exits(1);
    assert_eq!(refused.failure(), "FD-112", "{refused:?}");
    assert_eq!(cli.jobs().len(), 0);
    drop(demo);
}
