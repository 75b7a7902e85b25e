//! 256 MiB staged in Azurite, against Microsoft's Python client and azcopy.
//!
//! Blocks of 8 MiB: four at a time by the others, six by us. We and the Python client hash the file with SHA-256;
//! we send the CRC-64 of each block, azcopy its MD5. Azurite is fresh in each turn: it holds all in memory.

use std::path::Path;

use super::super::measure::median;
use super::super::peak::{self, Peak};
use super::super::row::{Goal, Row};
use super::super::scratch::{MIB, Scratch, sha256};
use super::azurite::Azurite;
use super::connection::Connection;
use super::{azcopy, python};
use crate::command::Run;
use crate::failure::{Doing as _, Failure};

const SIZE_BYTES: u64 = 256 * MIB;
const TURNS: usize = 5;

/// Most memory of our client, MiB.
const LIMIT_MIB: f64 = 64.0;

/// Most of azcopy's time of the processor.
const OF_AZCOPY: f64 = 0.4;

/// What one client took, turn by turn.
#[derive(Debug, Default)]
struct Took {
    seconds: Vec<f64>,
    cpu_seconds: Vec<f64>,
    mib: Vec<f64>,
}

impl Took {
    fn add(&mut self, peak: &Peak) {
        self.seconds.push(peak.took.as_secs_f64());
        self.cpu_seconds.push(peak.cpu_seconds);
        self.mib.push(peak.mib);
    }
}

pub(in super::super) fn run() -> Result<Vec<Row>, Failure> {
    let scratch = Scratch::new("staging")?;
    let file = scratch.random_file("image.bin", SIZE_BYTES)?;
    let digest = sha256(&file)?;
    let azcopy = azcopy::program();
    let (mut ours, mut python_took, mut azcopy_took) =
        (Took::default(), Took::default(), Took::default());
    for turn in 0..=TURNS {
        let azurite = Azurite::start()?;
        let connection = &azurite.connection;
        let counts = turn > 0;
        let one = of(connection.stage(&file, &digest))?;
        let other = of(python_upload(connection, &file))?;
        if counts {
            ours.add(&one);
            python_took.add(&other);
        }
        if let Some(program) = &azcopy {
            let run = azcopy::upload(
                program,
                connection,
                &file,
                "azcopy",
                &scratch.path("azcopy"),
            );
            let third = of(run?)?;
            if counts {
                azcopy_took.add(&third);
            }
        }
        if turn == 0 {
            is_right(connection, &one, &digest, azcopy.is_some())?;
        }
    }
    Ok(rows(ours, python_took, azcopy.map(|_| azcopy_took)))
}

fn of(run: Run) -> Result<Peak, Failure> {
    let peak = peak::of(run)?;
    eprintln!(
        "{:.2} s, {:.2} s of the processor, {:.1} MiB",
        peak.took.as_secs_f64(),
        peak.cpu_seconds,
        peak.mib
    );
    Ok(peak)
}

fn python_upload(connection: &Connection, file: &Path) -> Run {
    python::client(
        &["upload"],
        connection,
        &[&file.to_string_lossy(), "python"],
    )
}

/// Every client stored the file, as the Python client reads it back.
fn is_right(
    connection: &Connection,
    ours: &Peak,
    digest: &str,
    has_azcopy: bool,
) -> Result<(), Failure> {
    let printed: serde_json::Value =
        serde_json::from_str(&ours.output).doing("read what stage-file prints")?;
    let blob = printed["blob"].as_str().unwrap_or_default().to_owned();
    let mut blobs = vec![blob.as_str(), "python"];
    blobs.extend(has_azcopy.then_some("azcopy"));
    for blob in blobs {
        let stored = python::stored(connection, blob)?;
        if stored != format!("{SIZE_BYTES} {digest}") {
            return Err(Failure::new(format!("{blob} is {stored}")));
        }
    }
    Ok(())
}

fn rows(ours: Took, python: Took, azcopy: Option<Took>) -> Vec<Row> {
    let row = |case: &str, ours: f64, peer: f64, goal, unit| Row {
        bench: "staging",
        case: format!("256 MiB, {case}"),
        ours,
        peer,
        ratio: ours / peer,
        goal,
        unit,
    };
    let (mib, cpu) = (median(ours.mib), median(ours.cpu_seconds));
    let mut rows = vec![
        row(
            "azure-storage-blob",
            median(ours.seconds),
            median(python.seconds),
            Goal::AtMost(1.0),
            "s",
        ),
        row("memory, limit", mib, LIMIT_MIB, Goal::AtMost(1.0), "MiB"),
        row(
            "memory, azure-storage-blob",
            mib,
            median(python.mib),
            Goal::None,
            "MiB",
        ),
        row(
            if azcopy.is_some() {
                "CPU, azure-storage-blob"
            } else {
                "CPU, azure-storage-blob; azcopy cannot be had here"
            },
            cpu,
            median(python.cpu_seconds),
            Goal::None,
            "s",
        ),
    ];
    if let Some(azcopy) = azcopy {
        let (seconds, most) = (median(azcopy.seconds), Goal::AtMost(OF_AZCOPY));
        rows.push(row(
            "CPU, azcopy",
            cpu,
            median(azcopy.cpu_seconds),
            most,
            "s",
        ));
        rows.push(row(
            "memory, azcopy",
            mib,
            median(azcopy.mib),
            Goal::None,
            "MiB",
        ));
        rows.push(row("azcopy", rows[0].ours, seconds, Goal::None, "s"));
    }
    rows
}
