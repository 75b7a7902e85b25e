//! 128 MiB staged over an emulated line of 100 Mbit/s, against the line itself.

use std::path::Path;
use std::time::Duration;

use super::super::line::{FAR, Line, MTU_BYTES, NEAR};
use super::super::line_end::{FRAME_BYTES, Quality};
use super::super::measure::{median, time};
use super::super::product::quietly;
use super::super::row::{Goal, Row};
use super::super::scratch::{MIB, Scratch, sha256};
use super::sink::Sink;
use crate::failure::Failure;

const SIZE_MIB: u32 = 128;
const BITS_PER_SECOND: f64 = 100e6;
const ROUND_TRIPS_MS: [u64; 2] = [50, 150];
const TURNS: usize = 3;
const PORT: u16 = 18_081;

/// Most of the ideal time.
const OF_IDEAL: f64 = 1.10;

/// Bytes of a full packet that are the file's: without the headers of IPv4 (20) and TCP (20, and 12
/// for timestamps, RFC 7323).
const PAYLOAD_BYTES: u32 = MTU_BYTES - 52;

/// Round trips that no client can save: the connection, the answer to the last block, the list of
/// blocks, and the question what became of it.
const ROUND_TRIPS: u32 = 4;

pub(in super::super) fn run() -> Result<Vec<Row>, Failure> {
    let scratch = Scratch::new("staging-line")?;
    let file = scratch.random_file("image.bin", u64::from(SIZE_MIB) * MIB)?;
    let digest = sha256(&file)?;
    let mut rows = Vec::new();
    for round_trip_ms in ROUND_TRIPS_MS {
        let quality = Quality {
            bits_per_second: BITS_PER_SECOND,
            round_trip: Duration::from_millis(round_trip_ms),
        };
        let line = Line::lay(&scratch.path(&round_trip_ms.to_string()), quality)?;
        let (ours, ideal) = (seconds(&file, &digest)?, ideal_seconds(quality));
        rows.push(Row {
            bench: "staging-line",
            case: format!(
                "100 Mbit/s, {round_trip_ms} ms, {}, ideal",
                line.congestion_control
            ),
            ours,
            peer: ideal,
            ratio: ours / ideal,
            goal: Goal::AtMost(OF_IDEAL),
            unit: "s",
        });
    }
    Ok(rows)
}

/// The median of some runs over the line that is laid.
fn seconds(file: &Path, digest: &str) -> Result<f64, Failure> {
    let sink = Sink::start(FAR, PORT)?;
    let mut seconds = Vec::new();
    for _ in 0..TURNS {
        let run = sink.connection.stage_within(NEAR, file, digest);
        let took = time(|| quietly(run))?.as_secs_f64();
        eprintln!("{took:.2} s");
        seconds.push(took);
    }
    Ok(median(seconds))
}

/// The time of the bytes on the wire with their headers, and the round trips nobody can save.
fn ideal_seconds(quality: Quality) -> f64 {
    let overhead = f64::from(MTU_BYTES + FRAME_BYTES) / f64::from(PAYLOAD_BYTES);
    let bytes = f64::from(SIZE_MIB) * 1_048_576.0;
    bytes * overhead * 8.0 / quality.bits_per_second
        + f64::from(ROUND_TRIPS) * quality.round_trip.as_secs_f64()
}
