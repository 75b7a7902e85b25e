//! A target with libFuzzer: built with counters at every edge of the code.
//!
//! The corpus lies in `target/guided/TARGET/corpus` and begins as `tests/fuzz/corpus/TARGET.zip`. An input that failed
//! is stored beside it, and its path is printed.

use std::fs;
use std::path::{Path, PathBuf};

use super::options::Options;
use crate::command::Run;
use crate::failure::{Doing, Done, Failure};
use crate::repository;

/// What Clang's `-fsanitize=fuzzer` means to LLVM: a counter of eight bits at each edge, the table of the edges, and
/// the values that are compared. Source: `SanitizerCoverage` in LLVM's documentation.
const FLAGS: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1";

/// The crate with libFuzzer, which is no member of the workspace.
const MANIFEST: &str = "tests/fuzz/guided/Cargo.toml";

/// Longest input, bytes, and longest time for one, seconds.
const LONGEST_BYTES: u32 = 64 << 10;
const LONGEST_SECONDS: u32 = 20;

/// Without `--seconds`.
const SECONDS: u64 = 60;

/// The folders of a target.
struct Folders {
    target: PathBuf,
    corpus: PathBuf,
    seeds: PathBuf,
}

pub(super) fn run(name: &str, test: &str, options: &Options) -> Done {
    let folders = Folders::prepare(name)?;
    // Its versions are the product's.
    let lock = repository::root().join("Cargo.lock");
    let own_lock = repository::root()
        .join(MANIFEST)
        .with_file_name("Cargo.lock");
    fs::copy(&lock, &own_lock).doing("copy Cargo.lock")?;

    let seconds = options.seconds.unwrap_or(SECONDS);
    let mut arguments = limits(&folders);
    arguments.push(format!("-max_total_time={seconds}"));
    arguments.push("-print_final_stats=1".to_owned());
    if let Some(seed) = options.seed {
        arguments.push(format!("-seed={seed}"));
    }
    fuzzer(
        test,
        &folders,
        &arguments,
        &[&folders.corpus, &folders.seeds],
    )?;
    if options.stores {
        store(name, test, &folders)?;
    }
    Ok(())
}

impl Folders {
    fn prepare(name: &str) -> Result<Self, Failure> {
        let target = repository::target().join("guided").join(name);
        let folders = Self {
            corpus: target.join("corpus"),
            seeds: target.join("seeds"),
            target,
        };
        fs::create_dir_all(&folders.seeds).doing("make a folder for seeds")?;
        fs::create_dir_all(&folders.corpus).doing("make a folder for the corpus")?;
        let stored = stored(name);
        if stored.is_file() {
            let python = Run::new("python3").args(["-m", "zipfile", "-e"]);
            python.arg(stored).arg(&folders.target).output()?;
        }
        Ok(folders)
    }
}

/// The corpus in the repository.
fn stored(name: &str) -> PathBuf {
    let corpora = repository::root().join("tests/fuzz/corpus");
    corpora.join(name).with_extension("zip")
}

fn limits(folders: &Folders) -> Vec<String> {
    vec![
        format!("-max_len={LONGEST_BYTES}"),
        format!("-timeout={LONGEST_SECONDS}"),
        format!("-artifact_prefix={}/", folders.target.display()),
    ]
}

/// Builds the target and runs libFuzzer with these arguments and folders.
fn fuzzer(test: &str, folders: &Folders, arguments: &[String], inputs: &[&Path]) -> Done {
    let inputs = inputs.iter().map(|folder| folder.display().to_string());
    let arguments: Vec<String> = arguments.iter().cloned().chain(inputs).collect();
    Run::cargo()
        .args(["test", "--manifest-path", MANIFEST, "--target", &host()?])
        .arg("--target-dir")
        .arg(repository::target().join("guided/build"))
        .args(["--", "--exact", test, "--nocapture", "--test-threads=1"])
        .variable("RUSTFLAGS", FLAGS)
        .variable("FIRMDROP_FUZZ_ARGUMENTS", arguments.join(" "))
        .variable("FIRMDROP_FUZZ_SEEDS", &folders.seeds)
        .variable("FIRMDROP_FUZZ_AGAIN", folders.target.join("again"))
        .go()
}

/// The platform of this computer. With a `--target` the flags are not those of build scripts.
fn host() -> Result<String, Failure> {
    let version = Run::new("rustc").arg("-vV").output()?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned)
        .ok_or_else(|| Failure::new("rustc did not report its host"))
}

/// Stores as few inputs as reach every edge that these reach.
fn store(name: &str, test: &str, folders: &Folders) -> Done {
    let smallest = folders.target.join("smallest");
    if smallest.exists() {
        fs::remove_dir_all(&smallest).doing("remove an older corpus")?;
    }
    fs::create_dir_all(&smallest).doing("make a folder for the corpus")?;
    let mut arguments = limits(folders);
    arguments.push("-set_cover_merge=1".to_owned());
    let inputs = [&smallest, &folders.corpus, &folders.seeds];
    fuzzer(test, folders, &arguments, &inputs.map(PathBuf::as_path))?;
    fs::remove_dir_all(&folders.corpus).doing("remove the corpus that was merged")?;
    fs::rename(&smallest, &folders.corpus).doing("put the smallest corpus in its place")?;
    let archive = stored(name);
    if let Some(folder) = archive.parent() {
        fs::create_dir_all(folder).doing("make the folder of the corpora")?;
    }
    let python = Run::new("python3").args(["-m", "zipfile", "-c"]);
    python.arg(&archive).arg(&folders.corpus).output()?;
    println!("stored: {}", archive.display());
    Ok(())
}
