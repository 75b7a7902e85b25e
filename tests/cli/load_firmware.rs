//! `load-firmware`: each message of the contract from each of its causes, word for word, with its exit code.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};

use firmdrop_simulator::reader::{
    Faults, PtyServer, Return, Settings, SimulatedReader, demo_image, serve_pty, serve_udp,
};
use firmdrop_test_support::cli_world::{Cli, Demo, Ran, finish, is_verified, poll};
use firmdrop_test_support::file_host::FileHost;
use serde_json::{Value, json};

/// The home, the demo world, and one of its readers over its serial line.
struct World {
    cli: Cli,
    demo: Demo,
    reader: String,
}

impl World {
    fn start() -> Self {
        let cli = Cli::new();
        let demo = Demo::start(&cli);
        let serial = demo.world["readers"][0]["serial"].as_str().unwrap();
        let reader = format!("smp+serial:{serial}");
        Self { cli, demo, reader }
    }

    /// The demo's own sample as a `file://` address.
    fn sample(&self) -> String {
        format!("file://{}", self.demo.world["sample"].as_str().unwrap())
    }

    fn file(&self, name: &str, content: &[u8]) -> String {
        format!("file://{}", self.cli.file(name, content))
    }

    fn load(&self, arguments: &[&str]) -> Ran {
        let mut all = vec!["load-firmware", &self.reader];
        all.extend(arguments);
        self.cli.run(&all)
    }

    /// It is refused with this message, as text and as JSON, and nothing is written.
    #[track_caller]
    fn refuses(&self, arguments: &[&str], message: &str, exit: i32) {
        let text = self.load(arguments).exits(exit);
        assert_eq!(text.err.lines().next(), Some(message), "{text:?}");
        assert!(text.out.is_empty(), "{text:?}");
        let mut with_json = arguments.to_vec();
        with_json.push("--json");
        let json = self.load(&with_json).exits(exit);
        let answer = answer(&json);
        assert_eq!(answer["status"], 422, "{json:?}");
        assert_eq!(answer["answer"]["Result"], "error");
        assert_eq!(answer["answer"]["Message"], message);
        assert_eq!(
            answer["answer"]["Error"].as_str(),
            Some(json.failure().as_str())
        );
        assert!(!json.err.contains("panicked"), "{json:?}");
        assert!(self.cli.jobs().is_empty());
        // The demo's sample lies there.
        assert_eq!(received(&self.cli), 1, "{arguments:?} left a file");
    }
}

/// Files that were brought into the home.
fn received(cli: &Cli) -> usize {
    let downloads = std::fs::read_dir(cli.home().join("downloads"));
    downloads.unwrap().count()
}

/// The line that is the answer to the request.
#[track_caller]
fn answer(ran: &Ran) -> Value {
    let lines = ran.lines();
    let answer = lines.iter().find(|line| line["event"] == "load_firmware");
    answer.unwrap_or_else(|| panic!("{ran:?}")).clone()
}

#[test]
fn invalid_arguments_a_scheme_and_base64_are_refused_as_wrong_usage() {
    let world = World::start();
    let sample = world.sample();
    world.refuses(&[], "Invalid arguments", 2);
    world.refuses(
        &["--file", &sample, "--blob", "AAAA"],
        "Invalid arguments",
        2,
    );
    // Standard input is not waited for.
    world.refuses(&["--file", &sample, "--blob", "-"], "Invalid arguments", 2);
    for file in [
        "ftp://127.0.0.1/fw.bin",
        " file:///fw.bin",
        &sample["file://".len()..],
        "fw.bin",
    ] {
        world.refuses(&["--file", file], "Scheme not supported", 2);
    }
    for blob in ["no base64", "AAA", "-_8="] {
        world.refuses(&["--blob", blob], "Invalid base64 string", 2);
    }
}

#[test]
fn a_file_that_is_not_there_or_cannot_be_read_is_named_by_its_cause() {
    let world = World::start();
    let missing = format!("file://{}", world.cli.path("missing.bin").display());
    world.refuses(&["--file", &missing], "File not found", 2);
    let folder = format!("file://{}", world.cli.path("").display());
    world.refuses(&["--file", &folder], "Read failed", 2);
    world.refuses(&["--file", "file:///dev/zero"], "Read failed", 2);
    world.refuses(&["--file", "file:///proc/self/mem"], "Read failed", 1);
    let page = world.file("page.bin", b"<html>Sign in first</html>");
    world.refuses(&["--file", &page], "Unsupported content", 1);
    let mut damaged = demo_image((1, 1, 0), 64 * 1024);
    damaged[50_000] ^= 1;
    let damaged = world.file("damaged.bin", &damaged);
    world.refuses(&["--file", &damaged, "--yes"], "Unsupported content", 1);
    world.refuses(&["--blob", "VVVVVVVV"], "Unsupported content", 1);
}

#[test]
fn a_file_that_the_user_may_not_read_is_access_denied() {
    // Root may read everything: it is asked as another user, with a home of its own.
    let cli = Cli::new();
    let secret = cli.file("secret.bin", &demo_image((1, 1, 0), 1024));
    std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(0o000)).unwrap();
    let folder = cli.path("");
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o777)).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_firmdrop-cli"));
    command
        .stdin(Stdio::null())
        .arg("--home")
        .arg(cli.path("another"));
    command.args(["load-firmware", "smp+udp:127.0.0.1:1", "--json", "--file"]);
    command.arg(format!("file://{secret}"));
    if std::fs::read(&secret).is_ok() {
        const NOBODY: u32 = 65_534;
        command.uid(NOBODY).gid(NOBODY);
    }
    let refused = finish(&mut command).exits(1);
    assert_eq!(answer(&refused)["answer"]["Message"], "Access denied");
    assert_eq!(answer(&refused)["status"], 422);
    assert_eq!(refused.failure(), "FD-105");
}

#[test]
fn a_host_that_gives_no_file_is_named_by_its_cause() {
    let world = World::start();
    for (status, message) in [
        ("404 Not Found", "File not found"),
        ("401 Unauthorized", "Access denied"),
        ("403 Forbidden", "Access denied"),
        ("500 Internal Server Error", "Download failed"),
    ] {
        let host = FileHost::of_status(status, "");
        let url = host.url("fw.bin");
        world.refuses(&["--file", &url, "--allow-host", "127.0.0.1"], message, 1);
    }
    let host = FileHost::of_file(demo_image((1, 1, 0), 1024));
    world.refuses(&["--file", &host.url("fw.bin")], "Download failed", 1);
    assert!(
        host.heads().is_empty(),
        "the own network was reached unasked"
    );
    for url in ["https://firmdrop.invalid/fw.bin", "http:///x"] {
        world.refuses(&["--file", url], "Download failed", 1);
    }
}

#[test]
fn a_reader_that_is_not_available_and_one_that_is_not_there_have_answers_of_their_own() {
    let mut world = World::start();
    let sample = world.sample();
    let folder = world.cli.path("drive");
    std::fs::create_dir(&folder).unwrap();
    let there = std::mem::replace(&mut world.reader, format!("volume:{}", folder.display()));
    world.refuses(&["--file", &sample, "--yes"], "Not available", 1);
    for (reader, exit) in [("device:nobody", 2), ("/dev/firmdrop-none", 1)] {
        world.reader = reader.to_owned();
        let ran = world
            .load(&["--file", &sample, "--yes", "--json"])
            .exits(exit);
        assert_eq!(answer(&ran)["status"], 410, "{ran:?}");
    }
    world.reader = there;
    assert!(world.cli.jobs().is_empty());
}

#[test]
fn nothing_is_loaded_that_needs_a_confirmation_and_has_none() {
    let world = World::start();
    let older = world.file("older.bin", &demo_image((0, 9, 0), 1024));
    for given in [
        &[][..],
        &["--confirm", "unsigned"],
        &["--confirm", "downgrade"],
    ] {
        let arguments = [&["--file", &older, "--json"], given].concat();
        let ran = world.load(&arguments).exits(2);
        assert_eq!(ran.failure(), "FD-203");
        assert_eq!(answer(&ran)["status"], 403, "{ran:?}");
        let plan = &ran.lines()[0]["plan"];
        assert_eq!(plan["confirmations"].as_array().unwrap().len(), 2);
    }
    world
        .load(&["--file", &older, "--confirm", "everything"])
        .exits(2);
    world
        .load(&["--file", &older, "--yes", "--deadline", "0"])
        .exits(2);
    assert!(world.cli.jobs().is_empty());
}

#[test]
fn a_file_an_address_and_a_blob_are_accepted_then_loaded_and_verified() {
    let world = World::start();
    let image = demo_image((1, 1, 0), 16 * 1024);
    let newer = demo_image((1, 2, 0), 16 * 1024);
    let newest = demo_image((1, 3, 0), 16 * 1024);
    let host = FileHost::of_file(newer);
    let file = world.file("with space.bin", &image);
    let url = host.url("fw.bin");
    let by_file: &[&str] = &["--file", &file, "--yes"];
    let by_url: &[&str] = &[
        "--file",
        &url,
        "--allow-host",
        "127.0.0.1",
        "--confirm",
        "unsigned",
    ];
    for arguments in [by_file, by_url] {
        let ran = world.load(&[arguments, &["--json"]].concat()).exits(0);
        loads_verified(&world, &ran);
    }
    world.cli.file("newest.bin", &newest);
    let base64 = finish(Command::new("base64").arg(world.cli.path("newest.bin"))).out;
    assert!(base64.contains('\n'));
    let arguments = [
        "load-firmware",
        &world.reader,
        "--blob",
        "-",
        "--yes",
        "--json",
    ];
    loads_verified(
        &world,
        &world.cli.run_with_input(&arguments, &base64).exits(0),
    );
    // As text: what is accepted is not said to be done.
    let again = world.load(&["--file", &file, "--yes"]).exits(0);
    assert!(again.err.contains("The reader accepted."), "{again:?}");
}

#[track_caller]
fn loads_verified(world: &World, ran: &Ran) {
    let answer = answer(ran);
    assert_eq!(answer["status"], 200);
    assert_eq!(answer["answer"]["Result"], "success");
    let job = answer["answer"]["Job"].as_str().unwrap();
    assert!(is_verified(&world.cli.job(job)["summary"]), "{ran:?}");
    let lines = ran.lines();
    assert_eq!(lines[0]["event"], "plan");
    let pushed = lines.last().unwrap();
    let expected = json!({
        "jsonrpc": "2.0",
        "event": "Device.LoadFirmwareProgress",
        "params": {
            "DeviceId": world.reader, "Status": "success", "Progress": 100, "Job": job, "Verified": true,
        },
    });
    assert_eq!(*pushed, expected);
}

/// A reader of this make over a pseudo-terminal, for as long as the runtime lives.
fn serve(settings: Settings, faults: Faults) -> (tokio::runtime::Runtime, PtyServer) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let inside = runtime.enter();
    let reader = SimulatedReader::new(settings, demo_image((1, 0, 0), 32 * 1024));
    reader.set_faults(faults);
    let served = serve_pty(reader).unwrap();
    drop(inside);
    (runtime, served)
}

#[test]
fn a_reader_that_another_process_loads_is_in_use_and_gets_nothing_more() {
    let (first, second) = (Cli::new(), Cli::new());
    let newer = demo_image((1, 1, 0), 32 * 1024);
    let image = first.file("newer.bin", &newer);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let settings = Settings {
        flash_per_byte: std::time::Duration::from_micros(60),
        ..Settings::default()
    };
    let reader = SimulatedReader::new(settings, demo_image((1, 0, 0), 4000));
    let served = runtime.block_on(serve_udp(reader.clone())).unwrap();
    let to = format!("smp+udp:{}", served.address());
    let running = first.start(&["deliver", &image, "--to", &to, "--yes", "--json"]);
    running.until_confirmed(1);
    let file = format!("file://{image}");
    let arguments = ["load-firmware", &to, "--file", &file, "--yes", "--json"];
    let refused = second.run(&arguments).exits(1);
    assert_eq!(answer(&refused)["status"], 409, "{refused:?}");
    assert_eq!(refused.failure(), "FD-303");
    assert!(refused.out.contains("works with it already"), "{refused:?}");
    assert!(second.jobs().is_empty());
    running.wait().exits(0);
    assert_eq!(reader.counters().upload_bytes, newer.len() as u64);
}

#[test]
fn a_reader_that_refuses_has_failed_whether_at_once_or_later() {
    let cli = Cli::new();
    let file = format!(
        "file://{}",
        cli.file("newer.bin", &demo_image((1, 1, 0), 32 * 1024))
    );
    let refuses = Faults {
        refuses_uploads: Some(11),
        ..Faults::default()
    };
    let (_runtime, served) = serve(Settings::default(), refuses);
    let reader = format!("smp+serial:{}", served.path().display());
    let arguments = ["load-firmware", &reader, "--file", &file, "--yes"];
    let at_once = cli.run(&arguments).exits(1);
    assert!(
        at_once.err.lines().any(|line| line == "Failed"),
        "{at_once:?}"
    );
    assert!(!at_once.err.contains("accepted."), "{at_once:?}");
    let json = cli.run(&[&arguments[..], &["--json"]].concat()).exits(1);
    assert_eq!(answer(&json)["status"], 422);
    assert_eq!(answer(&json)["answer"]["Message"], "Failed");
    assert_eq!(json.failure(), "FD-307");

    let reverts = Faults {
        returns: Return::WithOldImage,
        ..Faults::default()
    };
    let (_runtime, served) = serve(Settings::default(), reverts);
    let reader = format!("smp+serial:{}", served.path().display());
    let later = cli
        .run(&["load-firmware", &reader, "--file", &file, "--yes", "--json"])
        .exits(1);
    assert_eq!(answer(&later)["status"], 200);
    let pushed = later.lines().pop().unwrap();
    assert_eq!(pushed["params"]["Status"], "failed");
    assert_eq!(pushed["params"]["Message"], "Failed");
    assert_eq!(pushed["params"]["Error"], "FD-309");
}

#[test]
fn without_waiting_the_command_ends_when_the_reader_accepted_and_the_load_goes_on() {
    let cli = Cli::new();
    let file = format!(
        "file://{}",
        cli.file("newer.bin", &demo_image((1, 1, 0), 64 * 1024))
    );
    let slow = Faults {
        slow: std::time::Duration::from_millis(10),
        ..Faults::default()
    };
    let (_runtime, served) = serve(Settings::default(), slow);
    let reader = format!("smp+serial:{}", served.path().display());
    let arguments = [
        "load-firmware",
        &reader,
        "--file",
        &file,
        "--yes",
        "--no-wait",
    ];
    let json = cli.run(&[&arguments[..], &["--json"]].concat()).exits(3);
    let last = json.lines().pop().unwrap();
    assert_eq!(last["status"], 200, "{json:?}");
    let job = last["answer"]["Job"].as_str().unwrap().to_owned();
    // The reader is in use until then.
    let ended = poll("the end of the load", || {
        let summary = cli.job(&job)["summary"].clone();
        (summary["state"]["state"] == "finished").then_some(summary)
    });
    assert!(is_verified(&ended), "{ended}");
    // What is refused is answered as ever.
    let refused = ["load-firmware", &reader, "--file", "ftp://x/", "--no-wait"];
    let text = cli.run(&refused).exits(2);
    assert_eq!(
        text.err.lines().next(),
        Some("Scheme not supported"),
        "{text:?}"
    );
    let asks = ["load-firmware", &reader, "--file", &file, "--no-wait"];
    assert!(cli.run(&asks).exits(2).err.contains("--yes"));
}
