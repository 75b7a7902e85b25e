//! Resident memory of the command line while it uploads: small, and the same for any size of file.
//!
//! The peak is the kernel's own (`VmHWM`), read until the process ends.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::Duration;

use super::product::{Product, Server};
use super::row::{Goal, Row};
use super::scratch::{MIB, Scratch};
use crate::failure::Failure;

const SMALL_BYTES: u64 = 10 * MIB;
const LARGE_BYTES: u64 = 10 * 1024 * MIB;

/// Most memory, MiB.
const LIMIT_MIB: f64 = 24.0;

/// Most difference between the two files, MiB.
const DIFFERENCE_MIB: f64 = 2.0;

/// Between two looks at the process.
const LOOK_EVERY: Duration = Duration::from_millis(10);

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
    let mut upload = Server::silent(product.upload(file, name))?;
    let peak_kib = watch(&mut upload)?;
    Ok(peak_kib / 1024.0)
}

/// The highest `VmHWM` seen, in KiB, once the process has ended well.
fn watch(upload: &mut Server) -> Result<f64, Failure> {
    let status = format!("/proc/{}/status", upload.id());
    let mut peak_kib = 0.0;
    loop {
        if let Some(seen) = fs::read_to_string(&status)
            .ok()
            .as_deref()
            .and_then(high_water)
        {
            peak_kib = seen;
        }
        if let Some(exit) = upload.ended()? {
            if exit.success() {
                return Ok(peak_kib);
            }
            return Err(Failure::new(format!("the upload ended with {exit}")));
        }
        thread::sleep(LOOK_EVERY);
    }
}

/// The figure of the line `VmHWM:     9340 kB`.
fn high_water(status: &str) -> Option<f64> {
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_high_water_mark_is_read_from_its_line() {
        let status = "Name:\tx\nVmPeak:\t   12 kB\nVmHWM:\t    9340 kB\nVmRSS:\t 8000 kB\n";
        assert_eq!(high_water(status), Some(9340.0));
        assert_eq!(high_water("Name:\tx\n"), None);
    }
}
