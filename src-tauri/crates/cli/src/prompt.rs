//! Questions at the terminal.

use std::io::{BufRead as _, IsTerminal as _};
use std::path::Path;

use firmdrop_api::{AccessKey, Code, Diagnosis, Remedy};
use firmdrop_core::{Diagnose as _, read_file};

use crate::exit::Exit;
use crate::{failure, print};

/// Longest file with a secret, bytes.
const SECRET_FILE_BYTES: u64 = 64 * 1024;

/// Whether somebody can be asked.
pub(crate) fn at_terminal() -> bool {
    std::io::stdin().is_terminal()
}

/// Asks a yes-or-no question. Anything but a yes is how the command ends: without a terminal nobody
/// can answer, and the command lacks its `--yes`.
pub(crate) fn confirm(question: &str, as_json: bool) -> Result<(), Exit> {
    if !std::io::stdin().is_terminal() {
        let missing = Diagnosis::new(
            Code::JobCannotDo,
            "Nothing was done: it was not confirmed.",
            "There is no terminal to ask at.",
        )
        .titled("A confirmation is needed")
        .state("Nothing was sent.")
        .remedy(Remedy::Advice {
            text: "Add --yes when you are sure.".into(),
        });
        failure::show(&missing, as_json);
        return Err(Exit::Usage);
    }
    let answer = ask(&format!("{question} [y/N] "));
    match answer.trim().to_ascii_lowercase().as_str() {
        "y" | "yes" => Ok(()),
        _ => Err(Exit::Cancelled),
    }
}

/// The access key: from a file, from `FIRMDROP_ACCESS_KEY`, from a pipe, or asked for. Never an
/// argument, since arguments can be read by every user of the computer.
pub(crate) fn access_key(file: Option<&Path>) -> Result<AccessKey, Diagnosis> {
    secret("Access key", "access_key", file)
}

/// A secret of an account: from a file, from `FIRMDROP_` and its name, from a pipe, or asked for.
pub(crate) fn secret(label: &str, name: &str, file: Option<&Path>) -> Result<AccessKey, Diagnosis> {
    if let Some(path) = file {
        let bytes = read_file(path, SECRET_FILE_BYTES)
            .map_err(|error| error.diagnose().state("Nothing was changed."))?;
        let text = String::from_utf8(bytes);
        // What is not text holds a character that no secret has.
        return filled(label, text.as_deref().unwrap_or("\0"));
    }
    let variable = format!("FIRMDROP_{}", name.to_uppercase());
    let secret = std::env::var(variable).unwrap_or_else(|_| {
        let _echo = EchoOff::begin();
        ask(&format!("{label}: "))
    });
    filled(label, &secret)
}

fn filled(label: &str, secret: &str) -> Result<AccessKey, Diagnosis> {
    // Some editors begin a file with a mark that is no part of its text.
    match secret.trim_start_matches('\u{feff}').trim() {
        "" => {
            let why = format!("{label}: nothing was entered.");
            Err(
                Diagnosis::new(Code::KeyMissing, "No secret was stored.", why)
                    .state("Nothing was changed.")
                    .remedy(Remedy::advice(
                        "Enter it, or put it into a file or the environment: `firmdrop-cli help account add` names the options.",
                    )),
            )
        }
        secret => Ok(AccessKey::from(secret.to_owned())),
    }
}

fn ask(question: &str) -> String {
    print::question(question);
    let mut answer = String::new();
    // What cannot be read is no answer.
    let _ = std::io::stdin().lock().read_line(&mut answer);
    answer
}

/// What is typed is not shown, as long as it lives.
#[derive(Debug)]
struct EchoOff;

impl EchoOff {
    /// Does nothing where nobody types.
    fn begin() -> Option<Self> {
        if !std::io::stdin().is_terminal() {
            return None;
        }
        restore_on_ctrl_c();
        stty("-echo").then(|| Self)
    }
}

/// Ctrl+C at the question ends the program, and leaves the terminal as it was.
#[cfg(unix)]
fn restore_on_ctrl_c() {
    use tokio::signal::unix::{SignalKind, signal};
    // Heard from here on, whenever the task gets its turn.
    let Ok(mut interrupt) = signal(SignalKind::interrupt()) else {
        return;
    };
    drop(tokio::spawn(async move {
        if interrupt.recv().await.is_some() {
            stty("echo");
            print::line_to_error("");
            leave();
        }
    }));
}

/// There is no `stty` there either.
#[cfg(not(unix))]
fn restore_on_ctrl_c() {}

impl Drop for EchoOff {
    fn drop(&mut self) {
        stty("echo");
        // The Enter that ended the line was not shown.
        print::line_to_error("");
    }
}

/// Ends the program at once: the thread that waits for the terminal cannot be stopped.
#[cfg(unix)]
#[expect(
    clippy::exit,
    reason = "nothing was begun, and a read of the terminal blocks"
)]
fn leave() {
    std::process::exit(4);
}

/// `stty` belongs to every Unix; where it is missing the key is shown while it is typed.
fn stty(mode: &str) -> bool {
    let stty = std::process::Command::new("stty")
        .arg(mode)
        .stdin(std::process::Stdio::inherit())
        .stderr(std::process::Stdio::null())
        .status();
    stty.is_ok_and(|status| status.success())
}
