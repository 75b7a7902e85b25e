//! A manifest made and signed, against a limit and against the vendor's manifest-tool.
//!
//! Both sides are timed inside their own process and begin with the same two files: a key and a
//! payload of 64 KiB.

use std::path::Path;

use serde_json::Value;

use super::row::{Goal, Row};
use super::scratch::Scratch;
use crate::command::Run;
use crate::failure::{Doing, Failure};
use crate::repository;

const PAYLOAD_BYTES: u64 = 64 * 1024;

/// Longest median, milliseconds.
const LIMIT_MILLISECONDS: f64 = 5.0;

/// Most of the peer's time.
const OF_THE_PEER: f64 = 0.1;

/// Manifests on each side. The peer takes far longer for one.
const OURS: u32 = 1000;
const THEIRS: u32 = 50;

/// In turn, so that a slow moment of the machine meets both.
const TURNS: usize = 3;

pub(super) fn run() -> Result<Vec<Row>, Failure> {
    let scratch = Scratch::new("manifest")?;
    let payload = scratch.random_file("firmware.bin", PAYLOAD_BYTES)?;
    let key = scratch.path("key.pem");
    Run::new("openssl")
        .args([
            "ecparam",
            "-name",
            "prime256v1",
            "-genkey",
            "-noout",
            "-out",
        ])
        .arg(&key)
        .output()?;
    let mut ours = Vec::new();
    let mut peer = Vec::new();
    for _ in 0..TURNS {
        ours.push(milliseconds(example(), &key, &payload, OURS)?);
        peer.push(milliseconds(manifest_tool(), &key, &payload, THEIRS)?);
    }
    let (ours, peer) = (super::measure::median(ours), super::measure::median(peer));
    let row = |case: &str, peer: f64, most: f64| Row {
        bench: "manifest",
        case: case.to_owned(),
        ours,
        peer,
        ratio: ours / peer,
        goal: Goal::AtMost(most),
        unit: "ms",
    };
    Ok(vec![
        row("create and sign, limit", LIMIT_MILLISECONDS, 1.0),
        row("create and sign, manifest-tool", peer, OF_THE_PEER),
    ])
}

fn example() -> Run {
    Run::cargo().args([
        "run",
        "--quiet",
        "--release",
        "--package=firmdrop-manifest",
        "--example=create_and_sign",
        "--",
    ])
}

fn manifest_tool() -> Run {
    Run::new(repository::venv_program("python")).arg("tests/peers/manifest_time.py")
}

fn milliseconds(program: Run, key: &Path, payload: &Path, count: u32) -> Result<f64, Failure> {
    let run = program.arg(key).arg(payload).arg(count.to_string());
    let printed: Value =
        serde_json::from_str(&run.output()?).doing("read the median of manifests")?;
    let seconds = printed["median_seconds"].as_f64();
    seconds
        .map(|seconds| seconds * 1000.0)
        .ok_or_else(|| Failure::new("a program did not report its median_seconds"))
}
