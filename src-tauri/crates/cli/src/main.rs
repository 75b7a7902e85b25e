//! `firmdrop-cli`: everything the window does, in a terminal or a script.
//!
//! Answers go to standard output, progress and questions to standard error. With `--json` the
//! answer is one document, or one line for each event where it streams.

mod arguments;
mod azure;
mod commands;
mod context;
mod exit;
mod failure;
mod kinds;
mod once;
mod pelion;
mod piped;
mod print;
mod printable;
mod progress;
mod prompt;
mod same_file;
mod waiting;
mod words;

use std::process::ExitCode;

use clap::Parser as _;

use crate::arguments::Arguments;
use crate::exit::Exit;

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        // Help and version are answers, in colours where the terminal has them.
        Err(asked) if !asked.use_stderr() => asked.exit(),
        Err(error) => {
            // It repeats what was written, which may be the name of a file.
            let words = error.render().to_string();
            print::lines_to_error(&words);
            if std::env::args_os().any(|argument| argument == "--json") {
                failure::show(&failure::of_the_command_line(&words), true);
            }
            return Exit::Usage.into();
        }
    };
    let json = arguments.json;
    let is_delivery = arguments.command.is_delivery();
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
        Ok(exit) => match print::lost() {
            Some(lost) => {
                failure::show(&lost, false);
                exit.without_its_answer(is_delivery).into()
            }
            None => exit.into(),
        },
        Err(diagnosis) => {
            failure::show(&diagnosis, json);
            Exit::of_failure(&diagnosis).into()
        }
    }
}
