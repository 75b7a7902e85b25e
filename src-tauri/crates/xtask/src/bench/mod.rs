//! `cargo xtask bench`: measured ratios against peers, on this machine, in one run.
//!
//! Absolute figures depend on the machine and are only written beside the ratios. A bench that cannot
//! be measured here says why and fails; it never prints an old or guessed figure.

mod chance;
mod fleet;
mod formats;
mod habits;
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
mod readers;
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
    needs: &'static [Need],
    run: fn() -> Result<Vec<Row>, Failure>,
}

/// What is installed or built before it runs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Need {
    /// The release build of the product's programs.
    ReleaseBuild,
    /// Programs of the Python environment, to measure against.
    PythonPeers,
    /// Azurite, and azcopy where it can be had.
    Storage,
}

const BENCHES: &[Bench] = &[
    Bench {
        name: "verdict",
        about: "verdict of a raw file of 1 GiB, against openssl",
        needs: &[Need::ReleaseBuild],
        run: verdict::run,
    },
    Bench {
        name: "formats",
        about: "verdicts of 64 MiB as HEX, S-record, UF2 and zip, against objcopy, intelhex and unzip",
        needs: &[Need::ReleaseBuild, Need::PythonPeers],
        run: formats::run,
    },
    Bench {
        name: "upload-line",
        about: "upload of 128 MiB over an emulated 100 Mbit/s line, against manifest-tool (root)",
        needs: &[Need::ReleaseBuild, Need::PythonPeers],
        run: upload_line::run,
    },
    Bench {
        name: "memory",
        about: "resident memory while 10 MiB and 10 GiB are uploaded",
        needs: &[Need::ReleaseBuild],
        run: memory::run,
    },
    Bench {
        name: "smp",
        about: "SMP over a paced serial line, against smpmgr",
        needs: &[Need::ReleaseBuild, Need::PythonPeers],
        run: smp::run,
    },
    Bench {
        name: "habits",
        about: "loads of readers of nine habits, against the best fixed pieces for each",
        needs: &[],
        run: habits::run,
    },
    Bench {
        name: "lanes",
        about: "32 loads at once on a disk that is slow to confirm, against the disk as it is",
        needs: &[Need::ReleaseBuild],
        run: lanes::run,
    },
    Bench {
        name: "dfu",
        about: "loads of USB devices of DFU, against their own times and dfu-util",
        needs: &[Need::ReleaseBuild],
        run: readers::dfu,
    },
    Bench {
        name: "ble",
        about: "SMP over Bluetooth, against one request at a time and smpmgr",
        needs: &[Need::ReleaseBuild, Need::PythonPeers],
        run: readers::ble,
    },
    Bench {
        name: "reflash",
        about: "a load of the image that a reader has already, against the load before",
        needs: &[Need::ReleaseBuild],
        run: readers::reflash,
    },
    Bench {
        name: "many",
        about: "16 loads at once, against one, and beside one that fails",
        needs: &[Need::ReleaseBuild],
        run: readers::many,
    },
    Bench {
        name: "plugged",
        about: "from plugged to Ready in the list",
        needs: &[Need::ReleaseBuild],
        run: readers::plugged,
    },
    Bench {
        name: "kill",
        about: "kill -9 at random moments of an upload of 300 MiB, then resume",
        needs: &[Need::ReleaseBuild],
        run: kill::run,
    },
    Bench {
        name: "kill-load",
        about: "kill -9 at random moments of loads of a reader, then resume",
        needs: &[Need::ReleaseBuild],
        run: kill_load::run,
    },
    Bench {
        name: "fleet",
        about: "first rows, blast radius, campaign and table of 100,000 devices",
        needs: &[Need::ReleaseBuild],
        run: fleet::run,
    },
    Bench {
        name: "window-fleet",
        about: "first rows and frames of a list of 100,000 devices in the real window",
        needs: &[Need::ReleaseBuild],
        run: window_fleet::run,
    },
    Bench {
        name: "manifest",
        about: "a manifest made and signed, against manifest-tool",
        needs: &[Need::ReleaseBuild, Need::PythonPeers],
        run: manifest::run,
    },
    Bench {
        name: "staging",
        about: "256 MiB staged in Azurite, against azure-storage-blob and azcopy",
        needs: &[Need::ReleaseBuild, Need::PythonPeers, Need::Storage],
        run: staging::upload,
    },
    Bench {
        name: "staging-memory",
        about: "resident memory while 10 MiB and 10 GiB are staged",
        needs: &[Need::ReleaseBuild],
        run: staging::memory,
    },
    Bench {
        name: "staging-line",
        about: "128 MiB staged over an emulated 100 Mbit/s line, against the line (root)",
        needs: &[Need::ReleaseBuild],
        run: staging::line,
    },
    Bench {
        name: "staging-resume",
        about: "kill -9 at random moments of a staging of 256 MiB in Azurite, then resume",
        needs: &[Need::ReleaseBuild, Need::PythonPeers, Need::Storage],
        run: staging::resume,
    },
    Bench {
        name: "import-kill",
        about: "kill -9 at random moments of staging and import of an update, then resume",
        needs: &[Need::ReleaseBuild, Need::PythonPeers],
        run: import_kill::run,
    },
    Bench {
        name: "validate",
        about: "adu validate of an update of ten files, beyond their hashes",
        needs: &[Need::ReleaseBuild],
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
    let (names, kills) = names_and_kills(arguments)?;
    chance::set_kills(kills);
    let chosen = choose(BENCHES, |bench| bench.name, &names)?;
    apt::install(apt::BUILD)?;
    apt::install(apt::BENCHES)?;
    let is_needed = |need| chosen.iter().any(|bench| bench.needs.contains(&need));
    if is_needed(Need::PythonPeers) {
        python::install_peers()?;
    }
    if is_needed(Need::Storage) {
        node::install_azurite()?;
        // A bench without it says so.
        if let Err(failure) = staging::install_azcopy() {
            eprintln!("azcopy was not installed: {failure}");
        }
    }
    if is_needed(Need::ReleaseBuild) {
        build()?;
    }
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

/// The benches named, and the number after `--kills`.
fn names_and_kills(arguments: &[String]) -> Result<(Vec<String>, Option<u32>), Failure> {
    let (mut names, mut kills) = (Vec::new(), None);
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        if argument == "--kills" {
            let number = rest.next().and_then(|number| number.parse().ok());
            kills = Some(number.ok_or_else(|| Failure::new("usage: --kills N"))?);
        } else {
            names.push(argument.clone());
        }
    }
    Ok((names, kills))
}

fn build() -> Done {
    Run::cargo()
        .args(["build", "--release", "--bins"])
        .args(["--package=firmdrop-cli", "--package=firmdrop-simulator"])
        // `stage-file`, for the benches of staging, and the worlds of USB and Bluetooth.
        .args(["--package=firmdrop-test-support"])
        .arg("--features=firmdrop-test-support/benches")
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
