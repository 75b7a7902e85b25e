//! The list of 100,000 devices in the real window: the first rows after a click, and the frames
//! while it scrolls.
//!
//! The release build of the window on a virtual screen, painted by the processor: a screen with a
//! GPU is quicker. The page itself takes the times.

use serde_json::Value;

use super::product::release;
use super::row::{Goal, Row};
use crate::command::Run;
use crate::failure::{Doing, Done, Failure};
use crate::{apt, node, run};

const DEVICES: u32 = 100_000;

/// Longest time from the click to the first rows, milliseconds.
const FIRST_ROWS_MS: f64 = 500.0;

/// One frame of sixty a second, milliseconds.
const FRAME_MS: f64 = 1000.0 / 60.0;

/// The page's clock is not finer than a millisecond.
const CLOCK: f64 = 1.06;

/// Most rows drawn, however many there are.
const ROWS: f64 = 80.0;

pub(super) fn run() -> Result<Vec<Row>, Failure> {
    apt::install(apt::TESTS)?;
    node::install()?;
    node::build()?;
    build()?;
    let figures = Run::new("xvfb-run")
        .args(["-a", "-s", "-screen 0 1280x800x24 -nolisten tcp"])
        .args(["dbus-run-session", "--"])
        .args(["node", "tests/window/bench/fleet.mjs", &DEVICES.to_string()])
        .variable(run::LANG.0, run::LANG.1)
        .variable("FIRMDROP_BIN", release("firmdrop"))
        .variable("FIRMDROP_CLI", release("firmdrop-cli"))
        .output()?;
    // The session bus says a word of its own before.
    let line = figures.lines().rfind(|line| line.starts_with('{'));
    let line = line.ok_or_else(|| Failure::new("the window printed no figures"))?;
    let figures: Value = serde_json::from_str(line).doing("read the figures of the window")?;
    println!("{figures}");
    let first_rows = judged(
        &figures,
        "first_rows_ms",
        ("first rows", FIRST_ROWS_MS, 1.0),
    )?;
    let frames = ("median of a frame while scrolling", FRAME_MS, CLOCK);
    let late = ("95 % of the frames while scrolling", 2.0 * FRAME_MS, 1.0);
    let rows = Row {
        unit: "rows",
        ..judged(&figures, "most_rows", ("rows drawn", ROWS, 1.0))?
    };
    Ok(vec![
        first_rows,
        judged(&figures, "scroll_median_ms", frames)?,
        judged(&figures, "scroll_95_ms", late)?,
        rows,
    ])
}

/// The window as it is given away: no entrance for tests.
fn build() -> Done {
    Run::cargo()
        .args(["build", "--release", "--package=firmdrop", "--bin=firmdrop"])
        .arg("--features=custom-protocol")
        .go()
}

fn judged(
    figures: &Value,
    key: &str,
    (case, limit, most): (&str, f64, f64),
) -> Result<Row, Failure> {
    let ours = figures[key].as_f64();
    let ours = ours.ok_or_else(|| Failure::new(format!("the window did not report its {key}")))?;
    Ok(Row {
        bench: "window-fleet",
        case: format!("{case}, 100,000 devices, limit"),
        ours,
        peer: limit,
        ratio: ours / limit,
        goal: Goal::AtMost(most),
        unit: "ms",
    })
}
