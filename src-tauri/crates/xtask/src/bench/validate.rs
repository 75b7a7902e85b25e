//! `adu validate` of an update of ten files: what it takes beyond hashing them.

use super::measure::pairs;
use super::product::{Product, quietly};
use super::row::{Goal, Row};
use super::scratch::{MIB, Scratch};
use crate::command::Run;
use crate::failure::Failure;

const FILES: u64 = 10;
const FILE_BYTES: u64 = 32 * MIB;
const WARM_UPS: usize = 1;
const TURNS: usize = 5;

/// Longest time beyond the hashes, seconds.
const BEYOND_SECONDS: f64 = 1.0;

pub(super) fn run() -> Result<Vec<Row>, Failure> {
    let scratch = Scratch::new("validate")?;
    let product = Product::new(scratch.path("home"));
    let mut files = Vec::new();
    for number in 1..=FILES {
        files.push(scratch.random_file(&format!("{number}.bin"), FILE_BYTES)?);
    }
    let manifest = scratch.path("bench.importmanifest.json");
    let made = product.cli().args(["adu", "init"]).args(&files);
    let made = made
        .args(["--provider", "Firmdrop", "--name", "Bench"])
        .args(["--version", "1.0", "--handler", "microsoft/simulator:1"])
        .args(["--compat", "manufacturer=Contoso,model=Toaster", "--out"])
        .arg(&manifest);
    quietly(made)?;
    let validate = |_| quietly(product.cli().args(["adu", "validate"]).arg(&manifest));
    let hash = |_| quietly(Run::new("openssl").args(["dgst", "-sha256"]).args(&files));
    let (ours, hashes) = pairs(WARM_UPS, TURNS, validate, hash)?;
    let beyond = ours - hashes;
    Ok(vec![Row {
        bench: "validate",
        case: format!(
            "{FILES} files of 32 MiB, {ours:.2} s, less openssl dgst -sha256 of them, {hashes:.2} s"
        ),
        ours: beyond,
        peer: BEYOND_SECONDS,
        ratio: beyond / BEYOND_SECONDS,
        goal: Goal::AtMost(1.0),
        unit: "s",
    }])
}
