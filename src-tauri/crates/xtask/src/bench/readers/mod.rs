//! Rows of readers: over USB, over Bluetooth, many at once, again, and how soon one is there.

mod ble;
mod dfu;
mod many;
mod plugged;
mod reflash;

pub(super) use ble::run as ble;
pub(super) use dfu::run as dfu;
pub(super) use many::run as many;
pub(super) use plugged::run as plugged;
pub(super) use reflash::run as reflash;

use serde_json::Value;

use super::product::release;
use crate::command::Run;
use crate::failure::{Doing as _, Failure};

/// What makes a pretend USB bus: a program below it uses the real libusb.
const BED: &str = "tests/support/src/usb/bed.py";

/// Runs a program of ours below a pretend USB bus, and reads the line of JSON that it prints.
fn below_the_bed(program: &str, arguments: &[&str], rest: &Run) -> Result<Value, Failure> {
    // The Python that Debian's bindings of umockdev are for.
    let printed = Run::new("/usr/bin/python3")
        .variable("LD_PRELOAD", "libumockdev-preload.so.0")
        .arg(BED)
        .arg(release(program))
        .args(arguments)
        .starting(rest)
        .output()?;
    let line = printed.trim();
    serde_json::from_str(line).doing(format_args!("read the figures of {program} in `{line}`"))
}

/// A number of what a program printed.
fn number(line: &Value, key: &str) -> Result<f64, Failure> {
    let value = line[key].as_f64();
    value.ok_or_else(|| Failure::new(format!("no number {key} in {line}")))
}

/// A text of what a program printed.
fn text(line: &Value, key: &str) -> Result<String, Failure> {
    let value = line[key].as_str().map(str::to_owned);
    value.ok_or_else(|| Failure::new(format!("no text {key} in {line}")))
}
