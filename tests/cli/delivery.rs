//! `inspect`, `deliver`, `devices`, `ledger`, `demo`: the main job as a script runs it.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use cli_world::{Cli, Demo, bytes, finish, is_verified, poll};
use firmdrop_simulator::reader::{Recovery, Settings, SimulatedReader, demo_image, serve_pty};
use firmdrop_simulator::volume::uf2_file;
use firmdrop_test_support::cli_world;
use serde_json::Value;

/// The results of a delivery, one for each destination.
fn results(lines: &[Value]) -> Vec<Value> {
    let result = |line: &&Value| line["event"] == "result";
    lines
        .iter()
        .filter(result)
        .map(|line| line["job"].clone())
        .collect()
}

#[test]
fn inspect_tells_format_hashes_and_destinations() {
    let cli = Cli::new();
    let content = b":0400000001020304F2\n:00000001FF\n";
    let file = cli.file("sound.hex", content);
    let verdict = cli.run(&["inspect", &file, "--json"]).exits(0).json();
    assert_eq!(verdict["inspection"]["format"], "intel_hex");
    assert_eq!(verdict["integrity"], "intact");
    assert_eq!(verdict["inspection"]["size_bytes"], content.len());
    let sha256 = finish(std::process::Command::new("sha256sum").arg(&file)).out;
    assert!(sha256.starts_with(verdict["sha256"].as_str().unwrap()));
    let md5 = finish(std::process::Command::new("md5sum").arg(&file)).out;
    assert!(md5.starts_with(verdict["md5"].as_str().unwrap()));
    assert!(verdict["destinations"].is_array());
    let text = cli.run(&["inspect", &file]).exits(0).out;
    assert!(
        text.contains("SHA-256") && text.contains("intact"),
        "{text}"
    );
}

#[test]
fn two_files_are_compared_by_address_and_by_what_they_say() {
    let cli = Cli::new();
    let file = |name: &str, rows: &str| cli.file(name, format!("{rows}:00000001FF\n").as_bytes());
    let old = file("old.hex", ":0400000001020304F2\n:0401000001020304F1\n");
    let new = file("new.hex", ":0400000001020305F1\n:0401000001020304F1\n");
    let answer = cli
        .run(&["inspect", &old, "--compare", &new, "--json"])
        .exits(0)
        .json();
    let comparison = &answer["comparison"];
    assert_eq!(comparison["identical"], false);
    assert_eq!(comparison["regions"][0]["address"], 0);
    assert_eq!(comparison["regions"][0]["changed_bytes"], 1);
    assert_eq!(comparison["regions"][0]["first_difference"], 3);
    assert_eq!(comparison["same_regions"], 1);
    let text = cli.run(&["inspect", &old, "--compare", &new]).exits(0).out;
    assert!(
        text.contains("1 changed, first difference at 0x00000003"),
        "{text}"
    );
    let short = ["inspect", &old, "--compare", &old, "--format", "short"];
    assert_eq!(
        cli.run(&short).exits(0).out,
        "old.hex -> old.hex: identical\n"
    );
    let cut = cli.file("cut.hex", b":0400000001020304F2\n");
    let text = cli.run(&["inspect", &old, "--compare", &cut]).exits(1).out;
    assert!(
        text.contains("Not compared   The bytes of the second file"),
        "{text}"
    );
}

#[test]
fn a_signature_is_checked_with_a_key_and_the_image_inside_is_taken_out() {
    let cli = Cli::new();
    let image = include_bytes!("../real_firmware/imgtool/ed25519.bin");
    let file = cli.file("signed.dfu", &with_dfu_suffix(image));
    let key = cli.file(
        "key.pem",
        include_bytes!("../real_firmware/imgtool/ed25519.pem"),
    );
    let other = cli.file(
        "other.pem",
        include_bytes!("../real_firmware/imgtool/rsa-2048.pem"),
    );
    let text = cli.run(&["inspect", &file]).exits(0).out;
    assert!(text.contains("not checked"), "{text}");
    let text = cli
        .run(&["inspect", &file, "--key", &other, "--key", &key])
        .exits(0)
        .out;
    assert!(
        text.contains("made with the key key.pem") && !text.contains("not checked"),
        "{text}"
    );
    let text = cli.run(&["inspect", &file, "--key", &other]).exits(1).out;
    assert!(text.contains("no key of that kind was given"), "{text}");
    let out = cli.path("inner.bin").display().to_string();
    let extract = ["inspect", &file, "--extract", "1", "--output", &out];
    cli.run(&extract).exits(0);
    assert_eq!(std::fs::read(&out).unwrap(), image);
    cli.run(&extract).exits(1);
    let none = ["inspect", &file, "--extract", "2", "--output", &out];
    assert!(cli.run(&none).exits(2).err.contains("There is no part"));
}

/// The suffix of USB DFU 1.1, appendix B, for any device.
fn with_dfu_suffix(content: &[u8]) -> Vec<u8> {
    let mut bytes = content.to_vec();
    bytes.extend([0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x00, 0x01]);
    bytes.extend(b"UFD\x10");
    let crc = bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg())
        })
    });
    bytes.extend(crc.to_le_bytes());
    bytes
}

#[test]
fn inspect_of_a_damaged_file_fails_and_so_does_its_delivery() {
    let cli = Cli::new();
    let demo = Demo::pelion_only(&cli);
    let file = cli.file("damaged.hex", b":0400000001020304F3\n:00000001FF\n");
    let verdict = cli.run(&["inspect", &file, "--json"]).exits(1).json();
    assert_eq!(verdict["integrity"], "damaged");
    let refused = cli.run(&["deliver", &file, "--to", "pelion:demo", "--yes", "--json"]);
    let missing = firmdrop_core::Code::ConfirmationMissing.to_string();
    assert_eq!(refused.exits(1).failure(), missing);
    assert!(cli.jobs().is_empty());
    assert_eq!(demo.record()["requests"], serde_json::json!([]));
}

#[test]
fn a_damaged_file_is_stored_when_that_is_confirmed_and_the_ledger_says_so() {
    let cli = Cli::new();
    let _demo = Demo::pelion_only(&cli);
    let file = cli.file("damaged.hex", b":0400000001020304F3\n:00000001FF\n");
    let to = [
        "deliver",
        &file,
        "--to",
        "pelion:demo",
        "--yes",
        "--send-damaged",
        "--json",
    ];
    cli.run(&to).exits(0);
    let real = cli.run(&["ledger", "list", "--json"]).exits(0).out;
    let demo = cli
        .run(&["ledger", "list", "--json", "--demo"])
        .exits(0)
        .out;
    let ledger = real + &demo;
    assert!(ledger.contains("Record checksums: line 1"), "{ledger}");
}

#[test]
fn a_dry_run_shows_the_plan_and_sends_nothing() {
    let cli = Cli::new();
    let demo = Demo::pelion_only(&cli);
    let file = cli.file("puck.bin", &bytes(100_000, 1));
    let ran = cli.run(&[
        "deliver",
        &file,
        "--to",
        "pelion:demo",
        "--dry-run",
        "--json",
    ]);
    let lines = ran.exits(0).lines();
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0]["plan"]["remote_name"], "puck.bin");
    assert!(cli.jobs().is_empty());
    assert_eq!(demo.record()["requests"], serde_json::json!([]));
    let text = cli.run(&["deliver", &file, "--to", "pelion:demo", "--dry-run"]);
    assert!(text.exits(0).err.contains("Verified when"));
}

#[test]
fn nothing_is_sent_that_nobody_confirmed() {
    let cli = Cli::new();
    let demo = Demo::pelion_only(&cli);
    let file = cli.file("puck.bin", &bytes(1_000, 2));
    let plain = cli.run(&["deliver", &file, "--to", "pelion:demo"]).exits(2);
    assert!(plain.err.contains("--yes"), "{plain:?}");
    let json = cli.run(&["deliver", &file, "--to", "pelion:demo", "--json"]);
    assert_eq!(json.exits(2).failure(), "FD-818");
    // An answer that does not come from a terminal is none.
    let piped = cli.run_with_input(&["deliver", &file, "--to", "pelion:demo"], "y\n");
    piped.exits(2);
    assert!(cli.jobs().is_empty());
    assert_eq!(demo.record()["requests"], serde_json::json!([]));
}

#[test]
fn one_file_goes_to_a_cloud_and_two_readers_at_once_and_stands_in_the_ledgers() {
    let cli = Cli::new();
    let demo = Demo::start(&cli);
    let sample = demo.world["sample"].as_str().unwrap();
    let readers = demo.world["readers"].as_array().unwrap();
    let serial = format!("smp+serial:{}", readers[0]["serial"].as_str().unwrap());
    let udp = format!("smp+udp:{}", readers[1]["udp"].as_str().unwrap());
    let ran = cli.run(&[
        "deliver",
        sample,
        "--to",
        "pelion:demo",
        &serial,
        &udp,
        "--yes",
        "--json",
    ]);
    let results = results(&ran.exits(0).lines());
    assert_eq!(results.len(), 3);
    for job in &results {
        assert!(is_verified(job), "{job}");
    }
    // They ran at once: each began before any had ended.
    let jobs: Vec<Value> = results
        .iter()
        .map(|job| cli.job(job["id"].as_str().unwrap()))
        .collect();
    let created = jobs.iter().map(|job| job["summary"]["created"].to_string());
    let ended = jobs.iter().map(|job| job["summary"]["changed"].to_string());
    assert!(created.max() < ended.min());
    for job in &jobs {
        assert!(job["ledger_entry"].is_string(), "{job}");
        let seconds = |run: &Value| run["seconds"].as_f64().unwrap();
        let all: f64 = job["phases"].as_array().unwrap().iter().map(seconds).sum();
        assert!(all > 0.0);
    }
    the_ledgers_hold(&cli, 2, 1);
}

/// Entries of the real and of the demo ledger, in every form.
fn the_ledgers_hold(cli: &Cli, real: usize, demo: usize) {
    for (entries, of) in [(real, None), (demo, Some("--demo"))] {
        let with = |arguments: &[&str]| {
            let mut arguments = arguments.to_vec();
            arguments.extend(of);
            cli.run(&arguments).exits(0)
        };
        let list = with(&["ledger", "list", "--json"]).json();
        assert_eq!(list.as_array().unwrap().len(), entries);
        assert_eq!(with(&["ledger", "list"]).out.lines().count(), entries);
        let exported = with(&["ledger", "export"]).lines();
        assert_eq!(exported.len(), entries + 1);
        assert!(exported[entries]["head"]["checkpoint"].is_string());
        let csv = with(&["ledger", "export", "--csv"]).out;
        let numbered = |line: &&str| line.starts_with(|first: char| first.is_ascii_digit());
        assert_eq!(
            csv.lines().skip(1).take(entries).filter(numbered).count(),
            entries
        );
        assert!(csv.starts_with("number,at,job,"));
        let verified = with(&["ledger", "verify", "--json"]).json();
        assert_eq!(verified["entries"], entries);
        assert!(with(&["ledger", "verify"]).out.contains("intact"));
    }
}

#[test]
fn a_reader_in_recovery_mode_is_verified_once_its_application_lists_the_image() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let _inside = runtime.enter();
    let settings = Settings {
        recovery: Some(Recovery::BARE),
        ..Settings::default()
    };
    let reader = SimulatedReader::new(settings, demo_image((1, 0, 0), 32 * 1024));
    let served = serve_pty(reader.clone()).unwrap();
    let cli = Cli::new();
    let image = demo_image((1, 1, 0), 32 * 1024);
    let file = cli.file("reader.bin", &image);
    let to = format!("smp+serial:{}", served.path().display());
    let ran = cli.run(&["deliver", &file, "--to", &to, "--yes", "--json"]);
    let results = results(&ran.exits(0).lines());
    assert_eq!(results[0]["state"]["outcome"]["outcome"], "verified");
    assert!(reader.memory(0).starts_with(&image));
}

#[test]
fn of_several_destinations_the_worst_counts() {
    let cli = Cli::new();
    let demo = Demo::pelion_only(&cli);
    let key = cli.file("key", b"ak_wrong");
    cli.run(&[
        "account",
        "add",
        "wrong",
        "--host",
        demo.host(),
        "--key-file",
        &key,
    ])
    .exits(0);
    let file = cli.file("puck.bin", &bytes(10_000, 3));
    let ran = cli.run(&[
        "deliver",
        &file,
        "--to",
        "pelion:demo",
        "pelion:wrong",
        "--yes",
        "--json",
    ]);
    let results = results(&ran.exits(1).lines());
    assert!(results.iter().any(is_verified));
    let refused = |job: &&Value| job["state"]["diagnosis"]["code"] == "FD-401";
    assert_eq!(results.iter().filter(refused).count(), 1, "{results:?}");
}

#[test]
fn progress_comes_at_most_ten_times_a_second() {
    let cli = Cli::new();
    let demo = Demo::pelion_only(&cli);
    let slow = r#"{"kind":"bandwidth","bytes_per_second":20000000}"#;
    demo.fault(slow, "POST", "/firmware-images");
    let file = cli.file("puck.bin", &bytes(60 << 20, 4));
    let began = std::time::Instant::now();
    let to = ["--to", "pelion:demo", "--chunk-bytes", "5MiB"];
    let ran = cli.run(&[&["deliver", &file, "--yes", "--json"], &to[..]].concat());
    let seconds = began.elapsed().as_secs_f64();
    let lines = ran.exits(0).lines();
    let progress = lines.iter().filter(|line| line["event"] == "progress");
    let count = u32::try_from(progress.count()).unwrap();
    // Of 12 chunks each is confirmed.
    assert!(count >= 10, "{count} lines of progress");
    assert!(
        f64::from(count) <= seconds * 10.0 + 5.0,
        "{count} lines in {seconds} s"
    );
}

#[test]
fn the_demo_delivers_to_its_own_world_and_ends() {
    let cli = Cli::new();
    let ran = cli.run(&["demo", "--deliver", "--json"]);
    let results = results(&ran.exits(0).lines());
    assert_eq!(results.len(), 2);
    assert!(results.iter().all(is_verified));
}

#[test]
fn the_demo_ends_politely_and_devices_can_be_listed() {
    let cli = Cli::new();
    let demo = Demo::start(&cli);
    assert_eq!(demo.world["readers"].as_array().unwrap().len(), 3);
    assert!(cli.run(&["devices", "--json"]).exits(0).json().is_array());
    demo.end().exits(0);
}

#[test]
fn bad_usage_ends_with_2() {
    let cli = Cli::new();
    let file = cli.file("puck.bin", b"x");
    let cases: [&[&str]; 5] = [
        &["unknown"],
        &["deliver", &file],
        &["deliver", "--to", "pelion:demo"],
        &[
            "deliver",
            &file,
            "--to",
            "pelion:demo",
            "--chunk-bytes",
            "1000",
        ],
        &[
            "deliver",
            &file,
            "--to",
            "pelion:demo",
            "--chunk-bytes",
            "104857601",
        ],
    ];
    for arguments in cases {
        let ran = cli.run(arguments).exits(2);
        assert!(!ran.err.is_empty(), "{arguments:?}");
        let ran = cli.run(&[arguments, &["--json"]].concat()).exits(2);
        assert_eq!(ran.failure(), "FD-209", "{arguments:?}");
    }
}

#[test]
fn several_files_become_several_jobs() {
    let cli = Cli::new();
    let _demo = Demo::pelion_only(&cli);
    let files = [1, 2, 3].map(|n| cli.file(&format!("{n}.bin"), &bytes(50_000, n)));
    let mut arguments = vec!["deliver"];
    arguments.extend(files.iter().map(String::as_str));
    arguments.extend(["--to", "pelion:demo", "--yes", "--json"]);
    let results = results(&cli.run(&arguments).exits(0).lines());
    assert_eq!(results.len(), 3);
    assert!(results.iter().all(is_verified));
}

/// The files of a bootloader's drive, in a new folder.
fn bootloader_drive(cli: &Cli, folder: &str, memory: &[u8]) -> std::path::PathBuf {
    let path = cli.path(folder);
    std::fs::create_dir(&path).unwrap();
    std::fs::write(path.join("CURRENT.UF2"), memory).unwrap();
    let info = "UF2 Bootloader v3\r\nModel: Zero\r\nBoard-ID: SAMD21G18A-Zero-v0\r\n";
    std::fs::write(path.join("INFO_UF2.TXT"), info).unwrap();
    path
}

#[test]
fn a_uf2_file_is_copied_onto_a_bootloaders_drive_and_read_back_after_its_restart() {
    let cli = Cli::new();
    let drive = bootloader_drive(&cli, "READER", &uf2_file(&[0; 256]));
    let image = uf2_file(&bytes(50_000, 7));
    let file = cli.file("application.uf2", &image);
    let to = format!("volume:{}", drive.display());
    let running = cli.start(&["deliver", &file, "--to", &to, "--yes", "--json"]);
    let copied = drive.join("FIRMDROP.UF2");
    poll("the whole copy", || {
        std::fs::read(&copied).ok().filter(|copy| *copy == image)
    });
    // The reader restarts: its drive goes away, and another with the new memory is in its place.
    let after = bootloader_drive(&cli, "after", &image);
    std::fs::rename(&drive, cli.path("before")).unwrap();
    std::fs::rename(after, &drive).unwrap();
    let results = results(&running.wait().exits(0).lines());
    assert!(is_verified(&results[0]), "{results:?}");
}

#[test]
fn a_uf2_file_for_another_processor_is_not_copied() {
    let cli = Cli::new();
    let drive = bootloader_drive(&cli, "READER", &uf2_file(&[0; 256]));
    let mut image = uf2_file(&bytes(1000, 7));
    for block in image.as_chunks_mut::<512>().0 {
        block[28..32].copy_from_slice(&0xE48B_FF56_u32.to_le_bytes());
    }
    let file = cli.file("application.uf2", &image);
    let to = format!("volume:{}", drive.display());
    let refused = cli.run(&["deliver", &file, "--to", &to, "--yes", "--json"]);
    assert_ne!(refused.code, Some(0), "{refused:?}");
    assert_eq!(std::fs::read_dir(&drive).unwrap().count(), 2);
}
