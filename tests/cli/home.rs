//! Homes in trouble: a disk that fills, a folder that may only be read, a file system without locks, a clock that is set.
#![cfg(target_os = "linux")]
#![expect(
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test stops at the first surprise, and says loudly what could not be tried"
)]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use cli_world::{Cli, Demo, Running, bytes, finish, is_verified};
use firmdrop_test_support::cli_world;

const PROGRAM: &str = env!("CARGO_BIN_EXE_firmdrop-cli");

/// A shell that may mount what only it sees, or `None`, said loudly, where the system does not allow that.
fn shell_that_mounts(script: &str) -> Option<Command> {
    let unshare = ["-rm", "sh", "-c"];
    let may = Command::new("unshare").args(unshare).arg("true").output();
    if !may.is_ok_and(|ran| ran.status.success()) {
        eprintln!(
            "NOT TRIED: `unshare -rm` is not allowed here, so that no file system can be mounted for this test"
        );
        return None;
    }
    let mut shell = Command::new("unshare");
    shell
        .args(unshare)
        .arg(script)
        .env_remove("DBUS_SESSION_BUS_ADDRESS");
    Some(shell)
}

/// `preload.c` as a library, or `None`, said loudly, where there is no C compiler.
fn preloaded(cli: &Cli) -> Option<PathBuf> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/cli/preload.c");
    let library = cli.path("preload.so");
    let mut compiler = Command::new("cc");
    compiler.args(["-shared", "-fPIC", "-o"]).arg(&library);
    match compiler.arg(source).arg("-ldl").output() {
        Ok(ran) => assert!(ran.status.success(), "{ran:?}"),
        Err(error) => {
            eprintln!(
                "NOT TRIED: `cc` could not be started ({error}), so that nothing can be preloaded"
            );
            return None;
        }
    }
    Some(library)
}

/// Adds the demo's service as an account of this home.
fn add_account(cli: &Cli, demo: &Demo) {
    let key = demo.world["pelion"]["access_key"].as_str().unwrap();
    let key = cli.file("key.txt", key.as_bytes());
    let add = [
        "account",
        "add",
        "bench",
        "--host",
        demo.host(),
        "--key-file",
        &key,
    ];
    cli.run(&add).exits(0);
}

#[test]
fn a_disk_that_fills_in_the_middle_of_a_job_ends_it_and_a_resume_is_verified() {
    let world = Cli::new();
    let demo = Demo::pelion_only(&world);
    demo.slow_chunks(300);
    let cli = Cli::new();
    let file = cli.file("puck.bin", &bytes(40 << 20, 5));
    let key = demo.world["pelion"]["access_key"].as_str().unwrap();
    let key = cli.file("key.txt", key.as_bytes());
    let disk = cli.path("disk");
    std::fs::create_dir(&disk).unwrap();
    let script = format!(
        "mount -t tmpfs -o size=4m disk {disk} || exit 99
         cd {disk} || exit 99
         run() {{ {PROGRAM} --home {disk}/home \"$@\"; }}
         run account add bench --host {host} --key-file {key} >&2 || exit 98
         run deliver {file} --to pelion:bench --chunk-bytes 5242880 --yes --json > {out} &
         until grep -q '\"confirmed_bytes\":[1-9]' {out}; do kill -0 $! || exit 97; done
         cat /dev/zero > filler 2>/dev/null
         wait $!
         echo $? > {code}
         rm filler
         id=$(run jobs --json | grep -o '\"id\": *\"[^\"]*\"' | head -n 1 | cut -d '\"' -f 4)
         run job resume $id --json",
        disk = disk.display(),
        host = demo.host(),
        out = cli.path("out").display(),
        code = cli.path("code").display(),
    );
    let Some(mut shell) = shell_that_mounts(&script) else {
        return;
    };
    let resumed = finish(&mut shell).exits(0);
    assert!(
        is_verified(&resumed.lines().pop().unwrap()["job"]),
        "{resumed:?}"
    );
    let said = std::fs::read_to_string(cli.path("out")).unwrap();
    let code = std::fs::read_to_string(cli.path("code")).unwrap();
    assert_eq!(code.trim(), "1", "{said}");
    assert!(said.contains("FD-811"), "{said}");
    assert_eq!(demo.repeated_chunks(), 0);
}

#[test]
fn a_home_that_may_only_be_read_shows_what_it_holds_and_begins_nothing() {
    let world = Cli::new();
    let demo = Demo::pelion_only(&world);
    let cli = Cli::new();
    add_account(&cli, &demo);
    let file = cli.file("puck.bin", &bytes(1000, 6));
    let deliver = ["deliver", &file, "--to", "pelion:bench", "--yes", "--json"];
    cli.run(&deliver).exits(0);
    let id = cli.jobs()[0]["id"].as_str().unwrap().to_owned();
    let script = format!(
        "mount --bind {home} {home} && mount -o remount,bind,ro {home} || exit 99
         touch {home}/probe 2>/dev/null && exit 98
         run() {{ {PROGRAM} --home {home} \"$@\"; }}
         run inspect {file} >&2 || exit 97
         run jobs --json | grep -q {id} || exit 96
         run job show {id} >&2 || exit 95
         run ledger verify >&2 || exit 94
         run deliver {file} --to pelion:bench --name again --yes --json",
        home = cli.home().display(),
    );
    let Some(mut shell) = shell_that_mounts(&script) else {
        return;
    };
    assert_eq!(finish(&mut shell).exits(1).failure(), "FD-812");
    let images = demo.record()["requests"].to_string();
    assert!(!images.contains("again"), "{images}");
    assert_eq!(cli.jobs().len(), 1);
}

#[test]
fn a_home_on_a_file_system_without_locks_is_refused_with_the_reason() {
    let cli = Cli::new();
    let Some(library) = preloaded(&cli) else {
        return;
    };
    let run = |arguments: &[&str]| {
        let mut command = cli.command(arguments);
        command
            .env("LD_PRELOAD", &library)
            .env("TEST_NO_LOCKS", "1");
        finish(command.stdin(Stdio::null()))
    };
    let file = cli.file("puck.bin", b"x");
    // Before there is a journal, and where one was made when there still were locks.
    for _ in 0..2 {
        for arguments in [
            &["jobs", "--json"][..],
            &["deliver", &file, "--to", "pelion:bench", "--yes", "--json"],
        ] {
            let ran = run(arguments).exits(1);
            assert_eq!(ran.failure(), "FD-812", "{ran:?}");
            assert!(ran.out.contains("refuses locks"), "{ran:?}");
            assert!(ran.out.contains("--home"), "{ran:?}");
        }
        cli.run(&["jobs"]).exits(0);
    }
}

/// An upload whose clock is set while it runs.
fn upload(cli: &Cli, library: &Path, file: &str, clock: &Path) -> Running {
    let mut command = cli.command(&[
        "deliver",
        file,
        "--to",
        "pelion:bench",
        "--chunk-bytes",
        "5242880",
        "--yes",
        "--json",
    ]);
    command
        .env("LD_PRELOAD", library)
        .env("TEST_CLOCK_AHEAD", clock)
        .stdin(Stdio::null());
    Running::start(&mut command)
}

#[test]
fn a_clock_that_is_set_in_the_middle_of_an_upload_changes_its_times_and_nothing_else() {
    const FOUR_HUNDRED_DAYS: i64 = 400 * 24 * 60 * 60;
    let world = Cli::new();
    let demo = Demo::pelion_only(&world);
    demo.slow_chunks(150);
    let cli = Cli::new();
    let Some(library) = preloaded(&cli) else {
        return;
    };
    add_account(&cli, &demo);
    let clock = cli.path("clock");
    let mut newest = String::new();
    for (number, ahead) in [FOUR_HUNDRED_DAYS, -FOUR_HUNDRED_DAYS]
        .into_iter()
        .enumerate()
    {
        std::fs::write(&clock, "0").unwrap();
        let name = format!("puck-{number}.bin");
        let file = cli.file(&name, &bytes(25 << 20, 7 + number as u64));
        let running = upload(&cli, &library, &file, &clock);
        newest = running.job_id();
        running.until_confirmed(5 << 20);
        std::fs::write(&clock, ahead.to_string()).unwrap();
        let ended = running.wait().exits(0);
        assert!(
            is_verified(&ended.lines().pop().unwrap()["job"]),
            "{ended:?}"
        );
    }
    // A job that begins while the clock is behind is the newest all the same.
    let file = cli.file("last.bin", &bytes(6 << 20, 9));
    let last = upload(&cli, &library, &file, &clock);
    let id = last.job_id();
    last.wait().exits(0);
    assert_ne!(id, newest);
    let listed = cli.run(&["jobs", "--limit", "1", "--json"]).exits(0).json();
    assert_eq!(listed[0]["id"], id.as_str(), "{listed}");
    assert_eq!(demo.repeated_chunks(), 0);
    let ledger = cli.run(&["ledger", "verify", "--json"]).exits(0).json();
    assert_eq!(ledger["entries"], 3, "{ledger}");
}

#[test]
fn a_file_is_inspected_where_no_home_can_be_made() {
    let cli = Cli::new();
    let file = cli.file("puck.bin", &bytes(1000, 6));
    let mut inspect = Command::new(PROGRAM);
    inspect
        .args(["inspect", &file, "--json"])
        .env_remove("HOME")
        .env_remove("XDG_DATA_HOME")
        .env_remove("FIRMDROP_HOME");
    let inspected = finish(&mut inspect).exits(0);
    assert_eq!(inspected.json()["inspection"]["size_bytes"], 1000);
    assert!(inspected.err.contains("Accounts"), "{inspected:?}");
}

#[test]
fn a_journal_that_is_missing_or_broken_beside_its_copies_is_restored() {
    let world = Cli::new();
    let demo = Demo::pelion_only(&world);
    let cli = Cli::new();
    add_account(&cli, &demo);
    let file = cli.file("puck.bin", &bytes(1000, 6));
    let deliver = ["deliver", &file, "--to", "pelion:bench", "--yes", "--json"];
    cli.run(&deliver).exits(0);
    // The next start copies what was written.
    let jobs = cli.run(&["jobs", "--json"]).exits(0).json();
    let journal = cli.home().join("journal.sqlite");
    for content in [
        None,
        Some(&b""[..]),
        Some(b"this is no database, whatever it was before\n"),
    ] {
        for companion in ["sqlite", "sqlite-wal", "sqlite-shm"] {
            std::fs::remove_file(journal.with_extension(companion)).ok();
        }
        if let Some(content) = content {
            std::fs::write(&journal, content).unwrap();
        }
        let restored = cli.run(&["jobs", "--json"]).exits(0);
        assert_eq!(restored.json(), jobs, "{content:?}");
        assert!(restored.err.contains("restored"), "{restored:?}");
    }
}
