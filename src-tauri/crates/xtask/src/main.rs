//! `cargo xtask`: everything a user does with this repository, in one program.
//!
//! It starts other programs and reads files; it knows nothing of the product's code, so that it
//! builds before any system package is there.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line tool speaks through its standard streams"
)]

mod apt;
mod bench;
mod check;
mod command;
mod failure;
mod firmware;
mod fuzz;
mod guest;
mod node;
mod python;
mod repository;
mod run;
mod source;
mod stage;
mod stamp;
mod structure;
mod test;
mod tinyusb;
mod tracked;

use std::process::ExitCode;

use failure::{Done, Failure};

const USAGE: &str = "\
cargo xtask COMMAND

  run [--debug]           install what is missing, build, open the window in the demo world;
                          without a display: the same delivery in the terminal
  test [--suite NAME]...  install what the tests need, run them all (or only the suites named)
  check [NAME]...         formatting, lints, docs, arrows, tidiness, licences, spelling, front end
  bench [NAME]...         measure against the goals; writes bench-results/; --kills N for `kill` and `kill-load`
  fuzz TARGET             mutated inputs for one parser, --seconds N, --seed S;
                          --guided by libFuzzer, --store what it found
  structure [FOLDER]      the crates of this or another checkout: sizes, arrows, circles

`test --list`, `check --list`, `bench --list` and `fuzz --list` print the names there are.";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("\nxtask: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(arguments: &[String]) -> Done {
    let Some((command, rest)) = arguments.split_first() else {
        println!("{USAGE}");
        return Ok(());
    };
    match command.as_str() {
        "run" => run::main(rest),
        "test" => test::main(rest),
        "check" => check::main(rest),
        "bench" => bench::main(rest),
        "fuzz" => fuzz::main(rest),
        "structure" => structure::main(rest),
        "help" | "--help" | "-h" => {
            println!("{USAGE}");
            Ok(())
        }
        other => Err(Failure::new(format!("no command `{other}`\n\n{USAGE}"))),
    }
}
