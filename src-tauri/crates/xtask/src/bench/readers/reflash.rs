//! A load of the image that a reader has already, which it says by its hash, against the load before.
//!
//! Both are whole programs, from their start to their end.

use super::super::measure::{median, time};
use super::super::product::{Product, Server, quietly, release};
use super::super::row::{Goal, Row};
use super::super::scratch::Scratch;
use super::text;
use crate::command::Run;
use crate::failure::Failure;

const TURNS: usize = 3;

/// Most of the full load.
const GOAL: f64 = 0.05;

/// Code of the image, bytes.
const IMAGE_BYTES: &str = "262144";

/// nRF52: 32 kB/s with its erasing.
const FLASH_MICROSECONDS_PER_BYTE: &str = "31";

/// A line that is faster than the flash.
const BAUD: &str = "921600";

pub(in super::super) fn run() -> Result<Vec<Row>, Failure> {
    let scratch = Scratch::new("reflash")?;
    let product = Product::new(scratch.path("home"));
    let image = scratch.path("image.bin");
    quietly(product.cli().args(["jobs", "--json"]))?;
    let (mut again, mut full) = (Vec::new(), Vec::new());
    for _ in 0..TURNS {
        let mut reader = Server::start(
            Run::new(release("smp-reader"))
                .args(["--baud", BAUD, "--latency-ms", "1"])
                .args(["--flash-us-per-byte", FLASH_MICROSECONDS_PER_BYTE])
                .args(["--image-bytes", IMAGE_BYTES, "--image"])
                .arg(&image),
        )?;
        let destination = format!("smp+serial:{}", text(&reader.line()?, "port")?);
        let deliver = || {
            let deliver = product.cli().arg("deliver").arg(&image);
            quietly(deliver.args(["--to", &destination, "--yes", "--json"]))
        };
        full.push(time(deliver)?.as_secs_f64());
        again.push(time(deliver)?.as_secs_f64());
    }
    let (ours, peer) = (median(again), median(full));
    Ok(vec![Row {
        bench: "reflash",
        case: "the image that the reader has, against 256 KiB at 32 kB/s".to_owned(),
        ours,
        peer,
        ratio: ours / peer,
        goal: Goal::AtMost(GOAL),
        unit: "s",
    }])
}
