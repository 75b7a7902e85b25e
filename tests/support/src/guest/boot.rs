//! Starts the virtual computer, waits for its end, and holds what it left.
//!
//! Emulated throughout, so that it is the same everywhere, whoever may use the processor's own virtualisation.

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::bluetooth::Peripheral;
use super::shared::SHARED;

/// Longest time from its start to its end; it takes one to two minutes on two cores.
const DEADLINE: Duration = Duration::from_mins(10);
/// The same for the tests in there, so that it ends in order and says where it was.
const TESTS_DEADLINE: Duration = Duration::from_mins(9);
/// Made by `cargo xtask test`.
const MADE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/guest");
const KERNEL_ARGUMENTS: &str = "console=ttyS0 quiet loglevel=4 panic=-1 mitigations=off nokaslr \
                                random.trust_cpu=on tsc=reliable nowatchdog audit=0";
/// Lines of a file that are shown.
const SHOWN_LINES: usize = 200;

/// What is left of the virtual computer.
pub(super) struct Ended {
    shared: tempfile::TempDir,
    took: Duration,
    how: String,
}

impl Ended {
    /// Whether it left this file.
    pub(super) fn holds(&self, name: &str) -> bool {
        self.shared.path().join(name).exists()
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            to,
            "The virtual computer ran for {:.1?}, {}",
            self.took, self.how
        )?;
        let mut files: Vec<PathBuf> = std::fs::read_dir(self.shared.path())
            .into_iter()
            .flatten()
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| path.extension() == Some("txt".as_ref()))
            .collect();
        files.sort();
        for file in files {
            let text =
                String::from_utf8_lossy(&std::fs::read(&file).unwrap_or_default()).into_owned();
            let lines: Vec<&str> = text.lines().collect();
            let first = lines.len().saturating_sub(SHOWN_LINES);
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            writeln!(to, "---- {name}, from line {}", first + 1)?;
            for line in &lines[first..] {
                writeln!(to, "{line}")?;
            }
        }
        Ok(())
    }
}

/// Starts it, runs this test program in it, and waits until it switched itself off.
pub(super) fn boot() -> Ended {
    let made = made();
    let shared = tempfile::tempdir().unwrap();
    let folder = shared.path();
    std::fs::write(folder.join("job.sh"), job()).unwrap();
    let log = |name: &str| std::fs::File::create(folder.join(name)).unwrap();
    let console = log("console.txt");
    let peripheral = Peripheral::start(log("peripheral.txt"));
    let began = Instant::now();
    let mut qemu = Command::new("timeout");
    qemu.args(["--kill-after=5", &DEADLINE.as_secs().to_string()])
        .arg("qemu-system-x86_64")
        .args(["-M", "q35", "-cpu", "max", "-smp", "2", "-m", "1024"])
        .args(["-accel", "tcg,thread=multi,tb-size=512"])
        .args(["-nodefaults", "-no-user-config", "-no-reboot"])
        .args(["-display", "none", "-serial", "stdio"])
        .arg("-kernel")
        .arg(made.join("vmlinuz"))
        .arg("-initrd")
        .arg(made.join("initrd"))
        .args(["-append", KERNEL_ARGUMENTS])
        .args(folder_of(
            "root",
            Path::new("/"),
            ",readonly=on,multidevs=remap",
        ))
        .args(folder_of("work", folder, ""))
        .args(folder_of("kernel", &made.join("kernel"), ",readonly=on"))
        .args(peripheral.arguments())
        .stdin(Stdio::null())
        .stderr(console.try_clone().unwrap())
        .stdout(console);
    let ended = qemu.status().unwrap();
    Ended {
        took: began.elapsed(),
        how: ended.to_string(),
        shared,
    }
}

fn made() -> PathBuf {
    let folder = PathBuf::from(MADE);
    let is_made = folder.join("made.txt").exists();
    assert!(is_made, "{MADE} is missing: `cargo xtask test` makes it");
    folder
}

fn folder_of(tag: &str, path: &Path, more: &str) -> [OsString; 2] {
    // In an option of QEMU a comma is written twice.
    let path = path.to_str().unwrap().replace(',', ",,");
    let value = format!("local,path={path},mount_tag={tag},security_model=none{more}");
    ["-virtfs".into(), value.into()]
}

/// What the virtual computer runs as its only job.
fn job() -> String {
    let quoted = |text: &str| format!("'{}'", text.replace('\'', r"'\''"));
    let this = std::env::current_exe().unwrap();
    let mut run = vec![
        "timeout".to_owned(),
        "--kill-after=5".to_owned(),
        TESTS_DEADLINE.as_secs().to_string(),
        "env".to_owned(),
        format!("{SHARED}=/mnt"),
    ];
    // What Cargo says about the programs of this workspace.
    let programs = std::env::vars().filter(|(name, _)| name.starts_with("CARGO_BIN_EXE_"));
    run.extend(programs.map(|(name, value)| quoted(&format!("{name}={value}"))));
    run.push(quoted(this.to_str().unwrap()));
    // The same choice of tests.
    let chosen = std::env::args().skip(1);
    run.extend(
        chosen
            .filter(|one| !one.starts_with('-') || one == "--exact")
            .map(|one| quoted(&one)),
    );
    run.extend(["--nocapture".to_owned(), "--test-threads=1".to_owned()]);
    include_str!("job.sh").replace("RUN_THE_TESTS", &run.join(" "))
}
