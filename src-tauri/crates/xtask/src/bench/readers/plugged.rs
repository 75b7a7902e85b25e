//! How soon a USB device that is plugged in is *Ready* in the list, which it is once it answered.
//!
//! `devices --watch` prints the list and asks the reader that was named to it, as a user does who picks it. The bus is
//! pretended, libusb and everything above it are real.

use super::super::measure::median;
use super::super::product::Product;
use super::super::row::{Goal, Row};
use super::super::scratch::Scratch;
use super::{below_the_bed, number};
use crate::failure::Failure;

const TURNS: usize = 9;

/// Most seconds.
const GOAL_SECONDS: f64 = 1.0;

const PLACE: &str = "1-2";

pub(in super::super) fn run() -> Result<Vec<Row>, Failure> {
    let scratch = Scratch::new("plugged")?;
    let product = Product::new(scratch.path("home"));
    let (mut listed, mut ready) = (Vec::new(), Vec::new());
    for _ in 0..TURNS {
        let destination = format!("dfu+usb:{PLACE}");
        let watch = product.cli().args(["devices", "--watch", "--json"]);
        let watch = watch.args(["--identify", &destination]);
        let line = below_the_bed("usb-plug", &[PLACE], &watch)?;
        listed.push(number(&line, "listed_seconds")?);
        ready.push(number(&line, "ready_seconds")?);
    }
    let slowest = ready.iter().copied().fold(0.0, f64::max);
    let row = |case: &str, seconds| Row {
        bench: "plugged",
        case: case.to_owned(),
        ours: seconds,
        peer: GOAL_SECONDS,
        ratio: seconds / GOAL_SECONDS,
        goal: Goal::AtMost(1.0),
        unit: "s",
    };
    Ok(vec![
        row("from plugged to listed, limit", median(listed)),
        row("from plugged to Ready, limit", median(ready)),
        row(
            &format!("from plugged to Ready, slowest of {TURNS}, limit"),
            slowest,
        ),
    ])
}
