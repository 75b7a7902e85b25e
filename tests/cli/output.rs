//! What a script and a terminal get to see: sizes, retries, foreign text, files that are none.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::io::Read as _;
use std::os::fd::OwnedFd;
use std::process::{Command, Stdio};

use cli_world::{Cli, Demo, bytes, finish, is_verified, poll};
use firmdrop_test_support::cli_world;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, Winsize, tcgetattr, tcsetwinsize};

/// A terminal of so many columns: what reads it, and what a program is given.
fn terminal(columns: u16) -> (std::fs::File, OwnedFd) {
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&master).unwrap();
    unlockpt(&master).unwrap();
    let size = Winsize {
        ws_row: 24,
        ws_col: columns,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    tcsetwinsize(&master, size).unwrap();
    let name = ptsname(&master, Vec::new()).unwrap();
    let path = std::path::Path::new(name.to_str().unwrap());
    let terminal = std::fs::File::options()
        .read(true)
        .write(true)
        .open(path)
        .unwrap();
    (std::fs::File::from(master), terminal.into())
}

/// Runs a command with its standard error on a terminal, and answers what that got.
fn on_a_terminal(command: &mut Command, columns: u16) -> String {
    let (mut master, terminal) = terminal(columns);
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::from(terminal))
        .spawn()
        .unwrap();
    // The command's own copy of the terminal goes with it, so that the end of the child is the end.
    command.stderr(Stdio::null());
    let reader = std::thread::spawn(move || {
        let (mut shown, mut buffer) = (Vec::new(), [0; 4096]);
        // A terminal whose last program has ended gives an error.
        while let Ok(count @ 1..) = master.read(&mut buffer) {
            shown.extend_from_slice(&buffer[..count]);
        }
        shown
    });
    let status = poll("its end", || child.try_wait().unwrap());
    assert_eq!(status.code(), Some(0));
    String::from_utf8(reader.join().unwrap()).unwrap()
}

/// The lines that were drawn, without what moves the cursor.
fn drawn(shown: &str) -> Vec<String> {
    let mut text = String::new();
    let mut letters = shown.chars();
    while let Some(letter) = letters.next() {
        if letter != '\u{1b}' {
            text.push(letter);
            continue;
        }
        // A control sequence ends with a letter; each is taken for the beginning of a line.
        for part in letters.by_ref() {
            if part.is_ascii_alphabetic() {
                break;
            }
        }
        text.push('\n');
    }
    text.split(['\r', '\n']).map(str::to_owned).collect()
}

fn slow_delivery(cli: &Cli, name: &str) -> Command {
    let file = cli.file(name, &bytes(16 << 20, 1));
    let mut command = cli.command(&["deliver", &file, "--to", "pelion:demo", "--yes"]);
    command.args(["--name", name, "--chunk-bytes", "5MiB"]);
    command
}

#[test]
fn progress_never_wraps_however_narrow_the_terminal_is() {
    let cli = Cli::new();
    let demo = Demo::pelion_only(&cli);
    demo.slow_chunks(400);
    for columns in [12, 20, 40, 80] {
        let name = format!("puck-{columns}");
        let shown = on_a_terminal(&mut slow_delivery(&cli, &name), columns);
        let lines = drawn(&shown);
        let bars = lines
            .iter()
            .filter(|line| line.starts_with("demo ") || line.starts_with("Send"));
        let mut count = 0;
        for line in bars {
            count += 1;
            let width = line.trim_end().chars().count();
            assert!(width < usize::from(columns), "{columns}: {line:?}");
        }
        assert!(count > 2, "{columns}: {lines:?}");
    }
}

#[test]
fn a_terminal_that_cannot_take_a_line_back_gets_lines() {
    let cli = Cli::new();
    let demo = Demo::pelion_only(&cli);
    demo.slow_chunks(100);
    let shown = on_a_terminal(slow_delivery(&cli, "puck").env("TERM", "dumb"), 80);
    assert!(!shown.contains('\u{1b}'), "{shown:?}");
    assert!(shown.contains("Send chunks"), "{shown:?}");
}

#[test]
fn retries_are_lines_without_a_terminal_and_events_in_json() {
    let cli = Cli::new();
    let demo = Demo::pelion_only(&cli);
    let busy = r#"{"kind":"server_error","status":503}"#;
    demo.fault(busy, "GET", "/upload-jobs");
    let file = cli.file("puck.bin", &bytes(12 << 20, 1));
    let deliver = [
        "deliver",
        &file,
        "--to",
        "pelion:demo",
        "--chunk-bytes",
        "5 MiB",
        "--yes",
    ];
    let running = cli.start(&deliver);
    poll("a line about a retry", || {
        running.complained().contains("next try").then_some(())
    });
    demo.no_faults();
    let ran = running.wait().exits(0);
    assert!(
        ran.err.contains("Job ") && !ran.err.contains('\u{1b}'),
        "{ran:?}"
    );

    demo.fault(busy, "GET", "/upload-jobs");
    let mut again = deliver.to_vec();
    again.extend(["--name", "again", "--json"]);
    let running = cli.start(&again);
    running.until("an event about a retry", |line| {
        (line["event"] == "note" && line["note"]["kind"] == "retry").then_some(())
    });
    demo.no_faults();
    running.wait().exits(0);
}

#[test]
fn a_verified_job_that_is_resumed_says_so_and_ends_with_0() {
    let cli = Cli::new();
    let _demo = Demo::pelion_only(&cli);
    let file = cli.file("puck.bin", &bytes(1000, 1));
    cli.run(&["deliver", &file, "--to", "pelion:demo", "--yes"])
        .exits(0);
    let id = cli.jobs()[0]["id"].as_str().unwrap().to_owned();
    let text = cli.run(&["job", "resume", &id]).exits(0).out;
    assert!(text.contains("Already Verified"), "{text}");
    let json = cli.run(&["job", "resume", &id, "--json"]).exits(0).json();
    assert!(is_verified(&json["job"]), "{json}");
}

#[test]
fn foreign_text_reaches_no_terminal_as_it_is_and_json_stays_json() {
    let cli = Cli::new();
    let _demo = Demo::pelion_only(&cli);
    let name = "puck\u{1b}[2J\u{202e}nib\u{9b}1m\nFD-000.bin";
    let file = cli.file(name, &bytes(1000, 1));
    let wild = |c: char| {
        (c.is_control() && c != '\n')
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let tame = |text: &str| {
        assert!(!text.contains(wild), "{text:?}");
        let forged = |line: &str| line.starts_with("FD-000");
        assert!(!text.lines().any(forged), "{text:?}");
    };
    for json in [&["--json"][..], &[]] {
        let mut deliver = vec!["deliver", &file, "--to", "pelion:demo", "--yes"];
        let tag = if json.is_empty() { "text" } else { "json" };
        deliver.extend(["--name", tag]);
        deliver.extend(json);
        let ran = cli.run(&deliver).exits(0);
        tame(&ran.out);
        tame(&ran.err);
        let id = cli.jobs()[0]["id"].as_str().unwrap().to_owned();
        for command in [
            &["inspect", &file][..],
            &["jobs"],
            &["job", "show", &id],
            &["job", "log", &id],
            &["ledger", "list", "--demo"],
            &["ledger", "export", "--csv", "--demo"],
        ] {
            let ran = cli.run(&[command, json].concat()).exits(0);
            tame(&ran.out);
            tame(&ran.err);
            if !json.is_empty() && !command.contains(&"export") {
                let lines = serde_json::Deserializer::from_str(&ran.out).into_iter();
                let all: Vec<serde_json::Value> = lines.collect::<Result<_, _>>().unwrap();
                assert!(!all.is_empty(), "{command:?}");
            }
        }
    }
    let gone = format!("{file}-gone");
    tame(
        &cli.run(&["deliver", &gone, "--to", "pelion:demo"])
            .exits(2)
            .err,
    );
    let unknown = "--\u{1b}[31mred";
    tame(&cli.run(&["deliver", unknown]).exits(2).err);
}

#[test]
fn what_is_no_regular_file_is_refused_at_once_by_every_option() {
    let cli = Cli::new();
    let demo = Demo::pelion_only(&cli);
    cli.run(&["manifest", "key", "new", "front"]).exits(0);
    let image = cli.file("puck.bin", &bytes(1000, 1));
    let pipe = cli.path("pipe").display().to_string();
    finish(Command::new("mkfifo").arg(&pipe)).exits(0);
    let folder = cli.path("").display().to_string();
    let out = cli.path("out").display().to_string();
    for path in [pipe.as_str(), "/dev/zero", folder.as_str()] {
        let create = [
            "manifest",
            "create",
            &image,
            "--url",
            "https://host/x",
            "--output",
            &out,
            "--vendor-domain",
            "example.com",
            "--model",
            "puck",
            "--fw-version",
            "1.0.0",
        ];
        let host = demo.host();
        for command in [
            &["inspect", path][..],
            &["deliver", path, "--to", "pelion:demo", "--yes"],
            &["account", "add", "a", "--host", host, "--key-file", path],
            &["account", "key", "demo", "--key-file", path],
            &["account", "edit", "demo", "--ca", path],
            &["manifest", "key", "import", "other", path],
            &["manifest", "key", "certificate", "front", "--import", path],
            &["manifest", "show", path],
            &["manifest", "verify", path, "--key", "front"],
            &[&create[..], &["--key-file", path]].concat(),
            &[&create[..], &["--key", "front", "--vendor-data", path]].concat(),
            &[
                "manifest",
                "create",
                path,
                "--url",
                "https://host/x",
                "--output",
                &out,
                "--key",
                "front",
                "--vendor-domain",
                "example.com",
                "--model",
                "puck",
                "--fw-version",
                "1.0.0",
            ],
            &["pelion", "images", "create", path],
            &["pelion", "manifests", "create", path],
            &["pelion", "chunks", "append", "0", path],
        ] {
            let mut command = command.to_vec();
            command.push("--json");
            let ran = cli.run(&command).exits(2);
            assert_eq!(ran.failure(), "FD-106", "{command:?}");
        }
    }
}

#[test]
fn a_file_name_that_is_no_utf_8_is_refused_as_wrong_usage() {
    use std::os::unix::ffi::OsStrExt as _;
    let cli = Cli::new();
    let name = std::ffi::OsStr::from_bytes(b"gr\xfc\xdfe.bin");
    let mut command = cli.command(&["inspect"]);
    let ran = finish(command.arg(name).stdin(Stdio::null())).exits(2);
    assert!(ran.err.contains("UTF-8"), "{ran:?}");
}

#[test]
fn ctrl_c_at_the_question_for_a_key_leaves_the_terminal_with_its_echo() {
    let cli = Cli::new();
    let (master, terminal) = terminal(80);
    let add = ["account", "add", "a", "--host", "http://127.0.0.1:1"];
    let mut command = cli.command(&add);
    command.stdin(Stdio::from(terminal.try_clone().unwrap()));
    let running = cli_world::Running::start(&mut command);
    let echoes = || {
        let modes = tcgetattr(&terminal).unwrap().local_modes;
        modes.contains(LocalModes::ECHO)
    };
    assert!(echoes());
    poll("the question", || (!echoes()).then_some(()));
    running.interrupt();
    running.wait().exits(4);
    assert!(echoes());
    drop(master);
}

#[test]
fn no_terminal_is_touched_where_a_key_comes_through_a_pipe() {
    let cli = Cli::new();
    let demo = Demo::pelion_only(&cli);
    let add = ["account", "add", "a", "--host", demo.host()];
    let ran = cli.run_with_input(&add, "ak_key\n").exits(0);
    assert!(!ran.err.contains("stty"), "{ran:?}");
}
