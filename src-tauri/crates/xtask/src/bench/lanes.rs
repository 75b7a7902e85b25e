//! 32 loads at once in one process, on a disk that takes 40 ms to confirm a write, against the same
//! on the disk as it is.
//!
//! The readers take every byte at once, so that the journal is what a load can wait for. They run in
//! a process of their own, and every turn has fresh ones: a second load of an image would be skipped.

use std::fs;
use std::path::{Path, PathBuf};

use super::measure::{median, time};
use super::product::{Product, Server, quietly, release};
use super::row::{Goal, Row};
use super::scratch::Scratch;
use crate::command::Run;
use crate::failure::{Doing, Done, Failure};
use crate::repository;

/// Loads at once.
const LANES: usize = 32;

/// Code of the image of each load, bytes.
const IMAGE_BYTES: &str = "200000";

/// What a slow disk adds to each confirmation, milliseconds.
const DELAY_MS: u32 = 40;

const TURNS: usize = 3;

/// Most of the time without the delay.
const GOAL: f64 = 1.3;

/// The library that makes the disk slow, in C: it stands before the system's own functions.
const SOURCE: &str = "src-tauri/crates/xtask/src/bench/slow_disk.c";

pub(super) fn run() -> Result<Vec<Row>, Failure> {
    let scratch = Scratch::new("lanes")?;
    let bench = Bench {
        library: library()?,
        product: Product::new(scratch.path("home")),
        image: scratch.path("image.bin"),
        scratch,
    };
    // Makes the home: its first start is not measured.
    quietly(bench.product.cli().args(["jobs", "--json"]))?;
    let mut delayed = Turns::default();
    let mut undelayed = Turns::default();
    for _ in 0..TURNS {
        bench.turn(0, &mut undelayed)?;
        bench.turn(DELAY_MS, &mut delayed)?;
    }
    let (ours, calls) = delayed.medians();
    let (peer, calls_undelayed) = undelayed.medians();
    Ok(vec![Row {
        bench: "lanes",
        case: format!(
            "{LANES} loads at once, {DELAY_MS} ms for each of {calls} fsyncs, \
             none for {calls_undelayed}"
        ),
        ours,
        peer,
        ratio: ours / peer,
        goal: Goal::AtMost(GOAL),
        unit: "s",
    }])
}

/// Compiles the library into cargo's target folder.
fn library() -> Result<PathBuf, Failure> {
    let folder = repository::target().join("bench");
    fs::create_dir_all(&folder).doing(format_args!("create {}", folder.display()))?;
    let library = folder.join("libslow_disk.so");
    Run::new("cc")
        .args([
            "-shared", "-fPIC", "-O2", "-Wall", "-Wextra", "-Werror", "-o",
        ])
        .arg(&library)
        .arg(SOURCE)
        .output()?;
    Ok(library)
}

/// What the turns of one side took.
#[derive(Debug, Default)]
struct Turns {
    seconds: Vec<f64>,
    calls: Vec<f64>,
}

impl Turns {
    fn medians(self) -> (f64, f64) {
        (median(self.seconds), median(self.calls))
    }
}

struct Bench {
    library: PathBuf,
    product: Product,
    image: PathBuf,
    scratch: Scratch,
}

impl Bench {
    /// One process that loads every reader.
    fn turn(&self, delay_ms: u32, turns: &mut Turns) -> Done {
        let (_readers, addresses) = self.readers()?;
        let calls = self.scratch.path("calls");
        fs::write(&calls, "").doing("empty the count of fsyncs")?;
        let mut deliver = self.product.cli().arg("deliver").arg(&self.image);
        for address in &addresses {
            deliver = deliver.args(["--to", &format!("smp+udp:{address}")]);
        }
        let deliver = deliver
            .args(["--yes", "--json"])
            .variable("LD_PRELOAD", &self.library)
            .variable("SLOW_DISK_MS", delay_ms.to_string())
            .variable("SLOW_DISK_CALLS", &calls);
        let seconds = time(|| quietly(deliver))?.as_secs_f64();
        let calls = counted(&calls)?;
        eprintln!("{LANES} loads, {delay_ms} ms: {seconds:.2} s, {calls} fsyncs");
        turns.seconds.push(seconds);
        turns.calls.push(f64::from(calls));
        Ok(())
    }

    /// Fresh readers and their addresses. They make the image too.
    fn readers(&self) -> Result<(Server, Vec<String>), Failure> {
        let mut readers = Server::start(
            Run::new(release("smp-reader"))
                .args(["--udp", &LANES.to_string()])
                .args(["--image-bytes", IMAGE_BYTES, "--image"])
                .arg(&self.image),
        )?;
        let line = readers.line()?;
        let addresses = line["udp"].as_array().into_iter().flatten();
        let addresses: Vec<String> = addresses
            .filter_map(|address| address.as_str().map(str::to_owned))
            .collect();
        if addresses.len() == LANES {
            return Ok((readers, addresses));
        }
        Err(Failure::new(format!(
            "smp-reader serves {} readers instead of {LANES}",
            addresses.len()
        )))
    }
}

/// How many fsyncs the library has counted. None at all means that it was not loaded.
fn counted(calls: &Path) -> Result<u32, Failure> {
    let bytes = fs::metadata(calls).doing("read the count of fsyncs")?.len();
    match u32::try_from(bytes) {
        Ok(0) | Err(_) => Err(Failure::new("no fsync was counted")),
        Ok(count) => Ok(count),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_os = "linux")]
    fn fsyncs_are_delayed_and_counted() -> Done {
        let scratch = Scratch::new("lanes-test")?;
        let calls = scratch.path("calls");
        let sync = || {
            Run::new("sync")
                .arg("--data")
                .arg(scratch.random_file("file", 1)?)
                .variable("LD_PRELOAD", library()?)
                .variable("SLOW_DISK_MS", DELAY_MS.to_string())
                .variable("SLOW_DISK_CALLS", &calls)
                .output()
                .map(drop)
        };
        assert!(counted(&calls).is_err());
        let took = time(sync)?;
        assert!(took.as_millis() >= u128::from(DELAY_MS), "{took:?}");
        assert_eq!(counted(&calls), Ok(1));
        Ok(())
    }
}
