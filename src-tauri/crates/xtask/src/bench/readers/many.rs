//! 16 loads at once in one process, against one alone, and beside a reader that falls silent in the middle.
//!
//! The readers time their uploads, in a process of their own. Each stores as fast as an nRF52, so that what a load can
//! wait for, besides its reader, is the other loads.

use std::path::PathBuf;

use super::super::measure::median;
use super::super::peak;
use super::super::product::{Product, Server, quietly, release};
use super::super::row::{Goal, Row};
use super::super::scratch::Scratch;
use super::number;
use crate::command::Run;
use crate::failure::{Done, Failure};

/// Loads at once.
const LANES: usize = 16;

const TURNS: usize = 3;

/// Code of the image, bytes.
const IMAGE_BYTES: &str = "131072";

/// nRF52: 32 kB/s with its erasing.
const FLASH_MICROSECONDS_PER_BYTE: &str = "31";

/// What the failing reader stores before it answers nothing more, bytes.
const SILENT_AFTER_BYTES: &str = "32768";

/// Least part of 16 times the rate of one.
const OF_SIXTEEN: f64 = 0.95;

/// Least part of the others' rate beside one that fails: 2 % less.
const BESIDE_ONE_THAT_FAILS: f64 = 0.98;

/// Seconds of the processor in a second.
const CORES: f64 = 1.0;

pub(in super::super) fn run() -> Result<Vec<Row>, Failure> {
    let scratch = Scratch::new("many")?;
    let bench = Bench {
        product: Product::new(scratch.path("home")),
        image: scratch.path("image.bin"),
        _scratch: scratch,
    };
    // Makes the home: its first start is not measured.
    quietly(bench.product.cli().args(["jobs", "--json"]))?;
    let mut turns = Turns::default();
    for _ in 0..TURNS {
        bench.turn(&mut turns)?;
    }
    Ok(turns.judged())
}

/// Rates of readers, kB/s, and cores, by turns.
#[derive(Debug, Default)]
struct Turns {
    alone: Vec<f64>,
    /// The sum of all.
    together: Vec<f64>,
    cores: Vec<f64>,
    /// The mean of those that do not fail.
    beside: Vec<f64>,
}

impl Turns {
    fn judged(self) -> Vec<Row> {
        let lanes = f64::from(u32::try_from(LANES).unwrap_or(u32::MAX));
        let (alone, together) = (median(self.alone), median(self.together));
        let (cores, beside) = (median(self.cores), median(self.beside));
        let row = |case: String, (ours, peer): (f64, f64), goal, unit| Row {
            bench: "many",
            case,
            ours,
            peer,
            ratio: ours / peer,
            goal,
            unit,
        };
        vec![
            row(
                format!("{LANES} loads at once, {LANES} times one"),
                (together, lanes * alone),
                Goal::AtLeast(OF_SIXTEEN),
                "kB/s",
            ),
            row(
                format!(
                    "a load beside one that fails and {} others, without it",
                    LANES - 2
                ),
                (beside, together / lanes),
                Goal::AtLeast(BESIDE_ONE_THAT_FAILS),
                "kB/s",
            ),
            row(
                format!("processor for {LANES} loads, one core"),
                (cores, CORES),
                Goal::AtMost(1.0),
                "cores",
            ),
        ]
    }
}

struct Bench {
    product: Product,
    image: PathBuf,
    _scratch: Scratch,
}

impl Bench {
    fn turn(&self, turns: &mut Turns) -> Done {
        let mut one = self.readers(1, &[])?;
        quietly(self.deliver(&[&one]))?;
        turns.alone.push(one.rates(1)?.iter().sum());

        let mut all = self.readers(LANES, &[])?;
        let took = peak::of(self.deliver(&[&all]))?;
        turns.together.push(all.rates(LANES)?.iter().sum());
        turns.cores.push(took.cpu_seconds / took.took.as_secs_f64());

        let mut others = self.readers(LANES - 1, &[])?;
        let failing = self.readers(1, &["--silent-after", SILENT_AFTER_BYTES])?;
        // It waits for the silent one much longer than the others take, and is ended with this turn.
        let _deliver = Server::silent(self.deliver(&[&others, &failing]))?;
        let rates = others.rates(LANES - 1)?;
        turns.beside.push(mean(&rates));
        Ok(())
    }

    /// Fresh readers. They make the image too.
    fn readers(&self, count: usize, more: &[&str]) -> Result<Readers, Failure> {
        let mut server = Server::start(
            Run::new(release("smp-reader"))
                .args(["--udp", &count.to_string()])
                .args(["--flash-us-per-byte", FLASH_MICROSECONDS_PER_BYTE])
                .args(more)
                .args(["--image-bytes", IMAGE_BYTES, "--image"])
                .arg(&self.image),
        )?;
        let line = server.line()?;
        let addresses = line["udp"].as_array().into_iter().flatten();
        let addresses = addresses.filter_map(|address| address.as_str().map(str::to_owned));
        Ok(Readers {
            addresses: addresses.collect(),
            server,
        })
    }

    fn deliver(&self, readers: &[&Readers]) -> Run {
        let mut deliver = self.product.cli().arg("deliver").arg(&self.image);
        for address in readers.iter().flat_map(|readers| &readers.addresses) {
            deliver = deliver.args(["--to", &format!("smp+udp:{address}")]);
        }
        deliver.args(["--yes", "--json"])
    }
}

struct Readers {
    server: Server,
    addresses: Vec<String>,
}

impl Readers {
    /// The rates of so many uploads, kB/s, as the readers timed them. Waits for them.
    fn rates(&mut self, count: usize) -> Result<Vec<f64>, Failure> {
        let mut rate = || {
            let upload = self.server.line()?;
            Ok(number(&upload, "image_bytes")? / number(&upload, "seconds")? / 1000.0)
        };
        (0..count).map(|_| rate()).collect()
    }
}

fn mean(values: &[f64]) -> f64 {
    let count = u32::try_from(values.len()).unwrap_or(u32::MAX);
    values.iter().sum::<f64>() / f64::from(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_load_that_is_slowed_by_a_failing_one_misses_its_goal() {
        let rows = |beside| {
            let turns = Turns {
                alone: vec![32.0],
                together: vec![32.0 * 16.0 * 0.96],
                cores: vec![0.4],
                beside: vec![beside],
            };
            turns.judged()
        };
        let met = |rows: &[Row]| rows.iter().map(Row::is_met).collect::<Vec<_>>();
        assert_eq!(met(&rows(32.0 * 0.96 * 0.99)), [true, true, true]);
        assert_eq!(met(&rows(32.0 * 0.96 * 0.97)), [true, false, true]);
    }
}
