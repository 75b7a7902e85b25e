//! SMP over a serial line of a paced reader, against the line itself and against smpmgr.
//!
//! The reader times both. The rate is that of the difference of two images: whatever does not grow
//! with the size of the image does not count, on either side.

use std::fs;
use std::path::{Path, PathBuf};

use super::measure::median;
use super::product::{Product, Server, quietly, release};
use super::row::{Goal, Row};
use super::scratch::Scratch;
use crate::command::Run;
use crate::failure::{Doing, Done, Failure};
use crate::repository;

const TURNS: usize = 3;

/// Size of the smaller image without its header, bytes.
const SMALL_BYTES: u32 = 16 * 1024;

/// Bytes of image in a request of 384 bytes (Zephyr's default buffer) and what it takes on the
/// wire: 8 of header, 16 of CBOR around offset and data; with length and check 388 bytes, in lines
/// of 93 bytes as base64 with a mark of 2 and an end of 1.
const REQUEST_PAYLOAD_BYTES: f64 = 360.0;
const REQUEST_WIRE_BYTES: f64 = 535.0;

/// A byte on a serial line: start, eight bits, stop.
const BITS_PER_BYTE: f64 = 10.0;

/// Flash of the reader, µs for a byte: what the reference figures were taken with.
const FLASH_MICROSECONDS_PER_BYTE: &str = "10";

/// One line and what is asked of it.
struct Case {
    baud: u32,
    latency_ms: u32,
    /// How much larger the larger image is, bytes.
    more_bytes: u32,
    /// Least part of the line's rate, when it is asked for.
    of_the_line: Option<f64>,
    /// How many times as fast as smpmgr.
    times_as_fast: f64,
}

const CASES: &[Case] = &[
    Case {
        baud: 115_200,
        latency_ms: 1,
        more_bytes: 48 * 1024,
        of_the_line: Some(0.95),
        times_as_fast: 1.6,
    },
    Case {
        baud: 921_600,
        latency_ms: 1,
        more_bytes: 256 * 1024,
        of_the_line: Some(0.95),
        times_as_fast: 4.0,
    },
    Case {
        baud: 115_200,
        latency_ms: 16,
        more_bytes: 48 * 1024,
        of_the_line: None,
        times_as_fast: 2.4,
    },
    Case {
        baud: 921_600,
        latency_ms: 16,
        more_bytes: 128 * 1024,
        of_the_line: None,
        times_as_fast: 2.4,
    },
];

pub(super) fn run() -> Result<Vec<Row>, Failure> {
    let scratch = Scratch::new("smp")?;
    let product = Product::new(scratch.path("home"));
    let mut rows = Vec::new();
    for case in CASES {
        let images = Images {
            small: signed(&scratch, SMALL_BYTES)?,
            large: signed(&scratch, SMALL_BYTES + case.more_bytes)?,
        };
        let mut ours = Vec::new();
        let mut peer = Vec::new();
        for _ in 0..TURNS {
            ours.push(rate(case, &images, |image, port| {
                quietly(deliver(&product, image, port, case.baud))
            })?);
            peer.push(rate(case, &images, |image, port| {
                quietly(smpmgr(image, port, case.baud))
            })?);
        }
        rows.extend(judged(case, median(ours), median(peer)));
    }
    Ok(rows)
}

struct Images {
    small: PathBuf,
    large: PathBuf,
}

/// Bytes a second at which the part of the larger image beyond the smaller one was carried.
fn rate(case: &Case, images: &Images, load: impl Fn(&Path, &str) -> Done) -> Result<f64, Failure> {
    let (small_bytes, small_seconds) = carried(case, &images.small, &load)?;
    let (large_bytes, large_seconds) = carried(case, &images.large, &load)?;
    Ok((large_bytes - small_bytes) / (large_seconds - small_seconds))
}

/// Bytes of the image and seconds between its first and its last, as a fresh reader counted them: a
/// second load of the same image would be skipped.
fn carried(
    case: &Case,
    image: &Path,
    load: impl Fn(&Path, &str) -> Done,
) -> Result<(f64, f64), Failure> {
    let (baud, latency) = (case.baud.to_string(), case.latency_ms.to_string());
    let mut reader = Server::start(
        Run::new(release("smp-reader"))
            .args(["--baud", &baud, "--latency-ms", &latency])
            .args(["--flash-us-per-byte", FLASH_MICROSECONDS_PER_BYTE]),
    )?;
    let told = reader.line()?;
    let port = told["port"]
        .as_str()
        .ok_or_else(|| Failure::new("smp-reader did not tell its port"))?;
    load(image, port)?;
    let upload = reader.line()?;
    let number = |key: &str| {
        let value = upload[key].as_f64();
        value.ok_or_else(|| Failure::new(format!("smp-reader did not tell its {key}")))
    };
    Ok((number("image_bytes")?, number("seconds")?))
}

fn judged(case: &Case, ours: f64, peer: f64) -> Vec<Row> {
    let name = format!("{} baud, {} ms", case.baud, case.latency_ms);
    let line = f64::from(case.baud) / BITS_PER_BYTE * REQUEST_PAYLOAD_BYTES / REQUEST_WIRE_BYTES;
    let row = |case, peer: f64, goal| Row {
        bench: "smp",
        case,
        ours: ours / 1000.0,
        peer: peer / 1000.0,
        ratio: ours / peer,
        goal,
        unit: "kB/s",
    };
    let of_the_line = case
        .of_the_line
        .map(|part| row(format!("{name}, the line"), line, Goal::AtLeast(part)));
    let of_the_peer = row(
        format!("{name}, smpmgr"),
        peer,
        Goal::AtLeast(case.times_as_fast),
    );
    of_the_line.into_iter().chain([of_the_peer]).collect()
}

fn deliver(product: &Product, image: &Path, port: &str, baud: u32) -> Run {
    let destination = format!("smp+serial:{port}?baud={baud}");
    product
        .cli()
        .arg("deliver")
        .arg(image)
        .args(["--to", &destination, "--yes", "--json"])
}

fn smpmgr(image: &Path, port: &str, baud: u32) -> Run {
    Run::new(repository::venv_program("smpmgr"))
        .args(["--port", port, "--baudrate", &baud.to_string()])
        .args(["--timeout", "10", "image", "upload"])
        .arg(image)
}

/// An `MCUboot` image of random bytes with a header and a hash.
fn signed(scratch: &Scratch, bytes: u32) -> Result<PathBuf, Failure> {
    let payload = scratch.random_file("payload.bin", u64::from(bytes))?;
    let image = scratch.path(&format!("signed-{bytes}.bin"));
    Run::new(repository::venv_program("imgtool"))
        .args(["sign", "--header-size", "0x200", "--pad-header"])
        .args(["--slot-size", "0x100000", "--align", "4"])
        .args(["--version", "1.2.3"])
        .arg(&payload)
        .arg(&image)
        .output()?;
    fs::metadata(&image).doing("find the signed image")?;
    Ok(image)
}
