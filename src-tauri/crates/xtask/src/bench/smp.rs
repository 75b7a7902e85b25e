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

/// smpmgr looks for answers every 5 ms: its rate varies by 10 % from hour to hour, hardly from run to
/// run.
const TURNS: usize = 3;

/// Size of the smaller image without its header, bytes.
const SMALL_BYTES: u32 = 16 * 1024;

/// Zephyr's default, `CONFIG_MCUMGR_TRANSPORT_NETBUF_SIZE`.
const DEFAULT_BUFFER_BYTES: u32 = 384;

/// What Nordic's documentation gives readers that are updated often.
const LARGE_BUFFER_BYTES: u32 = 2475;

/// What a request's buffer holds besides bytes of the image: length 2 and check 2 of the frame,
/// header 8, CBOR around offset and data 16.
const REQUEST_OVERHEAD_BYTES: u32 = 28;

/// A line of text carries 93 bytes as base64, with a mark of 2 and an end of 1.
const TEXT_LINE_PAYLOAD_BYTES: u32 = 93;
const TEXT_LINE_OVERHEAD_BYTES: u32 = 3;

/// A byte on a serial line: start, eight bits, stop.
const BITS_PER_BYTE: f64 = 10.0;

/// Flash of the reader, µs for a byte: what the reference figures were taken with.
const FLASH_MICROSECONDS_PER_BYTE: &str = "10";

/// One reader on one line, and what is asked of it.
struct Case {
    baud: u32,
    latency_ms: u32,
    /// Size of one of the reader's buffers.
    buffer_bytes: u32,
    /// How much larger the larger image is, bytes.
    more_bytes: u32,
    /// Least part of the line's rate, where one reader's buffers can fill the line.
    of_the_line: Option<f64>,
    /// How many times as fast as smpmgr.
    times_as_fast: f64,
}

const CASES: &[Case] = &[
    // At this rate the line is the limit. A whole line of small buffers is 1.5 to 1.7 times what
    // smpmgr makes of it, and 2.3 times over a slow adapter, as its looks for answers fall: there
    // the goal may be missed by a line that is full. Larger buffers leave room for it.
    Case {
        baud: 115_200,
        latency_ms: 1,
        buffer_bytes: DEFAULT_BUFFER_BYTES,
        more_bytes: 48 * 1024,
        of_the_line: Some(0.95),
        times_as_fast: 1.6,
    },
    Case {
        baud: 115_200,
        latency_ms: 1,
        buffer_bytes: LARGE_BUFFER_BYTES,
        more_bytes: 48 * 1024,
        of_the_line: Some(0.95),
        times_as_fast: 1.6,
    },
    Case {
        baud: 921_600,
        latency_ms: 1,
        buffer_bytes: DEFAULT_BUFFER_BYTES,
        more_bytes: 256 * 1024,
        of_the_line: Some(0.95),
        times_as_fast: 4.0,
    },
    Case {
        baud: 115_200,
        latency_ms: 16,
        buffer_bytes: DEFAULT_BUFFER_BYTES,
        more_bytes: 48 * 1024,
        of_the_line: Some(0.95),
        times_as_fast: 2.4,
    },
    Case {
        baud: 115_200,
        latency_ms: 16,
        buffer_bytes: LARGE_BUFFER_BYTES,
        more_bytes: 48 * 1024,
        of_the_line: Some(0.95),
        times_as_fast: 2.4,
    },
    // Three buffers of 384 bytes in flight do not last for 16 ms of this line.
    Case {
        baud: 921_600,
        latency_ms: 16,
        buffer_bytes: DEFAULT_BUFFER_BYTES,
        more_bytes: 128 * 1024,
        of_the_line: None,
        times_as_fast: 2.4,
    },
];

impl Case {
    /// Bytes of the image that the line carries in a second when it is never idle.
    fn line_rate(&self) -> f64 {
        let full = self.buffer_bytes / TEXT_LINE_PAYLOAD_BYTES;
        let rest = self.buffer_bytes % TEXT_LINE_PAYLOAD_BYTES;
        let base64 = full * TEXT_LINE_PAYLOAD_BYTES / 3 * 4 + rest.div_ceil(3) * 4;
        let wire = base64 + (full + u32::from(rest > 0)) * TEXT_LINE_OVERHEAD_BYTES;
        let payload = self.buffer_bytes - REQUEST_OVERHEAD_BYTES;
        f64::from(self.baud) / BITS_PER_BYTE * f64::from(payload) / f64::from(wire)
    }
}

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
            .args(["--buffer-size", &case.buffer_bytes.to_string()])
            .args(["--flash-us-per-byte", FLASH_MICROSECONDS_PER_BYTE]),
    )?;
    let served = reader.line()?;
    let port = served["port"]
        .as_str()
        .ok_or_else(|| Failure::new("smp-reader did not report its port"))?;
    load(image, port)?;
    let upload = reader.line()?;
    let number = |key: &str| {
        let value = upload[key].as_f64();
        value.ok_or_else(|| Failure::new(format!("smp-reader did not report its {key}")))
    };
    Ok((number("image_bytes")?, number("seconds")?))
}

fn judged(case: &Case, ours: f64, peer: f64) -> Vec<Row> {
    let (baud, latency, buffer) = (case.baud, case.latency_ms, case.buffer_bytes);
    let name = format!("{baud} baud, {latency} ms, buffers of {buffer}");
    let row = |against, peer: f64, goal| Row {
        bench: "smp",
        case: format!("{name}, {against}"),
        ours: ours / 1000.0,
        peer: peer / 1000.0,
        ratio: ours / peer,
        goal,
        unit: "kB/s",
    };
    let of_the_line = case.of_the_line.map_or(Goal::None, Goal::AtLeast);
    vec![
        row("the line", case.line_rate(), of_the_line),
        row("smpmgr", peer, Goal::AtLeast(case.times_as_fast)),
    ]
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_carries_the_payload_of_its_text_lines() {
        // 384 bytes of frame: four lines of 127 and one of 12 bytes as base64, 3 more around it.
        let rate = |baud, buffer_bytes| {
            Case {
                baud,
                latency_ms: 1,
                buffer_bytes,
                more_bytes: 0,
                of_the_line: None,
                times_as_fast: 1.0,
            }
            .line_rate()
        };
        let expected = 11_520.0 * 356.0 / 527.0;
        assert!((rate(115_200, 384) - expected).abs() < 0.01);
        assert!(rate(115_200, 2475) > rate(115_200, 384));
    }
}
