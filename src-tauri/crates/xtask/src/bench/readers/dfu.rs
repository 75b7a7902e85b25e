//! A load of a USB device of DFU, against the time that the device and the bus need, and against dfu-util.
//!
//! The bus is pretended, libusb and everything above it are real. Nothing is read back, on either side. Every load has
//! a fresh device: one that holds the image already is not written.
//!
//! **What they need.** The device: the times that it says, for every block, every sector and the end. The bus: the time
//! of one transfer for each request, taken before each load by questions for the status through libusb alone, three
//! behind a pause as long as a block's.

use std::path::Path;

use serde_json::Value;

use super::super::measure::median;
use super::super::product::Product;
use super::super::row::{Goal, Row};
use super::super::scratch::Scratch;
use super::{below_the_bed, number};
use crate::command::Run;
use crate::failure::Failure;

const TURNS: usize = 3;

/// Least part of the load that is the time of device and bus.
const OF_THE_MODEL: f64 = 0.95;

/// Most of what dfu-util takes, from the start of the program to its end.
const OF_DFU_UTIL: f64 = 1.0;

/// A device and what it is loaded with.
struct Case {
    kind: &'static str,
    name: &'static str,
    /// Writing a block, and erasing a sector.
    block_ms: &'static str,
    sector_ms: &'static str,
    image_bytes: u64,
    /// What dfu-util is told of it.
    dfu_util: &'static [&'static str],
}

const CASES: &[Case] = &[
    Case {
        kind: "plain",
        name: "DFU 1.1, 128 blocks of 1,024 bytes at 32 ms",
        // 32 kB/s: an nRF52840 with its erasing.
        block_ms: "32",
        sector_ms: "0",
        image_bytes: 128 * 1024,
        dfu_util: &["-d", "1209:df11", "-a", "0"],
    },
    Case {
        kind: "st",
        name: "DfuSe, 128 blocks of 2,048 bytes at 11 ms, 6 sectors at 400 ms",
        // STM32F4: 185 kB/s, and sectors of 16 to 128 KiB in 0.25 to 1 s.
        block_ms: "11",
        sector_ms: "400",
        image_bytes: 256 * 1024,
        dfu_util: &["-d", "0483:df11", "-a", "0", "-s", "0x08000000"],
    },
];

/// What a load took, seconds.
struct Took {
    /// From the start of the program to its end.
    program: f64,
    /// From the first block or command to the last answer.
    load: f64,
    /// What the device and the bus needed of that.
    needed: f64,
}

pub(in super::super) fn run() -> Result<Vec<Row>, Failure> {
    let scratch = Scratch::new("dfu")?;
    let product = Product::new(scratch.path("home"));
    let mut rows = Vec::new();
    for case in CASES {
        let image = scratch.random_file(case.kind, case.image_bytes)?;
        let (mut ours, mut peer) = (Vec::new(), Vec::new());
        for turn in 0..=TURNS {
            let deliver = product.cli().arg("deliver").arg(&image).args([
                "--to",
                "dfu+usb:1-2",
                "--option",
                "read_back=no",
                "--option",
                "leave=no",
                "--yes",
                "--json",
            ]);
            let one = took(case, &image, &deliver)?;
            let dfu_util = Run::new("dfu-util").args(case.dfu_util);
            let other = took(case, &image, &dfu_util.arg("-D").arg(&image))?;
            // The first turn makes the home and fills the caches.
            if turn > 0 {
                ours.push(one);
                peer.push(other);
            }
        }
        rows.extend(judged(case, &ours, &peer));
    }
    Ok(rows)
}

fn took(case: &Case, image: &Path, load: &Run) -> Result<Took, Failure> {
    let image = image.to_string_lossy();
    let arguments = [case.kind, case.block_ms, case.sector_ms, &image, "--"];
    let line: Value = below_the_bed("usb-reader", &arguments, load)?;
    if number(&line, "early_polls")? > 0.0 {
        return Err(Failure::new(format!(
            "the device was asked before its time was over: {line}"
        )));
    }
    let bus = number(&line, "requests")? * number(&line, "transfer_seconds")?;
    Ok(Took {
        program: number(&line, "program_seconds")?,
        load: number(&line, "load_seconds")?,
        needed: number(&line, "needed_seconds")? + bus,
    })
}

fn judged(case: &Case, ours: &[Took], peer: &[Took]) -> Vec<Row> {
    let middle = |of: &[Took], which: fn(&Took) -> f64| median(of.iter().map(which).collect());
    let row = |what: &str, (ours, peer): (f64, f64), ratio, goal| Row {
        bench: "dfu",
        case: format!("{}, {what}", case.name),
        ours,
        peer,
        ratio,
        goal,
        unit: "s",
    };
    let (load, needed) = (
        middle(ours, |took| took.load),
        middle(ours, |took| took.needed),
    );
    let whole = (
        middle(ours, |took| took.program),
        middle(peer, |took| took.program),
    );
    let loads = (load, middle(peer, |took| took.load));
    vec![
        row(
            "what device and bus need",
            (load, needed),
            needed / load,
            Goal::AtLeast(OF_THE_MODEL),
        ),
        row(
            "dfu-util, the programs as a whole",
            whole,
            whole.0 / whole.1,
            Goal::AtMost(OF_DFU_UTIL),
        ),
        row(
            "dfu-util, from the first block to the last",
            loads,
            loads.0 / loads.1,
            Goal::AtMost(OF_DFU_UTIL),
        ),
    ]
}
