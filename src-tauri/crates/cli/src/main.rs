//! `firmdrop-cli`: everything the window does, in a terminal or a script.
//!
//! Answers go to standard output, progress and questions to standard error. With `--json` the
//! answer is one document, or one line for each event where it streams.

mod arguments;
mod commands;
mod exit;
mod kinds;
mod pelion;
mod print;
mod progress;
mod prompt;
mod words;

use std::process::ExitCode;

use clap::Parser as _;

use crate::arguments::Arguments;
use crate::exit::Exit;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let json = arguments.json;
    // Two threads: one may wait for the disk while the other serves the line.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    let ended = match runtime {
        Ok(runtime) => runtime.block_on(Box::pin(commands::run(arguments))),
        Err(error) => {
            print::line_to_error(&format!("No threads can be started: {error}"));
            return Exit::Failed.into();
        }
    };
    match ended {
        Ok(exit) => exit.into(),
        Err(diagnosis) => {
            print::diagnosis(&diagnosis, json);
            Exit::Failed.into()
        }
    }
}
