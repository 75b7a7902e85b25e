//! A fleet of 100,000 devices: how soon its first rows are there, and what memory lists, previews,
//! a whole campaign and its table take.
//!
//! The command line is measured, from the start of its process to the end: the engine without a
//! window. What the demo world itself takes does not count.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::measure::{median, time};
use super::peak::{self, Peak};
use super::product::{Pelion, Product, quietly};
use super::row::{Goal, Row};
use super::scratch::Scratch;
use crate::command::Run;
use crate::failure::{Doing, Done, Failure};

const DEVICES: usize = 100_000;

/// Entries of a page where a program asks for all: the largest the service gives.
const PAGE: usize = 1000;

/// Longest time until the first rows are there, seconds.
const FIRST_ROWS_SECONDS: f64 = 0.5;

/// Most memory, MiB.
const LIMIT_MIB: f64 = 150.0;

/// Times the first rows are asked for.
const TURNS: usize = 9;

const IMAGE_BYTES: u64 = 1024 * 1024;

/// One page of the fleet, where every device is judged.
const PAGE_OF_DEVICES: &str = "GET /v3/devices?limit=1000&";

/// What a whole plan asks besides: which devices other campaigns hold, whether the image is there,
/// the image, whether it arrived, the manifest, the campaign, whether still as many devices match,
/// the start.
const NEEDED: [&str; 8] = [
    "GET /v3/update-campaigns?",
    "GET /v3/firmware-images?name__eq=",
    "POST /v3/firmware-images",
    "GET /v3/firmware-images/",
    "POST /v3/firmware-manifests",
    "POST /v3/update-campaigns/",
    "GET /v3/devices?limit=2&",
    "POST /v3/update-campaigns",
];

/// Exit code of a delivery that some devices did not take.
const NOT_ALL_VERIFIED: i32 = 3;

/// Matches every device of the demo world's fleet.
const ALL: &str = "vendor_id__eq=77b14822a78e54c6bf1c31e553da7204";

/// The service stops the campaign when so many of a hundred were updated: some devices of the demo
/// world never answer.
const STOP_AT_PERCENT: &str = "50";

pub(super) fn run() -> Result<Vec<Row>, Failure> {
    let scratch = Scratch::new("fleet")?;
    let product = Product::new(scratch.path("home"));
    let pelion = product.fleet(DEVICES)?;
    let mut rows = vec![
        first_rows(
            &product,
            "first 100 of 100,000 devices",
            &["--limit", "100"],
        )?,
        first_rows(
            &product,
            "first 1,000 of 94,000 devices that match, counted",
            &[
                "--limit",
                "1000",
                "--count",
                "--filter",
                "state__eq=registered",
            ],
        )?,
    ];
    let bench = Bench {
        product,
        pelion,
        image: scratch.random_file("firmware.bin", IMAGE_BYTES)?,
    };
    let draft = bench.draft()?;
    rows.push(memory("blast radius", &bench.preview(&draft)?));
    let (plan, requests) = bench.plan()?;
    rows.push(memory("image to campaign and its end", &plan));
    rows.push(requests);
    rows.push(memory("CSV of the campaign", &bench.table("whole")?));
    bench.run_another(&draft)?;
    rows.push(memory(
        "blast radius, all in a running campaign",
        &bench.preview(&draft)?,
    ));
    Ok(rows)
}

/// The median of whole processes that print a page.
fn first_rows(product: &Product, what: &str, page: &[&str]) -> Result<Row, Failure> {
    let list = || product.cli().args(["pelion", "devices", "list"]).args(page);
    let mut seconds = Vec::new();
    for _ in 0..TURNS {
        seconds.push(time(|| quietly(list()))?.as_secs_f64());
    }
    let ours = median(seconds);
    Ok(Row {
        bench: "fleet",
        case: format!("{what}, limit"),
        ours,
        peer: FIRST_ROWS_SECONDS,
        ratio: ours / FIRST_ROWS_SECONDS,
        goal: Goal::AtMost(1.0),
        unit: "s",
    })
}

fn memory(what: &str, peak: &Peak) -> Row {
    Row {
        bench: "fleet",
        case: format!(
            "{what}: 100,000 devices in {:.1} s, limit of memory",
            peak.took.as_secs_f64()
        ),
        ours: peak.mib,
        peer: LIMIT_MIB,
        ratio: peak.mib / LIMIT_MIB,
        goal: Goal::AtMost(1.0),
        unit: "MiB",
    }
}

/// The large world and an image for its devices.
struct Bench {
    product: Product,
    pelion: Pelion,
    image: PathBuf,
}

impl Bench {
    fn campaigns(&self) -> Run {
        self.product.cli().args(["pelion", "campaigns"])
    }

    /// `deliver FILE --to pelion:demo --campaign NAME` for all devices.
    fn deliver(&self, image: &Path, name: &str) -> Run {
        let run = self.product.cli().arg("deliver").arg(image);
        run.args(["--to", "pelion:demo", "--name", name, "--campaign", name])
            .args(["--filter", ALL, "--fw-version", "9.0.0", "--yes", "--json"])
    }

    /// Makes a campaign with its image and manifest and does not start it.
    fn draft(&self) -> Result<Value, Failure> {
        quietly(self.deliver(&self.image, "draft"))?;
        let listed = self.pelion.get("/v3/update-campaigns")?;
        let draft = listed["data"][0].clone();
        text(&draft, "root_manifest_id")?;
        Ok(draft)
    }

    fn preview(&self, draft: &Value) -> Result<Peak, Failure> {
        let peak = peak::of(self.campaigns().arg("preview").arg(text(draft, "id")?))?;
        let radius = json(&peak.output)?;
        if radius["expected_devices"] == DEVICES {
            return Ok(peak);
        }
        Err(Failure::new("the blast radius is not that of the fleet"))
    }

    /// From a file to a campaign that ran to its end. The requests up to its start are counted.
    fn plan(&self) -> Result<(Peak, Row), Failure> {
        let before = self.requests()?;
        let run = self.deliver(&self.image, "whole");
        let run = run.args(["--stop-at-percent", STOP_AT_PERCENT, "--start"]);
        let run = run.args(["--expect-devices", &DEVICES.to_string()]);
        let peak = peak::ending_with(NOT_ALL_VERIFIED, run)?;
        let asked = self.requests()?.split_off(before.len());
        Ok((peak, requests(&asked)?))
    }

    /// A campaign that holds all devices and does not end. Waits until it is active.
    fn run_another(&self, draft: &Value) -> Done {
        let manifest = text(draft, "root_manifest_id")?;
        let run = self.campaigns().args(["create", "--name", "running"]);
        let run = run.args(["--no-autostop", "--manifest", manifest, "--filter", ALL]);
        let made = json(&run.output()?)?;
        let id = text(&made["campaign"], "id")?.to_owned();
        let count = DEVICES.to_string();
        let run = self.campaigns().args(["start", &id, "--expect-devices"]);
        quietly(run.arg(count))?;
        loop {
            let campaign = self.pelion.get(&format!("/v3/update-campaigns/{id}"))?;
            match text(&campaign, "phase")? {
                "starting" => std::thread::sleep(std::time::Duration::from_millis(200)),
                "active" => return Ok(()),
                other => return Err(Failure::new(format!("the campaign is {other}"))),
            }
        }
    }

    /// The table of the campaign of this name. Devices that reported are joined with their events.
    fn table(&self, name: &str) -> Result<Peak, Failure> {
        let path = format!("/v3/update-campaigns?name__eq={name}");
        let listed = self.pelion.get(&path)?;
        let id = text(&listed["data"][0], "id")?;
        let peak = peak::of(self.campaigns().args(["devices", id, "--csv"]))?;
        let lines = peak.output.lines().count();
        if lines == DEVICES + 1 {
            return Ok(peak);
        }
        Err(Failure::new(format!("the table has {lines} lines")))
    }

    /// Every request the service has answered: method and path.
    fn requests(&self) -> Result<Vec<String>, Failure> {
        let record = self.pelion.get("/simulator/record")?;
        let requests = record["requests"].as_array();
        let requests = requests.ok_or_else(|| Failure::new("the demo world has no record"))?;
        let line = |request: &Value| {
            let word = |key: &str| request[key].as_str().unwrap_or_default().to_owned();
            format!("{} {}", word("method"), word("target"))
        };
        Ok(requests.iter().map(line).collect())
    }
}

/// Requests from the file to the start against those its data needs. Others are named.
fn requests(asked: &[String]) -> Result<Row, Failure> {
    let start = asked.iter().position(|line| line.ends_with("/start"));
    let start = start.ok_or_else(|| Failure::new("no campaign was started"))?;
    let asked = &asked[..=start];
    let mut needed = vec![PAGE_OF_DEVICES; DEVICES / PAGE];
    needed.extend(NEEDED);
    for line in asked {
        match needed.iter().position(|one| line.starts_with(one)) {
            Some(at) => drop(needed.swap_remove(at)),
            None => eprintln!("needed by nothing: {line}"),
        }
    }
    let (ours, needed) = (count(asked.len())?, count(DEVICES / PAGE + NEEDED.len())?);
    Ok(Row {
        bench: "fleet",
        case: "requests from the image to the start".to_owned(),
        ours,
        peer: needed,
        ratio: ours / needed,
        goal: Goal::AtMost(1.0),
        unit: "requests",
    })
}

fn count(number: usize) -> Result<f64, Failure> {
    u32::try_from(number).map(f64::from).doing("count")
}

fn json(text: &str) -> Result<Value, Failure> {
    serde_json::from_str(text).doing("read what the command line prints")
}

fn text<'a>(value: &'a Value, key: &str) -> Result<&'a str, Failure> {
    let text = value[key].as_str();
    text.ok_or_else(|| Failure::new(format!("there is no {key} in {value}")))
}
