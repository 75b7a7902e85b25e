//! `cargo xtask bench`: measured ratios against peers, on this machine, in one run.
//!
//! Absolute figures depend on the machine and are only written beside the ratios. A bench that cannot
//! be measured here says why and fails; it never prints an old or guessed figure.

mod chance;
mod fleet;
mod import_kill;
mod kill;
mod kill_load;
mod lanes;
mod line;
mod line_end;
mod manifest;
mod measure;
mod memory;
mod peak;
mod product;
mod report;
mod row;
mod scratch;
mod smp;
mod staging;
mod upload_line;
mod validate;
mod verdict;
mod window_fleet;

use crate::command::Run;
use crate::failure::{Done, Failure};
use crate::stage::{Stages, choose};
use crate::{apt, node, python};
use row::Row;

/// One bench: a name on the command line, several rows in the table.
struct Bench {
    name: &'static str,
    about: &'static str,
    /// Whether it measures against a program of the Python environment.
    has_python_peer: bool,
    /// Whether it stages files, in Azurite or against azcopy.
    stages: bool,
    run: fn() -> Result<Vec<Row>, Failure>,
}

const BENCHES: &[Bench] = &[
    Bench {
        name: "verdict",
        about: "verdict of a raw file of 1 GiB, against openssl",
        has_python_peer: false,
        stages: false,
        run: verdict::run,
    },
    Bench {
        name: "upload-line",
        about: "upload of 128 MiB over an emulated 100 Mbit/s line, against manifest-tool (root)",
        has_python_peer: true,
        stages: false,
        run: upload_line::run,
    },
    Bench {
        name: "memory",
        about: "resident memory while 10 MiB and 10 GiB are uploaded",
        has_python_peer: false,
        stages: false,
        run: memory::run,
    },
    Bench {
        name: "smp",
        about: "SMP over a paced serial line, against smpmgr",
        has_python_peer: true,
        stages: false,
        run: smp::run,
    },
    Bench {
        name: "lanes",
        about: "32 loads at once on a disk that is slow to confirm, against the disk as it is",
        has_python_peer: false,
        stages: false,
        run: lanes::run,
    },
    Bench {
        name: "kill",
        about: "kill -9 at random moments of an upload of 300 MiB, then resume",
        has_python_peer: false,
        stages: false,
        run: kill::run,
    },
    Bench {
        name: "kill-load",
        about: "kill -9 at random moments of loads of a reader, then resume",
        has_python_peer: false,
        stages: false,
        run: kill_load::run,
    },
    Bench {
        name: "fleet",
        about: "first rows, blast radius, campaign and table of 100,000 devices",
        has_python_peer: false,
        stages: false,
        run: fleet::run,
    },
    Bench {
        name: "window-fleet",
        about: "first rows and frames of a list of 100,000 devices in the real window",
        has_python_peer: false,
        stages: false,
        run: window_fleet::run,
    },
    Bench {
        name: "manifest",
        about: "a manifest made and signed, against manifest-tool",
        has_python_peer: true,
        stages: false,
        run: manifest::run,
    },
    Bench {
        name: "staging",
        about: "256 MiB staged in Azurite, against azure-storage-blob and azcopy",
        has_python_peer: true,
        stages: true,
        run: staging::upload,
    },
    Bench {
        name: "staging-memory",
        about: "resident memory while 10 MiB and 10 GiB are staged",
        has_python_peer: false,
        stages: false,
        run: staging::memory,
    },
    Bench {
        name: "staging-line",
        about: "128 MiB staged over an emulated 100 Mbit/s line, against the line (root)",
        has_python_peer: false,
        stages: false,
        run: staging::line,
    },
    Bench {
        name: "staging-resume",
        about: "kill -9 at random moments of a staging of 256 MiB in Azurite, then resume",
        has_python_peer: true,
        stages: true,
        run: staging::resume,
    },
    Bench {
        name: "import-kill",
        about: "kill -9 at random moments of staging and import of an update, then resume",
        has_python_peer: true,
        stages: false,
        run: import_kill::run,
    },
    Bench {
        name: "validate",
        about: "adu validate of an update of ten files, beyond their hashes",
        has_python_peer: false,
        stages: false,
        run: validate::run,
    },
];

/// Runs the benches named, or all of them, and writes `bench-results/`.
pub(crate) fn main(arguments: &[String]) -> Done {
    if arguments == ["--list"] {
        for bench in BENCHES {
            println!("{:<14} {}", bench.name, bench.about);
        }
        return Ok(());
    }
    let chosen = choose(BENCHES, |bench| bench.name, arguments)?;
    apt::install(apt::BUILD)?;
    apt::install(apt::BENCHES)?;
    if chosen.iter().any(|bench| bench.has_python_peer) {
        python::install_peers()?;
    }
    if chosen.iter().any(|bench| bench.stages) {
        node::install_azurite()?;
        // A bench without it says so.
        if let Err(failure) = staging::install_azcopy() {
            eprintln!("azcopy was not installed: {failure}");
        }
    }
    build()?;
    let mut stages = Stages::default();
    let mut rows = Vec::new();
    for bench in chosen {
        stages.run(bench.name, || {
            let measured = (bench.run)()?;
            for row in &measured {
                println!("{}", row.to_json());
            }
            rows.extend(measured);
            Ok(())
        });
    }
    if !rows.is_empty() {
        report::write(&rows)?;
        println!("\n{}", report::table(&rows));
    }
    stages.finish("Benches")?;
    missed(&rows)
}

fn build() -> Done {
    Run::cargo()
        .args(["build", "--release", "--bins"])
        .args(["--package=firmdrop-cli", "--package=firmdrop-simulator"])
        // `stage-file`, for the benches of staging.
        .args(["--package=firmdrop-test-support"])
        .arg("--features=firmdrop-test-support/staging")
        .go()
}

fn missed(rows: &[Row]) -> Done {
    let missed: Vec<String> = rows
        .iter()
        .filter(|row| !row.is_met())
        .map(|row| format!("{} ({})", row.bench, row.case))
        .collect();
    if missed.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!("goals missed: {}", missed.join(", "))))
}
