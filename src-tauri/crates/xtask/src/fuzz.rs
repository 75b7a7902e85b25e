//! `cargo xtask fuzz TARGET --seconds N [--seed S]`: one fuzz target for as long as one likes. With the
//! other tests each runs a few seconds.

use crate::command::Run;
use crate::failure::{Done, Failure};
use crate::test::FEATURES;

/// Name, the file of tests it is in, and the test that is its harness.
const TARGETS: &[(&str, &str, &str)] = &[
    ("image", FUZZ, "image::no_image_panics_hangs_or_grows"),
    ("archive", FUZZ, "image::no_archive_panics_hangs_or_grows"),
    (
        "manifest",
        FUZZ,
        "manifest::no_manifest_panics_hangs_or_grows",
    ),
    (
        "smp",
        FUZZ,
        "smp::no_answer_of_a_reader_over_datagrams_panics_or_hangs_a_probe",
    ),
    (
        "console",
        FUZZ,
        "smp::no_answer_of_a_reader_on_a_console_panics_or_hangs_a_probe",
    ),
    (
        "http",
        FUZZ,
        "http::no_answer_of_a_service_panics_hangs_or_gives_the_key_away",
    ),
    (
        "journal",
        FUZZ,
        "journal::no_line_of_a_journal_panics_or_hides_the_other_jobs",
    ),
    (
        "ledger",
        FUZZ,
        "ledger::no_export_of_a_ledger_panics_or_hangs",
    ),
    (
        "differential",
        "real_firmware",
        "differential::random_files_of_six_writers_are_read_as_their_readers_read_them",
    ),
];

/// Where the targets that mutate their inputs are.
const FUZZ: &str = "fuzz";

/// Runs the target that is named, or prints the names.
pub(crate) fn main(arguments: &[String]) -> Done {
    let usage = || {
        let names: Vec<&str> = TARGETS.iter().map(|(name, ..)| *name).collect();
        let names = names.join(" ");
        Failure::new(format!(
            "usage: cargo xtask fuzz TARGET [--seconds N] [--seed S]; the targets: {names}"
        ))
    };
    let Some((target, options)) = arguments.split_first() else {
        return Err(usage());
    };
    if target == "--list" {
        for (name, ..) in TARGETS {
            println!("{name}");
        }
        return Ok(());
    }
    let Some((_, suite, test)) = TARGETS.iter().find(|(name, ..)| name == target) else {
        return Err(usage());
    };
    let mut run = Run::cargo()
        .args(["test", "--workspace", FEATURES, "--test", suite])
        .args(["--", "--nocapture", "--exact"])
        .arg(test);
    for option in options.chunks(2) {
        let [flag, value] = option else {
            return Err(usage());
        };
        let variable = match flag.as_str() {
            "--seconds" => "FIRMDROP_FUZZ_SECONDS",
            "--seed" => "FIRMDROP_FUZZ_SEED",
            _ => return Err(usage()),
        };
        value.parse::<u64>().map_err(|_| usage())?;
        run = run.variable(variable, value);
    }
    run.go()
}
