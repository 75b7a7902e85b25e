//! Verdict of a raw file of 1 GiB against the quickest SHA-256 a system brings.

use super::measure::pairs;
use super::product::{Product, quietly};
use super::row::{Goal, Row};
use super::scratch::{MIB, Scratch};
use crate::command::Run;
use crate::failure::Failure;

const SIZE_BYTES: u64 = 1024 * MIB;
const WARM_UPS: usize = 1;
const TURNS: usize = 5;

pub(super) fn run() -> Result<Vec<Row>, Failure> {
    let scratch = Scratch::new("verdict")?;
    let file = scratch.random_file("raw.bin", SIZE_BYTES)?;
    let product = Product::new(scratch.path("home"));
    let inspect = |_| quietly(product.cli().arg("inspect").arg(&file).arg("--json"));
    let openssl = |_| quietly(Run::new("openssl").args(["dgst", "-sha256"]).arg(&file));
    let (ours, peer) = pairs(WARM_UPS, TURNS, inspect, openssl)?;
    Ok(vec![Row {
        bench: "verdict",
        case: "1 GiB raw, openssl dgst -sha256".to_owned(),
        ours,
        peer,
        ratio: ours / peer,
        goal: Goal::AtMost(1.15),
        unit: "s",
    }])
}
