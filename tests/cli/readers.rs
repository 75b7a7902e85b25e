//! `devices restart`, `label`, `recover` and `console`: readers on serial ports as a script works with them.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::io::Write as _;
use std::process::Stdio;
use std::time::Duration;

use firmdrop_simulator::reader::{
    Faults, Line, PtyServer, Settings, SimulatedReader, demo_image, serve_pty,
};
use firmdrop_test_support::cli_world::{Cli, Running, is_verified, poll};
use serde_json::Value;

/// A home and a reader on a port.
struct World {
    cli: Cli,
    reader: SimulatedReader,
    port: PtyServer,
    to: String,
    _runtime: tokio::runtime::Runtime,
}

impl World {
    fn start() -> Self {
        Self::with(Settings {
            shell: true,
            flash_per_byte: Duration::from_micros(10),
            ..Settings::default()
        })
    }

    fn with(settings: Settings) -> Self {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let reader = SimulatedReader::new(settings, demo_image((1, 0, 0), 4000));
        let port = runtime.block_on(async { serve_pty(reader.clone()).unwrap() });
        Self {
            to: format!("smp+serial:{}", port.path().display()),
            cli: Cli::new(),
            reader,
            port,
            _runtime: runtime,
        }
    }

    fn deliver(&self, file: &str) -> firmdrop_test_support::cli_world::Ran {
        let arguments = ["deliver", file, "--to", &self.to, "--yes", "--json"];
        self.cli.run(&arguments)
    }

    fn console(&self, more: &[&str]) -> Running {
        let arguments = [&["console", &self.to][..], more].concat();
        let mut command = self.cli.command(&arguments);
        Running::start(command.stdin(Stdio::piped()))
    }
}

fn last_job(ran: &firmdrop_test_support::cli_world::Ran) -> Value {
    ran.lines().pop().unwrap()["job"].clone()
}

/// The states and texts of a console so far; texts that follow each other are one.
fn heard(console: &Running) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = Vec::new();
    for event in console.said() {
        let state = &event["state"];
        let said = match event["event"].as_str().unwrap() {
            "text" => (
                "text".to_owned(),
                event["text"].as_str().unwrap().to_owned(),
            ),
            _ => (
                state["state"].as_str().unwrap().to_owned(),
                state["why"].as_str().unwrap_or_default().to_owned(),
            ),
        };
        match all.last_mut() {
            Some((kind, text)) if kind == "text" && said.0 == "text" => text.push_str(&said.1),
            _ => all.push(said),
        }
    }
    all
}

/// A package with two images, packed by Python as the nRF Connect SDK's own script does it.
fn package(cli: &Cli, images: [&[u8]; 2]) -> String {
    let manifest = r#"{"format-version": 1, "time": 1764460800, "name": "lamp", "files": [
        {"type": "application", "board": "nrf5340dk", "image_index": "0", "file": "app.bin"},
        {"type": "application", "board": "nrf5340dk", "image_index": "1", "file": "net.bin"}]}"#;
    let file = cli.file("dfu_application.zip", b"");
    let parts = [
        cli.file("manifest.json", manifest.as_bytes()),
        cli.file("app.bin", images[0]),
        cli.file("net.bin", images[1]),
    ];
    let mut python = std::process::Command::new("python3");
    let packed = python.args(["-m", "zipfile", "-c", &file]).args(parts);
    assert!(packed.status().unwrap().success());
    file
}

// README.md: a stop ends with 4, also while the plan waits for an answer.
#[test]
fn a_stop_while_the_plan_waits_for_the_reader_ends_with_4_and_begins_no_job() {
    let cli = Cli::new();
    let image = cli.file("new.bin", &demo_image((2, 0, 0), 4000));
    let url = format!("file://{image}");
    for (arguments, stop) in [
        (
            ["deliver", &image, "--yes", "--to"],
            Running::interrupt as fn(&Running),
        ),
        (
            ["load-firmware", "--file", &url, "--yes"],
            Running::terminate,
        ),
    ] {
        let silent = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        let limit = Some(Duration::from_mins(1));
        silent.set_read_timeout(limit).unwrap();
        let to = format!("smp+udp:{}", silent.local_addr().unwrap());
        let running = cli.start(&[&arguments[..], &[to.as_str()]].concat());
        silent.recv_from(&mut [0; 64]).unwrap();
        stop(&running);
        let ran = running.wait().exits(4);
        assert!(ran.err.contains("nothing was changed"), "{}", ran.err);
    }
    assert!(cli.jobs().is_empty());
}

#[test]
fn a_package_for_two_cores_is_planned_in_one_plan_and_finished_after_the_program_was_killed() {
    let world = World::with(Settings {
        images: 2,
        flash_per_byte: Duration::from_micros(40),
        ..Settings::default()
    });
    world.reader.store(1, 0, demo_image((7, 0, 0), 500));
    let [app, net] = [demo_image((2, 0, 0), 30_000), demo_image((6, 0, 0), 20_000)];
    let file = package(&world.cli, [&app, &net]);
    let identified = world.cli.run(&["devices", "identify", &world.to, "--json"]);
    identified.exits(0);
    let dry = ["deliver", &file, "--to", &world.to, "--dry-run", "--json"];
    let plan = world.cli.run(&dry).exits(0).json().to_string();
    assert!(
        plan.contains("2 images of the reader are replaced"),
        "{plan}"
    );
    assert!(plan.contains("image 1 from 7.0.0 to 6.0.0"), "{plan}");

    let running = world
        .cli
        .start(&["deliver", &file, "--to", &world.to, "--yes", "--json"]);
    running.until_confirmed(35_000);
    let id = running.job_id();
    running.kill();
    let resumed = world.cli.run(&["job", "resume", &id, "--json"]).exits(0);
    let job = last_job(&resumed);
    assert!(is_verified(&job), "{job}");
    assert!(world.reader.running() == app && world.reader.is_confirmed());
    assert!(world.reader.memory_of(1, 0) == net);
    let counters = world.reader.counters();
    assert_eq!(counters.restarts, 1);
    let sent_again = counters.upload_bytes - (app.len() + net.len()) as u64;
    assert!(sent_again < 5000, "{sent_again} bytes went twice");
}

#[test]
fn a_console_stands_aside_while_its_reader_is_loaded_and_comes_back() {
    let world = World::start();
    let mut console = world.console(&["--json"]);
    let mut input = console.child.stdin.take().unwrap();
    console.until("the banner", |event| {
        event["text"].as_str()?.contains("Booting").then_some(())
    });
    let file = world.cli.file("new.bin", &demo_image((1, 1, 0), 60_000));
    let job = last_job(&world.deliver(&file).exits(0));
    assert!(is_verified(&job), "{job}");
    poll("it is open again", || {
        let all = heard(&console);
        let was_paused = all.iter().any(|(state, _)| state == "paused");
        (was_paused && all.last()?.0 == "open").then_some(())
    });
    input.write_all(b"version\n").unwrap();
    let all = poll("the reader answers", || {
        let all = heard(&console);
        let is_answer = |(_, said): &(String, String)| said.contains("version: command not found");
        all.last().is_some_and(is_answer).then_some(all)
    });
    let paused = all.iter().find(|(state, _)| state == "paused").unwrap();
    assert_eq!(paused.1, "Paused while firmware is loaded", "{all:?}");
    for (_, text) in &all {
        let is_text = |c: char| !c.is_control() || c == '\n';
        assert!(text.chars().all(is_text), "{text:?}");
        assert!(!text.contains("[1;32m"), "{text:?}");
    }
}

#[test]
fn what_is_typed_is_sent_with_its_line_ending_and_everything_is_in_the_log() {
    let world = World::start();
    let log = world.cli.path("console.log");
    let path = log.to_str().unwrap();
    let mut console = world.console(&["--log", path, "--timestamps", "--line-ending", "crlf"]);
    let mut input = console.child.stdin.take().unwrap();
    poll("it is connected", || {
        console.complained().contains("-- Connected").then_some(())
    });
    input.write_all(b"version\n").unwrap();
    let line = poll("the answer is in the log", || {
        let text = std::fs::read_to_string(&log).unwrap_or_default();
        let mut lines = text.lines();
        lines
            .find(|line| line.contains("version: command not found"))
            .map(str::to_owned)
    });
    let moment = line.split(' ').next().unwrap();
    assert!(moment.contains('T') && moment.ends_with('Z'), "{line}");
    console.interrupt();
    let ran = console.wait().exits(0);
    assert!(ran.out.contains("version: command not found"), "{ran:?}");
    // A second console is refused, and the first one stays open.
    let first = world.console(&["--json"]);
    first.until("open", |event| {
        (event["state"]["state"] == "open").then_some(())
    });
    let second = world.cli.run(&["console", &world.to, "--json"]).exits(1);
    assert_eq!(second.failure(), "FD-303");
}

#[test]
fn a_console_whose_port_takes_nothing_stands_aside_and_says_what_was_not_sent() {
    let world = World::with(Settings {
        // 50,000 bytes take seven minutes.
        line: Some(Line {
            baud: 1200,
            latency: Duration::ZERO,
        }),
        ..Settings::default()
    });
    let mut console = world.console(&["--json"]);
    let mut input = console.child.stdin.take().unwrap();
    console.until("open", |event| {
        (event["state"]["state"] == "open").then_some(())
    });
    input.write_all("x".repeat(50_000).as_bytes()).unwrap();
    input.write_all(b"\nsecond\n").unwrap();
    poll("the line is busy", || {
        (world.reader.counters().line_bytes > 0).then_some(())
    });
    let identify = ["devices", "identify", &world.to, "--json"];
    let identifying = world.cli.start(&identify);
    let why = console.until("the state after it was open", |event| {
        let state = &event["state"];
        assert_ne!(state["state"], "away", "{event}");
        (state["state"] == "paused").then(|| state["why"].as_str().unwrap().to_owned())
    });
    assert!(why.contains("bytes that were typed were not sent"), "{why}");
    identifying.interrupt();
    identifying.wait();
}

#[test]
fn a_console_waits_for_a_port_that_went_away() {
    let world = World::start();
    let console = world.console(&["--json"]);
    console.until("open", |event| {
        (event["state"]["state"] == "open").then_some(())
    });
    world.reader.pull_the_plug();
    console.until("away", |event| {
        (event["state"]["state"] == "away").then_some(())
    });
    world.reader.plug_in();
    poll("it is open again", || {
        let all = heard(&console);
        let mut states = all.iter().map(|(state, _)| state.as_str());
        (states.any(|state| state == "away") && states.any(|state| state == "open")).then_some(())
    });
    assert!(world.port.path().exists());
}

#[test]
fn a_reader_is_restarted_and_one_that_would_start_another_image_only_with_a_confirmation() {
    let world = World::start();
    let restart = ["devices", "restart", &world.to, "--json"];
    let answer = world.cli.run(&restart).exits(0).json();
    let statement = answer["statement"].as_str().unwrap();
    assert!(statement.contains("it runs the image 1.0.0"), "{statement}");
    assert_eq!(answer["reader"]["reader"]["access"]["access"], "ready");
    assert_eq!(world.reader.counters().restarts, 1);
    let image = demo_image((2, 0, 0), 3000);
    world.reader.store(0, 1, image.clone());
    world.reader.mark();
    let refused = world.cli.run(&restart);
    assert_eq!(refused.failure(), "FD-203");
    assert_eq!(world.reader.counters().restarts, 1);
    let accepted = [&restart[..], &["--yes"][..]].concat();
    let answer = world.cli.run(&accepted).exits(0).json();
    assert!(
        answer["statement"].as_str().unwrap().contains("2.0.0"),
        "{answer}"
    );
    assert!(world.reader.running() == image, "the memory differs");
}

#[test]
fn a_console_of_another_process_stands_aside_while_its_reader_is_restarted_and_identified() {
    let world = World::start();
    let console = world.console(&["--json"]);
    console.until("open", |event| {
        (event["state"]["state"] == "open").then_some(())
    });
    world.cli.run(&["devices", "restart", &world.to]).exits(0);
    let identified = world.cli.run(&["devices", "identify", &world.to, "--json"]);
    assert_eq!(identified.exits(0).json()["target"]["version"], "1.0.0");
    poll("it is open again", || {
        let all = heard(&console);
        let opened = all.iter().filter(|(state, _)| state == "open").count();
        (opened >= 2).then_some(())
    });
}

#[test]
fn a_label_has_what_its_template_names() {
    let world = World::start();
    let label = |template: &[&str]| {
        let arguments = [&["devices", "label", &world.to][..], template].concat();
        world.cli.run(&arguments)
    };
    let usual = label(&[]).exits(0).out;
    assert!(
        usual.contains(world.port.path().to_str().unwrap()),
        "{usual}"
    );
    let own = label(&["--template", "{address} v{version}"]).exits(0).out;
    assert_eq!(own.trim(), format!("{} v-", world.to));
    assert_eq!(
        label(&["--template", "{lot}", "--json"]).exits(2).failure(),
        "FD-209"
    );
}

#[test]
fn a_reader_whose_load_broke_off_is_recovered_with_the_last_verified_image_while_its_file_is_the_same()
 {
    let world = World::start();
    let recover = ["devices", "recover", &world.to, "--yes", "--json"];
    let good = demo_image((1, 1, 0), 9000);
    let file = world.cli.file("good.bin", &good);
    world.deliver(&file).exits(0);
    let not_needed = world.cli.run(&recover).exits(1);
    assert_eq!(not_needed.failure(), "FD-211");

    world.reader.set_faults(Faults {
        dies_after_bytes: Some(3000),
        ..Faults::default()
    });
    let bad = world.cli.file("bad.bin", &demo_image((1, 2, 0), 9000));
    let job = last_job(&world.deliver(&bad).exits(1));
    assert_eq!(job["state"]["state"], "failed", "{job}");
    world.reader.set_faults(Faults::default());
    world.reader.pull_the_plug();
    world.reader.plug_in();

    // Another file under the name is not the image that was verified.
    std::fs::write(&file, demo_image((1, 1, 1), 9000)).unwrap();
    let changed = world.cli.run(&recover).exits(1);
    let why = changed.lines().pop().unwrap()["error"]["why"].to_string();
    assert!(why.contains("has other bytes than then"), "{why}");
    assert_eq!(changed.failure(), "FD-211");

    std::fs::write(&file, &good).unwrap();
    let recovered = poll("the reader is back and recovered", || {
        let ran = world.cli.run(&recover);
        (ran.code == Some(0)).then_some(ran)
    });
    let offer = &recovered.lines()[0]["offer"];
    assert_eq!(offer["file_name"], "good.bin");
    let known = offer["known"].to_string();
    assert!(
        known.contains(job["id"].as_str().unwrap()) && known.contains("verified at"),
        "{known}"
    );
    assert!(is_verified(&last_job(&recovered)), "{recovered:?}");
    assert!(world.reader.running() == good, "the memory differs");
}
