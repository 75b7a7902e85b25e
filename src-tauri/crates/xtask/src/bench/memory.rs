//! Resident memory of the command line while it uploads: small, and the same for any size of file.

use std::path::Path;

use super::peak;
use super::product::Product;
use super::row::{Goal, Row};
use super::scratch::{MIB, Scratch};
use crate::failure::Failure;

const SMALL_BYTES: u64 = 10 * MIB;
const LARGE_BYTES: u64 = 10 * 1024 * MIB;

/// Most memory, MiB.
const LIMIT_MIB: f64 = 24.0;

/// Most difference between the two files, MiB.
const DIFFERENCE_MIB: f64 = 2.0;

pub(super) fn run() -> Result<Vec<Row>, Failure> {
    let scratch = Scratch::new("memory")?;
    let product = Product::new(scratch.path("home"));
    let _pelion = product.pelion(0, false)?;
    let small = scratch.sparse_file("small.bin", SMALL_BYTES)?;
    let large = scratch.sparse_file("large.bin", LARGE_BYTES)?;
    let small = peak_mib(&product, &small, "memory-small")?;
    let large = peak_mib(&product, &large, "memory-large")?;
    Ok(vec![
        row("10 MiB, limit", small, LIMIT_MIB),
        row("10 GiB, limit", large, LIMIT_MIB),
        row("10 GiB less 10 MiB", (large - small).abs(), DIFFERENCE_MIB),
    ])
}

fn row(case: &str, measured: f64, limit: f64) -> Row {
    Row {
        bench: "memory",
        case: case.to_owned(),
        ours: measured,
        peer: limit,
        ratio: measured / limit,
        goal: Goal::AtMost(1.0),
        unit: "MiB",
    }
}

fn peak_mib(product: &Product, file: &Path, name: &str) -> Result<f64, Failure> {
    peak::of(product.upload(file, name)).map(|peak| peak.mib)
}
