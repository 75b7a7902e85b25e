//! Upload of 128 MiB over an emulated line, against the vendor's own client and against the line.

use std::fs;
use std::path::Path;
use std::time::Duration;

use super::line::{FAR, Line, MTU_BYTES, NEAR};
use super::line_end::{FRAME_BYTES, Quality};
use super::measure::pairs;
use super::product::{Pelion, Product, quietly};
use super::row::{Goal, Row};
use super::scratch::{MIB, Scratch};
use crate::command::Run;
use crate::failure::{Doing, Done, Failure};
use crate::repository;

const SIZE_MIB: u32 = 128;
const BITS_PER_SECOND: f64 = 100e6;
const TURNS: usize = 3;
const PORT: u16 = 18_080;

/// Bytes of a full packet that are the file's: without the headers of IPv4 (20) and TCP (20, and 12
/// for timestamps, RFC 7323).
const PAYLOAD_BYTES: u32 = MTU_BYTES - 52;

/// Round trips that no client can save: the connection, the upload job, the answer to the last
/// chunk, the finish.
const ROUND_TRIPS: u32 = 4;

/// The vendor's client without its own command line, which would also make a manifest.
const VENDOR: &str = "import sys
from pathlib import Path
from manifesttool.dev_tool.izuma import izuma
izuma.IzumaServiceApi(Path(sys.argv[1])).fw_upload(sys.argv[2], Path(sys.argv[3]), False)
";

/// Round trip, how many times as fast as the vendor's client, and most of the ideal time. On the
/// longer line the start-up of TCP alone takes a twentieth.
const LINES: &[(u64, f64, f64)] = &[(50, 1.6, 1.10), (150, 2.5, 1.15)];

pub(super) fn run() -> Result<Vec<Row>, Failure> {
    let scratch = Scratch::new("upload-line")?;
    let file = scratch.random_file("image.bin", u64::from(SIZE_MIB) * MIB)?;
    let mut rows = Vec::new();
    for (round_trip_ms, times_as_fast, of_ideal) in LINES {
        let quality = Quality {
            bits_per_second: BITS_PER_SECOND,
            round_trip: Duration::from_millis(*round_trip_ms),
        };
        let line = Line::lay(&scratch.path(&round_trip_ms.to_string()), quality)?;
        let case = format!(
            "100 Mbit/s, {round_trip_ms} ms, {}",
            line.congestion_control
        );
        let (ours, vendor) = measure(&scratch, &file, *round_trip_ms)?;
        let row = |case, peer, ratio, goal| Row {
            bench: "upload-line",
            case,
            ours,
            peer,
            ratio,
            goal,
            unit: "s",
        };
        let ideal = ideal_seconds(quality);
        rows.push(row(
            format!("{case}, ideal"),
            ideal,
            ours / ideal,
            Goal::AtMost(*of_ideal),
        ));
        rows.push(row(
            format!("{case}, manifest-tool ÷ ours"),
            vendor,
            vendor / ours,
            Goal::AtLeast(*times_as_fast),
        ));
    }
    Ok(rows)
}

/// Medians in seconds: ours, the vendor's. Every upload has a name of its own: an account takes none
/// twice.
fn measure(scratch: &Scratch, file: &Path, round_trip_ms: u64) -> Result<(f64, f64), Failure> {
    let unique = |who: &str, turn: usize| format!("line-{round_trip_ms}-{who}-{turn}");
    let product = Product::new(scratch.path("home"));
    let pelion = product.within(FAR).pelion(PORT, false)?;
    let configuration = scratch.path("vendor.yaml");
    configure(&configuration, &pelion)?;
    let near = product.within(NEAR);
    let ours = |turn| quietly(near.upload(file, &unique("ours", turn)));
    let vendor = |turn| {
        quietly(
            Run::new(NEAR[0])
                .args(&NEAR[1..])
                .arg(repository::venv_program("python"))
                .args(["-c", VENDOR])
                .arg(&configuration)
                .arg(unique("vendor", turn))
                .arg(file),
        )
    };
    pairs(0, TURNS, ours, vendor)
}

fn configure(path: &Path, pelion: &Pelion) -> Done {
    let text = format!("host: {}\napi_key: {}\n", pelion.host, pelion.access_key);
    fs::write(path, text).doing("write the vendor client's configuration")
}

/// The time of the bytes on the wire with their headers, and the round trips nobody can save.
fn ideal_seconds(quality: Quality) -> f64 {
    let overhead = f64::from(MTU_BYTES + FRAME_BYTES) / f64::from(PAYLOAD_BYTES);
    let bytes = f64::from(SIZE_MIB) * 1_048_576.0;
    bytes * overhead * 8.0 / quality.bits_per_second
        + f64::from(ROUND_TRIPS) * quality.round_trip.as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ideal_time_is_wire_time_and_four_round_trips() {
        let quality = Quality {
            bits_per_second: 100e6,
            round_trip: Duration::from_millis(50),
        };
        let seconds = ideal_seconds(quality);
        assert!((11.60..11.62).contains(&seconds), "{seconds}");
    }
}
