//! `cargo xtask fuzz TARGET --seconds N [--seed S]`: one fuzz target for as long as one likes. With the
//! other tests each runs a few seconds. With `--guided` libFuzzer changes what reaches new code, and with
//! `--store` its smallest corpus that reaches as much takes the place of the repository's.

mod guided;
mod options;

use self::options::Options;
use crate::command::Run;
use crate::failure::{Done, Failure};
use crate::test::FEATURES;

/// A fuzz target: a test, and the file of tests it is in.
struct Target {
    name: &'static str,
    suite: &'static str,
    test: &'static str,
    /// Whether it does nothing but read bytes, so that libFuzzer can guide it.
    can_be_guided: bool,
}

/// Where the targets that mutate their inputs are.
const FUZZ: &str = "fuzz";

const TARGETS: &[Target] = &[
    Target {
        name: "image",
        suite: FUZZ,
        test: "image::no_image_panics_hangs_or_grows",
        can_be_guided: true,
    },
    Target {
        name: "archive",
        suite: FUZZ,
        test: "image::no_archive_panics_hangs_or_grows",
        can_be_guided: true,
    },
    Target {
        name: "manifest",
        suite: FUZZ,
        test: "manifest::no_manifest_panics_hangs_or_grows",
        can_be_guided: true,
    },
    Target {
        name: "import_manifest",
        suite: FUZZ,
        test: "import_manifest::no_import_manifest_panics_hangs_or_grows",
        can_be_guided: true,
    },
    Target {
        name: "ledger",
        suite: FUZZ,
        test: "ledger::no_export_of_a_ledger_panics_or_hangs",
        can_be_guided: true,
    },
    Target {
        name: "smp",
        suite: FUZZ,
        test: "smp::no_answer_of_a_reader_over_datagrams_panics_or_hangs_a_probe",
        can_be_guided: false,
    },
    Target {
        name: "console",
        suite: FUZZ,
        test: "smp::no_answer_of_a_reader_on_a_console_panics_or_hangs_a_probe",
        can_be_guided: false,
    },
    Target {
        name: "http",
        suite: FUZZ,
        test: "http::no_answer_of_a_service_panics_hangs_or_gives_the_key_away",
        can_be_guided: false,
    },
    Target {
        name: "journal",
        suite: FUZZ,
        test: "journal::no_line_of_a_journal_panics_or_hides_the_other_jobs",
        can_be_guided: false,
    },
    Target {
        name: "differential",
        suite: "real_firmware",
        test: "differential::random_files_of_six_writers_are_read_as_their_readers_read_them",
        can_be_guided: false,
    },
];

/// Runs the target that is named, or prints the names.
pub(crate) fn main(arguments: &[String]) -> Done {
    let Some((target, options)) = arguments.split_first() else {
        return Err(usage());
    };
    if target == "--list" {
        for target in TARGETS {
            println!("{}", target.name);
        }
        return Ok(());
    }
    let Some(target) = TARGETS.iter().find(|one| one.name == target) else {
        return Err(usage());
    };
    let options = Options::read(options).ok_or_else(usage)?;
    match options.is_guided {
        true if target.can_be_guided => guided::run(target.name, target.test, &options),
        true => Err(Failure::new(format!(
            "{} needs a service, a reader or programs of others; it runs without --guided",
            target.name
        ))),
        false => mutated(target.suite, target.test, &options),
    }
}

fn usage() -> Failure {
    let names: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
    let names = names.join(" ");
    Failure::new(format!(
        "usage: cargo xtask fuzz TARGET [--seconds N] [--seed S] [--guided [--store]]; the targets: {names}"
    ))
}

fn mutated(suite: &str, test: &str, options: &Options) -> Done {
    let mut run = Run::cargo()
        .args(["test", "--workspace", FEATURES, "--test", suite])
        .args(["--", "--nocapture", "--exact"])
        .arg(test);
    for (variable, value) in [
        ("FIRMDROP_FUZZ_SECONDS", options.seconds),
        ("FIRMDROP_FUZZ_SEED", options.seed),
    ] {
        if let Some(value) = value {
            run = run.variable(variable, value.to_string());
        }
    }
    run.go()
}
