//! `kill -9` at random moments of a load of a reader, then `job resume`: each ends verified, and only what
//! was in flight is sent again.
//!
//! The reader counts the bytes it received, not the client.

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::chance::{self, Chance};
use super::product::{Product, Server, quietly, release};
use super::row::{Goal, Row};
use super::scratch::Scratch;
use crate::command::Run;
use crate::failure::{Doing as _, Failure};

/// How often it is killed.
const KILLS: u32 = 20;
/// Loads started until one is still running when its kill comes.
const MOST_ATTEMPTS: u32 = 10;
/// The earliest kill: the program is hardly up.
const EARLIEST: Duration = Duration::from_millis(20);
/// Code of the image, bytes.
const IMAGE_BYTES: &str = "200000";
/// Most that may be in flight: the reader's four buffers of 384 bytes, and as much that a killed process
/// left on the line.
const IN_FLIGHT_BYTES: f64 = 4096.0;

/// A reader that was just started, and its port.
struct Reader {
    server: Server,
    port: String,
}

impl Reader {
    /// It writes the image too.
    fn start(image: &Path) -> Result<Self, Failure> {
        let mut server = Server::start(
            Run::new(release("smp-reader"))
                .args(["--baud", "921600", "--latency-ms", "1"])
                .args(["--image-bytes", IMAGE_BYTES, "--image"])
                .arg(image),
        )?;
        let served = server.line()?;
        let port = served["port"].as_str().map(str::to_owned);
        let port = port.ok_or_else(|| Failure::new("smp-reader did not report its port"))?;
        Ok(Self { server, port })
    }

    fn load(&self, product: &Product, image: &Path) -> Run {
        let destination = format!("smp+serial:{}", self.port);
        let deliver = product.cli().arg("deliver").arg(image);
        deliver.args(["--to", &destination, "--yes", "--json"])
    }
}

pub(super) fn run() -> Result<Vec<Row>, Failure> {
    let scratch = Scratch::new("kill-load")?;
    let image = scratch.path("image.bin");
    let product = Product::new(scratch.path("home"));
    let start = Instant::now();
    quietly(Reader::start(&image)?.load(&product, &image))?;
    let undisturbed = start.elapsed();

    let (kills, mut chance) = (chance::kills(KILLS)?, Chance::new()?);
    let (mut right, mut most_again) = (0_u32, 0.0_f64);
    for turn in 1..=kills {
        let after = EARLIEST + chance.part_of(undisturbed)?;
        match kill_one(&product, &image, after, &mut chance, undisturbed) {
            Ok(again) => {
                right += 1;
                most_again = most_again.max(again);
            }
            Err(failure) => eprintln!("kill {turn} after {after:.2?}: {failure}"),
        }
    }
    Ok(vec![
        Row {
            bench: "kill-load",
            case: format!("loads verified after {kills} kills"),
            ours: f64::from(right),
            peer: f64::from(kills),
            ratio: f64::from(right) / f64::from(kills),
            goal: Goal::AtLeast(1.0),
            unit: "loads",
        },
        Row {
            bench: "kill-load",
            case: "most bytes sent again after a kill".to_owned(),
            ours: most_again,
            peer: IN_FLIGHT_BYTES,
            ratio: most_again / IN_FLIGHT_BYTES,
            goal: Goal::AtMost(1.0),
            unit: "bytes",
        },
    ])
}

/// Kills one load and resumes it; answers how many bytes were sent again. A load that was quicker than
/// its kill does not count, and another is started.
fn kill_one(
    product: &Product,
    image: &Path,
    mut after: Duration,
    chance: &mut Chance,
    undisturbed: Duration,
) -> Result<f64, Failure> {
    for _ in 0..MOST_ATTEMPTS {
        let mut reader = Reader::start(image)?;
        let mut load = Server::silent(reader.load(product, image))?;
        thread::sleep(after);
        let was_quicker = load.ended()?.is_some();
        drop(load);
        if was_quicker {
            after = EARLIEST + chance.part_of(undisturbed)?;
            continue;
        }
        match newest_of(product, &reader.port)? {
            Some(id) => quietly(product.cli().args(["job", "resume", &id, "--json"]))?,
            // Nothing was written down, so nothing was begun.
            None => quietly(reader.load(product, image))?,
        }
        let upload = reader.server.line()?;
        let number = |key: &str| {
            let value = upload[key].as_f64();
            value.ok_or_else(|| Failure::new(format!("smp-reader did not report its {key}")))
        };
        return Ok(number("received_bytes")? - number("image_bytes")?);
    }
    Err(Failure::new("the load was always quicker than its kill"))
}

/// The newest job of this port.
fn newest_of(product: &Product, port: &str) -> Result<Option<String>, Failure> {
    let printed = product
        .cli()
        .args(["jobs", "--limit", "1", "--json"])
        .output()?;
    let jobs: Value = serde_json::from_str(&printed).doing("read the list of jobs")?;
    let job = &jobs[0];
    let is_it = job["destination"]
        .as_str()
        .is_some_and(|destination| destination.contains(port));
    let id = job["id"].as_str().filter(|_| is_it);
    Ok(id.map(str::to_owned))
}
