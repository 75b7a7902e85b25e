//! Resident memory while files of 10 MiB and 10 GiB are staged: small, and the same.
//!
//! The storage forgets what it takes, and the files are sparse.

use super::super::peak;
use super::super::row::{Goal, Row};
use super::super::scratch::{MIB, Scratch, sha256};
use super::sink::Sink;
use crate::failure::Failure;

const SMALL_BYTES: u64 = 10 * MIB;
const LARGE_BYTES: u64 = 10 * 1024 * MIB;

/// Most memory, MiB.
const LIMIT_MIB: f64 = 64.0;

/// Most difference between the two files, MiB: two blocks are under way in the one, four and more in
/// the other, each with its buffers.
const DIFFERENCE_MIB: f64 = 8.0;

pub(in super::super) fn run() -> Result<Vec<Row>, Failure> {
    let scratch = Scratch::new("staging-memory")?;
    let sink = Sink::start(&[], 0)?;
    let mut mib = Vec::new();
    for bytes in [SMALL_BYTES, LARGE_BYTES] {
        let file = scratch.sparse_file(&format!("{bytes}.bin"), bytes)?;
        let digest = sha256(&file)?;
        let peak = peak::of(sink.connection.stage(&file, &digest))?;
        eprintln!("{bytes} bytes: {:.1} MiB in {:.1?}", peak.mib, peak.took);
        mib.push(peak.mib);
    }
    let (small, large) = (mib[0], mib[1]);
    Ok(vec![
        row("10 MiB, limit", small, LIMIT_MIB),
        row("10 GiB, limit", large, LIMIT_MIB),
        row("10 GiB less 10 MiB", (large - small).abs(), DIFFERENCE_MIB),
    ])
}

fn row(case: &str, measured: f64, limit: f64) -> Row {
    Row {
        bench: "staging-memory",
        case: case.to_owned(),
        ours: measured,
        peer: limit,
        ratio: measured / limit,
        goal: Goal::AtMost(1.0),
        unit: "MiB",
    }
}
