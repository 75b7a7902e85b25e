//! `load-firmware --no-wait`: a process of its own carries the load to its end; this one ends with the answer.
//!
//! That process does nothing else and listens to nobody. It is the same program with the same arguments.

use std::ffi::OsString;
use std::io::{BufRead as _, BufReader, IsTerminal as _};
use std::process::{Child, Command, Stdio};

use firmdrop_api::{Code, Diagnosis, Plan};
use serde_json::Value;

use super::deliver;
use crate::exit::Exit;
use crate::{failure, print};

/// The option that asks for it.
const OPTION: &str = "--no-wait";

/// Starts the process and answers with what it answers.
pub(super) fn run(as_json: bool) -> Result<Exit, Diagnosis> {
    let mut child = start().map_err(|error| not_started(&error))?;
    let Some(output) = child.stdout.take() else {
        return Ok(Exit::Failed);
    };
    for line in BufReader::new(output).lines() {
        let line = line.map_err(|error| not_started(&error))?;
        let Ok(answer) = serde_json::from_str::<Value>(&line) else {
            continue;
        };
        show(&line, &answer, as_json);
        if answer["status"] == firmdrop_api::LoadBegun::STATUS {
            // Accepted, and nothing proved yet. What it prints from here on, nobody reads.
            return Ok(Exit::Sent);
        }
    }
    let ended = child.wait().map_err(|error| not_started(&error))?;
    Ok(ended.code().map_or(Exit::Failed, Exit::of_code))
}

fn start() -> std::io::Result<Child> {
    let given: Vec<OsString> = std::env::args_os()
        .skip(1)
        .filter(|each| each != OPTION)
        .collect();
    let has_json = given.iter().any(|each| each == "--json");
    let mut command = Command::new(std::env::current_exe()?);
    command.args((!has_json).then_some("--json")).args(given);
    // Whoever waits for the end of our output must not wait for the load; at a terminal nobody is asked by a
    // process in the background.
    let input = if std::io::stdin().is_terminal() {
        Stdio::null()
    } else {
        Stdio::inherit()
    };
    command
        .stdin(input)
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    // Ctrl+C at the terminal is not meant for it.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    command.spawn()
}

fn show(line: &str, answer: &Value, as_json: bool) {
    if as_json {
        print::json_text(line);
        return;
    }
    if let Ok(plan) = serde_json::from_value::<Plan>(answer["plan"].clone()) {
        deliver::show(&[plan], false);
    }
    if let Some(message) = answer["answer"]["Message"].as_str() {
        print::line_to_error(message);
    }
    if let Ok(diagnosis) = serde_json::from_value::<Diagnosis>(answer["error"].clone()) {
        failure::show(&diagnosis, false);
    }
    if answer["answer"]["Result"] == "success" {
        let job = answer["answer"]["Job"].as_str().unwrap_or_default();
        print::line_to_error(&format!(
            "The reader accepted. `firmdrop-cli job show {job}` says how the load stands."
        ));
    }
}

fn not_started(error: &std::io::Error) -> Diagnosis {
    Diagnosis::new(
        Code::Internal,
        "No process could be started for the load, or it could not be read.",
        error.to_string(),
    )
    .state("Whether a load was begun, `firmdrop-cli jobs` says.")
}
