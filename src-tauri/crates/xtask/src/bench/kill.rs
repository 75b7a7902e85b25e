//! `kill -9` at random moments of an upload, then `job resume`: the image at the service is the
//! file, there is one of it, and at most the chunk in flight was sent again.
//!
//! The service's own record is asked, not the client.

use std::collections::BTreeSet;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Map, Value};

use super::chance::{self, Chance};
use super::product::{Pelion, Product, Server, quietly};
use super::row::{Goal, Row};
use super::scratch::{MIB, Scratch, sha256};
use crate::failure::{Doing, Done, Failure};

const SIZE_BYTES: u64 = 300 * MIB;
const KILLS: u32 = 20;

/// Uploads started until one is still running when its kill comes.
const MOST_ATTEMPTS: u32 = 10;

/// The earliest kill: the program is hardly up.
const EARLIEST: Duration = Duration::from_millis(20);

pub(super) fn run() -> Result<Vec<Row>, Failure> {
    let scratch = Scratch::new("kill")?;
    let file = scratch.random_file("image.bin", SIZE_BYTES)?;
    let digest = sha256(&file)?;
    let product = Product::new(scratch.path("home"));
    let pelion = product.pelion(0, true)?;

    let start = Instant::now();
    quietly(product.upload(&file, "calibration"))?;
    let undisturbed = start.elapsed();

    let (kills, mut chance) = (chance::kills(KILLS)?, Chance::new()?);
    let mut right = 0_u32;
    let mut sent_again = 0.0_f64;
    for turn in 1..=kills {
        let mut moment = || chance.part_of(undisturbed).map(|part| EARLIEST + part);
        let killed = kill_one(&product, &pelion, &file, turn, &mut moment)?;
        let checked = check_image(&pelion, &killed.name, &digest)
            .and_then(|()| new_job(&pelion, &killed.before))
            .and_then(|job| chunks_sent_again(&job));
        match checked {
            Ok(chunks) => {
                right += 1;
                sent_again = sent_again.max(chunks);
            }
            Err(failure) => eprintln!("kill {turn} after {:.2?}: {failure}", killed.after),
        }
    }
    Ok(vec![
        Row {
            bench: "kill",
            case: format!("images right after {kills} kills"),
            ours: f64::from(right),
            peer: f64::from(kills),
            ratio: f64::from(right) / f64::from(kills),
            goal: Goal::AtLeast(1.0),
            unit: "images",
        },
        Row {
            bench: "kill",
            case: "most chunks sent again after a kill".to_owned(),
            ours: sent_again,
            peer: 1.0,
            ratio: sent_again,
            goal: Goal::AtMost(1.0),
            unit: "chunks",
        },
    ])
}

/// An upload that was killed and resumed.
struct Killed {
    name: String,
    after: Duration,
    /// The service's record before it began.
    before: Map<String, Value>,
}

/// Kills one upload at a random moment and resumes it. One that was quicker than its kill does not
/// count, and another is started.
fn kill_one(
    product: &Product,
    pelion: &Pelion,
    file: &Path,
    turn: u32,
    moment: &mut impl FnMut() -> Result<Duration, Failure>,
) -> Result<Killed, Failure> {
    for attempt in 1..=MOST_ATTEMPTS {
        let killed = Killed {
            name: format!("kill-{turn}-{attempt}"),
            after: moment()?,
            before: recorded(pelion)?,
        };
        let known = job_ids(product)?;
        let mut upload = Server::silent(product.upload(file, &killed.name))?;
        thread::sleep(killed.after);
        let was_quicker = upload.ended()?.is_some();
        drop(upload);
        if !was_quicker {
            finish(product, file, &killed.name, &known)?;
            return Ok(killed);
        }
    }
    Err(Failure::new("the upload was always quicker than its kill"))
}

/// Resumes what the kill interrupted. When not even a job was written down, nothing happened yet,
/// and the upload is started anew.
fn finish(product: &Product, file: &Path, name: &str, before: &BTreeSet<String>) -> Done {
    let after = job_ids(product)?;
    match after.difference(before).next() {
        Some(id) => quietly(product.cli().args(["job", "resume", id, "--json"])),
        None => quietly(product.upload(file, name)),
    }
}

/// Ids of the jobs this home knows.
fn job_ids(product: &Product) -> Result<BTreeSet<String>, Failure> {
    let printed = product
        .cli()
        .args(["jobs", "--limit", "1000", "--json"])
        .output()?;
    let jobs: Value = serde_json::from_str(&printed).doing("read the list of jobs")?;
    let list = jobs.as_array();
    let list = list.ok_or_else(|| Failure::new("`jobs --json` printed no list"))?;
    Ok(list
        .iter()
        .filter_map(|job| job["id"].as_str().map(str::to_owned))
        .collect())
}

/// There is one image of that name, and it is the file.
fn check_image(pelion: &Pelion, name: &str, digest: &str) -> Done {
    let images = pelion.get("/v3/firmware-images?limit=1000")?;
    let of_this_name: Vec<&Value> = images["data"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|image| image["name"] == name)
        .collect();
    let [image] = of_this_name.as_slice() else {
        let count = of_this_name.len();
        return Err(Failure::new(format!("{count} images instead of one")));
    };
    if image["datafile_checksum"] != digest || image["datafile_size"] != SIZE_BYTES {
        return Err(Failure::new(format!("the image is another one: {image}")));
    }
    Ok(())
}

/// The service's record of every upload job, also of deleted ones.
fn recorded(pelion: &Pelion) -> Result<Map<String, Value>, Failure> {
    match pelion.get("/simulator/record")?["jobs"].take() {
        Value::Object(jobs) => Ok(jobs),
        _ => Err(Failure::new("the service's record has no jobs")),
    }
}

/// The record of the one upload job that came after `before`.
fn new_job(pelion: &Pelion, before: &Map<String, Value>) -> Result<Value, Failure> {
    let after = recorded(pelion)?;
    let new: Vec<&Value> = after
        .iter()
        .filter(|(id, _)| !before.contains_key(*id))
        .map(|(_, job)| job)
        .collect();
    match new.as_slice() {
        [job] => Ok((*job).clone()),
        jobs => Err(Failure::new(format!(
            "{} upload jobs for one file",
            jobs.len()
        ))),
    }
}

/// Chunks that arrived beyond those that are stored. A chunk stored twice is a failure.
fn chunks_sent_again(job: &Value) -> Result<f64, Failure> {
    let number = |value: &Value| value.as_f64().unwrap_or(f64::NAN);
    let chunks = job["chunks"].as_array().map_or(&[][..], Vec::as_slice);
    let lengths: Vec<f64> = chunks
        .iter()
        .map(|chunk| number(&chunk["length"]))
        .collect();
    let stored: f64 = lengths.iter().sum();
    let begins: BTreeSet<u64> = chunks
        .iter()
        .filter(|chunk| chunk["length"] != 0)
        .filter_map(|chunk| chunk["offset"].as_u64())
        .collect();
    let with_bytes = lengths.iter().filter(|&&length| length > 0.0).count();
    if begins.len() != with_bytes {
        return Err(Failure::new("a chunk was stored twice"));
    }
    let longest = lengths.iter().copied().fold(0.0, f64::max);
    Ok((number(&job["received_bytes"]) - stored) / longest)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn half_a_chunk_beyond_the_stored_ones_was_sent_again() -> Done {
        let job = json!({
            "received_bytes": 25,
            "chunks": [
                { "offset": 0, "length": 10 },
                { "offset": 10, "length": 10 },
                { "offset": 20, "length": 0 },
            ],
        });
        assert!((chunks_sent_again(&job)? - 0.5).abs() < 1e-9);
        Ok(())
    }

    #[test]
    fn a_chunk_stored_twice_is_found() {
        let job = json!({
            "received_bytes": 20,
            "chunks": [{ "offset": 0, "length": 10 }, { "offset": 0, "length": 10 }],
        });
        assert!(chunks_sent_again(&job).is_err());
    }
}
